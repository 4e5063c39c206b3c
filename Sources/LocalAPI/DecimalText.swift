/// A whole number that is not negative, in decimal digits, written once for many answers.
package struct DecimalText: Sendable, Equatable {
    /// As many digits as any number of 64 bits has.
    private static let capacity = 20

    private let number: Int
    private var digits = InlineArray<20, UInt8>(repeating: 0x30)

    /// Where in `digits` it begins.
    private var start = capacity

    /// The digits of `number`; of 0 for one that is negative.
    package init(_ number: Int) {
        self.number = max(0, number)
        var left = UInt(self.number)
        repeat {
            let quotient = left / 10
            start -= 1
            digits[start] = UInt8(truncatingIfNeeded: 0x30 + left - quotient * 10)
            left = quotient
        } while left > 0
    }

    /// How many digits it has.
    package var count: Int { Self.capacity - start }

    /// Lends the digits in ASCII.
    func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result { body(digits.span.extracting(start...)) }

    package static func == (left: DecimalText, right: DecimalText) -> Bool { left.number == right.number }
}
