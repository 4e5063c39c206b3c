internal import CLinux
internal import Glibc
internal import LinuxHost
internal import LocalAPI

extension EventLoop {
    /// Accepted in one turn: enough to empty a burst soon, few enough that those connected are not kept waiting.
    private static let acceptBatch = 16

    mutating func setAccepting(_ accepting: Bool) {
        guard accepting != isAccepting else { return }
        isAccepting = accepting
        for listener in listeners.keys {
            poller.modify(listener, accepting ? CLINUX_EPOLLIN : 0)
        }
    }

    /// Takes one who connects, or as many more in each turn that follows at once as there may be: where they come one by
    /// one, none is looked for in vain.
    mutating func accept(_ listener: Int32, _ role: SocketRole) {
        acceptsAtOnce = turn == lastAcceptingTurn &+ 1 ? min(2 * acceptsAtOnce, Self.acceptBatch) : 1
        lastAcceptingTurn = turn
        for _ in 0..<acceptsAtOnce {
            let descriptor = clinux_accept(listener)
            guard descriptor >= 0 else {
                switch errno {
                case EINTR, ECONNABORTED: continue
                case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                    // The backlog keeps them until a descriptor is free; trying on would only spin.
                    setAccepting(false)
                    return
                default: return
                }
            }
            welcome(descriptor, role)
        }
    }

    private mutating func welcome(_ descriptor: Int32, _ role: SocketRole) {
        guard let peer = try? PeerIdentity.ofPeer(descriptor) else {
            close(descriptor)
            return
        }
        // An operator need not be named by a rule; the admin socket's mode keeps the others out.
        let isNamed = role == .admin || named.include(peer)
        guard let standing = connections.standing(uid: peer.uid, isNamed: isNamed, role: role) else {
            close(descriptor)
            return
        }
        lastSerial += 1
        let party = isNamed ? Party.user(peer.uid) : .strangers
        let connection = Connection(
            caller: Caller(
                peer: peer,
                role: role,
                connection: ConnectionID(descriptor: descriptor, serial: lastSerial)
            ),
            standing: standing,
            party: party,
            machine: ConnectionMachine(limits: limits, now: now),
            poller: connections.isCrowd(party) ? crowds.join(party, beside: poller) : poller,
            sendBuffer: limits.sendBuffer,
            acceptedAt: LinuxClock.sinceBoot()
        )
        if named.needsUnit { connection.lookAtProcess(trustingNumber: named.legacyPeerCheck) }
        connections.insert(connection)
        guard connection.watch() else {
            end(connection)
            return
        }
        if case .refused = standing { refuse(connection) }
    }

    /// Says why, and reads on for a moment: a peer whose request meets a closed connection would not read the answer.
    private mutating func refuse(_ connection: Connection) {
        connection.machine.refuse(
            APIError(
                .tooManyRequests,
                "too many connections are open",
                remedy: "Close connections that are not in use.",
                retryAfter: 1
            )
        )
        pump(connection)
    }
}
