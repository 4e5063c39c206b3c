import LinuxHost
import LocalServer
import Testing

@Suite("docs/SECURITY.md")
struct StatedLimitsTests {
    /// What a row of its table of limits says.
    private static func stated(_ what: String) throws -> String {
        let file = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/docs/SECURITY.md"
        let text = String(decoding: try FileSystem.read(file, maximumBytes: 1 << 20), as: UTF8.self)
        let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("| \(what) |") }, "\(what)")
        return row.split(separator: "|")[1].split(separator: " ").joined(separator: " ")
    }

    @Test("states the limits as they are")
    func limits() throws {
        let limits = ServerLimits()
        let expected = [
            "connections in all": limits.connections.grouped,
            "of these kept for root and for users and groups that some rule names": limits.keptForNamed.grouped,
            "of those kept for root and the admin socket": limits.keptForOperators.grouped,
            "answers that callers have not taken, in all": "\(limits.unsentBytes >> 20) MiB",
            "those of one user": "\(limits.unsentBytesPerUser >> 20) MiB",
            "those of operators": "\(limits.operatorBytes >> 20) MiB",
            "connections of one user": limits.connectionsPerUser.grouped,
            "connections of all users together whom no rule names": limits.connectionsOfUnnamed.grouped,
            "requests that are not whole yet, in all": "\(limits.requestBytes >> 20) MiB",
            "the same of one user": "\(limits.requestBytesPerUser >> 20) MiB",
            "head of a request": "\(RequestParser.maximumHead >> 10) KiB",
            "body of a request": "\(RequestParser.maximumBody >> 10) KiB",
            "time for a request": "\(limits.requestTime.components.seconds) s",
            "idle time": "\(limits.idleTime.components.seconds) s",
            "locked memory": "\(KeyArena.usualByteCount >> 20) MiB",
        ]
        for (what, limit) in expected { #expect(try Self.stated(what) == limit) }
    }

    @Test("states the arena's shares as they are")
    func shares() {
        #expect(KeyArena.shareOfLimit == 4, "a quarter of RLIMIT_MEMLOCK")
        #expect(KeyArena.shareForKeys == 8, "an eighth for keys")
    }
}

extension Int {
    /// With a comma before the last three digits.
    fileprivate var grouped: String {
        let digits = String(self)
        return digits.count > 3 ? "\(digits.dropLast(3)),\(digits.suffix(3))" : digits
    }
}
