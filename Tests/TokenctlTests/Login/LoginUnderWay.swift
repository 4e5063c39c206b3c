import Glibc
import LinuxHost
import LocalAPI
import Synchronization
import Testing

@testable import tokenctl

/// `tokenctl login` on a thread of its own, with a pipe to paste into and a browser that the test plays.
final class LoginUnderWay: Sendable {
    /// How it ended, and what it printed.
    struct Ending: Sendable {
        var result: Result<Int32?, Failure>
        var errors: String
        var output: String
    }

    /// What the login would have opened.
    let opened: AsyncStream<String>

    private let pasting: Mutex<Int32>
    private let printed = Mutex<(errors: String, output: String)>(("", ""))
    private let ending: AsyncStream<Ending>

    init(at daemon: LoginDaemon, _ change: @escaping @Sendable (inout Login) -> Void = { _ in }) throws {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw HostError.last("pipe") }
        let (input, output) = (ends[0], ends[1])
        pasting = Mutex(output)
        let opening: AsyncStream<String>.Continuation
        (opened, opening) = AsyncStream<String>.makeStream()
        let ended: AsyncStream<Ending>.Continuation
        (ending, ended) = AsyncStream<Ending>.makeStream()
        let socket = daemon.path
        try HostThread.start(named: "login") { [self] in
            var login = Login(broker: BrokerClient(socket: socket), client: "mail")
            login.input = input
            login.catchesSignals = false
            login.openBrowser = {
                opening.yield($0)
                return false
            }
            login.console = LoginConsole(
                isLive: false,
                errors: { text in self.printed.withLock { $0.errors += text } },
                result: { line in
                    self.printed.withLock { $0.output += String(decoding: line, as: UTF8.self) }
                    return true
                }
            )
            change(&login)
            let result = Result { () throws(Failure) in try login.run() }
            close(input)
            let printed = self.printed.withLock { $0 }
            ended.yield(Ending(result: result, errors: printed.errors, output: printed.output))
            ended.finish()
        }
    }

    /// Pastes a line.
    func paste(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        pasting.withLock { _ = unsafe write($0, bytes, bytes.count) }
    }

    /// Ends what is pasted.
    func endPasting() {
        pasting.withLock { end in
            if end >= 0 { close(end) }
            end = -1
        }
    }

    /// Waits for the end.
    func end() async throws -> Ending {
        var endings = ending.makeAsyncIterator()
        let ending = try #require(await endings.next())
        endPasting()
        return ending
    }
}

/// A browser's connection to this machine, of the few calls that a test makes.
final class RawBrowser {
    private let socket: Int32

    /// Nil when nobody listens.
    init?(_ port: UInt16) {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(socket, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { return nil }
    }

    deinit { close(socket) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Everything until the other end closes.
    func answer() -> String {
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = unsafe recv(socket, &piece, piece.count, 0)
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += piece[..<count]
        }
    }

    /// The answer to a GET; nil when nobody listens.
    static func get(_ target: String, port: UInt16, host: String? = nil) -> String? {
        guard let browser = RawBrowser(port) else { return nil }
        browser.send("GET \(target) HTTP/1.1\r\nHost: \(host ?? "127.0.0.1:\(port)")\r\n\r\n")
        return browser.answer()
    }

    /// Whether anybody listens.
    static func reaches(_ port: UInt16) -> Bool { RawBrowser(port) != nil }
}
