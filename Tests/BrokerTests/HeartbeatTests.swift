import Testing
import TokenStore

@testable import Broker

/// When the service manager's watchdog hears nothing.
@Suite struct HeartbeatTests {
    private typealias Work = Heartbeat.Look.Work

    /// What each look of a row shows: whether the loops turned since the one before, and what the store is at.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var sockets = true
        var refresh = true
        var work: @Sendable (_ look: Int) -> [Heartbeat.Look.Work] = { _ in [] }
        let faults: [Heartbeat.Fault]
    }

    private static let table: [Row] = [
        Row(testDescription: "all is well", faults: []),
        Row(testDescription: "the socket loop stands", sockets: false, faults: [.socketLoop]),
        Row(testDescription: "the refresh loop stands", refresh: false, faults: [.refreshLoop]),
        Row(
            testDescription: "all stands",
            sockets: false,
            refresh: false,
            work: { _ in [Work(number: 1, waitsForThread: true)] },
            faults: [.socketLoop, .refreshLoop, .store]
        ),
        Row(
            testDescription: "one piece of work waits for another thread",
            work: { _ in [Work(number: 1, waitsForThread: true)] },
            faults: [.store]
        ),
        Row(
            testDescription: "one piece of work waits for a disk",
            work: { _ in [Work(number: 1, waitsForThread: false)] },
            faults: []
        ),
        Row(
            testDescription: "one piece after the other waits for another thread",
            work: { [Work(number: UInt64($0), waitsForThread: true)] },
            faults: []
        ),
        Row(
            testDescription: "a piece of work waits for another thread now and then",
            work: { [Work(number: 1, waitsForThread: $0 % 3 != 0)] },
            faults: []
        ),
        Row(
            testDescription: "what is waited for may be what waits for a disk",
            work: { _ in [Work(number: 1, waitsForThread: true), Work(number: 2, waitsForThread: false)] },
            faults: []
        ),
        Row(
            testDescription: "two pieces of work wait for each other, and others come and go",
            work: { look in
                [1, 2, UInt64(3 + look)].map { Work(number: $0, waitsForThread: true) }
            },
            faults: [.store]
        ),
    ]

    @Test(arguments: table) func `a fault counts when it has lasted for an interval`(row: Row) {
        var heartbeat = Heartbeat()
        for look in 0...(2 * Heartbeat.looksPerInterval) {
            let faults = heartbeat.faults(
                in: Heartbeat.Look(
                    socketTurns: row.sockets ? UInt64(look) : 7,
                    refreshTurns: row.refresh ? UInt64(look) : 7,
                    work: row.work(look)
                )
            )
            #expect(faults == (look < Heartbeat.looksPerInterval ? [] : row.faults), "look \(look)")
        }
    }

    @Test func `a loop that turns once is given an interval again, and so is a store that goes on`() {
        var heartbeat = Heartbeat()
        var look = Heartbeat.Look(socketTurns: 1, refreshTurns: 1, work: [.init(number: 1, waitsForThread: true)])
        for _ in 0..<3 {
            for _ in 0..<Heartbeat.looksPerInterval { #expect(heartbeat.faults(in: look).isEmpty) }
            #expect(heartbeat.faults(in: look) == Heartbeat.Fault.allCases)
            look.socketTurns += 1
            look.refreshTurns += 1
            look.work[0].number += 1
        }
    }

    @Test func `a copy that lasts is no transaction that does`() {
        let work = StoreWork()
        work.note(.copy)
        #expect(work.pieces.count == 1 && work.pieces.transaction == nil)
        work.note(nil)
        work.note(.transaction)
        #expect(work.pieces.transaction != nil)
    }
}
