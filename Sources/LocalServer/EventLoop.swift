internal import CLinux
internal import Glibc
internal import LinuxHost
internal import LocalAPI

/// The sockets' thread: everything here is touched by that thread alone.
final class EventLoop {
    /// Accepted in one turn: enough to empty a burst soon, few enough that those connected are not kept waiting.
    private static let acceptBatch = 64

    /// Deadlines are seconds long, so looking once a second is near enough.
    private static let sweepInterval: Duration = .seconds(1)

    /// Without connections there is nothing to sweep; the watchdog wants to see a turn now and then.
    private static let idleMilliseconds: Int32 = 5_000

    /// Over a limit and told so at the same time; more are closed without a word.
    private static let maximumRefused = 64

    private let epoll: Int32
    private let bell: Int32
    private let listeners: [Int32: SocketRole]
    private let handler: RequestHandler
    private let limits: ServerLimits
    private let clock: @Sendable () -> Duration
    private let inbox: Inbox
    private let server: LocalServer

    private var connections: [Int32: Connection] = [:]
    /// Whose machines an answer changed.
    private var touched: [Connection] = []
    /// Emptied and used again, so that an answer costs no array.
    private var messages: [Inbox.Message] = []
    private var refused = 0
    private var admission: Admission
    private var named = LocalServer.NamedCallers()
    private var lastSerial: UInt64 = 0
    private var isAccepting = true
    private var drainDeadline: Duration?
    private var lastSweep: Duration = .zero
    private var now: Duration
    private var buffer = [UInt8](repeating: 0, count: 16_384)

    init(
        listeners: [LocalListener],
        handler: RequestHandler,
        limits: ServerLimits,
        clock: @escaping @Sendable () -> Duration,
        bell: Int32,
        inbox: Inbox,
        server: LocalServer
    ) throws(HostError) {
        epoll = clinux_epoll_create()
        guard epoll >= 0 else { throw .last("epoll_create1") }
        self.bell = bell
        self.listeners = Dictionary(uniqueKeysWithValues: listeners.map { ($0.descriptor, $0.role) })
        self.handler = handler
        self.limits = limits
        self.clock = clock
        self.inbox = inbox
        self.server = server
        admission = Admission(limits: limits)
        now = clock()
        for descriptor in [bell] + listeners.map(\.descriptor) {
            guard clinux_epoll_add(epoll, descriptor, CLINUX_EPOLLIN) == 0 else { throw .last("epoll_ctl") }
        }
    }

    deinit {
        close(epoll)
        for listener in listeners.keys { close(listener) }
    }

    // MARK: The loop

    func run() {
        var ready = [clinux_ready](repeating: clinux_ready(), count: 256)
        while !isDrained {
            server.turned(at: now, connections: connections.count)
            let timeout: Int32 = connections.isEmpty && drainDeadline == nil ? Self.idleMilliseconds : 1_000
            let count = unsafe clinux_epoll_wait(
                epoll,
                &ready,
                Int32(ready.count),
                inbox.fallAsleep() ? timeout : 0
            )
            inbox.wakeUp()
            now = clock()
            // The rules may have changed while the loop slept.
            takeNamed(server.namedCallers)
            for event in ready.prefix(max(0, Int(count))) { react(to: event) }
            settle()
            if now - lastSweep >= Self.sweepInterval { sweep() }
        }
        for connection in Array(connections.values) { end(connection) }
        server.turned(at: now, connections: 0)
    }

    private var isDrained: Bool {
        guard let drainDeadline else { return false }
        return connections.isEmpty || now >= drainDeadline
    }

    private func react(to event: clinux_ready) {
        if event.descriptor == bell {
            clinux_event_quiet(bell)
        } else if let role = listeners[event.descriptor] {
            accept(event.descriptor, role)
        } else if let connection = connections[event.descriptor] {
            if event.events & (CLINUX_EPOLLHUP | CLINUX_EPOLLERR) != 0, !connection.machine.wantsToRead {
                // Both directions are shut: nobody is there to read an answer.
                end(connection)
                return
            }
            if event.events & (CLINUX_EPOLLIN | CLINUX_EPOLLRDHUP | CLINUX_EPOLLHUP) != 0 {
                connection.read(into: &buffer, now: now)
            }
            pump(connection)
        }
    }

    /// Obeys the inbox and pumps whom it touched, until nothing is left; never one pump within another.
    private func settle() {
        repeat {
            readInbox()
            while let connection = touched.popLast() { pump(connection) }
        } while !inbox.isEmpty
    }

    private func readInbox() {
        inbox.take(into: &messages)
        for index in messages.indices { obey(messages[index]) }
        messages.removeAll(keepingCapacity: true)
    }

    private func obey(_ message: Inbox.Message) {
        switch message {
        case .answer(let exchange, let bytes):
            touch(exchange.connection) { $0.answered(bytes, to: exchange.number) }
        case .beginStream(let exchange, let contentType, let isWhole):
            touch(exchange.connection) {
                $0.streamBegan(contentType: contentType, isWhole: isWhole, of: exchange.number)
            }
        case .chunk(let exchange, let bytes):
            touch(exchange.connection) { $0.streamed(bytes, of: exchange.number) }
        case .awaitedChunk(let exchange, let bytes, let taken):
            guard let connection = connection(exchange.connection), connection.machine.isStreaming(exchange.number)
            else { return taken(false) }
            connection.machine.streamed(bytes, of: exchange.number)
            connection.chunkTaken = taken
            touched.append(connection)
        case .breakStreamOff(let exchange):
            touch(exchange.connection) { $0.streamBroken(of: exchange.number) }
        case .endStream(let exchange):
            touch(exchange.connection) { $0.streamEnded(of: exchange.number) }
        case .beginDrain:
            beginDrain()
        case .wake:
            break
        }
    }

    private func touch(_ id: ConnectionID, _ change: (inout ConnectionMachine) -> Void) {
        guard let connection = connection(id) else { return }
        change(&connection.machine)
        touched.append(connection)
    }

    private func connection(_ id: ConnectionID) -> Connection? {
        connections[id.descriptor].flatMap { $0.caller.connection == id ? $0 : nil }
    }

    private func beginDrain() {
        drainDeadline = now + limits.drainTime
        setAccepting(false)
        for connection in Array(connections.values) {
            // What was asked before the stop and not read yet is still answered.
            connection.read(into: &buffer, now: now)
            connection.machine.beginDrain()
            touched.append(connection)
        }
    }

    /// Once a second: deadlines, and accepting again where descriptors had run out.
    private func sweep() {
        lastSweep = now
        if drainDeadline == nil { setAccepting(true) }
        for connection in Array(connections.values) {
            guard let deadline = connection.machine.deadline, deadline <= now else { continue }
            connection.machine.deadlinePassed()
            pump(connection)
        }
        settle()
    }

    /// Takes who is named by some rule now; the first rule that looks at units looks at those who are there already too.
    private func takeNamed(_ named: LocalServer.NamedCallers) {
        let hasUnitRules = named.needsUnit && !self.named.needsUnit
        self.named = named
        guard hasUnitRules else { return }
        for connection in connections.values where connection.caller.process == nil {
            connection.lookAtProcess()
        }
    }

    // MARK: Accepting

    private func setAccepting(_ accepting: Bool) {
        guard accepting != isAccepting else { return }
        isAccepting = accepting
        for listener in listeners.keys {
            _ = clinux_epoll_modify(epoll, listener, accepting ? CLINUX_EPOLLIN : 0)
        }
    }

    private func accept(_ listener: Int32, _ role: SocketRole) {
        for _ in 0..<Self.acceptBatch {
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

    private func welcome(_ descriptor: Int32, _ role: SocketRole) {
        guard let peer = try? PeerIdentity.ofPeer(descriptor) else {
            close(descriptor)
            return
        }
        let isNamed = named.include(peer)
        let isAdmitted = admission.admit(uid: peer.uid, isNamed: isNamed)
        guard isAdmitted || refused < Self.maximumRefused else {
            close(descriptor)
            return
        }
        lastSerial += 1
        let caller = Caller(
            peer: peer,
            role: role,
            connection: ConnectionID(descriptor: descriptor, serial: lastSerial),
            process: named.needsUnit && isAdmitted ? PeerProcess(ofPeer: descriptor) : nil
        )
        let interest = CLINUX_EPOLLIN | CLINUX_EPOLLRDHUP
        let connection = Connection(
            caller: caller,
            standing: isAdmitted ? .admitted(isNamed: isNamed) : .refused,
            machine: ConnectionMachine(limits: limits, now: now),
            interest: interest
        )
        connections[descriptor] = connection
        if !isAdmitted { refused += 1 }
        guard clinux_epoll_add(epoll, descriptor, interest) == 0 else {
            end(connection)
            return
        }
        if !isAdmitted { refuse(connection) }
    }

    /// Says why, and reads on for a moment: a peer whose request meets a closed connection would not read the answer.
    private func refuse(_ connection: Connection) {
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

    private func end(_ connection: Connection) {
        guard connections.removeValue(forKey: connection.descriptor) != nil else { return }
        close(connection.descriptor)
        connection.tellChunkTaken(false)
        switch connection.standing {
        case .admitted(let isNamed):
            admission.release(uid: connection.caller.peer.uid, isNamed: isNamed)
            _ = admission.hold(-connection.heldBytes, uid: connection.caller.peer.uid)
            handler.connectionClosed(connection.caller.connection)
        case .refused:
            refused -= 1
        }
        if !isAccepting, drainDeadline == nil { setAccepting(true) }
    }

    // MARK: Answering

    /// Writes, asks and answers as far as it goes now.
    private func pump(_ connection: Connection) {
        while connections[connection.descriptor] === connection {
            switch connection.flush(now: now) {
            case .done: connection.tellChunkTaken(true)
            case .blocked:
                if connection.machine.phase == .over { end(connection) } else { watch(connection) }
                return
            case .failed:
                end(connection)
                return
            }
            switch connection.machine.next() {
            case .handle(let request):
                let exchange = Exchange(
                    connection: connection.caller.connection,
                    number: connection.machine.requestNumber
                )
                handler.handle(
                    request,
                    connection.caller,
                    Responder(exchange: exchange, closes: !request.keepsAlive, inbox: inbox)
                )
                readInbox()
            case .shutDownWriting:
                shutdown(connection.descriptor, Int32(SHUT_WR))
            case .close:
                end(connection)
            case .wait:
                if connection.machine.hasOutput { continue }
                watch(connection)
                return
            }
        }
    }

    /// Tells epoll what the machine waits for, and counts what it holds.
    private func watch(_ connection: Connection) {
        let machine = connection.machine
        var interest: UInt32 = 0
        if machine.wantsToRead { interest |= CLINUX_EPOLLIN | CLINUX_EPOLLRDHUP }
        if machine.hasOutput { interest |= CLINUX_EPOLLOUT }
        if interest != connection.interest {
            _ = clinux_epoll_modify(epoll, connection.descriptor, interest)
            connection.interest = interest
        }
        let held = machine.heldBytes
        defer { connection.heldBytes = held }
        guard !admission.hold(held - connection.heldBytes, uid: connection.caller.peer.uid), held > 0 else { return }
        connection.machine.refuse(
            APIError(
                .tooManyRequests,
                "too many requests are half sent",
                remedy: "Send whole requests.",
                retryAfter: 1
            )
        )
        touched.append(connection)
    }
}
