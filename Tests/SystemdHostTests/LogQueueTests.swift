import Foundation
import Logging
import Synchronization
import Testing

@testable import SystemdHost

@Suite(.timeLimit(.minutes(1))) struct LogQueueTests {
    /// A log whose reader can stall.
    private final class Reader: Sendable {
        let lines = Mutex<[String]>([])
        let isReading = DispatchSemaphore(value: 0)
        let mayGoOn = DispatchSemaphore(value: 0)

        func read(_ line: String) {
            let isFirst = lines.withLock { lines in
                lines.append(line)
                return lines.count == 1
            }
            guard isFirst else { return }
            isReading.signal()
            mayGoOn.wait()
        }
    }

    private struct Handler: LogHandler {
        let reader: Reader
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?
        var logLevel: Logger.Level = .trace

        init(reader: Reader) { self.reader = reader }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            reader.read(LogText.line(message: event.message.description, metadata: event.metadata ?? [:]))
        }
    }

    @Test func `A reader that stalls stops nobody, and what was dropped is told when it reads on`() {
        let reader = Reader()
        let queue = LogQueue(capacity: 3)
        let logger = Logger(label: "test") { _ in queue.handler(before: Handler(reader: reader)) }
        logger.info("first")
        reader.isReading.wait()
        // The first is being read; three wait, and the rest is dropped.
        for number in 0..<10 { logger.info("event", metadata: ["number": "\(number)"]) }
        #expect(!queue.flush(within: .milliseconds(1)))
        reader.mayGoOn.signal()
        #expect(queue.flush(within: .seconds(30)))
        logger.info("last")
        #expect(queue.flush(within: .seconds(30)))
        #expect(
            reader.lines.withLock { $0 } == [
                "first", "event number=0", "event number=1", "event number=2",
                "Log events were dropped, for nobody read the log count=7", "last",
            ]
        )
    }

    @Test func `The metadata of the moment goes with an event, and nothing waits for a queue that was never used`() {
        let reader = Reader()
        reader.mayGoOn.signal()
        let queue = LogQueue()
        #expect(queue.flush(within: .seconds(30)))
        var logger = Logger(label: "test") { _ in queue.handler(before: Handler(reader: reader)) }
        logger[metadataKey: "client"] = "billing"
        logger.info("one")
        logger[metadataKey: "client"] = "sales"
        logger.info("two", metadata: ["more": "1"])
        #expect(queue.flush(within: .seconds(30)))
        #expect(reader.lines.withLock { $0 } == ["one client=billing", "two client=sales more=1"])
    }
}
