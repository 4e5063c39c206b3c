import LocalAPI
import LocalServer

/// A connection without a socket: a caller that sends in some pieces and takes answers in others, and a handler that
/// obeys the script.
struct ConnectionRun {
    /// How the caller's bytes come, and how much of an answer it takes at once.
    enum Pieces {
        case whole
        case bytes
        /// As the script says.
        case scripted
    }

    /// Where it ended.
    enum End: Equatable {
        case closed
        /// The handler owes an answer, which the script does not give.
        case waitsForHandler
    }

    /// Must be as large as what the server reads at once.
    static let longestRead = 16_384

    /// So far byte by byte; what follows is repetition, in pieces that are no power of two.
    private static let bytewise = 300

    /// The pieces of a stream and the larger answers; far from the limit of unsent bytes.
    private static let largeAnswer = 3_000

    private static let limits = ServerLimits()

    let input: RequestInput
    let pieces: Pieces
    var machine: ConnectionMachine
    var now: Duration = .seconds(100)

    private(set) var requests: [HTTPRequest] = []
    /// What the caller took, but for the word to go on with a body, which depends on the pieces.
    private(set) var output: [UInt8] = []
    private(set) var end: End?
    /// The answers that the handler gave in time; nothing but a refusal may follow them.
    private var owing: [UInt8] = []
    private var hasStreamed = false
    /// Whether the server said that nothing follows, before it closed.
    private(set) var wasShutDown = false
    /// What does not hold of the connection, whatever came.
    var violations: [String] = []
    /// The bytes of what was handed over last, as they were sent.
    private(set) var handedOver: [ArraySlice<UInt8>] = []

    private var sent = 0
    private var consumed = 0
    private var taken = 0
    private var owed: UInt8?
    private var stops = false

    init(_ input: RequestInput, pieces: Pieces) {
        self.input = input
        self.pieces = pieces
        machine = ConnectionMachine(limits: Self.limits, now: now)
    }

    /// Lets the caller send everything, and the handler answer, until the connection is closed.
    mutating func run() {
        while end == nil {
            settle()
            guard end == nil, machine.wantsToRead, sent < input.stream.count else { break }
            send()
        }
        if end == nil { part() }
        if end == nil { violations.append("it never ends") }
        let rest = output.dropFirst(owing.count)
        if !output.starts(with: owing) || !(hasStreamed || rest.isEmpty || rest.starts(with: Self.refusal)) {
            violations.append("other answers than were given")
        }
    }

    private mutating func send() {
        let size =
            switch pieces {
            case .whole: Self.longestRead
            case .bytes: sent < Self.bytewise ? 1 : 251
            case .scripted: 1 + Int(input.decision(sent)) * 3
            }
        let piece = input.stream[sent...].prefix(size)
        sent += piece.count
        machine.received(piece.span, now: now)
        checkBounds()
    }

    /// The caller and the server part as the script says.
    private mutating func part() {
        switch input.ending {
        case UInt8(ascii: "."): break
        case UInt8(ascii: "g"): machine.beginDrain()
        default: machine.receivedEnd()
        }
        settle()
        // A refusal is told in one, a linger ends in another.
        for _ in 0..<3 where end == nil {
            guard let deadline = machine.deadline else { break }
            now = max(now, deadline)
            machine.deadlinePassed()
            settle()
        }
    }

    // MARK: The server's side

    /// Does what the machine asks for until it waits for bytes, is closed, or is owed what does not come.
    private mutating func settle() {
        for _ in 0..<100_000 {
            if machine.hasOutput, machine.phase != .over { take() }
            switch machine.next() {
            case .handle(let request):
                note(request)
                respond()
            case .shutDownWriting:
                if wasShutDown { violations.append("it is shut down twice") }
                wasShutDown = true
            case .close:
                end = .closed
                return
            case .wait:
                checkWait()
                if machine.hasOutput { continue }
                guard let answer = owed else { return }
                guard answer != UInt8(ascii: "n") else {
                    end = .waitsForHandler
                    return
                }
                owed = nil
                answerLate(answer)
            }
        }
        violations.append("it spins")
        end = .closed
    }

    private mutating func note(_ request: HTTPRequest) {
        if owed != nil || machine.hasOutput {
            violations.append("a request is handed over before the last is answered")
        }
        if stops { violations.append("a request is handed over after the last") }
        if Int(machine.requestNumber) != requests.count + 1 { violations.append("requests are counted wrongly") }
        requests.append(request)
        let end = sent - machine.heldBytes
        handedOver.append(input.stream[consumed..<end])
        consumed = end
        if !request.keepsAlive { stops = true }
    }

    private mutating func take() {
        // What is sent while a request is read is no answer yet.
        let isGo = unsafe machine.withPendingOutput { unsafe $0.starts(with: Self.go) }
        let isContinue = isGo && machine.phase == .reading
        while machine.hasOutput {
            taken += 1
            let size =
                switch pieces {
                case .whole, .bytes: machine.unsentBytes
                case .scripted: 1 + Int(input.decision(taken)) * 7
                }
            let count = min(size, machine.unsentBytes)
            if !isContinue {
                unsafe machine.withPendingOutput { bytes in
                    unsafe output.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                }
            }
            machine.wrote(count, now: now)
        }
    }

    private static let refusal = Array("HTTP/1.1 ".utf8)
    private static let go = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
}

// MARK: The handler

extension ConnectionRun {
    /// The answer to the `number`th request; its bytes say whose it is.
    static func answer(to number: Int, isLarge: Bool) -> [UInt8] {
        let line = Array("<\(number)>".utf8)
        return isLarge ? line + [UInt8](repeating: 0x2B, count: largeAnswer) : line
    }

    /// Answers the latest request as the script says, or owes the answer.
    private mutating func respond() {
        switch input.decision(requests.count - 1) {
        case let late where "lnLwtp".utf8.contains(late):
            owed = late
        case UInt8(ascii: "d"):
            machine.beginDrain()
            stops = true
            answer(isLarge: false)
        case UInt8(ascii: "r"):
            machine.refuse(APIError(.tooManyRequests, "too much"))
            stops = true
        case UInt8(ascii: "h"):
            machine.deadlinePassed()
            stops = true
        case UInt8(ascii: "b"):
            answer(isLarge: true)
        case let stream where "sSxXD".utf8.contains(stream):
            stops = true
            self.stream(stream)
        default:
            answer(isLarge: false)
        }
    }

    private mutating func answer(isLarge: Bool) {
        let answer = Self.answer(to: requests.count, isLarge: isLarge)
        owing += answer
        machine.answered(answer, to: machine.requestNumber)
    }

    private mutating func answerLate(_ answer: UInt8) {
        let number = machine.requestNumber
        if answer == UInt8(ascii: "w") {
            machine.answered(Array("stray".utf8), to: number &- 1)
            machine.streamBegan(contentType: "text/plain", of: number &+ 1)
            machine.streamed(Array("stray".utf8), of: number)
        }
        self.answer(isLarge: answer == UInt8(ascii: "L"))
        if answer == UInt8(ascii: "t") { machine.answered(Array("twice".utf8), to: number) }
    }

    private mutating func stream(_ kind: UInt8) {
        let number = machine.requestNumber
        hasStreamed = true
        machine.streamBegan(contentType: "text/plain", isWhole: kind == UInt8(ascii: "x"), of: number)
        for piece in 0..<3 {
            machine.streamed(Self.answer(to: requests.count, isLarge: piece == 1), of: number)
            machine.streamed([], of: number)
        }
        switch kind {
        case UInt8(ascii: "x"), UInt8(ascii: "D"): machine.beginDrain()
        case UInt8(ascii: "X"): machine.streamBroken(of: number)
        case UInt8(ascii: "S"):
            for _ in 0..<200 { machine.streamed(Self.answer(to: requests.count, isLarge: true), of: number) }
        default: break
        }
        machine.streamEnded(of: number)
        machine.streamed(Array("late".utf8), of: number)
        checkBounds()
    }
}

// MARK: What holds at every moment

extension ConnectionRun {
    /// No more is held than a request and what was read with its end, nor more of the heap than an array's growth takes,
    /// and no more is unsent than a stream may have.
    mutating func checkBounds() {
        let bound = RequestParser.maximumHead + RequestParser.maximumBody + Self.longestRead
        if machine.heldBytes > bound { violations.append("\(machine.heldBytes) bytes are held") }
        if machine.heldCapacity > 2 * bound { violations.append("\(machine.heldCapacity) bytes are kept") }
        if machine.unsentBytes > Self.limits.pendingBytes + 2 * Self.largeAnswer {
            violations.append("\(machine.unsentBytes) bytes wait for the peer")
        }
    }

    /// Who waits waits for something that has a name, and does not wait for ever.
    mutating func checkWait() {
        checkBounds()
        guard !machine.hasOutput, !machine.wantsToRead else {
            if machine.deadline == nil { violations.append("it waits for the peer without a deadline") }
            return
        }
        switch machine.phase {
        case .answering, .streaming: break
        case .reading, .closing, .lingering, .over: violations.append("it waits for nothing")
        }
    }
}
