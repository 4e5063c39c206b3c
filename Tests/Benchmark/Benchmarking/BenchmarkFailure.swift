/// Why something could not be measured, for a person.
package struct BenchmarkFailure: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
