import Benchmarking
import CLinux
import Glibc
import LinuxHost

/// Connections with one request under way each, on one thread.
///
/// Its descriptors are closed as the process ends.
struct Load {
    /// What is known of a connection, by its descriptor.
    private struct Exchange {
        /// In nanoseconds, when it was asked.
        var started: UInt64 = 0
        /// How much of the answer has come.
        var received = 0
    }

    private let path: String
    private let epoll: Int32
    private let request: [UInt8]
    /// The sample's first line.
    private let beginning: [UInt8]
    private let length: Int
    private let reconnects: Bool
    private var exchanges: [Exchange]
    private var histogram = Histogram()
    private var isMeasuring = false

    /// How many connections one call of epoll_wait reports at most.
    private static let batch = 256

    /// Only what comes anew is reported (EPOLLET): each answer is read whole, or as much of it as there is.
    private static let newlyReadable = CLINUX_EPOLLIN | 1 << 31

    init(
        on path: String,
        request: [UInt8],
        sample: [UInt8],
        connections: Int,
        reconnects: Bool
    ) throws {
        epoll = clinux_epoll_create()
        guard epoll >= 0 else { throw HostError.last("epoll_create1") }
        self.path = path
        self.request = request
        self.reconnects = reconnects
        length = sample.count
        beginning = Array(sample[...(sample.firstIndex(of: UInt8(ascii: "\n")) ?? sample.count - 1)])
        exchanges = Array(repeating: Exchange(), count: connections + 64)
        for _ in 0..<connections { try connect(at: MonotonicTime.nanoseconds) }
    }

    /// In nanoseconds each.
    mutating func run(warmUp: UInt64, measured: UInt64, clocks: [ProcessorClock]) throws -> LoadReport {
        var ready = [clinux_ready](repeating: clinux_ready(), count: Self.batch)
        // A buffer that takes an answer and more than that, so that one that is too long is seen.
        var buffer = [UInt8](repeating: 0, count: length + 4_096)
        var now = MonotonicTime.nanoseconds
        let begin = now + warmUp
        var (start, spent): (UInt64, UInt64) = (0, 0)
        while true {
            let count = unsafe clinux_epoll_wait(epoll, &ready, Int32(Self.batch), Self.patience)
            guard count > 0 else { throw BenchmarkFailure("no answer for \(Self.patience) ms") }
            for index in 0..<Int(count) { now = try receive(ready[index].descriptor, into: &buffer) }
            if isMeasuring, now >= start + measured { break }
            if !isMeasuring, now >= begin {
                isMeasuring = true
                spent = Self.sum(clocks)
                now = MonotonicTime.nanoseconds
                start = now
            }
        }
        spent = Self.sum(clocks) - spent
        let seconds = Double(MonotonicTime.nanoseconds - start) / 1e9
        return LoadReport(histogram, seconds: seconds, serverMicroseconds: Double(spent) / 1_000)
    }

    /// In milliseconds; a server that says nothing for so long is stuck.
    private static let patience: Int32 = 10_000

    private static func sum(_ clocks: [ProcessorClock]) -> UInt64 { clocks.reduce(0) { $0 + $1.nanoseconds } }

    /// Takes what there is of an answer, and asks anew when it is whole; the time then.
    private mutating func receive(_ descriptor: Int32, into buffer: inout [UInt8]) throws -> UInt64 {
        let count = unsafe recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        let now = MonotonicTime.nanoseconds
        if count < 0, errno == EAGAIN || errno == EINTR { return now }
        guard count > 0 else { throw BenchmarkFailure("the server ended a connection before an answer was whole") }
        let place = Int(descriptor)
        if exchanges[place].received == 0, !buffer.starts(with: beginning) {
            let line = buffer[..<count].prefix(64).prefix { $0 >= 0x20 }
            throw BenchmarkFailure("another answer: \(String(decoding: line, as: UTF8.self))")
        }
        exchanges[place].received += count
        guard exchanges[place].received <= length else {
            throw BenchmarkFailure("an answer of \(exchanges[place].received) bytes in place of \(length)")
        }
        guard exchanges[place].received == length else { return now }
        if isMeasuring { histogram.record(nanoseconds: now - exchanges[place].started) }
        if reconnects {
            close(descriptor)
            try connect(at: now)
        } else {
            try ask(descriptor, at: now)
        }
        return now
    }

    private mutating func connect(at now: UInt64) throws {
        // One that blocks: with a full backlog it waits.
        let descriptor = clinux_unix_stream(0)
        guard descriptor >= 0 else { throw HostError.last("socket") }
        guard unsafe clinux_unix_connect(descriptor, path) == 0 else { throw HostError.last("connect", path: path) }
        while exchanges.count <= Int(descriptor) { exchanges.append(Exchange()) }
        try ask(descriptor, at: now)
        guard clinux_epoll_add(epoll, descriptor, Self.newlyReadable) == 0 else {
            throw HostError.last("epoll_ctl")
        }
    }

    private mutating func ask(_ descriptor: Int32, at now: UInt64) throws {
        exchanges[Int(descriptor)] = Exchange(started: now)
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        let sent = unsafe request.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress, $0.count, flags) }
        guard sent == request.count else { throw HostError.last("send", path: path) }
    }
}
