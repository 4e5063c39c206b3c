import Logging
import Testing

@testable import Broker
@testable import SystemdHost

/// What journald takes of a service is enough for all that the daemon can have to say.
@Suite struct LogRatesTests {
    private struct Handler: LogHandler {
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?
        var logLevel: Logger.Level = .trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {}
    }

    private var account = LogAccount(rates: .tokenbroker)

    private func event(_ message: LogMessage, _ level: Logger.Level? = nil) -> LogEvent {
        LogEvent(
            level: level ?? message.form.level,
            message: "\(message.form.text)",
            metadata: [LogField.messageID: "\(message.form.id)"],
            source: nil,
            file: "",
            function: "",
            line: 0
        )
    }

    /// How many of `count` events are written.
    private mutating func take(_ count: Int, _ event: LogEvent, at now: Duration = .zero) -> Int {
        (0..<count).count { _ in account.take(event, for: Handler(), at: now) }
    }

    @Test func `the shares together are less than journald takes`() {
        #expect(LogRates.journalBurst == 10_000 && LogRates.journalInterval == .seconds(30))
        #expect(LogRates.tokenbroker.areWithinJournalLimit)
        #expect(LogRates.tokenbroker.most(in: LogRates.journalInterval) < 9_700)
        // And with it the refusals of any number of users leave room for what others do.
        #expect(LogAllowance.burstOfRefusals + 30 * LogAllowance.perSecond < LogRates.tokenbroker.ordinary.burst)
    }

    /// Ten thousand clients that fail, start and are reloaded, users who are refused, an operator's loop, a library that
    /// traces: as much of each kind as there can be, and more.
    @Test mutating func `whatever comes at once, no more is written than journald takes, and trouble all the same`() {
        var written = 0
        var troubles = 0
        for second in 0..<30 {
            let now: Duration = .seconds(second)
            for message in LogMessage.allCases where message.share == nil || message == .operatorCommand {
                written += take(second == 0 ? 2_500 : 100, event(message), at: now)
            }
            written += take(1_000, event(.ready, .trace), at: now)
            // The rest speaks when all others have used up what is theirs.
            let said = take(TroubleWatch.linesPerSecond, event(.loginRequired), at: now)
            #expect(said == TroubleWatch.linesPerSecond)
            troubles += said
            for alarm in [LogMessage.storeWriteFailed, .grantUnsaved, .fileLost, .reloadRefused, .alarmCleared] {
                let said = take(1, event(alarm), at: now)
                #expect(said == 1)
                written += said
            }
        }
        let notes = account.takeLeftOut()
        #expect(written + troubles + LogAccount.mostNotes(in: .seconds(30)) < LogRates.journalBurst)
        #expect(troubles == 30 * TroubleWatch.linesPerSecond)
        // What was not written is counted, kind by kind.
        let ordinary = LogMessage.allCases.count { $0.share == nil }
        #expect(notes.count >= ordinary)
        #expect(notes.allSatisfy { $0.count > 0 })
    }

    @Test mutating func `warnings of refresh tokens that end are all written, whatever else there is to be said`() {
        for second in 0..<180 {
            let now: Duration = .seconds(second)
            _ = take(2_500, event(.tokenServed), at: now)
            _ = take(2_500, event(.tokenNotServed), at: now)
            #expect(take(TroubleWatch.linesPerSecond, event(.loginRequired), at: now) == TroubleWatch.linesPerSecond)
            guard second % 60 == 0 else { continue }
            #expect(take(Broker.warningsPerRound, event(.refreshTokenEnds), at: now) == Broker.warningsPerRound)
        }
    }

    @Test mutating func `one kind leaves room for others`() {
        #expect(take(10_000, event(.tokenRequestFailed)) == 2_000)
        #expect(take(100, event(.refreshTokenRefused)) == 100)
        #expect(take(100, event(.configurationDoubt)) == 100)
    }

    @Test mutating func `debugging takes nothing from what is worth more`() {
        _ = take(10_000, event(.tokenRequestFailed, .debug))
        #expect(take(10, event(.tokenRequestFailed, .trace)) == 0)
        #expect(take(10, event(.tokenRequestFailed)) == 10)
        // Nor does it take from what has a share of its own.
        _ = take(10_000, event(.operatorCommand, .debug))
        #expect(take(500, event(.operatorCommand)) == 500)
    }

    @Test func `a start that fails again and again for each of ten thousand clients writes a few lines`() {
        let problems = (1...10_000).map { "clients.c\($0): wrong" }
        func lines(_ count: Int) -> [String] {
            StartFailure(.configuration, problems.prefix(count).joined(separator: "\n")).logLines
        }
        #expect(lines(20) == Array(problems.prefix(20)))
        #expect(lines(10_000) == problems.prefix(20) + ["and 9980 more problems, which `tokenctl check` tells"])
    }
}
