import LocalAPI
import Testing

/// `tokenctl login`, and the person before it.
enum ScriptedLogin {
    /// Runs the command for `client`, has `person` act on its first event, and gives back what came then.
    static func run(
        _ client: String,
        in room: Room,
        _ person: (LoginEvent) async throws -> Void
    ) async throws -> [LoginEvent] {
        let arguments = ["login", client, "--format", "json", "--socket", room.adminSocket]
        let (_, rest) = try await Command.whileTalking(Binaries.tokenctl, arguments) { line in
            try await person(try DocumentCoding.decode(LoginEvent.self, from: Array(line.utf8)))
        }
        return try rest.split(separator: "\n").map {
            try DocumentCoding.decode(LoginEvent.self, from: Array($0.utf8))
        }
    }

    /// Opens `url` as a browser does; the status of the page that it ends on.
    @discardableResult
    static func browse(_ url: String?) async throws -> String {
        let arguments = ["-sS", "--noproxy", "*", "--location", "--output", "/dev/null", "--write-out", "%{http_code}"]
        return try await Command.run("curl", arguments + [try #require(url)]).output
    }
}
