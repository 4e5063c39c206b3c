import Logging
import Synchronization

/// Keeps every log line as text, whatever its level.
final class LogCapture: Sendable {
    private struct State {
        var lines: [String] = []
        var ids: [String] = []
        var onLine: @Sendable () -> Void = {}
    }

    private let state = Mutex(State())

    /// Level, message and metadata of each event, the oldest first.
    var lines: [String] { state.withLock { $0.lines } }

    /// The id of each event's kind, for people no part of its line.
    var ids: [String] { state.withLock { $0.ids } }

    /// The lines that contain `text`.
    func lines(with text: String) -> [String] { lines.filter { $0.contains(text) } }

    func onLine(_ listener: @escaping @Sendable () -> Void) { state.withLock { $0.onLine = listener } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(capture: self) }
        logger.logLevel = .trace
        return logger
    }

    private func append(_ line: String, id: String) {
        let listener = state.withLock { state in
            state.lines.append(line)
            state.ids.append(id)
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
            let shown = all.filter { $0.key != "message_id" }
            let pairs = shown.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            capture.append(
                "\(event.level) \(event.message) " + pairs.joined(separator: " "),
                id: "\(all["message_id"] ?? "")"
            )
        }
    }
}
