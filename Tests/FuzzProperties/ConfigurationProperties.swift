import Broker
import FoundationEssentials

/// What holds of every text that an operator may write for a configuration.
package final class ConfigurationProperties {
    private let directory: String

    /// The properties, with a directory of their own for the one file of the configuration.
    package init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "fuzz-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // Kept for every text: only in a file that nobody else reads may a secret stand.
        try Data().write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private var file: String { "\(directory)/tokenbroker.toml" }

    private typealias Outcome = Result<Configuration, ConfigurationErrors>

    /// What does not hold of the configuration that `text` is; empty when all is well.
    package func violations(of text: [UInt8]) throws -> [String] {
        let outcome = try load(text)
        var violations: [String] = []
        if try load(text) != outcome { violations.append("loaded again it is another") }
        let lines = text.count { $0 == UInt8(ascii: "\n") } + 1
        switch outcome {
        case .success(let configuration):
            violations += self.violations(of: configuration)
            for warning in configuration.warnings { violations += self.violations(of: warning.finding, lines: lines) }
        case .failure(let errors):
            if errors.errors.isEmpty { violations.append("refused without an error") }
            for error in errors.errors { violations += self.violations(of: error, lines: lines) }
        }
        if let changed = InlineSecret.changed(in: text), findings(try load(changed)) != findings(outcome) {
            violations.append("an error that depends on a secret: \(findings(outcome))")
        }
        return violations
    }

    private func load(_ text: [UInt8]) throws -> Outcome {
        // In place, so that the file keeps its mode.
        try Data(text).write(to: URL(filePath: file))
        do throws(ConfigurationErrors) {
            return .success(try Configuration.load(file: file, in: ProcessContext(uid: 0, environment: [:])))
        } catch {
            return .failure(error)
        }
    }

    private func violations(of configuration: Configuration) -> [String] {
        let names = Set(configuration.clientNames)
        let isWhole =
            names.count == configuration.clientNames.count && names == Set(configuration.clients.keys)
            && names == Set(configuration.places.keys)
        return isWhole ? [] : ["a client that is not whole"]
    }

    private func violations(of error: ConfigurationError, lines: Int) -> [String] {
        var violations: [String] = []
        if error.place.file != file { violations.append("an error of another file: \(error)") }
        if !(1...lines + 1).contains(error.place.line ?? 0) { violations.append("an error without its line: \(error)") }
        if error.problem.isEmpty { violations.append("an error without a problem: \(error)") }
        if error.description.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            violations.append("an error that cannot be printed: \(error)")
        }
        return violations
    }

    private func findings(_ outcome: Outcome) -> [String] {
        switch outcome {
        case .success(let configuration): configuration.warnings.map(\.description)
        case .failure(let errors): errors.errors.map(\.description)
        }
    }
}
