internal import CLinux
internal import Glibc
package import LinuxHost
internal import Synchronization

/// The two sockets: one thread that accepts, reads, asks the handler and writes.
package final class LocalServer: Sendable {
    private let inbox: Inbox
    private let named = Mutex(NamedCallers())
    /// Counts how often it was set, so that the loop need not look at each turn.
    private let namings = Atomic<UInt64>(0)
    private let turnCount = Atomic<UInt64>(0)
    private let standing = Atomic(0)
    private let bell: Int32
    private let firstTurn = AsyncStream<Void>.makeStream()
    private let make: @Sendable (LocalServer) throws(HostError) -> EventLoop

    /// Users and groups that some rule names, and whether rules look at units.
    package struct NamedCallers: Sendable, Equatable {
        package var users: Set<UInt32>
        package var groups: Set<UInt32>
        package var needsUnit: Bool

        /// Whether a process's number will do where the kernel does not say which process connected.
        package var legacyPeerCheck: Bool

        package init(
            users: Set<UInt32> = [],
            groups: Set<UInt32> = [],
            needsUnit: Bool = false,
            legacyPeerCheck: Bool = false
        ) {
            self.users = users
            self.groups = groups
            self.needsUnit = needsUnit
            self.legacyPeerCheck = legacyPeerCheck
        }

        /// Root is always one of them.
        func include(_ peer: PeerIdentity) -> Bool {
            peer.uid == 0 || users.contains(peer.uid) || groups.contains(peer.gid)
                || peer.groups.contains { groups.contains($0) }
        }
    }

    /// A server on `listeners` that starts with `run`.
    ///
    /// - Parameter clock: CLOCK_BOOTTIME, for the deadlines of connections.
    package init(
        listeners: [LocalListener],
        handler: RequestHandler,
        limits: ServerLimits = ServerLimits(),
        clock: @escaping @Sendable () -> Duration = { LinuxClock.sinceBoot() }
    ) throws(HostError) {
        bell = clinux_event()
        guard bell >= 0 else { throw HostError("eventfd", code: 24) }
        let bell = bell
        inbox = Inbox { clinux_event_ring(bell) }
        make = { server throws(HostError) in
            try EventLoop(
                listeners: listeners,
                handler: handler,
                limits: limits,
                clock: clock,
                bell: bell,
                inbox: server.inbox,
                server: server
            )
        }
    }

    deinit { close(bell) }

    /// Serves on a thread of its own and returns when it has drained.
    package func run() async throws(HostError) {
        let failure = await withCheckedContinuation { (continuation: CheckedContinuation<HostError?, Never>) in
            do throws(HostError) {
                try HostThread.start(named: "sockets") { [self] in
                    do throws(HostError) {
                        var loop = try make(self)
                        loop.run()
                        continuation.resume(returning: nil)
                    } catch {
                        continuation.resume(returning: error)
                    }
                }
            } catch {
                continuation.resume(returning: error)
            }
        }
        if let failure { throw failure }
    }

    /// Accepts nothing more, finishes the answers under way, then lets `run` return.
    package func beginDrain() { inbox.post(.beginDrain) }

    /// Makes the loop turn once, for whoever wants to see that it does.
    package func wake() { inbox.post(.wake) }

    /// Who has connections kept for it, and whether units are to be known.
    package func setNamedCallers(_ callers: NamedCallers) {
        named.withLock { $0 = callers }
        namings.add(1, ordering: .releasing)
    }

    /// How often the loop has turned; it does at the latest when it is woken.
    package var turns: UInt64 { turnCount.load(ordering: .acquiring) }

    /// How many connections stand.
    package var connectionCount: Int { standing.load(ordering: .acquiring) }

    /// Returns when the loop turns for the first time; for one waiter.
    package func started() async {
        for await _ in firstTurn.stream {}
    }

    /// Who has connections kept for it now; nil when that was `seen` already.
    func namedCallers(since seen: inout UInt64) -> NamedCallers? {
        let count = namings.load(ordering: .acquiring)
        guard count != seen else { return nil }
        seen = count
        return named.withLock { $0 }
    }

    func turned(connections: Int) {
        standing.store(connections, ordering: .releasing)
        if turnCount.add(1, ordering: .releasing).oldValue == 0 { firstTurn.continuation.finish() }
    }
}
