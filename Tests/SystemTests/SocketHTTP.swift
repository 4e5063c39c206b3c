import Foundation
import Glibc
import Synchronization

/// A caller on a Unix socket: one request on a connection of its own, as a blocking program does it.
enum SocketHTTP {
    struct Answer: Sendable {
        let status: Int
        let head: String
        let body: String

        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
        }

        func string(_ member: String) -> String? { json[member] as? String }
    }

    static func get(_ path: String, on socket: String, accept: String = "application/json") async throws -> Answer {
        try await exchange(
            "GET \(path) HTTP/1.1\r\nHost: x\r\nAccept: \(accept)\r\nConnection: close\r\n\r\n",
            on: socket
        )
    }

    static func post(
        _ path: String,
        form: String = "",
        contentType: String = "application/x-www-form-urlencoded",
        on socket: String,
        authorization: String? = nil
    ) async throws -> Answer {
        let credentials = authorization.map { "Authorization: \($0)\r\n" } ?? ""
        return try await exchange(
            "POST \(path) HTTP/1.1\r\nHost: x\r\n\(credentials)Content-Type: \(contentType)\r\n"
                + "Content-Length: \(form.utf8.count)\r\nConnection: close\r\n\r\n\(form)",
            on: socket
        )
    }

    /// Asks, and is gone before it is answered.
    static func askAndHangUp(_ path: String, on socket: String) throws {
        let descriptor = try connected(to: socket, "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
        close(descriptor)
    }

    private static func exchange(_ request: String, on socket: String) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try blockingExchange(request, on: socket) }) }
        }
    }

    fileprivate static func blockingExchange(_ request: String, on path: String) throws -> Answer {
        let descriptor = try connected(to: path, request)
        defer { close(descriptor) }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        let text = String(decoding: answer, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n"), let status = Int(text.dropFirst(9).prefix(3)) else {
            throw POSIXError(.EBADMSG)
        }
        return Answer(status: status, head: String(text[..<end.lowerBound]), body: String(text[end.upperBound...]))
    }

    /// A descriptor of a connection on which `request` was sent.
    private static func connected(to path: String, _ request: String) throws -> Int32 {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let connected = unsafe withUnixAddress(path) { unsafe connect(descriptor, $0, $1) }
        let bytes = Array(request.utf8)
        guard connected == 0, unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            let code = POSIXErrorCode(rawValue: errno) ?? .EIO
            close(descriptor)
            throw POSIXError(code)
        }
        return descriptor
    }
}

/// A caller that fetches without a pause, on a thread of its own, until it is stopped.
final class TirelessCaller: Sendable {
    private let isStopped = Mutex(false)
    private let end = AsyncStream<[Int]>.makeStream()

    init(_ path: String, on socket: String) {
        Thread.detachNewThread { [self] in
            var statuses: [Int] = []
            while !isStopped.withLock({ $0 }) {
                let request = "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                // An exchange that fails has the status of none.
                statuses.append((try? SocketHTTP.blockingExchange(request, on: socket).status) ?? 0)
            }
            end.continuation.yield(statuses)
            end.continuation.finish()
        }
    }

    /// Ends it, and returns the status of every answer.
    func stop() async -> [Int] {
        isStopped.withLock { $0 = true }
        for await statuses in end.stream { return statuses }
        return []
    }
}
