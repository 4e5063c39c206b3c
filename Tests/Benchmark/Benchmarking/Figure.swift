/// Numbers as tables show them.
package enum Figure {
    /// So many significant digits, but all those before the point, and commas between thousands: `1,240`, `97`, `0.318`.
    package static func text(_ value: Double, digits: Int = 3) -> String {
        guard value.isFinite else { return "–" }
        guard value != 0 else { return "0" }
        let magnitude = abs(value)
        var decimals = 0
        var scaled = magnitude
        // The first significant digit stands before the point, with the others of `digits` after it.
        while decimals < 9, scaled < tenToThe(digits - 1) - 0.5 {
            scaled *= 10
            decimals += 1
        }
        let rounded = (magnitude * tenToThe(decimals)).rounded()
        let whole = (rounded / tenToThe(decimals)).rounded(.down)
        let fraction = Int(rounded - whole * tenToThe(decimals))
        let sign = value < 0 ? "-" : ""
        guard decimals > 0 else { return sign + grouped(Int(rounded)) }
        let tail = String(fraction)
        return "\(sign)\(grouped(Int(whole))).\(String(repeating: "0", count: decimals - tail.count))\(tail)"
    }

    /// With commas between thousands.
    package static func grouped(_ value: Int) -> String {
        let digits = String(abs(value))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    private static func tenToThe(_ power: Int) -> Double { (0..<max(0, power)).reduce(1) { ten, _ in ten * 10 } }
}
