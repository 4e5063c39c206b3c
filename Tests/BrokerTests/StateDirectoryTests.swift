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

    private func open(_ key: StateKeySource? = nil) throws(StartFailure) -> StateDirectory {
        var configuration = DaemonConfiguration(defaultsIn: .service)
        configuration.setStateDirectory(path)
        if let key { configuration.stateKey = key }
        return try StateDirectory.open(configuration, environment: [:])
    }

    private func failure(_ key: StateKeySource? = nil) -> StartFailure? {
        do {
            try open(key).close()
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
        let database = try Data(contentsOf: URL(filePath: "\(path)/tokenbroker.sqlite"))
        let failure = failure()
        #expect(failure?.exitStatus == .configuration)
        #expect(failure?.description.contains("\(path)/state.key") == true)
        #expect(try Data(contentsOf: URL(filePath: "\(path)/tokenbroker.sqlite")) == database)
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

    @Test func `a damaged database is set aside with an alarm, and the start goes on`() throws {
        try open().close()
        try files.write("this is no database, and long enough to be looked at as one", to: "state/tokenbroker.sqlite")
        let state = try open()
        defer { state.close() }
        let alarms = Alarms(time: TimeSource(boot: BootID("1"), now: { ManualClock().now() }), logger: log.logger)
        #expect(try state.tokens(logger: log.logger, alarms: alarms).isEmpty)
        let alarm = try #require(alarms.all.first)
        #expect(alarm.kind == .storeSetAside)
        #expect(alarm.message.contains(path))
        let names = try FileSystem.names(in: path)
        #expect(names.contains { alarm.message.contains($0) && $0 != "tokenbroker.sqlite" })
    }

    @Test func `a stored token that another key sealed is reported and left`() async throws {
        let keys = ["one", "two"].map { SecretSource.file("\(files.directory)/\($0).key") }
        try files.write([UInt8](repeating: 1, count: 32), to: "one.key")
        try files.write([UInt8](repeating: 2, count: 32), to: "two.key")
        try await save(with: .given([keys[0]]), "old")
        try await save(with: .given([keys[1], keys[0]]), "new")
        let state = try open(.given([keys[1]]))
        defer { state.close() }
        let alarms = Alarms(time: TimeSource(boot: BootID("1"), now: { ManualClock().now() }), logger: log.logger)
        let stored = try state.tokens(logger: log.logger, alarms: alarms)
        #expect(stored.map(\.slot.client.value) == ["new"])
        #expect(
            log.lines == [
                "warning A stored token cannot be read and will be asked for again client=old reason=key_missing"
            ]
        )
    }

    private func save(with key: StateKeySource, _ name: String) async throws {
        let state = try open(key)
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
