// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]
let strictC: [CSetting] = [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let tomlKit = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")

// What starts for every fetch has no library to load then (Makefile); its addresses are as random as others'.
let inOneFile = Context.environment["TOKENBROKER_IN_ONE_FILE"]
let inOneFileLinking: [LinkerSetting] = [
    // The linker that comes with Swift: not every one makes such files.
    .unsafeFlags(["-use-ld=lld", "-Xclang-linker", "-static-pie"]),
    // Swift's own `-pie` means the same.
    .unsafeFlags(["-Xclang-linker", "-Wno-unused-command-line-argument"]),
    // There is nobody to look for its symbols.
    .unsafeFlags(["-Xlinker", "--no-export-dynamic"]),
    .unsafeFlags(inOneFile == "packed" ? ["-Xlinker", "--pack-dyn-relocs=relr"] : []),
]

/// A library target of the house; which of ours each may import is kept by LayoutTests.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.target(name: name)] + dependencies,
        exclude: exclude,
        swiftSettings: strict
    )
}

let package = Package(
    name: "tokenbroker",
    products: [
        .executable(name: "tokenbrokerd", targets: ["tokenbrokerd"]),
        .executable(name: "tokenctl", targets: ["tokenctl"]),
        .executable(name: "mock-authorization-server", targets: ["mock-authorization-server"]),
        // Preloaded into the daemon by tests.
        .library(name: "ShiftedClocks", type: .dynamic, targets: ["CShiftedClocks"]),
        .library(name: "FailingDisk", type: .dynamic, targets: ["CFailingDisk"]),
        .library(name: "LegacyKernel", type: .dynamic, targets: ["CLegacyKernel"]),
        .library(name: "HeldThreads", type: .dynamic, targets: ["CHeldThreads"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // Pure: values in, values out.
        room("OAuth2"),
        room("TokenLifecycle", ["OAuth2", heap]),
        room("Diagnosis", ["OAuth2"]),
        room("LocalAPI", ["OAuth2"]),

        // The edges: storage, wire, kernel, systemd, sockets.
        room("TokenStore", ["OAuth2", grdb, sqlite, crypto]),
        room(
            "TokenEndpoint",
            ["OAuth2", asyncHTTPClient, crypto, cryptoExtras, jwtKit, nioCore, nioPosix, nioHTTP1, nioSSL, nioTLS]
        ),
        room("LinuxHost", ["CLinux"]),
        room("SystemdHost", ["CSystemd", logging]),
        room("LocalServer", ["LocalAPI", "LinuxHost", "CLinux"]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .target(name: "CLinux", cSettings: strictC),

        // The shell that joins them.
        room(
            "Broker",
            [
                "OAuth2", "TokenLifecycle", "Diagnosis", "LocalAPI", "TokenStore", "TokenEndpoint", "LinuxHost",
                "SystemdHost", "LocalServer", crypto, heap, logging, serviceLifecycle, unixSignals, tomlKit,
            ]
        ),

        room("MockAuthorizationServer", [crypto, cryptoExtras, nioCore, nioPosix, nioHTTP1, nioSSL]),
        .executableTarget(
            name: "tokenbrokerd",
            dependencies: ["Broker", argumentParser],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "tokenctl",
            dependencies: ["LocalAPI", "LinuxHost", "Diagnosis", "OAuth2", argumentParser],
            swiftSettings: strict,
            linkerSettings: inOneFile == nil ? [] : inOneFileLinking
        ),
        .executableTarget(
            name: "mock-authorization-server",
            dependencies: ["MockAuthorizationServer", argumentParser, unixSignals],
            swiftSettings: strict
        ),

        // What several tests need.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .target(
            name: "FuzzProperties",
            dependencies: ["OAuth2", "LocalAPI", "LocalServer", "Broker"],
            path: "Tests/FuzzProperties",
            swiftSettings: strict
        ),
        .target(
            name: "CShiftedClocks",
            path: "Tests/CShiftedClocks",
            cSettings: strictC,
            linkerSettings: [.linkedLibrary("dl")]
        ),
        .target(
            name: "CFailingDisk",
            path: "Tests/CFailingDisk",
            cSettings: strictC,
            linkerSettings: [.linkedLibrary("dl")]
        ),
        .target(name: "CLegacyKernel", path: "Tests/CLegacyKernel", cSettings: strictC),
        .target(
            name: "CHeldThreads",
            path: "Tests/CHeldThreads",
            cSettings: strictC,
            linkerSettings: [.linkedLibrary("dl")]
        ),
        .target(
            name: "TestNetwork",
            dependencies: ["MockAuthorizationServer", nioCore, nioPosix, subprocess],
            path: "Tests/TestNetwork",
            swiftSettings: strict
        ),
        .target(
            name: "Simulation",
            dependencies: ["OAuth2", "TokenLifecycle", "TestSupport", heap],
            path: "Tests/Benchmark/Simulation",
            swiftSettings: strict
        ),
        .target(name: "CReservedDescriptors", path: "Tests/CReservedDescriptors", cSettings: strictC),
        .target(name: "CCallers", path: "Tests/CCallers", cSettings: strictC),
        .executableTarget(name: "test-caller", path: "Tests/Caller", swiftSettings: strict),

        // `make bench`.
        .target(name: "CBenchmarking", path: "Tests/Benchmark/CBenchmarking", cSettings: strictC),
        .target(
            name: "Benchmarking",
            dependencies: ["CBenchmarking", "LinuxHost"],
            path: "Tests/Benchmark/Benchmarking",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "load-generator",
            dependencies: ["Benchmarking", "CLinux", "LinuxHost", argumentParser],
            path: "Tests/Benchmark/LoadGenerator",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "constant-server",
            path: "Tests/Benchmark/ConstantServer",
            cSettings: strictC
        ),
        .executableTarget(
            name: "benchmark",
            dependencies: ["Benchmarking", "LinuxHost", "OAuth2", "Simulation", "TokenLifecycle", argumentParser],
            path: "Tests/Benchmark/Benchmark",
            swiftSettings: strict
        ),

        .testTarget(
            name: "BenchmarkTests",
            dependencies: [
                "Benchmarking", "Simulation", "benchmark", "load-generator", "tokenbrokerd", "tokenctl",
                "mock-authorization-server", "TestSupport",
            ],
            swiftSettings: strict
        ),
        tests(of: "OAuth2", ["TestSupport"]),
        tests(of: "TokenLifecycle", ["OAuth2", "Simulation", "TestSupport"]),
        tests(of: "Diagnosis", ["OAuth2"]),
        tests(of: "LocalAPI", ["OAuth2", "TestSupport"]),
        tests(of: "TokenStore", ["OAuth2", "TestSupport", grdb, crypto]),
        tests(
            of: "TokenEndpoint",
            ["OAuth2", "MockAuthorizationServer", "TestNetwork", nioCore, nioHTTP1, nioPosix, nioSSL]
        ),
        tests(of: "LinuxHost", ["CLinux", "CCallers"]),
        tests(of: "SystemdHost", ["CReservedDescriptors", "TestSupport", logging]),
        tests(of: "LocalServer", ["LocalAPI", "LinuxHost", "CLinux", "CCallers", "TestSupport"]),
        tests(
            of: "Broker",
            [
                "OAuth2", "TokenLifecycle", "Diagnosis", "LocalAPI", "TokenStore", "TokenEndpoint", "LinuxHost",
                "LocalServer", "SystemdHost", "MockAuthorizationServer", "TestSupport", grdb, logging, subprocess,
                tomlKit,
            ]
        ),
        tests(
            of: "MockAuthorizationServer",
            [
                "Diagnosis", "mock-authorization-server", "TestNetwork", asyncHTTPClient, crypto, cryptoExtras, nioCore,
                nioHTTP1, nioSSL, subprocess, systemPackage,
            ]
        ),
        .testTarget(
            name: "TokenctlTests",
            dependencies: ["tokenctl", "LocalAPI", "LinuxHost", "Diagnosis", "OAuth2", argumentParser],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["FuzzProperties", "OAuth2", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(name: "LayoutTests", dependencies: ["tokenctl", subprocess], swiftSettings: strict),
        .testTarget(
            name: "SystemTests",
            dependencies: [
                "tokenbrokerd", "tokenctl", "mock-authorization-server", "test-caller", "MockAuthorizationServer",
                "LocalAPI", "LinuxHost", "OAuth2", "Diagnosis", "TestNetwork", subprocess, systemPackage,
            ],
            exclude: ["glewlwyd", "Systemd/boot"],
            swiftSettings: strict
        ),
    ]
)

// Only `make fuzz` links with libFuzzer.
if Context.environment["TOKENBROKER_FUZZ"] != nil {
    let libraries: [LinkerSetting] = [.linkedLibrary("stdc++"), .linkedLibrary("m")]
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .executableTarget(
            name: "fuzz-answers",
            dependencies: ["FuzzProperties", "CFuzzer"],
            path: "Tests/Fuzz/Answers",
            swiftSettings: strict,
            linkerSettings: libraries
        ),
        .executableTarget(
            name: "fuzz-configurations",
            dependencies: ["FuzzProperties", "CFuzzer"],
            path: "Tests/Fuzz/Configurations",
            swiftSettings: strict,
            linkerSettings: libraries
        ),
        .executableTarget(
            name: "fuzz-requests",
            dependencies: ["FuzzProperties", "CFuzzer"],
            path: "Tests/Fuzz/Requests",
            swiftSettings: strict,
            linkerSettings: libraries
        ),
    ]
}

// The sockets' loop is on one thread, and every test of it runs with the checks for overlapping accesses. In a release they
// would be a tenth of what a cached fetch executes.
package.targets.first { $0.name == "LocalServer" }?.swiftSettings?.append(
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
)
