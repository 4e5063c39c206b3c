import Foundation
import Glibc
import LocalAPI
import MockAuthorizationServer
import Testing

/// What the kernel says of callers, and what the daemon does where it says less.
@Suite("Callers", .timeLimit(.minutes(5)), .enabled(if: geteuid() == 0, "only root may be others"))
struct IdentityTests {
    /// A server and a room with the client `billing`, whose `allow` is given.
    private func withRoom(
        allow: String,
        daemon: String = "",
        _ body: (Room, MockAuthorizationServer) async throws -> Void
    ) async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        // So that other users come to the socket.
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: room.path)
        try configure(room, server, allow: allow, daemon: daemon)
        try await body(room, server)
        await server.stop()
    }

    private func configure(
        _ room: Room,
        _ server: MockAuthorizationServer,
        allow: String,
        daemon: String = ""
    ) throws {
        try room.configure(daemon: daemon, room.client("billing", at: server, more: "allow = [\(allow)]"))
    }

    private func warnings(_ room: Room) async throws -> [String] {
        let answer = try await SocketHTTP.get("/v1/status", on: room.adminSocket)
        return try DocumentCoding.decode(StatusDocument.self, from: Array(answer.body.utf8)).warnings
    }

    /// The status of a fetch that `command`, a shell's, makes.
    private func fetch(_ room: Room, as user: UInt32? = nil, in cgroup: TestCgroup? = nil) async throws -> Int? {
        let prefix = user.map { "setpriv --reuid \($0) --regid \($0) --clear-groups " } ?? ""
        let curl =
            "\(prefix)curl --silent --output /dev/null --write-out %{http_code} --unix-socket \(room.tokenSocket)"
            + " http://localhost/v1/token/billing"
        let ended =
            if let cgroup {
                try await cgroup.run(curl, environment: [:])
            } else {
                try await Command.run("/bin/sh", ["-c", "exec \(curl)"])
            }
        return Int(ended.output)
    }

    @Test(
        "in a unit are told from those that only look so",
        .enabled(if: TestCgroup.isPossible, "only root may make cgroups")
    )
    func units() async throws {
        let billing = try TestCgroup("billing")
        let other = try TestCgroup("other")
        let nested = try TestCgroup("evil", nested: "system.slice/\(billing.unit)")
        try await withRoom(allow: #"{ unit = "\#(billing.unit)" }"#) { room, _ in
            try await withDaemon(in: room) { _ in
                let first = try await fetch(room, in: billing)
                #expect(first == 200)
                #expect(try await fetch(room, as: 4_242, in: billing) == 200)
                #expect(try await fetch(room, in: other) == 403)
                #expect(try await fetch(room, in: nested) == 403)
                #expect(try await fetch(room) == 403)
                #expect(try await warnings(room) == [])
            }
        }
    }

    @Test(
        "on a kernel before 6.5 are in no unit, unless their numbers are to do",
        .enabled(if: TestCgroup.isPossible, "only root may make cgroups")
    )
    func legacyKernel() async throws {
        let billing = try TestCgroup("legacy")
        let allow = #"{ unit = "\#(billing.unit)" }, { user = 4242 }"#
        try await withRoom(allow: allow) { room, server in
            let kernel = ["LD_PRELOAD": Binaries.legacyKernel]
            let check = try await Command.run(
                Binaries.tokenbrokerd,
                ["--check", "--config", room.configuration],
                environment: kernel
            )
            #expect(check.status == 0)
            #expect(check.output.contains("the unit rules of billing refuse everybody: this kernel"))
            try await withDaemon(in: room, environment: kernel) { daemon in
                #expect(try await fetch(room, in: billing) == 403)
                #expect(try await fetch(room, as: 4_242) == 200)
                let told = try await warnings(room)
                #expect(told.count == 1)
                #expect(told.first?.contains("refuse everybody") == true)
                #expect(try await Command.tokenctl("status", in: room).output.contains(told.first ?? "-"))
                #expect(room.log.contains("refuse everybody"))

                try configure(room, server, allow: allow, daemon: "legacy_peer_check = true")
                let reload = try await Command.tokenctl("reload", in: room)
                #expect(reload.status == 0, "\(reload.errors)")
                #expect(try await fetch(room, in: billing) == 200)
                #expect(try await fetch(room) == 403)
                #expect(try await warnings(room).map { $0.contains("go by process numbers") } == [true])

                try configure(room, server, allow: allow)
                _ = try await Command.tokenctl("reload", in: room)
                #expect(try await fetch(room, in: billing) == 403)
            }
        }
    }

    private static let userNamespace = ["unshare", "--user", "--map-root-user"]

    @Test(
        "whom the daemon's user namespace does not have cannot be told apart, and the status says so",
        .enabled("no user namespaces here") { try await Command.run("unshare", ["--user", "true"]).status == 0 }
    )
    func userNamespace() async throws {
        try await withRoom(allow: "{ user = 4242 }, { user = 0 }, { user = 65534 }") { room, _ in
            try await withDaemon(in: room) { _ in
                let other = try await fetch(room, as: 4_242)
                #expect(other == 200)
                #expect(try await warnings(room) == [])
            }
            try await withDaemon(in: room, through: Self.userNamespace) { _ in
                #expect(try await fetch(room, as: 4_242) == 403)
                #expect(try await fetch(room, as: 0) == 200)
                let told = try await warnings(room)
                #expect(told.count == 1)
                #expect(told.first?.contains("a user namespace without user 4242;") == true)
            }
        }
    }

    /// A daemon whose `/proc` shows it no process that it may not trace, which it may of none but itself.
    private static let hidden = [
        "unshare", "--mount", "sh", "-c",
        "mount -t proc -o hidepid=ptraceable proc /proc"
            + #" && exec setpriv --bounding-set -sys_ptrace --inh-caps -sys_ptrace "$@""#, "sh",
    ]

    @Test(
        "whose processes are hidden are in no unit that could be told, and the status says so",
        .enabled("no such mounts here") {
            try await Command.run(hidden[0], Array(hidden.dropFirst()) + ["true"]).status == 0
        },
        .enabled(if: TestCgroup.isPossible, "only root may make cgroups")
    )
    func hiddenProcesses() async throws {
        let billing = try TestCgroup("hidden")
        try await withRoom(allow: #"{ unit = "\#(billing.unit)" }, { user = 4242 }"#) { room, _ in
            try await withDaemon(in: room, through: Self.hidden) { _ in
                #expect(try await fetch(room, in: billing) == 403)
                #expect(try await fetch(room, as: 4_242) == 200)
                let told = try await warnings(room)
                #expect(told.count == 1)
                #expect(told.first?.contains("/proc hides other users' processes") == true)
            }
        }
    }
}
