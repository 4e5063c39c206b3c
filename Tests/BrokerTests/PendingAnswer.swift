import LinuxHost
import LocalAPI
import OAuth2
import Synchronization

@testable import LocalServer

/// What came back for one request.
struct Answer: Sendable, Equatable {
    let status: Int
    let head: String
    let body: String

    init(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n"), let status = Int(text.split(separator: " ")[1]) else {
            throw RigError.noAnswer(text)
        }
        self.status = status
        head = String(text[..<end.lowerBound])
        body = String(text[end.upperBound...])
    }

    func document<Document: Decodable>(_ type: Document.Type) throws -> Document {
        try DocumentCoding.decode(type, from: Array(body.utf8))
    }

    var token: TokenDocument { get throws { try document(TokenDocument.self) } }

    var error: ErrorDocument { get throws { try document(ErrorDocument.self) } }

    func header(_ name: String) -> String? {
        head.split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
    }
}

enum RigError: Error {
    case noAnswer(String)
    case ended
}

/// A request under way on a connection of its own, as the sockets' server would hold it.
final class PendingAnswer: Sendable {
    let connection: ConnectionID
    let responder: Responder
    private let inbox: Inbox
    private let rings: AsyncStream<Void>
    private let untaken = Mutex<[Inbox.Message]>([])

    /// Who else waits for what is to be heard.
    private final class Listener: Sendable {
        let call = Mutex<(@Sendable () -> Void)?>(nil)
    }

    private let listener = Listener()

    init(connection number: Int32) {
        let (rings, ring) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.rings = rings
        inbox = Inbox { [listener] in
            ring.yield()
            listener.call.withLock { $0 }?()
        }
        connection = ConnectionID(descriptor: -number, serial: UInt64(number))
        responder = Responder(exchange: Exchange(connection: connection, number: 1), closes: false, inbox: inbox)
        _ = inbox.fallAsleep()
    }

    /// Calls `body` whenever there is something to be heard.
    func onRing(_ body: @escaping @Sendable () -> Void) { listener.call.withLock { $0 = body } }

    /// The answer, if it is there.
    var now: Answer? {
        get throws {
            collect()
            return try untaken.withLock { untaken in
                guard case .answer(_, let bytes)? = untaken.first else { return nil }
                return try Answer(bytes)
            }
        }
    }

    /// Waits for the answer.
    func answer() async throws -> Answer {
        while true {
            if let answer = try now { return answer }
            try await ring()
        }
    }

    /// How many answers there are; one is right.
    var answerCount: Int {
        collect()
        return untaken.withLock { $0.count { if case .answer = $0 { true } else { false } } }
    }

    /// The stream's next line; nil at its end.
    func line() async throws -> String? {
        while true {
            collect()
            let (line, isOver) = untaken.withLock { untaken -> (String?, Bool) in
                while !untaken.isEmpty {
                    switch untaken.removeFirst() {
                    case .chunk(_, let bytes): return (String(decoding: bytes, as: UTF8.self), false)
                    case .endStream: return (nil, true)
                    default: break
                    }
                }
                return (nil, false)
            }
            if isOver { return nil }
            if let line { return line }
            try await ring()
        }
    }

    /// The stream's lines that are there already.
    var lines: [String] {
        collect()
        return untaken.withLock { untaken in
            defer { untaken = [] }
            return untaken.compactMap {
                if case .chunk(_, let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { nil }
            }
        }
    }

    /// The next event of a watch; heartbeats are passed over.
    func event() async throws -> WatchEvent? {
        while let line = try await line() {
            if line != "\n" { return try DocumentCoding.decode(WatchEvent.self, from: Array(line.utf8)) }
        }
        return nil
    }

    private func ring() async throws {
        guard inbox.fallAsleep() else { return }
        for await _ in rings { return }
        throw RigError.ended
    }

    private func collect() {
        var messages: [Inbox.Message] = []
        inbox.take(into: &messages)
        untaken.withLock { untaken in
            untaken += messages.map { message in
                if case .awaitedChunk(let exchange, let bytes, _) = message { .chunk(exchange, bytes) } else { message }
            }
        }
        for case .awaitedChunk(_, _, let taken) in messages { taken(true) }
    }
}
