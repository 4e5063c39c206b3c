import Testing

import OAuth2

@Suite("Retry-After") struct RetryAfterTests {
    @Test(
        "is read as seconds or as a date, and bounded",
        arguments: [
            ("0", 0), ("120", 120), (" 120", 120), ("3601", 3_600), ("99999999999999999999999", 3_600), ("", nil),
            ("-5", nil), ("1.5", nil), ("soon", nil), ("Thu, 01 Jan 2026 00:02:00 GMT", 120),
            ("Thursday, 01-Jan-26 00:02:00 GMT", 120), ("Thu Jan  1 00:02:00 2026", 120),
            ("Wed, 31 Dec 2025 23:59:59 GMT", 0), ("Fri, 31 Dec 9999 23:59:59 GMT", 3_600),
            ("Thu, 01 Jan 2026 00:02:00 CET", nil), ("Thu, 32 Jan 2026 00:02:00 GMT", nil),
            ("Thu, 01 Foo 2026 00:02:00 GMT", nil), ("Thu, 01 Jan 2026 24:02:00 GMT", nil),
            ("Thu, 01 Jan 2026 00:02 GMT", nil), ("Thu, 01 Jan 2026 00:-2:00 GMT", nil),
        ] as [(String, Int?)]
    )
    func forms(value: String, seconds: Int?) {
        let answer = answer(503, "", headers: [(name: "retry-AFTER", value: value)])
        #expect(failure(answer)?.retryAfter == seconds.map { .seconds($0) })
    }

    @Test("counts a date from the server's own clock")
    func serverClock() {
        let headers = [
            (name: "Retry-After", value: "Thu, 01 Jan 2026 00:12:00 GMT"),
            (name: "Date", value: "Thu, 01 Jan 2026 00:10:00 GMT"),
        ]
        #expect(failure(answer(429, "", headers: headers))?.retryAfter == .seconds(120))
    }

    @Test(
        "knows the calendar",
        arguments: [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777), ("Sun Nov  6 08:49:37 1994", 784_111_777),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799), ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800), ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
        ]
    )
    func calendar(date: String, sinceEpoch: Int) {
        let early = Duration.seconds(sinceEpoch - 100)
        let answer = HTTPAnswer(status: 503, headers: [(name: "Retry-After", value: date)], body: [], now: early)
        #expect(failure(answer)?.retryAfter == .seconds(100))
    }
}
