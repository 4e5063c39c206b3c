import CCallers
import Glibc
import LinuxHost
import LocalAPI
import LocalServer
import Testing

@Suite("The process that connected", .timeLimit(.minutes(5)))
struct CallerProcessTests {
    /// A server that looks at units from the start.
    private func withUnits(_ body: (ServerFixture) async throws -> Void) async throws {
        try await withServer { fixture in
            fixture.server.setNamedCallers(LocalServer.NamedCallers(needsUnit: true))
            try await body(fixture)
        }
    }

    /// Connects `client` in a process that then ends, and returns its number.
    private func connectInChild(_ client: Client, _ path: String) throws -> pid_t {
        let pid = unsafe ccallers_connect_in_child(client.descriptor, path)
        guard pid > 0 else { throw FixtureError.system("fork", errno) }
        var information = unsafe siginfo_t()
        let waited = unsafe waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT)
        try #require(waited == 0)
        return pid
    }

    @Test("is not the one that has its end of the connection now, be it gone or a zombie", arguments: [false, true])
    func passedOn(isGone: Bool) async throws {
        try await withUnits { fixture in
            let client = try Client()
            let pid = try connectInChild(client, fixture.path)
            if isGone { waitpid(pid, nil, 0) }
            try client.send("GET /stolen HTTP/1.1\r\n\r\n")
            #expect(try client.receiveAnswer().status == 403)
            let foreign = try await fixture.nextForeign()
            #expect(foreign.caller.peer.pid == pid)
            #expect(foreign.caller.unit == .unknown(.processEnded))
            #expect(foreign.writer?.pid == getpid())
            if !isGone { waitpid(pid, nil, 0) }
        }
    }

    /// Starts a shell as the next program of a process that connected.
    private func becomeShell(_ script: String, _ path: String) throws -> pid_t {
        let words = ["/bin/sh", "-c", script]
        var arguments = unsafe words.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        defer { unsafe arguments.forEach { unsafe free($0) } }
        let pid = unsafe ccallers_connect_and_become(path, arguments)
        guard pid > 0 else { throw FixtureError.system("fork", errno) }
        return pid
    }

    private static let ask = #"printf 'GET /hold HTTP/1.1\r\n\r\n' >&3"#

    @Test("is the same when it becomes another program")
    func becameAnother() async throws {
        try await withUnits { fixture in
            let pid = try becomeShell("\(Self.ask); read line <&3", fixture.path)
            let held = try await fixture.nextHeld()
            #expect(held.caller.peer.pid == pid)
            let unit = try PeerProcess.withNumber(pid).unit
            #expect(held.caller.unit == unit)
            held.responder.send(.text("one\n"))
            waitpid(pid, nil, 0)
            // Asked again, as of a stream, it has ended.
            #expect(held.caller.unit == .unknown(.processEnded))
        }
    }

    @Test(
        "is in the unit that it is in when it is looked at",
        .enabled(if: TestCgroup.isPossible, "only root may make cgroups")
    )
    func moved() async throws {
        try await withUnits { fixture in
            let cgroups = try (1...2).map { try TestCgroup("tokenbroker-test-\(getpid())-\($0).service") }
            let script = "\(Self.ask); read line <&3"
            let pid = try becomeShell(script, fixture.path)
            let held = try await fixture.nextHeld()
            for cgroup in cgroups {
                try cgroup.take(pid)
                #expect(held.caller.unit == .unit(.system(cgroup.name)))
            }
            // A name that only looks like another's unit.
            let nested = try TestCgroup("\(cgroups[0].name)/system.slice/\(cgroups[1].name)")
            try nested.take(pid)
            #expect(held.caller.unit == .unit(.system(cgroups[0].name)))
            held.responder.send(.text("one\n"))
            waitpid(pid, nil, 0)
        }
    }
}
