import FoundationEssentials
import LinuxHost
import OAuth2
import Testing
import TokenStore

@testable import Broker

@Suite struct StateDirectoryTests {
    private let files: ConfigurationFiles
    private let log = LogCapture()

    init() throws { files = try ConfigurationFiles() }

    private var path: String { "\(files.directory)/state" }

    private func open(
        _ key: StateKeySource? = nil,
        environment: [String: String] = [:]
    ) throws(StartFailure) -> StateDirectory {
        var configuration = DaemonConfiguration(defaultsIn: .service)
        configuration.setStateDirectory(path)
        if let key { configuration.stateKey = key }
        return try StateDirectory.open(configuration, environment: environment)
    }

    private func failure(_ key: StateKeySource? = nil, environment: [String: String] = [:]) -> StartFailure? {
        do {
            try open(key, environment: environment).close()
            return nil
        } catch {
            return error
        }
    }

    private func exists(_ name: String) -> Bool { FileSystem.exists("\(path)/\(name)") }

    @Test func `a missing directory is made for this user alone, with key and database in it`() throws {
        let state = try open()
        defer { state.close() }
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        #expect(exists("state.key") && exists("tokenbroker.sqlite"))
    }

    @Test func `a second daemon is refused and touches nothing`() throws {
        let state = try open()
        defer { state.close() }
        let second = failure()
        #expect(second?.exitStatus == .cannotCreate)
        #expect(second?.description.contains(path) == true)
    }

    @Test func `a place that cannot be a directory says so`() throws {
        try files.write("", to: "state")
        let failure = failure()
        #expect(failure?.exitStatus == .cannotCreate)
        #expect(failure?.description.hasPrefix("state directory \(path): ") == true)
    }

    @Test func `a lost key is a matter of the configuration, and the database stays`() throws {
        try open().close()
        try FileManager.default.removeItem(atPath: "\(path)/state.key")
        let before = try database()
        let failure = failure()
        #expect(failure?.exitStatus == .configuration)
        #expect(failure?.description.contains("\(path)/state.key") == true)
        #expect(try database() == before)
        #expect(!exists("state.key"))
    }

    @Test func `another key is refused, and the database stays`() throws {
        try open().close()
        try files.write([UInt8](repeating: 9, count: 32), to: "other.key")
        let failure = failure(.given([.file("\(files.directory)/other.key")]))
        #expect(failure?.exitStatus == .inputOutput)
        #expect(failure?.description.contains("another state key") == true)
        try open().close()
    }

    private func database() throws -> Data { try Data(contentsOf: URL(filePath: "\(path)/tokenbroker.sqlite")) }

    @Test func `what the credential sealed does not open without it, and stays`() async throws {
        let credential = try files.credentials([UInt8](repeating: 3, count: 32))
        try await save("new", environment: credential)
        #expect(!exists("state.key"))
        let before = try database()
        let failure = failure()
        #expect(failure?.exitStatus == .configuration)
        #expect(failure?.description.contains("tokenbroker.state-key") == true)
        #expect(try database() == before)
        #expect(!exists("state.key"))
        try open(environment: credential).close()
    }

    @Test func `a state from before the credential opens with both keys, and with neither alone`() async throws {
        try await save("old")
        let credential = try files.credentials([UInt8](repeating: 3, count: 32))
        try await save("new", environment: credential)
        let before = try database()
        func expectRefusal(_ failure: StartFailure?) throws {
            #expect(failure?.exitStatus == .inputOutput)
            #expect(failure?.description.contains("is sealed with another state key") == true)
            #expect(failure?.description.contains("\(StateKey.credential) or \(path)/state.key") == true)
            #expect(try database() == before)
        }
        try expectRefusal(failure())
        try FileManager.default.moveItem(atPath: "\(path)/state.key", toPath: "\(files.directory)/aside")
        try expectRefusal(failure(environment: credential))
        #expect(!exists("state.key"))
        try FileManager.default.moveItem(atPath: "\(files.directory)/aside", toPath: "\(path)/state.key")
        let state = try open(environment: credential)
        defer { state.close() }
        let alarms = Alarms(time: TimeSource(boot: BootID("1"), now: { ManualClock().now() }), logger: log.logger)
        #expect(Set(try state.tokens(alarms: alarms).opened().tokens.map(\.slot.client.value)) == ["old", "new"])
    }

    @Test func `a damaged database is set aside with an alarm, and the start goes on`() throws {
        try open().close()
        try files.write("this is no database, and long enough to be looked at as one", to: "state/tokenbroker.sqlite")
        let state = try open()
        defer { state.close() }
        let alarms = Alarms(time: TimeSource(boot: BootID("1"), now: { ManualClock().now() }), logger: log.logger)
        #expect(try state.tokens(alarms: alarms).isEmpty)
        let alarm = try #require(alarms.all.first)
        #expect(alarm.kind == .storeSetAside)
        #expect(alarm.message.contains(path))
        let names = try FileSystem.names(in: path)
        #expect(names.contains { alarm.message.contains($0) && $0 != "tokenbroker.sqlite" })
    }

    @Test func `a stored token that another key sealed is told and left`() async throws {
        let keys = ["one", "two"].map { SecretSource.file("\(files.directory)/\($0).key") }
        try files.write([UInt8](repeating: 1, count: 32), to: "one.key")
        try files.write([UInt8](repeating: 2, count: 32), to: "two.key")
        try await save("old", with: .given([keys[0]]))
        try await save("new", with: .given([keys[1], keys[0]]))
        let state = try open(.given([keys[1]]))
        defer { state.close() }
        let alarms = Alarms(time: TimeSource(boot: BootID("1"), now: { ManualClock().now() }), logger: log.logger)
        let stored = try state.tokens(alarms: alarms).opened()
        #expect(stored.tokens.map(\.slot.client.value) == ["new"])
        #expect(stored.unreadable.map(\.client) == ["old"] && stored.unreadable.map(\.reason) == [.keyMissing])
    }

    private func save(
        _ name: String,
        with key: StateKeySource? = nil,
        environment: [String: String] = [:]
    ) async throws {
        let state = try open(key, environment: environment)
        defer { state.close() }
        let client = try #require(ClientName(name))
        let receipt = Receipt(moment: ManualClock().now(), boot: BootID("1"))
        try await state.store.save(
            StoredToken(
                slot: TokenSlotID(client: client, target: TokenTarget()),
                token: AccessToken(
                    value: Secret("token"),
                    tokenType: "Bearer",
                    scope: .none,
                    lifetime: nil,
                    receipt: receipt
                ),
                refreshAge: nil,
                lastAsked: nil,
                clientID: "id",
                tokenEndpoint: "https://as.example/token"
            )
        )
    }
}
