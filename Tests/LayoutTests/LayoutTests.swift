import Foundation
import Testing

@Suite("The house")
struct LayoutTests {
    /// What each target may import of ours: the arrows of the house.
    private static let rooms: [String: Set<String>] = [
        "OAuth2": [],
        "TokenLifecycle": ["OAuth2"],
        "Diagnosis": ["OAuth2"],
        "LocalAPI": ["OAuth2"],
        "TokenStore": ["OAuth2"],
        "TokenEndpoint": ["OAuth2"],
        "CLinux": [],
        "CSystemd": [],
        "LinuxHost": ["CLinux"],
        "SystemdHost": ["CSystemd"],
        "LocalServer": ["LocalAPI", "LinuxHost", "CLinux"],
        "Broker": [
            "OAuth2", "TokenLifecycle", "Diagnosis", "LocalAPI", "TokenStore", "TokenEndpoint", "LinuxHost",
            "SystemdHost", "LocalServer",
        ],
        "MockAuthorizationServer": [],
        "tokenbrokerd": ["Broker"],
        "tokenctl": ["LocalAPI", "LinuxHost", "Diagnosis", "OAuth2"],
        "mock-authorization-server": ["MockAuthorizationServer"],
    ]

    /// What each target that tests share, or that is no test although it is among them, may import of ours.
    private static let testRooms: [String: Set<String>] = [
        "TestSupport": [],
        "TestNetwork": ["MockAuthorizationServer"],
        "Simulation": ["OAuth2", "TokenLifecycle", "TestSupport"],
        "CReservedDescriptors": [], "CShiftedClocks": [], "CFailingDisk": [],
        "CHeldThreads": [],
        "CLegacyKernel": [], "CCallers": [],
        "test-caller": [],
        "FuzzProperties": ["OAuth2", "LocalAPI", "LocalServer", "Broker"],
        "CFuzzer": [],
        "fuzz-answers": ["FuzzProperties", "CFuzzer"],
        "fuzz-configurations": ["FuzzProperties", "CFuzzer"],
        "fuzz-requests": ["FuzzProperties", "CFuzzer"],
        "CBenchmarking": [],
        "Benchmarking": ["CBenchmarking", "LinuxHost"],
        "load-generator": ["Benchmarking", "CLinux", "LinuxHost"],
        "constant-server": [],
        "benchmark": ["Benchmarking", "LinuxHost", "OAuth2", "Simulation", "TokenLifecycle"],
    ]

    /// Modules that only these targets import, by how their names begin.
    private static let guarded: [(prefix: String, targets: Set<String>)] = [
        ("GRDB", ["TokenStore"]),
        ("SQLite", ["TokenStore"]),
        ("CSQLite", ["TokenStore"]),
        ("AsyncHTTPClient", ["TokenEndpoint"]),
        ("NIO", ["TokenEndpoint", "MockAuthorizationServer"]),
        ("CNIO", []),
        ("CSystemd", ["SystemdHost"]),
        ("CLinux", ["LinuxHost", "LocalServer"]),
        ("Glibc", ["LinuxHost", "LocalServer"]),
        ("Musl", []),
        ("Darwin", []),
        ("Dispatch", []),
        // Foundation itself costs 7 MB and 8 ms at the start of a command.
        (
            "Foundation",
            [
                "TokenStore", "TokenEndpoint", "SystemdHost", "MockAuthorizationServer", "mock-authorization-server",
                "OAuth2", "LocalAPI", "Broker", "tokenctl",
            ]
        ),
    ]

    /// Targets that import FoundationEssentials, for JSON and base64, but nothing else of Foundation.
    private static let essentialsOnly: Set = ["OAuth2", "LocalAPI", "Broker", "tokenctl"]

    /// What comes with the toolchain and is declared by nobody.
    private static let toolchain: Set = [
        "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Swift", "Synchronization", "Testing",
    ]

    private static let manifest = Result { try Manifest(try PackageFiles.text("Package.swift")) }

    @Test("every target has its row, and Package.swift gives it those of ours that it may import")
    func declarations() throws {
        let manifest = try Self.manifest.get()
        let targets = manifest.targets.filter { !$0.isTest }
        #expect(Set(targets.map(\.name)) == Set(Self.rooms.keys))
        #expect(try Self.directories(in: "Sources") == Set(Self.rooms.keys))
        for target in targets {
            #expect(target.dependencies.intersection(Self.rooms.keys) == Self.rooms[target.name], "\(target.name)")
        }
    }

    @Test("what is among the tests and no test itself has its row too")
    func testDeclarations() throws {
        let targets = try Self.manifest.get().targets.filter { $0.path?.hasPrefix("Tests/") == true }
        let ours = Set(Self.rooms.keys).union(Self.testRooms.keys)
        let declared = targets.map { ($0.name, $0.dependencies.intersection(ours)) }
        #expect(Dictionary(uniqueKeysWithValues: declared) == Self.testRooms)
    }

    @Test("a target imports nothing of ours but what its row says", arguments: rooms.keys.sorted())
    func arrows(target: String) throws {
        let imports = try PackageFiles.imports(of: "Sources/\(target)")
        if !["CLinux", "CSystemd"].contains(target) { #expect(!imports.isEmpty) }
        #expect(imports.intersection(Self.rooms.keys).subtracting(Self.rooms[target] ?? []) == [])
    }

    @Test("a target imports what it declares, and declares what it imports")
    func products() throws {
        let manifest = try Self.manifest.get()
        for target in manifest.targets where target.isCompiled {
            let imports = try PackageFiles.imports(of: target.directory)
            // A command's module has underscores where its name has dashes.
            let declared = Set(target.dependencies.map { $0.replacing("-", with: "_") })
            #expect(
                imports.subtracting(Self.toolchain).subtracting(declared) == [],
                "\(target.name) declares too little"
            )
            // A test's dependencies build commands that it runs, besides what it imports.
            if target.isTest { continue }
            let products = declared.subtracting(manifest.targets.map { $0.name.replacing("-", with: "_") })
            #expect(products.subtracting(imports) == [], "\(target.name) declares too much")
        }
    }

    @Test("what is dear or dangerous is imported in its own rooms only", arguments: guarded.indices)
    func guardedModules(index: Int) throws {
        let (prefix, targets) = Self.guarded[index]
        for target in Self.rooms.keys {
            let imports = try PackageFiles.imports(of: "Sources/\(target)").filter { $0.hasPrefix(prefix) }
            if !targets.contains(target) { #expect(imports == [], "\(target)") }
            if prefix == "Foundation", Self.essentialsOnly.contains(target) {
                #expect(imports == ["FoundationEssentials"], "\(target)")
            }
        }
    }

    @Test("every target is compiled with all of the strict settings")
    func settings() throws {
        let manifest = try Self.manifest.get()
        #expect(
            manifest.strictSettings == [
                ".swiftLanguageMode(.v6)",
                #".enableUpcomingFeature("ExistentialAny")"#,
                #".enableUpcomingFeature("InternalImportsByDefault")"#,
                #".enableUpcomingFeature("MemberImportVisibility")"#,
                #".enableUpcomingFeature("NonisolatedNonsendingByDefault")"#,
                ".strictMemorySafety()",
                ".treatAllWarnings(as:.error)",
            ]
        )
        for target in manifest.targets where target.isCompiled {
            let isC = target.name.hasPrefix("C") || target.name == "constant-server"
            #expect(target.settings == (isC ? "strictC" : "strict"), "\(target.name)")
        }
    }

    @Test("no Swift file is longer than a person reads at once")
    func length() throws {
        let sources = try PackageFiles.sources.get()
        #expect(sources.count > 100)
        for (path, source) in sources { #expect(source.lines.count <= 400, "\(path)") }
    }

    @Test("what other targets can see says what it is, and what the compiler cannot check says why it is right")
    func comments() throws {
        for (path, source) in try PackageFiles.sources.get() where path.hasPrefix("Sources/") {
            #expect(source.undocumented == [], "\(path): lines without a documentation comment")
            #expect(source.unreasoned(Self.unchecked) == [], "\(path): lines without a reason")
        }
    }

    /// Where the compiler takes our word, or the process ends.
    static let unchecked = [
        "@unchecked Sendable", "nonisolated(unsafe)", "unowned(unsafe)", "try!", "as!", "fatalError", "precondition",
        "unsafeBitCast", "unsafeDowncast", "assumeIsolated",
    ]

    @Test("nothing is left to be done, and nothing is of one machine only")
    func words() async throws {
        for path in try await PackageFiles.all() {
            let lines = ForbiddenWords.lines(in: try PackageFiles.text(path))
            #expect(lines == [], "\(path)")
        }
    }

    @Test("the top level holds only what belongs there")
    func topLevel() async throws {
        let present = try await PackageFiles.all().map { $0.prefix { $0 != "/" } }.filter { !$0.hasPrefix(".") }
            .map(String.init)
        #expect(present.contains("Package.swift"))
        let known: Set = ["Package.swift", "Sources", "Tests", "systemd", "config", "README.md", "Makefile", "docs"]
        #expect(Set(present).subtracting(known) == [])
    }

    private static func directories(in directory: String) throws -> Set<String> {
        Set(try PackageFiles.paths(under: directory).map { String($0.split(separator: "/")[1]) })
    }

    @Test("tokenctl is linked with neither Foundation nor libsystemd")
    func linkage() throws {
        let command = Bundle.main.bundleURL.appending(path: "tokenctl")
        let needed = try DynamicSection(of: try Data(contentsOf: command, options: .alwaysMapped)).needed
        #expect(needed.contains("libc.so.6"))
        // FoundationEssentials has the JSON of the pure rooms and of ArgumentParser.
        let unwanted = needed.filter { name in
            name.contains("systemd") || name.contains("Foundation") && name != "libFoundationEssentials.so"
        }
        #expect(unwanted == [])
    }
}
