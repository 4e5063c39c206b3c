import LocalAPI
import Testing

@Suite("Durations as text") struct DurationTextTests {
    @Test(
        "are a number and one unit; in a query the unit may be missing",
        arguments: [
            ("0s", 0), ("1s", 1), ("90s", 90), ("5m", 300), ("24h", 86_400), ("30d", 2_592_000), ("007m", 420),
            ("999999999999d", 999_999_999_999 * 86_400),
        ] as [(String, Int64)]
    )
    func parses(text: String, seconds: Int64) {
        #expect(DurationText.parse(text) == .seconds(seconds))
        #expect(DurationText.parseSeconds(text) == .seconds(seconds))
        #expect(DurationText.parseSeconds(String(text.dropLast())) != nil)
        #expect(DurationText.parse(String(text.dropLast())) == nil)
    }

    @Test(
        "are nothing else",
        arguments: [
            "", "s", "5", "-5s", "+5s", "5 s", " 5s", "5s ", "5S", "5w", "5ms", "1h30m", "1.5h", "1e3s", "0x5s", "٣s",
            "5\u{0}s", "1000000000000s", "99999999999999999999s",
        ]
    )
    func refuses(text: String) {
        #expect(DurationText.parse(text) == nil)
        #expect(DurationText.parseSeconds(text) == (text == "5" ? .seconds(5) : nil))
    }

    @Test(
        "for people are the two largest units that say something",
        arguments: [
            (.zero, "0s"), (.milliseconds(999), "0s"), (.seconds(-5), "0s"), (.seconds(1), "1s"), (.seconds(45), "45s"),
            (.milliseconds(59_999), "59s"), (.seconds(60), "1m"), (.seconds(150), "2m 30s"),
            (.seconds(3_599), "59m 59s"),
            (.seconds(3_600), "1h"), (.seconds(3_605), "1h"), (.seconds(11_100), "3h 5m"), (.seconds(86_400), "1d"),
            (.seconds(86_400 + 1_800), "1d"), (.seconds(2 * 86_400 + 4 * 3_600), "2d 4h"),
            (.seconds(400 * 86_400), "400d"),
        ] as [(Duration, String)]
    )
    func writes(duration: Duration, text: String) {
        #expect(DurationText.text(duration) == text)
    }
}
