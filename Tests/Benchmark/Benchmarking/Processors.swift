internal import CBenchmarking

/// The processors of this machine that this process may run on, and which of them does what.
package enum Processors {
    /// The numbers of those that the calling thread may run on, of the first 64.
    package static var available: [Int] {
        let set = cbenchmarking_processors()
        return (0..<64).filter { set >> UInt64($0) & 1 == 1 }
    }

    /// What is measured runs here, alone; nil where there is only one.
    package static var measured: Int? { available.count > 1 ? available.last : nil }

    /// Whoever asks what is measured runs here; nil where there is only one.
    package static var asking: Int? { available.count > 1 ? available.first : nil }

    /// Keeps the calling thread on one, if there is one.
    package static func pin(to processor: Int?) {
        if let processor { _ = cbenchmarking_pin(UInt64(1) << UInt64(processor)) }
    }
}
