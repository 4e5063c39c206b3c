import Glibc

/// Requests one after the other on a kept connection, in turn, and how long each kind took.
struct Load {
    private var figures: [Figures]

    private struct Figures {
        /// In nanoseconds.
        var times: [UInt64] = []
        /// How often each status was answered; an exchange that failed has 0.
        var statuses: [Int: Int] = [:]

        mutating func add(_ time: UInt64, status: Int) {
            times.append(time)
            statuses[status, default: 0] += 1
        }

        /// In microseconds.
        func quantile(_ part: Double) -> Double {
            let sorted = times.sorted()
            return Double(sorted[Int(Double(sorted.count - 1) * part)]) / 1_000
        }
    }

    /// - Parameter count: How often each request is made.
    init(_ requests: [Request], count: Int, on path: String) throws(Failure) {
        figures = Array(repeating: Figures(), count: requests.count)
        var connection = try Connection(to: path)
        for _ in 0..<count {
            for (index, request) in requests.enumerated() {
                let start = Self.now()
                do throws(Failure) {
                    let answer = try connection.exchange(request)
                    figures[index].add(Self.now() - start, status: answer.status)
                } catch {
                    figures[index].add(Self.now() - start, status: 0)
                    connection.close()
                    connection = try Connection(to: path)
                }
            }
        }
        connection.close()
    }

    /// A JSON array with an object a request.
    var summary: String {
        let objects = figures.map { figures in
            let statuses = figures.statuses.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
            return """
                {"statuses":{\(statuses.joined(separator: ","))},"p50":\(figures.quantile(0.5)),\
                "p99":\(figures.quantile(0.99)),"max":\(figures.quantile(1))}
                """
        }
        return "[\(objects.joined(separator: ","))]"
    }

    private static func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
