import Broker
import FoundationEssentials
import OAuth2
import Testing

@Suite struct ConfigurationExampleTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "config")

    private func example(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: Self.directory.appending(path: path)), as: UTF8.self)
    }

    /// The example with the settings that are commented out taken in.
    private func uncommented(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let setting = line.trimmingPrefix("# ")
            let key = setting.prefix { $0.isLetter || $0 == "_" }
            return !key.isEmpty && setting.dropFirst(key.count).hasPrefix(" = ") ? setting : line
        }
        return lines.joined(separator: "\n")
    }

    @Test func `the example loads without a warning`() throws {
        let files = try ConfigurationFiles()
        try files.write(try example("tokenbroker.toml"), mode: 0o644)
        let configuration = try files.load()
        #expect(
            configuration.clientNames.map(\.value) == ["billing", "directory", "orders", "reports", "calendar"]
        )
        #expect(configuration.warnings.isEmpty)
    }

    @Test func `the defaults that the example shows are the defaults`() throws {
        let files = try ConfigurationFiles()
        try files.write(
            try example("tokenbroker.toml").replacing("# state_directory", with: "state_directory")
                .replacing("# token_socket", with: "token_socket").replacing("# admin_socket", with: "admin_socket")
                .replacing("# admin_group", with: "admin_group")
        )
        #expect(try files.load().daemon == DaemonConfiguration(defaultsIn: .service))
    }

    @Test func `every setting that is commented out is valid`() throws {
        let files = try ConfigurationFiles()
        let text = uncommented(try example("tokenbroker.toml"))
        #expect(text.contains("\nstate_key = ") && text.contains("\nissuer = ") && text.contains("\nno_proxy = "))
        #expect(text.contains("\nrotation = ") && text.contains("\nrevocation_endpoint = "))
        try files.write(text)
        let warnings = try files.warnings().map { $0.drop { $0 != " " } }
        #expect(warnings == [" clients.billing.issuer: not used, since token_endpoint is given; remove one of them"])
    }

    @Test func `every provider has an example, of one client, that is valid with and without what is commented out`()
        throws
    {
        let suffix = ".toml.example"
        let names = try FileManager.default.contentsOfDirectory(
            atPath: Self.directory.appending(path: "clients.d").path
        )
        #expect(Set(names) == Set(Provider.allCases.map { "\($0.rawValue)\(suffix)" }))
        for name in names {
            let text = try example("clients.d/\(name)")
            for written in [text, uncommented(text)] {
                let files = try ConfigurationFiles()
                try files.write(written, mode: 0o644)
                let configuration = try files.load()
                #expect(configuration.clients.values.map { "\($0.provider.rawValue)\(suffix)" } == [name])
                #expect(written != text || configuration.warnings.isEmpty, "\(configuration.warnings)")
                // The file's name once it is copied is the client's, as its first lines say.
                #expect(text.contains("clients.d/\(configuration.clientNames[0]).toml, "), "\(name)")
            }
        }
    }
}
