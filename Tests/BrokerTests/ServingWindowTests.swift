import LocalAPI
import OAuth2
import TestSupport
import Testing

@testable import Broker

@Suite struct ServingWindowTests {
    private let start = Moment(sinceBoot: .seconds(1_000), sinceEpoch: .seconds(1_800_000_000))

    private func includes(_ window: ServingWindow, after elapsed: Duration) -> Bool {
        window.includes(start.sinceBoot + elapsed)
    }

    @Test(
        arguments: [
            // What is left, what must be left, for how long.
            (.milliseconds(5_400), .seconds(1), .milliseconds(400)),
            (.milliseconds(5_400), .milliseconds(5_300), .milliseconds(100)),
            (.milliseconds(5_400), .milliseconds(5_400), .zero),
            (.seconds(5), .seconds(1), .zero),
            (nil, .seconds(1), .seconds(1)),
        ] as [(Duration?, Duration, Duration)]
    )
    func `lasts until the second is over, or the token too old`(remaining: Duration?, margin: Duration, end: Duration) {
        let window = ServingWindow(remaining: remaining, margin: margin, now: start)
        #expect(includes(window, after: .zero) || end == .zero)
        #expect(end == .zero || includes(window, after: end - .nanoseconds(1)))
        #expect(!includes(window, after: end + .nanoseconds(1)))
        #expect(!includes(window, after: .nanoseconds(-1)))
    }

    @Test func `never says another number than a fetch would that is looked at anew`() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let remaining = Duration.nanoseconds(1_000_000_000 + generator.below(4_000_000_000))
            let window = ServingWindow(remaining: remaining, margin: .seconds(1), now: start)
            let elapsed = Duration.nanoseconds(generator.below(1_200_000_000))
            guard includes(window, after: elapsed) else { continue }
            let left = remaining - elapsed
            #expect(window.expiresIn == DecimalText(Int(left.components.seconds)) && left >= .seconds(1))
        }
    }

    @Test func `a lifetime without end overflows nothing`() {
        let window = ServingWindow(remaining: .seconds(Int64.max), margin: .seconds(10), now: start)
        #expect(window.expiresIn == DecimalText(.max))
    }
}
