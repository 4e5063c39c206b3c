/// What must never happen, and did.
package struct BrokenInvariant: Error, CustomStringConvertible {
    /// What happened.
    package let description: String

    init(_ description: String, at time: Int) {
        self.description = "\(description), \(Double(time) / 1_000_000) s after the start"
    }
}
