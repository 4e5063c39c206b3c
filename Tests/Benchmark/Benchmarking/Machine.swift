/// What was measured on.
package enum Machine {
    /// A sentence for a person.
    package static var description: String {
        let information = ProcessFile.text("/proc/cpuinfo").split(separator: "\n")
        let model = information.first { $0.hasPrefix("model name") || $0.hasPrefix("Model") }
            .flatMap { $0.split(separator: ":").last }
            .map { $0.split(separator: " ").joined(separator: " ") }
        let release = ProcessFile.text("/proc/sys/kernel/osrelease").split(separator: "\n").first ?? "of some kind"
        let count = Processors.available.count
        return "On \(count) \(count == 1 ? "processor" : "processors"), \(model ?? "unnamed"), Linux \(release)."
    }
}
