import LocalAPI
import Testing

@testable import tokenctl

@Suite("The daemon's socket") struct SocketPathTests {
    /// What is there to choose from.
    struct Row: Sendable {
        var option: String?
        var environment: [String: String] = [:]
        var files: Set<String> = []
        var isOwn = true
        let path: String
    }

    static let runtime = ["XDG_RUNTIME_DIR": "/run/user/7"]
    static let told = ["TOKENBROKER_SOCKET": "/told", "TOKENBROKER_ADMIN_SOCKET": "/told-admin"]
    static let own: Set = ["/run/user/7/tokenbroker/token.sock", "/run/user/7/tokenbroker/admin.sock"]

    private func resolve(_ role: SocketRole, _ row: Row) -> String {
        SocketPath.resolve(
            role,
            option: row.option,
            environment: { row.environment[$0] },
            isOwn: { $0 == "/run/user/7" && row.isOwn },
            exists: { row.files.contains($0) }
        )
    }

    @Test(
        "is the one told, else the environment's, else the user's own where there is one, else the system's",
        arguments: [
            Row(
                option: "/option",
                environment: told.merging(runtime) { $1 },
                files: own,
                path: "/option"
            ),
            Row(environment: told.merging(runtime) { $1 }, files: own, path: "/told"),
            Row(environment: ["TOKENBROKER_SOCKET": ""], path: "/run/tokenbroker/token.sock"),
            Row(environment: runtime, files: own, path: "/run/user/7/tokenbroker/token.sock"),
            // Of the user whose shell root's was started from.
            Row(environment: runtime, files: own, isOwn: false, path: "/run/tokenbroker/token.sock"),
            Row(environment: runtime, path: "/run/tokenbroker/token.sock"),
            // The user's other socket is no reason.
            Row(
                environment: runtime,
                files: ["/run/user/7/tokenbroker/admin.sock"],
                path: "/run/tokenbroker/token.sock"
            ),
            Row(
                environment: ["XDG_RUNTIME_DIR": ""],
                files: ["/tokenbroker/token.sock"],
                path: "/run/tokenbroker/token.sock"
            ),
            Row(environment: ["TOKENBROKER_ADMIN_SOCKET": "/told-admin"], path: "/run/tokenbroker/token.sock"),
            Row(path: "/run/tokenbroker/token.sock"),
        ]
    )
    func token(row: Row) {
        #expect(resolve(.token, row) == row.path)
    }

    @Test(
        "for operators has a variable and a name of its own",
        arguments: [
            Row(option: "/option", environment: told, files: own, path: "/option"),
            Row(environment: told.merging(runtime) { $1 }, files: own, path: "/told-admin"),
            Row(environment: runtime, files: own, path: "/run/user/7/tokenbroker/admin.sock"),
            Row(environment: ["TOKENBROKER_SOCKET": "/told"], path: "/run/tokenbroker/admin.sock"),
            Row(path: "/run/tokenbroker/admin.sock"),
        ]
    )
    func admin(row: Row) {
        #expect(resolve(.admin, row) == row.path)
    }
}
