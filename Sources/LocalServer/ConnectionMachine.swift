package import LocalAPI

/// Decides for one connection: what to read, answer and write, and when it is over.
///
/// One request is answered at a time and in order; what is pipelined behind it waits in the parser, and nothing more is
/// read while an answer is pending, so a caller that only sends holds no more than one request's bytes.
package struct ConnectionMachine: Sendable {
    /// Where the connection stands.
    package enum Phase: Sendable, Equatable {
        /// Between requests or in one. Valid transitions to: answering, closing, over.
        case reading
        /// The handler has a request. Valid transitions to: reading, streaming, closing, over.
        case answering(keepsAlive: Bool)
        /// The handler sends pieces, which may be worth nothing without their end. Valid transitions to: closing, over.
        case streaming(isWhole: Bool)
        /// Nothing follows what is still to be written. Valid transitions to: lingering, over.
        case closing
        /// Answered while the peer was still sending: read on for a moment, else it might never see the answer.
        case lingering
        case over
    }

    /// What to do next.
    package enum Step: Sendable, Equatable {
        case handle(HTTPRequest)
        /// Tell the peer that nothing follows, and read what it still sends.
        case shutDownWriting
        case close
        /// Wait for what the properties below say.
        case wait
    }

    /// A refused request may have this much more on the way.
    package static let lingeringBytes = 256 << 10

    /// How long it waits for the peer to read its answer and hang up.
    package static let lingeringTime: Duration = .seconds(1)

    private let limits: ServerLimits
    private var parser = RequestParser()
    /// Where the connection stands now.
    package private(set) var phase = Phase.reading
    /// Taken over from whoever made an answer, so that keeping its room would gain nothing.
    private var output = WipedBytes(keptCapacity: 0)
    private var peerFinished = false
    private var isDraining = false
    /// When the request that is being read began; nil between requests.
    private var requestBegan: Duration?
    private var lastProgress: Duration
    private var lingered = 0
    /// Counts the requests, so that a late answer to one is not taken for the answer to the next.
    package private(set) var requestNumber: UInt32 = 0
    /// Of the request that is being answered.
    private var knowsChunks = true

    /// The machine of a connection that was accepted now.
    package init(limits: ServerLimits, now: Duration) {
        self.limits = limits
        lastProgress = now
    }

    // MARK: Events

    /// Bytes came from the peer.
    package mutating func received(_ bytes: Span<UInt8>, now: Duration) {
        guard phase != .lingering else {
            lingered += bytes.count
            return
        }
        lastProgress = now
        if requestBegan == nil { requestBegan = now }
        parser.append(bytes)
    }

    /// The peer will send nothing more; what it asked for is still answered.
    package mutating func receivedEnd() { peerFinished = true }

    /// The peer did what ends the connection, and is told so unless another answer is owed first.
    package mutating func refuse(_ error: APIError) {
        parser.wipe()
        switch phase {
        case .reading:
            output.adopt(error.response().bytes(closing: true))
            phase = .closing
        case .answering, .streaming:
            phase = .over
        case .closing, .lingering, .over:
            return
        }
    }

    /// What the machine does with what would be read now.
    package enum Appetite: Sendable {
        case none
        /// It is read as a request's beginning, or what follows it.
        case request
        /// It is a request's beginning, and if that is a whole one, it may be answered without being read.
        case repetition
    }

    /// What the machine does with what would be read now.
    package var appetite: Appetite {
        guard wantsToRead else { return .none }
        return phase == .reading && requestBegan == nil && !isDraining ? .repetition : .request
    }

    /// A request that came alone before came again and was answered, but for `unsent`.
    package mutating func answeredAgain(unsent: Span<UInt8>, keepsAlive: Bool, now: Duration) {
        output.append(unsent)
        lastProgress = now
        requestNumber &+= 1
        if !keepsAlive { phase = .closing }
    }

    /// Request `number` was answered at once, but for `unsent`.
    package mutating func answered(unsent: Span<UInt8>, to number: UInt32, now: Duration) {
        guard case .answering(let keepsAlive) = phase, number == requestNumber else { return }
        output.append(unsent)
        lastProgress = now
        phase = keepsAlive && !isDraining ? .reading : .closing
    }

    /// The whole answer to request `number`, if the handler still owes it.
    package mutating func answered(_ bytes: consuming [UInt8], to number: UInt32) {
        guard case .answering(let keepsAlive) = phase, number == requestNumber else { return bytes.wipe() }
        output.adopt(bytes)
        phase = keepsAlive && !isDraining ? .reading : .closing
    }

    /// The answer to request `number` has no length yet: it comes in chunks (RFC 9112 §7.1), and to an HTTP/1.0 peer
    /// as it is.
    package mutating func streamBegan(contentType: String, isWhole: Bool = false, of number: UInt32) {
        guard case .answering = phase, number == requestNumber else { return }
        var head = "HTTP/1.1 200 OK\r\nContent-Type: \(contentType)\r\nCache-Control: no-store\r\n"
        if knowsChunks { head += "Transfer-Encoding: chunked\r\n" }
        output.append((head + "Connection: close\r\n\r\n").utf8)
        phase = .streaming(isWhole: isWhole)
        if isDraining { beginDrain() }
    }

    /// Whether pieces of the answer to request `number` are taken.
    package func isStreaming(_ number: UInt32) -> Bool {
        if case .streaming = phase { number == requestNumber } else { false }
    }

    /// A piece of the stream; nothing for no bytes, which as a chunk would be its end.
    package mutating func streamed(_ bytes: consuming [UInt8], of number: UInt32) {
        guard isStreaming(number), !bytes.isEmpty else { return bytes.wipe() }
        if knowsChunks {
            output.append((String(bytes.count, radix: 16) + "\r\n").utf8)
            output.append(bytes)
            output.append([0x0D, 0x0A])
            bytes.wipe()
        } else {
            output.adopt(bytes)
        }
        // Its reader does not keep up; it will notice the missing end.
        if output.count > limits.pendingBytes { phase = .over }
    }

    /// There is no more of the stream, and that is its end.
    package mutating func streamEnded(of number: UInt32) {
        guard isStreaming(number) else { return }
        endStream()
    }

    /// There is no more of the stream, and its reader must notice.
    package mutating func streamBroken(of number: UInt32) {
        if isStreaming(number) { phase = .over }
    }

    private mutating func endStream() {
        if knowsChunks { output.append("0\r\n\r\n".utf8) }
        phase = .closing
    }

    /// The peer took `count` bytes of the output.
    package mutating func wrote(_ count: Int, now: Duration) {
        output.removeFirst(count)
        lastProgress = now
    }

    /// The server stops: what is under way is answered, and what who just connected is about to ask; nothing more is asked,
    /// and streams end; one that is worth nothing without the rest is broken off.
    package mutating func beginDrain() {
        isDraining = true
        switch phase {
        case .streaming(isWhole: true): phase = .over
        case .streaming(isWhole: false): endStream()
        case .reading, .answering, .closing, .lingering, .over: break
        }
    }

    /// `deadline` came.
    package mutating func deadlinePassed() {
        switch phase {
        case .reading where isReadingRequest && !hasOutput:
            refuse(
                APIError(
                    .invalidRequest,
                    "the request was not whole within \(limits.requestTime.components.seconds) s",
                    status: 408
                )
            )
        case .reading, .answering, .streaming, .closing, .lingering, .over:
            phase = .over
        }
    }

    // MARK: Decisions

    /// What to do now; asked again after each `handle` that was answered, until it says `wait` or `close`.
    package mutating func next() -> Step {
        guard !hasOutput else { return phase == .over ? .close : .wait }
        switch phase {
        case .over:
            return .close
        case .answering, .streaming:
            return .wait
        case .closing:
            guard !peerFinished else { return .close }
            phase = .lingering
            return .shutDownWriting
        case .lingering:
            return peerFinished || lingered > Self.lingeringBytes ? .close : .wait
        case .reading:
            return readNext()
        }
    }

    private mutating func readNext() -> Step {
        switch parser.next() {
        case .request(let request):
            phase = .answering(keepsAlive: request.keepsAlive)
            requestNumber &+= 1
            knowsChunks = request.knowsChunks
            requestBegan = nil
            return .handle(request)
        case .needsBodyAfterContinue:
            output.append("HTTP/1.1 100 Continue\r\n\r\n".utf8)
            return .wait
        case .refused(let error):
            refuse(error)
            return .wait
        case .needsMore:
            // A request that began behind another has its whole time from the other's answer on.
            if requestBegan == nil, parser.heldBytes > 0 { requestBegan = lastProgress }
            return peerFinished || (isDraining && !isReadingRequest && !isNew) ? .close : .wait
        }
    }

    private var isReadingRequest: Bool { requestBegan != nil }

    /// Whether nothing was asked on it yet.
    private var isNew: Bool { requestNumber == 0 }

    // MARK: What the loop asks

    /// Whether there is something to write.
    package var hasOutput: Bool { !output.isEmpty }

    /// What the peer has not taken yet.
    package var unsentBytes: Int { output.count }

    /// Lends the bytes to write next.
    package func withPendingOutput<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe output.storage.withUnsafeBytes { unsafe body(UnsafeRawBufferPointer(rebasing: $0[output.start...])) }
    }

    /// Held of requests that are not answered yet.
    package var heldBytes: Int { parser.heldBytes }

    /// Whether a request may lie in what was read and was not looked at yet.
    package var mayHaveRequest: Bool { phase == .reading && heldBytes > 0 }

    /// What the parser takes of the heap.
    package var heldCapacity: Int { parser.capacity }

    /// Overwrites what came and was not answered, and what was answered and not taken.
    package mutating func wipe() {
        parser.wipe()
        output.wipe()
    }

    /// Whether what the peer sends is of use now.
    package var wantsToRead: Bool {
        switch phase {
        case .reading: !hasOutput && !peerFinished
        case .lingering: true
        case .answering, .streaming, .closing, .over: false
        }
    }

    /// When to call `deadlinePassed`; nil while the handler's answer is awaited.
    package var deadline: Duration? {
        if hasOutput { return lastProgress + limits.idleTime }
        return switch phase {
        case .reading:
            requestBegan.map { $0 + limits.requestTime }
                ?? lastProgress + (isDraining ? limits.firstRequestTime : limits.idleTime)
        case .lingering: lastProgress + Self.lingeringTime
        case .answering, .streaming: nil
        case .closing, .over: lastProgress
        }
    }
}
