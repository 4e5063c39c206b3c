package import Foundation
package import Logging

/// Writes each event as one line to standard error.
package struct StandardErrorLogHandler: LogHandler {
    /// How a line begins.
    package enum Style: Sendable {
        /// With time and level, for people and files.
        case plain

        /// With the priority in angle brackets (sd-daemon(3)), for a service manager, which knows the time.
        case prioritized
    }

    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level = .info
    private let style: Style
    private let output: FileHandle
    private let now: @Sendable () -> Date

    /// Writes to `output`, with the time of `now` where the style has it.
    package init(style: Style, output: FileHandle = .standardError, now: @escaping @Sendable () -> Date = { Date() }) {
        self.style = style
        self.output = output
        self.now = now
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let text = LogText.line(
            message: event.message.description,
            metadata: event.joined(to: metadata, provider: metadataProvider)
        )
        let line =
            switch style {
            case .plain: "\(now().formatted(.iso8601WithMilliseconds)) \(event.level) \(text)\n"
            case .prioritized: "<\(event.level.priority)>\(text)\n"
            }
        // One write a line, so that lines of several threads do not mix. Nobody is left to tell when it fails.
        try? output.write(contentsOf: Data(line.utf8))
    }
}

extension FormatStyle where Self == Date.ISO8601FormatStyle {
    fileprivate static var iso8601WithMilliseconds: Self { .init(includingFractionalSeconds: true) }
}
