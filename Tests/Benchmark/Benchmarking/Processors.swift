internal import CBenchmarking

/// The processors of this machine that this process may run on, and which of them does what.
package enum Processors {
    /// The numbers of those that it could run on before it was kept on one, of the first 64.
    package static let available: [Int] = {
        let set = cbenchmarking_processors()
        return (0..<64).filter { set >> UInt64($0) & 1 == 1 }
    }()

    /// What is measured runs here, alone; nil where there is only one.
    package static var measured: Int? { available.count > 1 ? available.last : nil }

    /// Whoever asks what is measured runs here, if possible on another core; nil where there is only one.
    package static var asking: Int? {
        guard let measured else { return nil }
        let file = "/sys/devices/system/cpu/cpu\(measured)/topology/thread_siblings_list"
        let siblings = ProcessFile.text(file).split { !$0.isNumber }.compactMap { Int($0) }
        return available.first { $0 != measured && !siblings.contains($0) } ?? available.first
    }

    /// Keeps the calling thread on one, if there is one.
    package static func pin(to processor: Int?) {
        // Looked at now, or never.
        _ = available
        if let processor { _ = cbenchmarking_pin(UInt64(1) << UInt64(processor)) }
    }
}
