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

    private final class Connection {
        let caller: Caller
        let isNamed: Bool
        var machine: ConnectionMachine
        var interest: UInt32
        var heldBytes = 0

        init(caller: Caller, isNamed: Bool, machine: ConnectionMachine, interest: UInt32) {
            self.caller = caller
            self.isNamed = isNamed
            self.machine = machine
            self.interest = interest
        }
    }

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
            named = server.turned(at: now, connections: connections.count)
            let timeout: Int32 = connections.isEmpty && drainDeadline == nil ? Self.idleMilliseconds : 1_000
            let count = unsafe clinux_epoll_wait(
                epoll,
                &ready,
                Int32(ready.count),
                inbox.fallAsleep() ? timeout : 0
            )
            inbox.wakeUp()
            now = clock()
            for event in ready.prefix(max(0, Int(count))) { react(to: event) }
            settle()
            if now - lastSweep >= Self.sweepInterval { sweep() }
        }
        for connection in Array(connections.values) { end(connection) }
        _ = server.turned(at: now, connections: 0)
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
            if event.events & (CLINUX_EPOLLIN | CLINUX_EPOLLRDHUP | CLINUX_EPOLLHUP) != 0 { read(connection) }
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
        for message in inbox.take() { obey(message) }
    }

    private func obey(_ message: Inbox.Message) {
        switch message {
        case .answer(let id, let bytes):
            touch(id) { $0.answered(bytes) }
        case .stream(let id, let bytes):
            touch(id) { $0.streamed(bytes) }
        case .endStream(let id, let bytes):
            touch(id) { $0.streamEnded(bytes) }
        case .beginDrain:
            beginDrain()
        case .wake:
            break
        }
    }

    private func touch(_ id: ConnectionID, _ change: (inout ConnectionMachine) -> Void) {
        guard let connection = connections[id.descriptor], connection.caller.connection == id else { return }
        change(&connection.machine)
        touched.append(connection)
    }

    private func beginDrain() {
        drainDeadline = now + limits.drainTime
        setAccepting(false)
        for connection in Array(connections.values) {
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
        guard admission.admit(uid: peer.uid, isNamed: isNamed) else {
            refuse(descriptor)
            return
        }
        lastSerial += 1
        let caller = Caller(
            peer: peer,
            role: role,
            connection: ConnectionID(descriptor: descriptor, serial: lastSerial),
            process: named.needsUnit ? PeerProcess(ofPeer: descriptor) : nil
        )
        let interest = CLINUX_EPOLLIN | CLINUX_EPOLLRDHUP
        let connection = Connection(
            caller: caller,
            isNamed: isNamed,
            machine: ConnectionMachine(limits: limits, now: now),
            interest: interest
        )
        guard clinux_epoll_add(epoll, descriptor, interest) == 0 else {
            admission.release(uid: peer.uid, isNamed: isNamed)
            close(descriptor)
            return
        }
        connections[descriptor] = connection
    }

    /// Says why, as far as the socket takes it at once.
    private func refuse(_ descriptor: Int32) {
        let answer = APIError(
            .tooManyRequests,
            "too many connections are open",
            remedy: "Close connections that are not in use.",
            retryAfter: 1
        ).response().bytes
        _ = unsafe send(descriptor, answer, answer.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        close(descriptor)
    }

    private func end(_ connection: Connection) {
        let id = connection.caller.connection
        guard connections.removeValue(forKey: id.descriptor) != nil else { return }
        close(id.descriptor)
        admission.release(uid: connection.caller.peer.uid, isNamed: connection.isNamed)
        _ = admission.hold(-connection.heldBytes, uid: connection.caller.peer.uid)
        handler.connectionClosed(id)
        if !isAccepting, drainDeadline == nil { setAccepting(true) }
    }

    // MARK: Reading and writing

    private func read(_ connection: Connection) {
        guard connection.machine.wantsToRead else { return }
        let received = unsafe clinux_receive(connection.caller.connection.descriptor, &buffer, buffer.count)
        guard received.count > 0 else {
            // An error ends the connection as the peer's end does; EAGAIN is a false alarm.
            if received.count == 0 || errno != EAGAIN { connection.machine.receivedEnd() }
            return
        }
        guard isWrittenByPeer(received, connection.caller.peer) else {
            connection.machine.refuse(
                APIError(
                    .accessDenied,
                    "this connection was opened by another process",
                    remedy: "Connect in the process that asks."
                )
            )
            connection.machine.receivedEnd()
            return
        }
        connection.machine.received(buffer[..<received.count], now: now)
    }

    /// An inherited or passed descriptor lends no rights: who writes must be who connected.
    private func isWrittenByPeer(_ received: clinux_received, _ peer: PeerIdentity) -> Bool {
        received.passed_descriptors == 0 && received.has_writer != 0 && received.writer.pid == peer.pid
            && received.writer.uid == peer.uid
    }

    /// Writes, asks and answers as far as it goes now.
    private func pump(_ connection: Connection) {
        let id = connection.caller.connection
        while connections[id.descriptor] === connection {
            switch flush(connection) {
            case .done: break
            case .blocked:
                if connection.machine.phase == .over { end(connection) } else { watch(connection) }
                return
            case .failed:
                end(connection)
                return
            }
            switch connection.machine.next() {
            case .handle(let request):
                handler.handle(request, connection.caller, Responder(connection: id, inbox: inbox))
                readInbox()
            case .shutDownWriting:
                shutdown(id.descriptor, Int32(SHUT_WR))
            case .close:
                end(connection)
            case .wait:
                if connection.machine.hasOutput { continue }
                watch(connection)
                return
            }
        }
    }

    private enum Flushed {
        case done, blocked, failed
    }

    private func flush(_ connection: Connection) -> Flushed {
        while connection.machine.hasOutput {
            let pending = connection.machine.pendingOutput
            let count = unsafe pending.withUnsafeBytes { bytes in
                unsafe send(
                    connection.caller.connection.descriptor,
                    bytes.baseAddress,
                    bytes.count,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                )
            }
            if count >= 0 {
                connection.machine.wrote(count, now: now)
            } else if errno == EAGAIN {
                return .blocked
            } else if errno != EINTR {
                return .failed
            }
        }
        return .done
    }

    /// Tells epoll what the machine waits for, and counts what it holds.
    private func watch(_ connection: Connection) {
        let machine = connection.machine
        var interest: UInt32 = 0
        if machine.wantsToRead { interest |= CLINUX_EPOLLIN | CLINUX_EPOLLRDHUP }
        if machine.hasOutput { interest |= CLINUX_EPOLLOUT }
        if interest != connection.interest {
            _ = clinux_epoll_modify(epoll, connection.caller.connection.descriptor, interest)
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
