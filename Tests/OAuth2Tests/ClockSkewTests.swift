import OAuth2
import Testing

@Suite("The skew of a server's clock") struct ClockSkewTests {
    @Test(
        "is what its Date differs beyond the time of the exchange and the second that it is rounded to",
        arguments: [
            // Sent at 23:59:50, answered at 00:00:00.
            ("Thu, 01 Jan 2026 00:00:00 GMT", 0), ("Wed, 31 Dec 2025 23:59:49 GMT", 0),
            ("Wed, 31 Dec 2025 23:59:48 GMT", -1), ("Thu, 01 Jan 2026 00:00:01 GMT", 1),
            ("Thu, 01 Jan 2026 00:05:00 GMT", 300), ("Wed, 31 Dec 2025 23:00:00 GMT", -3_589),
            ("Thursday, 01-Jan-26 00:05:00 GMT", 300), ("Thu Jan  1 00:05:00 2026", 300), ("yesterday", nil),
        ] as [(String, Int?)]
    )
    func skew(date: String, seconds: Int?) {
        let answer = answer(200, "", headers: [("Date", date)])
        #expect(answer.clockSkew(sent: now - .seconds(10)) == seconds.map { .seconds($0) })
    }

    @Test("is not known without a Date, and is nothing where our own clock was set back meanwhile")
    func unknown() {
        #expect(answer(200, "").clockSkew(sent: now) == nil)
        let answer = answer(200, "", headers: [("Date", "Thu, 01 Jan 2026 00:30:00 GMT")])
        #expect(answer.clockSkew(sent: now + .seconds(3_600)) == .zero)
    }
}
