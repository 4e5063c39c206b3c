internal import CLinux
internal import Glibc
internal import LinuxHost
internal import LocalAPI

/// The sockets' thread: everything here is touched by that thread alone, and is nobody else's, so that no access to it
/// needs a check.
struct EventLoop: ~Copyable {
    /// Deadlines are seconds long, so looking once a second is near enough.
    private static let sweepInterval: Duration = .seconds(1)

    /// But those of a stop are not.
    private static let drainMilliseconds: Int32 = 50

    /// Without connections there is nothing to sweep, and whoever wants to see a turn asks for it.
    private static let idleMilliseconds: Int32 = 5_000

    /// An answer stays for so long, for whoever asks for the same: while requests come, each is mostly the last one again.
    private static let answerMilliseconds: Int32 = 100

    /// Answered in one turn of a connection that sent many requests at once, before others have theirs.
    static let requestsPerTurn = 4

    /// Turns of connections in line before the loop looks again who else is ready.
    private static let turnsPerLook = 16

    /// Ready descriptors in one look.
    private static let lookBatch = 256

    let poller: Poller
    private let bell: Int32
    let listeners: [Int32: SocketRole]
    let handler: RequestHandler
    let limits: ServerLimits
    private let clock: @Sendable () -> Duration
    let inbox: Inbox
    private let server: LocalServer

    var connections: ConnectionTable
    var crowds = Crowds()
    /// Who has more to do than one turn allows, or a deadline.
    private var line = TurnQueue<Connection>()
    /// Who has a turn now.
    var pumped: Connection?
    /// Whose machines an answer changed.
    private var touched: [Connection] = []
    /// Emptied and used again, so that an answer costs no array.
    private var messages: [Inbox.Message] = []
    var named = LocalServer.NamedCallers()
    private var seenNamings: UInt64 = 0
    var lastSerial: UInt64 = 0
    private(set) var turn: UInt64 = 0
    /// The latest turn in which somebody connected, and how many were taken then.
    var lastAcceptingTurn: UInt64 = 0
    var acceptsAtOnce = 1
    var isAccepting = true
    private var drainDeadline: Duration?
    private var lastSweep: Duration = .zero
    var now: Duration
    var incoming = ReceiveBuffer()
    /// Whose read brought nothing but one request, as far as is known yet.
    var lone: Connection?
    var answer = AnswerBuffer()
    var recent = RecentRepetitions()

    init(
        listeners: [LocalListener],
        handler: RequestHandler,
        limits: ServerLimits,
        clock: @escaping @Sendable () -> Duration,
        bell: Int32,
        inbox: Inbox,
        server: LocalServer
    ) throws(HostError) {
        let poller = try Poller(batch: Self.lookBatch)
        for descriptor in [bell] + listeners.map(\.descriptor) {
            guard poller.add(descriptor, CLINUX_EPOLLIN) else { throw .last("epoll_ctl") }
        }
        self.poller = poller
        self.bell = bell
        self.listeners = Dictionary(uniqueKeysWithValues: listeners.map { ($0.descriptor, $0.role) })
        self.handler = handler
        self.limits = limits
        self.clock = clock
        self.inbox = inbox
        self.server = server
        connections = ConnectionTable(limits: limits)
        now = clock()
    }

    deinit {
        for listener in listeners.keys { close(listener) }
    }

    // MARK: The loop

    mutating func run() {
        while !isDrained {
            server.turned(connections: connections.count)
            let isDraining = drainDeadline != nil
            let timeout = isDraining ? Self.drainMilliseconds : connections.isEmpty ? Self.idleMilliseconds : 1_000
            let patience = answer.isWiped ? timeout : min(timeout, Self.answerMilliseconds)
            let ready = poller.wait(milliseconds: line.isEmpty && inbox.fallAsleep() ? patience : 0)
            inbox.wakeUp()
            turn &+= 1
            now = clock()
            // The rules may have changed while the loop slept.
            if let named = server.namedCallers(since: &seenNamings) { takeNamed(named) }
            for index in 0..<ready { react(to: poller[index]) }
            settle()
            if isDraining || now - lastSweep >= Self.sweepInterval { sweep() }
            if !line.isEmpty { takeTurns() }
            // Each answer overwrites the one before; the last is not to outlast the rush.
            if ready == 0 { answer.wipe() }
        }
        for connection in Array(connections.all) { end(connection) }
        server.turned(connections: 0)
    }

    private var isDrained: Bool {
        guard let drainDeadline else { return false }
        return connections.isEmpty || now >= drainDeadline
    }

    private mutating func react(to event: clinux_ready) {
        if let connection = connections[event.descriptor] {
            if event.events & (CLINUX_EPOLLHUP | CLINUX_EPOLLERR) != 0, !connection.machine.wantsToRead {
                // Both directions are shut: nobody is there to read an answer.
                end(connection)
                return
            }
            guard !connection.isDeferred else {
                // It has its requests already; until it had its turn, what else it sent is no news.
                connection.watch()
                return
            }
            let isEnding = event.events & (CLINUX_EPOLLRDHUP | CLINUX_EPOLLHUP | CLINUX_EPOLLERR) != 0
            let isReadable = isEnding || event.events & CLINUX_EPOLLIN != 0
            let isRepetition = isReadable && read(connection)
            if !isRepetition {
                pump(connection)
                forgetRead()
            }
            // There may be more behind what was read: what found no room, what another process wrote, the end. Behind a
            // repetition there hardly ever is, so that once a second will do.
            if isRepetition { connection.mayHaveMore = true }
            if isEnding || isReadable && !isRepetition, connections.contains(connection) { connection.watchAgain() }
        } else if event.descriptor == bell {
            clinux_event_quiet(bell)
        } else if let role = listeners[event.descriptor] {
            accept(event.descriptor, role)
        } else if let crowd = crowds[event.descriptor] {
            for index in 0..<crowd.wait(milliseconds: 0) { react(to: crowd[index]) }
        }
    }

    /// Obeys the inbox and pumps whom it touched, until nothing is left; never one pump within another.
    private mutating func settle() {
        repeat {
            readInbox()
            while let connection = touched.popLast() { pump(connection) }
        } while !inbox.isEmpty
    }

    /// Gives those in line their turns, some of them.
    private mutating func takeTurns() {
        for _ in 0..<Self.turnsPerLook {
            guard let connection = line.next() else { break }
            let wasDeferred = connection.isDeferred
            connection.isInLine = false
            connection.isDeferred = false
            if let deadline = connection.machine.deadline, deadline <= now { connection.machine.deadlinePassed() }
            pump(connection)
            // What the poller told of it while it was in line was no news then.
            if wasDeferred, !connection.isDeferred, connections.contains(connection) { connection.watchAgain() }
        }
        settle()
    }

    mutating func putInLine(_ connection: Connection) {
        guard !connection.isInLine else { return }
        connection.isInLine = true
        line.append(connection, of: connection.party)
    }

    mutating func readInbox() {
        guard !inbox.isEmpty else { return }
        inbox.take(into: &messages)
        for index in messages.indices {
            // Out of the array, so that the bytes have one owner, who can wipe them.
            var message = Inbox.Message.wake
            swap(&message, &messages[index])
            obey(message)
        }
        messages.removeAll(keepingCapacity: true)
    }

    private mutating func obey(_ message: consuming Inbox.Message) {
        switch consume message {
        case .answer(let exchange, var bytes):
            guard let connection = connections[exchange.connection] else { return bytes.wipe() }
            connection.machine.answered(bytes, to: exchange.number)
            touch(connection)
        case .beginStream(let exchange, let contentType, let isWhole):
            touch(exchange.connection) {
                $0.streamBegan(contentType: contentType, isWhole: isWhole, of: exchange.number)
            }
        case .chunk(let exchange, var bytes):
            guard let connection = connections[exchange.connection] else { return bytes.wipe() }
            connection.machine.streamed(bytes, of: exchange.number)
            touch(connection)
        case .awaitedChunk(let exchange, var bytes, let taken):
            guard let connection = connections[exchange.connection], connection.machine.isStreaming(exchange.number)
            else {
                bytes.wipe()
                return taken(false)
            }
            connection.machine.streamed(bytes, of: exchange.number)
            connection.chunkTaken = taken
            touch(connection)
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

    private mutating func touch(_ id: ConnectionID, _ change: (inout ConnectionMachine) -> Void) {
        guard let connection = connections[id] else { return }
        change(&connection.machine)
        touch(connection)
    }

    /// Has a connection pumped soon, unless it is just being.
    private mutating func touch(_ connection: Connection) {
        if connection !== pumped { touched.append(connection) }
    }

    private mutating func beginDrain() {
        drainDeadline = now + limits.drainTime
        setAccepting(false)
        // It may be in the middle of a request, whose bytes no other is to overwrite.
        forgetRead()
        for connection in Array(connections.all) {
            // What was asked before the stop and not read yet is still answered.
            if !connection.isDeferred { _ = read(connection) }
            forgetRead()
            connection.watchAgain()
            connection.machine.beginDrain()
            touched.append(connection)
        }
    }

    /// Once a second: deadlines, and accepting again where descriptors had run out.
    private mutating func sweep() {
        lastSweep = now
        recent.sweep(now: now)
        // Of a longer one there is more behind those that came since.
        answer.wipe()
        if drainDeadline == nil { setAccepting(true) }
        for connection in connections.all {
            // Thousands at once are told so in their turns.
            if let deadline = connection.machine.deadline, deadline <= now { putInLine(connection) }
            if connection.mayHaveMore {
                connection.mayHaveMore = false
                connection.watchAgain()
            }
        }
    }

    /// Takes who is named by some rule now; the first rule that looks at units looks at those who are there already too,
    /// and so does another way of looking.
    private mutating func takeNamed(_ named: LocalServer.NamedCallers) {
        let before = self.named
        self.named = named
        guard named.needsUnit, !before.needsUnit || before.legacyPeerCheck != named.legacyPeerCheck else { return }
        for connection in connections.all { connection.lookAtProcess(trustingNumber: named.legacyPeerCheck) }
    }

    // MARK: Answering

    mutating func end(_ connection: Connection) {
        guard connections.remove(connection) else { return }
        crowds.leave(connection.party, connection.poller)
        close(connection.descriptor)
        connection.tellChunkTaken(false)
        if case .admitted = connection.standing, !connection.isUnknownToHandler {
            handler.connectionClosed(connection.caller.connection)
        }
        if !isAccepting, drainDeadline == nil { setAccepting(true) }
    }

    mutating func watch(_ connection: Connection) {
        connection.watch()
        count(connection)
    }

    /// Counts what is held for a connection, and ends or refuses the one that is too much.
    mutating func count(_ connection: Connection) {
        if let offender = connections.holdAnswers(connection.machine.unsentBytes, of: connection) { end(offender) }
        // Taken down for one that is gone, it would be held against its user for good.
        guard connections.contains(connection) else { return }
        guard let offender = connections.holdRequests(connection.machine.heldBytes, of: connection) else { return }
        offender.machine.refuse(
            APIError(
                .tooManyRequests,
                "too many requests are half sent",
                remedy: "Send whole requests.",
                retryAfter: 1
            )
        )
        touched.append(offender)
    }
}
