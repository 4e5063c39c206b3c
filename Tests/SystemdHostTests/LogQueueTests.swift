import Foundation
import Logging
import Synchronization
import Testing

@testable import SystemdHost

@Suite(.timeLimit(.minutes(5))) struct LogQueueTests {
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

    private static let alarm = "0c86cd144c0c48308be004d5b8d07b9b"
    private static let wide = LogRates(
        ordinary: LogShare(burst: 10_000, perSecond: 1),
        eachKind: LogShare(burst: 10_000, perSecond: 1),
        debug: LogShare(burst: 10_000, perSecond: 1),
        reserved: [alarm: LogShare(named: "alarms", burst: 10_000, perSecond: 1)]
    )

    @Test func `A reader that stalls stops nobody, and what was dropped is told when it reads on`() {
        let reader = Reader()
        let queue = LogQueue(capacity: 3, rates: Self.wide) { .zero }
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
        let queue = LogQueue(rates: Self.wide) { .zero }
        #expect(queue.flush(within: .seconds(30)))
        var logger = Logger(label: "test") { _ in queue.handler(before: Handler(reader: reader)) }
        logger[metadataKey: "client"] = "billing"
        logger.info("one")
        logger[metadataKey: "client"] = "sales"
        logger.info("two", metadata: ["more": "1"])
        #expect(queue.flush(within: .seconds(30)))
        #expect(reader.lines.withLock { $0 } == ["one client=billing", "two client=sales more=1"])
    }

    @Test func `What has a share of its own waits for a reader that stalls when nothing else does`() {
        let reader = Reader()
        let queue = LogQueue(capacity: 3, rates: Self.wide) { .zero }
        let logger = Logger(label: "test") { _ in queue.handler(before: Handler(reader: reader)) }
        logger.info("first")
        reader.isReading.wait()
        for _ in 0..<5 { logger.info("event") }
        logger.error("alarm", metadata: [LogField.messageID: "\(Self.alarm)"])
        reader.mayGoOn.signal()
        #expect(queue.flush(within: .seconds(30)))
        #expect(
            reader.lines.withLock { $0 } == [
                "first", "event", "event", "event", "Log events were dropped, for nobody read the log count=2", "alarm",
            ]
        )
    }

    @Test func `Messages of a kind that are too many are counted, and others are written`() {
        let reader = Reader()
        reader.mayGoOn.signal()
        let rates = LogRates(
            ordinary: LogShare(burst: 4, perSecond: 1),
            eachKind: LogShare(burst: 2, perSecond: 1),
            debug: LogShare(burst: 1, perSecond: 1),
            reserved: [Self.alarm: LogShare(named: "alarms", burst: 2, perSecond: 1)]
        )
        let time = Mutex<Duration>(.zero)
        let queue = LogQueue(capacity: 100, rates: rates) { time.withLock { $0 } }
        var logger = Logger(label: "test") { _ in queue.handler(before: Handler(reader: reader)) }
        logger.logLevel = .trace
        for number in 0..<5 { logger.info("one", metadata: ["number": "\(number)"]) }
        for _ in 0..<3 { logger.trace("deep", metadata: [LogField.messageID: "42da240c1010472783c30de95bab4f1a"]) }
        for kind in ["two", "three", "four"] { logger.info("\(kind)") }
        for _ in 0..<2 { logger.error("alarm", metadata: [LogField.messageID: "\(Self.alarm)"]) }
        #expect(queue.flush(within: .seconds(30)))
        #expect(
            reader.lines.withLock { $0 } == [
                "one number=0", "one number=1", "deep", "two", "three", "alarm", "alarm",
                "Messages of a kind were too many to be written one by one count=2 kind=deep",
                "Messages of a kind were too many to be written one by one count=1 kind=four",
                "Messages of a kind were too many to be written one by one count=3 kind=one",
            ]
        )
        // Shares come back with time.
        time.withLock { $0 = .seconds(2) }
        for number in 5..<8 { logger.info("one", metadata: ["number": "\(number)"]) }
        #expect(queue.flush(within: .seconds(30)))
        #expect(
            reader.lines.withLock { $0.suffix(3) } == [
                "one number=5", "one number=6",
                "Messages of a kind were too many to be written one by one count=1 kind=one",
            ]
        )
    }

    @Test func `Of kinds without end no more are counted one by one than can be kept`() {
        let one = LogShare(burst: 1, perSecond: 1)
        var account = LogAccount(rates: LogRates(ordinary: one, eachKind: one, debug: one))
        let handler = StandardErrorLogHandler(style: .plain)
        for number in 0..<1_000 {
            let event = LogEvent(
                level: .info,
                message: "m\(number)",
                metadata: nil,
                source: nil,
                file: "",
                function: "",
                line: 0
            )
            #expect(account.take(event, for: handler, at: .zero) == (number == 0))
        }
        #expect(account.noteDue == LogAccount.noteInterval)
        let leftOut = account.takeLeftOut()
        #expect(leftOut.count == LogAccount.mostKinds + 1)
        #expect(leftOut.reduce(0) { $0 + $1.count } == 999)
        #expect(account.noteDue == nil && account.takeLeftOut().isEmpty)
    }

    @Test func `What was left out is told though nothing else comes`() async {
        let (lines, line) = AsyncStream<String>.makeStream()
        struct Telling: LogHandler {
            let line: AsyncStream<String>.Continuation
            var metadata: Logger.Metadata = [:]
            var metadataProvider: Logger.MetadataProvider?
            var logLevel: Logger.Level = .trace
            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }
            func log(event: LogEvent) { line.yield(event.message.description) }
        }
        let one = LogShare(burst: 1, perSecond: 1)
        // A clock on which the time to tell it has come as soon as anybody looks again.
        let looks = Mutex<Int>(0)
        let queue = LogQueue(capacity: 100, rates: LogRates(ordinary: one, eachKind: one, debug: one)) {
            let number = looks.withLock { looks in
                looks += 1
                return looks
            }
            return number < 3 ? .zero : LogAccount.noteInterval
        }
        let logger = Logger(label: "test") { _ in queue.handler(before: Telling(line: line)) }
        logger.info("m")
        logger.info("m")
        var iterator = lines.makeAsyncIterator()
        #expect(await iterator.next() == "m")
        #expect(await iterator.next() == LogNote.messagesTooMany.text)
    }
}
