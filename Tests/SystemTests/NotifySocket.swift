import Foundation
import Glibc

/// The service manager's end of sd_notify(3).
final class NotifySocket: Sendable {
    let path: String
    private let descriptor: Int32
    private let inbox: Inbox

    /// Keeps what was not waited for yet, so that no message is missed between two waits.
    private actor Inbox {
        private var messages: [String] = []
        private var isClosed = false
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func add(_ message: String?) {
            if let message { messages.append(message) } else { isClosed = true }
            for continuation in waiting { continuation.resume() }
            waiting = []
        }

        func next(_ matches: @Sendable (String) -> Bool) async -> String? {
            while true {
                if let index = messages.firstIndex(where: matches) {
                    let message = messages[index]
                    messages.removeSubrange(...index)
                    return message
                }
                if isClosed { return nil }
                await withCheckedContinuation { waiting.append($0) }
            }
        }
    }

    init() throws {
        path = "/tmp/tb-notify-\(UUID().uuidString.prefix(13))"
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        let inbox = Inbox()
        self.inbox = inbox
        let bound = unsafe withUnixAddress(path) { unsafe bind(descriptor, $0, $1) }
        guard bound == 0 else { throw POSIXError(.EADDRINUSE) }
        let (messages, continuation) = AsyncStream<String>.makeStream()
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 8192)
            while true {
                let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                continuation.yield(String(decoding: buffer[..<count], as: UTF8.self))
            }
            continuation.finish()
            Glibc.close(descriptor)
        }
        Task {
            for await message in messages { await inbox.add(message) }
            await inbox.add(nil)
        }
    }

    deinit { unsafe unlink(path) }

    /// The next message that `matches`, dropping those before it; nil after the sender's end.
    func wait(for matches: @Sendable (String) -> Bool) async -> String? { await inbox.next(matches) }

    /// Wakes the reader, which then ends.
    func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

func withUnixAddress<Result>(
    _ path: String,
    _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
) rethrows -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8.prefix(107))
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    return try unsafe withUnsafePointer(to: &address) { pointer in
        try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            try unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
