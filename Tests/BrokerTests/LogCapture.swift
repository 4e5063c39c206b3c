import Logging
import Synchronization

/// Keeps every log line as text, whatever its level.
final class LogCapture: Sendable {
    private struct State {
        var lines: [String] = []
        var onLine: @Sendable () -> Void = {}
    }

    private let state = Mutex(State())

    /// Level, message and metadata of each event, the oldest first.
    var lines: [String] { state.withLock { $0.lines } }

    /// The lines that contain `text`.
    func lines(with text: String) -> [String] { lines.filter { $0.contains(text) } }

    func onLine(_ listener: @escaping @Sendable () -> Void) { state.withLock { $0.onLine = listener } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(capture: self) }
        logger.logLevel = .trace
        return logger
    }

    private func append(_ line: String) {
        let listener = state.withLock { state in
            state.lines.append(line)
            return state.onLine
        }
        listener()
    }

    private struct Handler: LogHandler {
        let capture: LogCapture
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            let pairs = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            capture.append("\(event.level) \(event.message) " + pairs.joined(separator: " "))
        }
    }
}
