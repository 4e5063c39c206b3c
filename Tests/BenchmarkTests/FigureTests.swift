import Benchmarking
import Testing

@Suite struct FigureTests {
    @Test(arguments: [
        (0.0, "0"), (1, "1.00"), (1.414, "1.41"), (9.999, "10.0"), (99.96, "100"), (123.4, "123"), (1_234.5, "1,235"),
        (1_000_000, "1,000,000"), (0.25, "0.250"), (0.01234, "0.0123"), (-0.5, "-0.500"), (.nan, "–"), (.infinity, "–"),
    ])
    func `A number has three digits, and more only before its point`(value: Double, text: String) {
        #expect(Figure.text(value) == text)
    }

    @Test func `The median is the one in the middle`() {
        #expect(Series([3, 1, 2]).median == 2)
        #expect(Series([4, 1, 2, 3]).median == 2.5)
        #expect(Series().median.isNaN)
    }

    @Test func `A quantile is one of the values`() {
        let series = Series((1...100).map(Double.init).shuffled())
        #expect(series.quantile(0.5) == 50)
        #expect(series.quantile(0.99) == 99)
        #expect(series.quantile(0) == 1)
        #expect(series.quantile(1) == 100)
    }

    @Test func `A ratio is taken round by round`() {
        // The second round was on a machine that was half as fast.
        #expect(Series([10, 5, 10]).ratio(to: Series([5, 2.5, 5])) == 2)
    }

    @Test func `A goal says its limit in full, and whether it is met`() {
        let goals = [Goal("tail", .atMost, 1.25, measured: 1.262), Goal("idle", .atMost, 32, measured: 31, unit: "MB")]
        #expect(
            Goal.table(goals) == """
                |      |  target | measured |    met |
                | ---- | ------: | -------: | -----: |
                | tail |  ≤ 1.25 |     1.26 | **no** |
                | idle | ≤ 32 MB |  31.0 MB |    yes |
                """
        )
    }

    @Test func `A goal is met at its limit, and not by what was not measured`() {
        #expect(Goal("a", .atLeast, 1.3, measured: 1.3).isMet)
        #expect(!Goal("a", .atLeast, 1.3, measured: 1.29).isMet)
        #expect(Goal("a", .atMost, 32, measured: 32).isMet)
        #expect(!Goal("a", .atMost, 32, measured: 32.1).isMet)
        #expect(!Goal("a", .atMost, 32, measured: .nan).isMet)
        #expect(!Goal("a", .atLeast, 32, measured: .nan).isMet)
    }
}
