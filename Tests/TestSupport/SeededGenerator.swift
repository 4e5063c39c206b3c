/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers from the same seed everywhere, so that a failing walk can
/// be walked again.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// The generator whose numbers depend on `seed` alone.
    package init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `bound`.
    package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// True once in `times`.
    package mutating func once(in times: Int) -> Bool { below(times) == 0 }

    /// One of `elements`.
    package mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// From -1 to 1.
    package mutating func jitter() -> Double { Double(next() >> 11) / Double(1 << 52) - 1 }
}
