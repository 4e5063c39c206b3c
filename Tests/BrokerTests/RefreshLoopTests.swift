import Broker
import OAuth2
import Synchronization
import Testing

/// The thread that fires deadlines, by the kernel's clocks.
@Suite(.timeLimit(.minutes(5))) struct RefreshLoopTests {
    private let deadlines = Deadlines()
    private let kernel = TimeSource.kernel()

    @Test func `deadlines fire by themselves, those set later too`() async throws {
        let loop = try RefreshLoop(deadlines: deadlines, time: kernel, onClockChange: {})
        let (fired, fire) = AsyncStream<Int>.makeStream()
        var firings = fired.makeAsyncIterator()
        let timers = (0..<3).map { number in deadlines.timer { fire.yield(number) } }
        timers[0].set(at: kernel.now().sinceBoot)
        try loop.start()
        defer { loop.stop() }
        #expect(await firings.next() == 0)
        timers[2].set(at: kernel.now().sinceBoot + .seconds(3_600))
        // Earlier than what the loop sleeps for.
        timers[1].set(at: kernel.now().sinceBoot)
        #expect(await firings.next() == 1)
        #expect(loop.turns > 0)
        #expect(deadlines.next.map { $0 > kernel.now().sinceBoot } == true)
    }

    @Test func `a wall clock that is set is noticed, one that is disciplined is not`() async throws {
        let wall = Mutex(Duration.zero)
        let kernel = kernel
        let (changes, change) = AsyncStream<Duration>.makeStream()
        var seen = changes.makeAsyncIterator()
        let time = TimeSource(boot: kernel.boot) { () -> Moment in
            let now = kernel.now()
            return Moment(sinceBoot: now.sinceBoot, sinceEpoch: now.sinceEpoch + wall.withLock { $0 })
        }
        let loop = try RefreshLoop(deadlines: deadlines, time: time) { change.yield(wall.withLock { $0 }) }
        let (turns, turn) = AsyncStream<Void>.makeStream()
        var turned = turns.makeAsyncIterator()
        let timer = deadlines.timer { turn.yield() }
        try loop.start()
        defer { loop.stop() }
        for offset in [Duration.seconds(1), .seconds(61), .seconds(60), .seconds(-60)] {
            wall.withLock { $0 = offset }
            timer.set(at: kernel.now().sinceBoot)
            await turned.next()
        }
        #expect(await seen.next() == .seconds(61))
        #expect(await seen.next() == .seconds(-60))
    }
}
