/// What the load generator saw, for the one who started it.
package struct LoadReport: Sendable, Equatable, Codable {
    /// Answers, all of them right, within the time measured.
    package var requests: Int
    package var seconds: Double

    /// In microseconds, from before a request was sent to its last byte's arrival; with new connections, from before the
    /// connection was made.
    package var p50: Double
    package var p99: Double
    package var p999: Double
    package var maximum: Double

    /// What the server's processes spent on processors meanwhile, in microseconds.
    package var serverMicroseconds: Double

    package init(_ histogram: Histogram, seconds: Double, serverMicroseconds: Double) {
        requests = histogram.count
        self.seconds = seconds
        p50 = histogram.quantile(0.5)
        p99 = histogram.quantile(0.99)
        p999 = histogram.quantile(0.999)
        maximum = histogram.maximum
        self.serverMicroseconds = serverMicroseconds
    }

    /// How many a second.
    package var rate: Double { Double(requests) / seconds }

    /// In microseconds.
    package var serverMicrosecondsPerRequest: Double { serverMicroseconds / Double(requests) }
}
