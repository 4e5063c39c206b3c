import Glibc
import LinuxHost
import LocalAPI
import Synchronization

@testable import tokenctl

/// A daemon that knows logins alone, on a Unix socket, whose words the test writes.
final class LoginDaemon: Sendable {
    /// What it was asked, and what became of the login's connection.
    enum Seen: Sendable, Equatable {
        case login(target: String)
        case redirect(LoginRedirectDocument)
        case hungUp
    }

    let seen: AsyncStream<Seen>
    private let seeing: AsyncStream<Seen>.Continuation
    private let plan: LoginPlanDocument
    private let socket: ListeningSocket
    private let stream = Mutex<Int32>(-1)

    /// What it answers to a redirect: whether a code came with it; nil for one that belongs to no login.
    private let judge: @Sendable (String) -> Bool?

    init(_ plan: LoginPlanDocument, judge: @escaping @Sendable (String) -> Bool? = { _ in nil }) throws {
        self.plan = plan
        self.judge = judge
        (seen, seeing) = AsyncStream<Seen>.makeStream()
        socket = try ListeningSocket()
        try HostThread.start(named: "login daemon") { [listener = socket.descriptor, weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0, let self else { return }
                self.serve(connection)
            }
        }
    }

    var path: String { socket.path }

    /// Tells the login `event`, as a chunk.
    func tell(_ event: LoginEvent) { tell(bytes: event.line) }

    /// Tells the login these bytes, as a chunk.
    func tell(bytes: [UInt8]) {
        stream.withLock { stream in
            Self.send(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [0x0D, 0x0A], stream)
        }
    }

    /// Closes the login's connection, with or without the end of the answer.
    func end(whole: Bool) {
        stream.withLock { stream in
            if whole { Self.send(Array("0\r\n\r\n".utf8), stream) }
            shutdown(stream, Int32(SHUT_RDWR))
        }
    }

    private func serve(_ connection: Int32) {
        let (head, body) = Self.readRequest(connection)
        let target = String(head.split(separator: " ").dropFirst().first ?? "")
        if head.hasPrefix("GET ") {
            Self.answer(200, DocumentCoding.encode(plan), connection)
        } else if target.hasSuffix("/redirect") {
            guard let document = try? DocumentCoding.decode(LoginRedirectDocument.self, from: body) else { return }
            if let granted = judge(document.redirect) {
                let answer = LoginRedirectAnswer(client: plan.client, granted: granted)
                Self.answer(200, DocumentCoding.encode(answer), connection)
            } else {
                let error = APIError(.invalidRequest, "the state differs", remedy: "Use the browser that was opened.")
                Self.answer(400, DocumentCoding.encode(error.document), connection)
            }
            seeing.yield(.redirect(document))
        } else {
            stream.withLock { $0 = connection }
            Self.send(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8), connection)
            seeing.yield(.login(target: target))
            try? HostThread.start(named: "login stream") { [seeing] in
                var byte: UInt8 = 0
                while unsafe recv(connection, &byte, 1, 0) > 0 {}
                seeing.yield(.hungUp)
            }
        }
    }

    private static func answer(_ status: Int, _ body: [UInt8], _ connection: Int32) {
        send(Array("HTTP/1.1 \(status) X\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body, connection)
        close(connection)
    }

    private static func send(_ bytes: [UInt8], _ connection: Int32) {
        _ = unsafe Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private static func readRequest(_ connection: Int32) -> (head: String, body: [UInt8]) {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while head.suffix(4) != [0x0D, 0x0A, 0x0D, 0x0A], unsafe recv(connection, &byte, 1, 0) == 1 {
            head.append(byte)
        }
        let text = String(decoding: head, as: UTF8.self)
        let length = text.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
            .flatMap { Int($0.dropFirst(16)) }
        var body: [UInt8] = []
        while body.count < length ?? 0, unsafe recv(connection, &byte, 1, 0) == 1 { body.append(byte) }
        return (text, body)
    }
}
