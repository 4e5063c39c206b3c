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

    private static let suffix = ".toml.example"

    /// The examples without their suffix: of a grant, of a provider, or of a provider's other way.
    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: Self.directory.appending(path: "clients.d").path)
            .map { String($0.dropLast($0.hasSuffix(Self.suffix) ? Self.suffix.count : 0)) }
    }

    private static let grants = Set(Grant.allCases.map(\.name))

    @Test func `every provider has an example, of one client, that is valid with and without what is commented out`()
        throws
    {
        let names = try names().filter { !Self.grants.contains($0) }
        let providers = Set(Provider.allCases.map(\.rawValue))
        #expect(Set(names.map { String($0.prefix { $0 != "-" }) }) == providers)
        #expect(Set(names).isSuperset(of: providers))
        for name in names {
            let text = try example("clients.d/\(name)\(Self.suffix)")
            for written in [text, uncommented(text)] {
                let files = try ConfigurationFiles()
                try files.write(written, mode: 0o644)
                let configuration = try files.load()
                #expect(configuration.clients.values.map(\.provider.rawValue) == [String(name.prefix { $0 != "-" })])
                #expect(written != text || configuration.warnings.isEmpty, "\(configuration.warnings)")
                // The file's name once it is copied is the client's, as its first lines say.
                let place = "clients.d/\(configuration.clientNames[0]).toml"
                #expect(["\(place), ", "\(place) and "].contains { text.contains($0) }, "\(name)")
            }
        }
    }

    @Test func `every grant has an example, with one client for each method that may go with it`() throws {
        for grant in Grant.allCases {
            let text = try example("clients.d/\(grant.name)\(Self.suffix)")
            for written in [text, uncommented(text)] {
                let files = try ConfigurationFiles()
                try files.write(written, mode: 0o644)
                let configuration = try files.load()
                let methods = AuthenticationMethod.allCases.filter { GrantPairs.isPair(grant, $0) }
                #expect(configuration.clientNames.map(\.value) == methods.map { GrantPairs.name(grant, $0) })
                for (name, method) in zip(configuration.clientNames, methods) {
                    let client = try #require(configuration.clients[name])
                    #expect(client.grant == grant && client.authentication == method, "\(name)")
                }
                #expect(written != text || configuration.warnings.isEmpty, "\(configuration.warnings)")
            }
        }
    }

    @Test func `README.md has the row of every pair`() throws {
        let readme = Self.directory.deletingLastPathComponent().appending(path: "README.md")
        #expect(String(decoding: try Data(contentsOf: readme), as: UTF8.self).contains(GrantPairs.table))
    }

    @Test func `the examples have the keys that the table says they take`() throws {
        for grant in Grant.allCases {
            let tables = try example("clients.d/\(grant.name)\(Self.suffix)").split(separator: "[clients.").dropFirst()
            #expect(tables.count == AuthenticationMethod.allCases.count { GrantPairs.isPair(grant, $0) })
            for method in AuthenticationMethod.allCases where GrantPairs.isPair(grant, method) {
                let table = try #require(tables.first { $0.hasPrefix("\(GrantPairs.name(grant, method))]") })
                for key in ["client_secret", "private_key", "certificate", "refresh_token", "redirect_uri"] {
                    let isThere = table.contains("\n\(key) = ")
                    #expect(isThere == GrantPairs.keys(grant, method).contains(key), "\(grant) \(method) \(key)")
                }
            }
        }
    }
}

/// Which method may go with which grant, and how the examples name the pair.
enum GrantPairs {
    /// All but one: only a client that proves who it is may ask on its own authority (RFC 6749 §4.4).
    static func isPair(_ grant: Grant, _ method: AuthenticationMethod) -> Bool {
        !(grant == .clientCredentials && method == .none)
    }

    static func name(_ grant: Grant, _ method: AuthenticationMethod) -> String { "\(grant.name)-\(method.rawValue)" }

    /// The keys that a client of that pair needs besides where and who.
    static func keys(_ grant: Grant, _ method: AuthenticationMethod) -> [String] {
        let proof =
            switch method.means {
            case .nothing: [] as [String]
            case .secret: ["client_secret"]
            case .privateKey: ["private_key"]
            case .certificate: ["certificate", "private_key"]
            }
        let presented =
            switch grant {
            case .clientCredentials, .deviceCode: [] as [String]
            case .refreshToken: ["refresh_token"]
            case .authorizationCode: ["redirect_uri"]
            case .jwtBearer: proof.contains("private_key") ? [] : ["private_key"]
            }
        return proof + presented
    }

    /// The table of README.md.
    static var table: String {
        var lines = ["| grant | client_authentication | takes besides | example |", "|---|---|---|---|"]
        for grant in Grant.allCases {
            for method in AuthenticationMethod.allCases {
                let keys = keys(grant, method).map { "`\($0)`" }.joined(separator: ", ")
                let example =
                    isPair(grant, method)
                    ? "[\(name(grant, method))](config/clients.d/\(grant.name).toml.example)"
                    : "none: this grant is for clients that prove who they are (RFC 6749 §4.4)"
                lines.append("| `\(grant.name)` | `\(method.rawValue)` | \(keys) | \(example) |")
            }
        }
        return lines.joined(separator: "\n")
    }
}
