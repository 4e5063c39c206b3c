package import LinuxHost
package import LocalAPI

/// Names a connection for as long as the server runs.
package struct ConnectionID: Sendable, Hashable {
    let descriptor: Int32
    /// Descriptors are used again; this is not.
    let serial: UInt64
}

/// Who asks: the process that connected, and on which socket.
///
/// A class, since it goes from hand to hand with every request and never changes.
package final class Caller: Sendable {
    package let peer: PeerIdentity
    package let role: SocketRole
    package let connection: ConnectionID

    /// Held only while some rule looks at units.
    let process: Result<PeerProcess, UnitObstacle>

    /// The unit that the caller runs in now.
    package var unit: UnitFinding {
        switch process {
        case .success(let process): process.unit
        case .failure(let obstacle): .unknown(obstacle)
        }
    }

    /// What `identified` found; nil before.
    private let identifiedUnit: UnitFinding?

    /// The unit that the caller runs in, for the record: looked up for this once when no rule looks at units.
    ///
    /// To be asked on the server's thread while the connection stands, but of an `identified` caller anywhere.
    package var recordedUnit: UnitFinding {
        if let identifiedUnit { return identifiedUnit }
        guard isLookedAtNow else { return unit }
        do throws(UnitObstacle) {
            return try PeerProcess.ofPeer(connection.descriptor, pid: peer.pid).unit
        } catch {
            return .unknown(error)
        }
    }

    /// The unit to decide by: the one that the caller runs in now, but where no rule looked at units when it was held, as
    /// `recordedUnit`; to be asked where that may be.
    ///
    /// The first rule that looks at units decides as soon as it is there; the server holds the callers a turn later.
    package var decidingUnit: UnitFinding {
        isLookedAtNow ? recordedUnit : unit
    }

    /// Whether its process is not held, and may be by now.
    private var isLookedAtNow: Bool {
        switch process {
        case .failure(.notLookedAt), .failure(.outOfDescriptors): true
        case .success, .failure: false
        }
    }

    /// Whether its connection may be gone by now.
    package var isIdentified: Bool { identifiedUnit != nil }

    /// The same caller, with its unit looked up for the record, or known to be `unit`.
    package func identified(as unit: UnitFinding? = nil) -> Caller {
        Caller(peer: peer, role: role, connection: connection, process: process, identifiedUnit: unit ?? recordedUnit)
    }

    package convenience init(
        peer: PeerIdentity,
        role: SocketRole,
        connection: ConnectionID,
        process: Result<PeerProcess, UnitObstacle> = .failure(.notLookedAt)
    ) {
        self.init(peer: peer, role: role, connection: connection, process: process, identifiedUnit: nil)
    }

    private init(
        peer: PeerIdentity,
        role: SocketRole,
        connection: ConnectionID,
        process: Result<PeerProcess, UnitObstacle>,
        identifiedUnit: UnitFinding?
    ) {
        self.identifiedUnit = identifiedUnit
        self.peer = peer
        self.role = role
        self.connection = connection
        self.process = process
    }
}

/// Who wrote to a connection, as the kernel says it of each writing (SCM_CREDENTIALS): the real user, not the effective.
package struct PeerWriter: Sendable, Hashable {
    package let pid: Int32
    package let uid: UInt32
    package let gid: UInt32

    package init(pid: Int32, uid: UInt32, gid: UInt32) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
    }
}
