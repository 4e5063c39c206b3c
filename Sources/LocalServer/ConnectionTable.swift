internal import LinuxHost
internal import LocalAPI

/// The connections that stand, and what is kept for their users.
struct ConnectionTable {
    /// Over a limit and told so at the same time; more are closed without a word.
    private static let maximumRefused = 64

    /// So many connections of a party are polled like everybody's; those beyond share a place with one another.
    private static let connectionsBesideOthers = 16

    /// The kernel gives the lowest number that is free, so there are few holes.
    private var byDescriptor: [Connection?] = []
    private(set) var count = 0
    private var admission: Admission
    private var refused = 0

    init(limits: ServerLimits) { admission = Admission(limits: limits) }

    var isEmpty: Bool { count == 0 }

    var all: some Sequence<Connection> { byDescriptor.lazy.compactMap { $0 } }

    subscript(descriptor: Int32) -> Connection? {
        let index = Int(descriptor)
        return index < byDescriptor.count ? byDescriptor[index] : nil
    }

    subscript(id: ConnectionID) -> Connection? {
        self[id.descriptor].flatMap { $0.caller.connection == id ? $0 : nil }
    }

    func contains(_ connection: Connection) -> Bool { self[connection.descriptor] === connection }

    /// Why a connection of `uid` is to stand; nil where it is not.
    mutating func standing(uid: UInt32, isNamed: Bool, role: SocketRole) -> Connection.Standing? {
        if admission.admit(uid: uid, isNamed: isNamed, operates: uid == 0 || role == .admin) {
            return .admitted(isNamed: isNamed)
        }
        guard refused < Self.maximumRefused else { return nil }
        refused += 1
        return .refused
    }

    /// Whether a party has so many connections that they must not stand beside others'.
    func isCrowd(_ party: Party) -> Bool { admission.connections(of: party) > Self.connectionsBesideOthers }

    mutating func insert(_ connection: Connection) {
        let index = Int(connection.descriptor)
        while byDescriptor.count <= index { byDescriptor.append(nil) }
        byDescriptor[index] = connection
        count += 1
    }

    /// Returns false when it was removed before.
    mutating func remove(_ connection: Connection) -> Bool {
        guard contains(connection) else { return false }
        byDescriptor[Int(connection.descriptor)] = nil
        count -= 1
        switch connection.standing {
        case .admitted(let isNamed):
            admission.release(uid: connection.caller.peer.uid, isNamed: isNamed)
            _ = holdRequests(0, of: connection)
            _ = holdAnswers(0, of: connection)
        case .refused:
            refused -= 1
        }
        return true
    }

    /// Takes down what is held of a connection's requests; returns the connection that is to be refused when it is too
    /// much: this one, or where all hold too much together, the one that holds the most of the user who holds the most.
    mutating func holdRequests(_ bytes: Int, of connection: Connection) -> Connection? {
        guard case .admitted = connection.standing, bytes != connection.heldBytes else { return nil }
        let (change, uid) = (bytes - connection.heldBytes, connection.caller.peer.uid)
        connection.heldBytes = bytes
        guard let offender = admission.requestBytes.add(change, uid: uid) else { return nil }
        return offender == uid ? connection : largest(\.heldBytes) { $0.caller.peer.uid == offender }
    }

    /// Takes down what a connection's peer did not take; returns the connection that must go when it is too much: the
    /// one for which the most is kept, of the user for whom the most is.
    mutating func holdAnswers(_ bytes: Int, of connection: Connection) -> Connection? {
        guard case .admitted = connection.standing, bytes != connection.unsentBytes else { return nil }
        let (change, uid, role) = (bytes - connection.unsentBytes, connection.caller.peer.uid, connection.caller.role)
        connection.unsentBytes = bytes
        let offender =
            switch role {
            case .token: admission.unsentBytes.add(change, uid: uid)
            case .admin: admission.operatorBytes.add(change, uid: uid)
            }
        guard let offender else { return nil }
        return largest(\.unsentBytes) { $0.caller.peer.uid == offender && $0.caller.role == role }
    }

    /// Looks at all, which is cheap beside the connection that it costs each time.
    private func largest(_ size: (Connection) -> Int, where isMeant: (Connection) -> Bool) -> Connection? {
        byDescriptor.lazy.compactMap { $0 }.filter(isMeant).max { size($0) < size($1) }
    }
}
