import Foundation
import Testing

@Suite("The house's scanners")
struct ScannerTests {
    @Test(
        "what is imported is seen however it is written, and nothing else",
        arguments: [
            ("import GRDB", ["GRDB"]),
            ("  internal import Glibc // for open(2)", ["Glibc"]),
            ("@testable import Broker", ["Broker"]),
            ("@_exported public import struct Foundation.Data", ["Foundation"]),
            ("#if canImport(Musl)\nimport Musl\n#endif", ["Musl"]),
            ("// import A\n/* import B\nimport C */ import D", ["D"]),
            ("/* /* */ import A */\nimport B", ["B"]),
            ("let a = \"\"\"\n  import A\n  \"\"\"\nimport B", ["B"]),
            ("let a = #\"\"\"\n\"\"\"\nimport A\n\"\"\"#", []),
            ("let a = \"\\\"\"; let b = \"//\"\nimport A", ["A"]),
            ("let a = \"\\(f(\"x\", \"//\"))\"\nimport A", ["A"]),
            ("let important = 1\nuse(import)", []),
        ]
    )
    func imports(text: String, expected: [String]) {
        #expect(SwiftSource(text).imports == expected)
    }

    @Test(
        "a declaration that does not say what it is is found",
        arguments: [
            ("package struct A {}", [1]),
            ("public final class A {}", [1]),
            ("/// A thing.\npackage struct A {}", []),
            ("/// A thing\npackage struct A {}", [2]),
            ("///\npackage struct A {}", [2]),
            ("/// A thing.\n\npackage struct A {}", [3]),
            ("// A thing.\npackage struct A {}", [2]),
            ("/// A thing.\n@safe\n@frozen\npackage struct A {}", []),
            ("/// A thing\n/// of two lines.\n@discardableResult package func a() {}", []),
            ("@inline(never) package func a() {}", [1]),
            ("package static func a() {}", [1]),
            ("package static let a = 1", [1]),
            ("package class func a() {}", [1]),
            ("package nonisolated mutating func a() {}", [1]),
            ("package private(set) var a: Int", []),
            ("package let a: Int", []),
            ("package var a = f { 1 }", []),
            ("package var a: Int { 1 }", [1]),
            ("package subscript(a: Int) -> Int { 1 }", [1]),
            ("package typealias A = Int", [1]),
            ("package indirect enum A {}", [1]),
            ("package protocol A {}", [1]),
            ("package actor A {}", [1]),
            ("package init() {}", []),
            ("package extension A {}", []),
            ("package import A", []),
            ("package var description: String { a }", []),
            ("package static func < (left: A, right: A) -> Bool { true }", []),
            ("struct A { func a() {} }\nprivate func b() {}", []),
            ("/* package func a() {} */ let a = \"package func b() {}\"", []),
        ]
    )
    func documentation(text: String, expected: [Int]) {
        #expect(SwiftSource(text).undocumented == expected)
    }

    @Test(
        "what has no reason beside it is found",
        arguments: [
            ("let a = b as! C", [1]),
            ("// It is one.\nlet a = b as! C", []),
            ("let a = b as! C  // It is one.", []),
            ("class A: @unchecked Sendable {\n    // Never written.", []),
            ("// Far away.\n\nlet a = try! b()\n\n// Too late.", [3]),
            ("let a = \"try! \\(try! b())\"", [1]),
            ("let a = \"try!\"", []),
        ]
    )
    func reasons(text: String, expected: [Int]) {
        #expect(SwiftSource(text).unreasoned(LayoutTests.unchecked) == expected)
    }

    @Test("lines are counted as an editor counts them")
    func lines() {
        #expect(SwiftSource("a\n\n/*\n*/\n\"\"\"\n\n\"\"\"\n").lines.count == 7)
        #expect(SwiftSource("a\nb").lines.count == 2)
    }

    @Test(
        "what is left to be done, and what one machine has, is found",
        arguments: [
            ("// to do", false),
            ("// TO" + "DO: more", true),
            ("FIX" + "ME", true),
            ("/tmp/test-XXXXXX", false),
            ("a = \"/ho" + "me/me/src\"", true),
            ("/ro" + "ot/.swiftpm", true),
            ("cd /wo" + "rk/tree", true),
            ("/ro" + "ot/x", true),
            ("/home/ann/.config", false),
            ("https://example.com/" + "work/list", false),
            ("$HOME/" + "work/tree and ../" + "work/tree", false),
        ]
    )
    func words(line: String, isFound: Bool) {
        #expect(ForbiddenWords.lines(in: "\n\(line)\n") == (isFound ? [2] : []))
    }

    private static let package = """
        let strict: [SwiftSetting] = [.a(.b), .c("D")]
        let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift") // the database
        func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
            .target(name: name, dependencies: dependencies, swiftSettings: SETTINGS)
        }
        let package = Package(
            name: "p", products: [.executable(name: "c", targets: ["c"])],
            targets: [
                // A comment, with a comma.
                room("A"),
                room("B", ["A", grdb, .product(name: "X", package: "Y")]),
                .executableTarget(name: "c", dependencies: ["B"]),
                .systemLibrary(name: "S", pkgConfig: "s"),
                .target(name: "C", cSettings: strictC),
                tests(of: "A", ["B"], exclude: ["z"]),
                .testTarget(name: "T", dependencies: LIST, swiftSettings: strict),
            ]
        )
        if Context.environment["MORE"] != nil {
            package.targets += [.target(name: "M", dependencies: ["A"], path: "Tests/Q/M", swiftSettings: strict)]
        }
        """

    @Test("a manifest is read as SwiftPM reads it", arguments: ["strict", "lax"])
    func manifest(settings: String) throws {
        let text = Self.package.replacing("SETTINGS", with: settings).replacing("LIST", with: "[\"c\"]")
        let manifest = try Manifest(text)
        #expect(manifest.strictSettings == [".a(.b)", ".c(\"D\")"])
        #expect(
            manifest.targets == [
                Manifest.Target(name: "A", isTest: false, dependencies: [], settings: settings),
                Manifest.Target(name: "B", isTest: false, dependencies: ["A", "GRDB", "X"], settings: settings),
                Manifest.Target(name: "c", isTest: false, dependencies: ["B"], settings: nil),
                Manifest.Target(name: "S", isTest: false, dependencies: [], settings: nil, isCompiled: false),
                Manifest.Target(name: "C", isTest: false, dependencies: [], settings: "strictC"),
                Manifest.Target(name: "ATests", isTest: true, dependencies: ["A", "B"], settings: nil),
                Manifest.Target(name: "T", isTest: true, dependencies: ["c"], settings: "strict"),
                Manifest.Target(name: "M", isTest: true, dependencies: ["A"], settings: "strict", path: "Tests/Q/M"),
            ]
        )
    }

    @Test("what cannot be read is not passed over", arguments: ["[\"c\"] + more", "more", "[more]", "[.more]"])
    func unreadable(list: String) {
        #expect(throws: Manifest.Unreadable.self) {
            try Manifest(Self.package.replacing("LIST", with: list))
        }
    }

    @Test("the libraries of a program are read from its dynamic section")
    func dynamicSection() throws {
        // The tests are linked with all that tokenctl must not be linked with.
        let tests = try Data(contentsOf: try #require(Bundle.main.executableURL), options: .alwaysMapped)
        let needed = try DynamicSection(of: tests).needed
        #expect(Set(["libsystemd.so.0", "libFoundation.so", "libc.so.6"]).isSubset(of: needed))
        for count in [0, 5, 63, 100, 4_096] {
            #expect(throws: DynamicSection.Unreadable.self) { try DynamicSection(of: tests.prefix(count)) }
        }
        #expect(throws: DynamicSection.Unreadable.self) { try DynamicSection(of: Data("#!/bin/sh\n".utf8)) }
    }
}
