import Benchmarking
import TestSupport
import Testing

@Suite struct HistogramTests {
    @Test(arguments: [UInt64(0), 1, 63, 64, 127, 128, 1_000, 65_535, 123_456_789, .max >> 11])
    func `A time is told within one part in a hundred`(nanoseconds: UInt64) {
        var histogram = Histogram()
        histogram.record(nanoseconds: nanoseconds)
        // A greater one, so that the greatest of all does not correct it.
        histogram.record(nanoseconds: .max)
        let microseconds = Double(nanoseconds) / 1_000
        #expect(abs(histogram.quantile(0.5) - microseconds) <= microseconds * 0.01)
    }

    @Test func `Quantiles are those of the sorted times`() {
        var generator = SeededGenerator(seed: 1)
        var histogram = Histogram()
        var times: [UInt64] = []
        for _ in 0..<10_000 {
            let time = UInt64.random(in: 1_000...1_000_000, using: &generator)
            times.append(time)
            histogram.record(nanoseconds: time)
        }
        times.sort()
        for part in [0.001, 0.5, 0.99, 0.999, 1] {
            let exact = Double(times[Int((part * 10_000).rounded(.up)) - 1]) / 1_000
            #expect(abs(histogram.quantile(part) - exact) <= exact * 0.016, "\(part)")
        }
        #expect(histogram.maximum == Double(times[9_999]) / 1_000)
        #expect(abs(histogram.mean - Double(times.reduce(0, +)) / 1e7) < 0.001)
    }

    @Test func `Histograms add up`() {
        var (left, right, both) = (Histogram(), Histogram(), Histogram())
        for time in UInt64(1)...1_000 {
            if time.isMultiple(of: 3) { left.record(nanoseconds: time) } else { right.record(nanoseconds: time) }
            both.record(nanoseconds: time)
        }
        left.merge(right)
        #expect(left == both)
        #expect(left.count == 1_000)
    }

    @Test func `An empty one has no times`() {
        #expect(Histogram().quantile(0.99) == 0)
        #expect(Histogram().mean == 0)
    }
}
