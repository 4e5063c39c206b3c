import Broker
import FoundationEssentials
import OAuth2
import Testing

@Suite struct StateKeyTests {
    private let files: ConfigurationFiles

    init() throws { files = try ConfigurationFiles() }

    private var key: String { "\(files.directory)/state.key" }

    private var database: String { "\(files.directory)/tokenbroker.sqlite" }

    private func load(
        _ source: StateKeySource? = nil,
        environment: [String: String] = [:]
    ) throws(StateKey.Failure) -> [Secret] {
        try StateKey.load(source ?? .kept(path: key), database: database, environment: environment)
    }

    private func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(files.directory)/\(name)")
    }

    /// What is wrong, without the directory.
    private func failure(_ source: StateKeySource? = nil, environment: [String: String] = [:]) -> String? {
        do {
            _ = try load(source, environment: environment)
            return nil
        } catch {
            return error.description.replacing("\(files.directory)/", with: "")
        }
    }

    @Test func `without key and database a key is made, for this user alone, and found again`() throws {
        let made = try load()
        #expect(made.count == 1)
        #expect(made[0].count == 32)
        #expect(made[0] != Secret(bytes: [UInt8](repeating: 0, count: 32)))
        let attributes = try FileManager.default.attributesOfItem(atPath: key)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try load() == made)
    }

    @Test func `beside a database no key is ever made`() throws {
        try files.write("", to: "tokenbroker.sqlite")
        #expect(
            failure()
                == "tokenbroker.sqlite exists, and its key does not, neither the credential tokenbroker.state-key nor "
                + "state.key: restore the key, or move the database away to start with an empty one"
        )
        #expect(!FileManager.default.fileExists(atPath: key))
    }

    @Test(arguments: [0, 1, 31, 33, 64])
    func `a key of another length is refused by name`(count: Int) throws {
        try files.write([UInt8](repeating: 7, count: count), to: "state.key")
        let text = try #require(failure())
        #expect(text.contains("state.key"))
        #expect(text.contains(count == 0 ? "is empty" : "has \(count) bytes"))
        #expect(try files.bytes(of: "state.key").count == count)
    }

    @Test func `every byte of a key counts, a newline and a NUL too`() throws {
        let bytes = [UInt8](repeating: 0, count: 31) + [0x0A]
        try files.write(bytes, to: "state.key")
        #expect(try load() == [Secret(bytes: bytes)])
    }

    @Test func `what is no file is refused by name`() throws {
        try FileManager.default.createDirectory(atPath: key, withIntermediateDirectories: false)
        #expect(failure()?.contains("state.key cannot be read") == true)
    }

    @Test func `a link that leads nowhere is not taken for a missing key`() throws {
        try files.link("gone", to: "state.key")
        #expect(failure()?.contains("state.key cannot be read") == true)
        #expect(!FileManager.default.fileExists(atPath: "\(files.directory)/gone"))
    }

    @Test func `given keys come in their order, and all must be there`() throws {
        let one = [UInt8](repeating: 1, count: 32)
        let two = [UInt8](repeating: 2, count: 32)
        try files.write(one, to: "one.key")
        try files.write(two, to: "two.key")
        let sources = ["two", "one"].map { SecretSource.file("\(files.directory)/\($0).key") }
        #expect(try load(.given(sources)) == [Secret(bytes: two), Secret(bytes: one)])
        #expect(failure(.given(sources + [.file("\(files.directory)/gone.key")]))?.contains("gone.key") == true)
    }

    private static let credential = [UInt8](repeating: 3, count: 32)

    @Test(arguments: [false, true])
    func `the credential seals where it is passed, and no key is made`(hasDatabase: Bool) throws {
        if hasDatabase { try files.write("", to: "tokenbroker.sqlite") }
        let environment = try files.credentials(Self.credential)
        #expect(try load(environment: environment) == [Secret(bytes: Self.credential)])
        #expect(!exists("state.key"))
    }

    @Test func `a key from before the credential opens, after it`() throws {
        let own = try load()
        let environment = try files.credentials(Self.credential)
        #expect(try load(environment: environment) == [Secret(bytes: Self.credential)] + own)
        #expect(try files.bytes(of: "state.key").count == 32)
    }

    @Test func `other credentials are none of its business`() throws {
        let environment = try files.credentials(Self.credential, named: "billing-secret")
        #expect(try load(environment: environment) == [Secret(bytes: files.bytes(of: "state.key"))])
    }

    @Test(arguments: [0, 31, 33])
    func `a credential of another length is refused by name, and no other key taken`(count: Int) throws {
        let environment = try files.credentials([UInt8](repeating: 7, count: count))
        #expect(failure(environment: environment)?.contains("credential tokenbroker.state-key") == true)
        #expect(!exists("state.key"))
    }

    @Test func `what is configured counts in the credential's place`() throws {
        try files.write([UInt8](repeating: 1, count: 32), to: "one.key")
        let environment = try files.credentials(Self.credential)
        let source = StateKeySource.given([.file("\(files.directory)/one.key")])
        #expect(try load(source, environment: environment) == [Secret(bytes: [UInt8](repeating: 1, count: 32))])
    }

    @Test func `a key is written beside its place and comes there whole`() throws {
        // What a crash leaves is in nobody's way.
        try files.write([1, 2, 3], to: "state.key.new")
        #expect(try load()[0].count == 32)
        #expect(!exists("state.key.new"))
        // And without that place nothing is begun in the other.
        try files.remove("state.key")
        try FileManager.default.createDirectory(atPath: "\(key).new", withIntermediateDirectories: false)
        #expect(failure()?.contains("state.key.new") == true)
        #expect(!exists("state.key"))
    }

    @Test func `a failure shows nothing of the key`() throws {
        try files.write("not-thirty-two-bytes", to: "state.key")
        #expect(failure()?.contains("thirty") == false)
    }
}
