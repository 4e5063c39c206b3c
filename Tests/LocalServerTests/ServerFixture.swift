import Foundation
import Glibc
import LinuxHost
import LocalAPI
import LocalServer
import Synchronization

/// A request that the handler keeps until the test answers it.
struct HeldRequest: Sendable {
    let request: HTTPRequest
    let caller: Caller
    let responder: Responder
}

/// What another process than the caller wrote.
struct ForeignWriting: Sendable {
    let caller: Caller
    let writer: PeerWriter?
}

/// A clock that stands until the test moves it.
final class TestClock: Sendable {
    private let time = Mutex(Duration.seconds(1_000))

    func now() -> Duration { time.withLock { $0 } }

    func advance(by duration: Duration) { time.withLock { $0 += duration } }
}

/// What the handler was handed.
private final class Handled: Sendable {
    let targets = Mutex<[String]>([])
    let repetitions = Mutex(0)
    let mayRepeat = Mutex(true)
}

/// A server on a socket in a directory of its own.
///
/// `/written/N` is answered at once with N bytes, and repeated as long as `mayRepeat`, `/hold…` is kept for the test, `/stall` stops the server until the test says `goOn`, `/bytes/N` is answered with that many bytes, `/length` with the length of the body,
/// and everything else with its own path.
final class ServerFixture: Sendable {
    let path: String
    let server: LocalServer
    let clock: TestClock
    let held: AsyncStream<HeldRequest>
    let closed: AsyncStream<ConnectionID>
    let foreign: AsyncStream<ForeignWriting>
    private let meet: AsyncStream<ForeignWriting>.Continuation
    private let directory: String
    private let handled: Handled
    private let gate: (stalls: AsyncStream<Void>, opening: DispatchSemaphore)
    private let running: Task<Void, any Error>

    init(_ limits: ServerLimits = ServerLimits()) async throws {
        directory = try temporaryDirectory()
        path = "\(directory)/token.sock"
        let clock = TestClock()
        self.clock = clock
        let (held, keep) = AsyncStream<HeldRequest>.makeStream()
        let (closed, close) = AsyncStream<ConnectionID>.makeStream()
        let (foreign, meet) = AsyncStream<ForeignWriting>.makeStream()
        self.foreign = foreign
        self.meet = meet
        self.held = held
        self.closed = closed
        let (stalls, stall) = AsyncStream<Void>.makeStream()
        let opening = DispatchSemaphore(value: 0)
        gate = (stalls, opening)
        let handled = Handled()
        self.handled = handled
        let handler = RequestHandler(
            handle: { request, caller, responder, answer in
                let target = request.target
                handled.targets.withLock { $0.append(target) }
                if target == "/stall" {
                    stall.yield()
                    opening.wait()
                }
                if target.hasPrefix("/hold") {
                    keep.yield(HeldRequest(request: request, caller: caller, responder: responder))
                } else if target.hasPrefix("/bytes/"), let count = Int(target.dropFirst(7)) {
                    responder.send(
                        HTTPResponse(
                            status: 200,
                            contentType: "text/plain",
                            body: [UInt8](repeating: 0x61, count: count)
                        )
                    )
                } else if target.hasPrefix("/written/"), let count = Int(target.dropFirst(9)) {
                    let body = [UInt8](repeating: 0x62, count: count)
                    @Sendable func write(_ answer: inout AnswerBuffer) {
                        answer.append("HTTP/1.1 200 OK\r\nContent-Length: ".utf8.span)
                        answer.append(DecimalText(count))
                        answer.append("\r\n\r\n".utf8.span)
                        answer.append(body.span)
                    }
                    write(&answer)
                    return .written { _, _, answer in
                        write(&answer)
                        guard handled.mayRepeat.withLock({ $0 }) else { return false }
                        handled.repetitions.withLock { $0 += 1 }
                        return true
                    }
                } else {
                    responder.send(.text(target == "/length" ? "\(request.body.count)" : target))
                }
                return .later
            },
            connectionClosed: { close.yield($0) },
            writerDiffered: { meet.yield(ForeignWriting(caller: $0, writer: $1)) }
        )
        let server = try LocalServer(
            listeners: [LocalListener(role: .token, socket: UnixSocket.listen(path, mode: 0o600))],
            handler: handler,
            limits: limits,
            clock: { clock.now() }
        )
        self.server = server
        running = Task { try await server.run() }
        await server.started()
    }

    /// Moves the clock and lets the server see it.
    func advance(by duration: Duration) {
        clock.advance(by: duration)
        server.wake()
    }

    /// The next request that the handler keeps.
    func nextHeld() async throws -> HeldRequest {
        var requests = held.makeAsyncIterator()
        guard let request = await requests.next() else { throw FixtureError.streamEnded }
        return request
    }

    /// The next connection that another wrote to.
    func nextForeign() async throws -> ForeignWriting {
        var writings = foreign.makeAsyncIterator()
        guard let writing = await writings.next() else { throw FixtureError.streamEnded }
        return writing
    }

    /// Lets `foreign` end after what there is.
    func endForeign() { meet.finish() }

    /// Returns when a connection has ended.
    func connectionEnds() async {
        var connections = closed.makeAsyncIterator()
        _ = await connections.next()
    }

    /// The targets of all requests, in the order in which they were handed over.
    var handledTargets: [String] { handled.targets.withLock { $0 } }

    /// How many requests were answered as repetitions.
    var repetitions: Int { handled.repetitions.withLock { $0 } }

    /// Whether what was written stands for who asks again.
    func mayRepeat(_ may: Bool) { handled.mayRepeat.withLock { $0 = may } }

    /// Returns when `/stall` has stopped the server.
    func stalls() async throws {
        var stalls = gate.stalls.makeAsyncIterator()
        guard await stalls.next() != nil else { throw FixtureError.streamEnded }
    }

    /// Lets the server go on.
    func goOn() { gate.opening.signal() }

    /// Drains the server and returns when its thread is done.
    func stop() async throws {
        server.beginDrain()
        try await running.value
    }

    func finish() async throws { try await running.value }

    deinit {
        unsafe unlink(path)
        unsafe rmdir(directory)
    }
}

enum FixtureError: Error {
    case streamEnded
    case system(String, Int32)
}

/// Runs `body` with a server that is drained afterwards.
func withServer(
    _ limits: ServerLimits = ServerLimits(),
    _ body: (ServerFixture) async throws -> Void
) async throws {
    let fixture = try await ServerFixture(limits)
    do {
        try await body(fixture)
    } catch {
        try await fixture.stop()
        throw error
    }
    try await fixture.stop()
}

func temporaryDirectory() throws -> String {
    var template = Array("/tmp/tokenbroker-test-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw FixtureError.system("mkdtemp", errno) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
