import CLinux
import Glibc
import LinuxHost
import LocalAPI
import LocalServer
import TestSupport
import Testing

@Suite("Hostile and unlucky callers")
struct HostileCallerTests {
    /// Runs a shell command with the client's socket as its descriptor 3, and waits for it.
    @discardableResult
    private func run(_ command: String, with client: Client) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, client.descriptor, 3)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let words = ["sh", "-c", command]
        var arguments = unsafe words.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var pid: pid_t = 0
        let error = unsafe posix_spawn(&pid, "/bin/sh", &actions, nil, &arguments, nil)
        guard error == 0 else { throw FixtureError.system("posix_spawn", error) }
        var status: Int32 = 0
        unsafe waitpid(pid, &status, 0)
        #expect(status == 0)
        return pid
    }

    @Test("A process that writes to a connection it did not open ends it with access_denied")
    func inheritedConnection() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            #expect(try client.ask("/mine").status == 200)
            let pid = try run(#"printf 'GET /stolen HTTP/1.1\r\n\r\n' >&3"#, with: client)
            let foreign = try await fixture.nextForeign()
            #expect(foreign.writer == PeerWriter(pid: pid, uid: getuid(), gid: getgid()))
            #expect(foreign.caller.peer.pid == getpid())
            let answer = try client.receiveAnswer()
            #expect(answer.status == 403)
            let document = try DocumentCoding.decode(ErrorDocument.self, from: Array(answer.body.utf8))
            #expect(document.code == .accessDenied)
            #expect(try client.receive().isEmpty)
            await fixture.connectionEnds()
        }
    }

    @Test("Nor may it repeat what the opener asked for")
    func repeatedRequest() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            #expect(try client.ask("/written/20").status == 200)
            try run(#"printf 'GET /written/20 HTTP/1.1\r\nHost: localhost\r\n\r\n' >&3"#, with: client)
            #expect(try client.receiveAnswer().status == 403)
            #expect(fixture.repetitions == 0)
        }
    }

    @Test("Nor is it overlooked behind what the opener repeats")
    func behindRepetition() async throws {
        try await withServer { fixture in
            let (client, stalling) = (try Client(fixture.path), try Client(fixture.path))
            #expect(try client.ask("/written/20").status == 200)
            try stalling.send("GET /stall HTTP/1.1\r\n\r\n")
            try await fixture.stalls()
            let request = #"GET /written/20 HTTP/1.1\r\nHost: localhost\r\n\r\n"#
            try client.send("GET /written/20 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try run("printf '\(request)' >&3", with: client)
            fixture.goOn()
            #expect(try client.receiveAnswer().status == 200)
            fixture.advance(by: .seconds(1))
            #expect(try client.receiveAnswer().status == 403)
            #expect(fixture.repetitions == 1)
        }
    }

    @Test("Nor may it end a request that the opener began")
    func continuedRequest() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            try client.send("GET /hold HTT")
            try run(#"printf 'P/1.1\r\n\r\n' >&3"#, with: client)
            #expect(try client.receiveAnswer().status == 403)
        }
    }

    @Test("It is told once a connection, and of none that was over a limit")
    func toldOnce() async throws {
        var limits = ServerLimits()
        limits.connections = 1
        limits.keptForNamed = 0
        try await withServer(limits) { fixture in
            let client = try Client(fixture.path)
            #expect(try client.ask("/").status == 200)
            let refused = try Client(fixture.path)
            // The connection may be over before the second.
            let twice = "trap '' PIPE; printf ' ' >&3; printf ' ' >&3 || :"
            try run(twice, with: refused)
            #expect(try refused.receiveAnswer().status == 429)
            try run(twice, with: client)
            #expect(try client.receiveAnswer().status == 403)
            await fixture.connectionEnds()
            try await fixture.stop()
            fixture.endForeign()
            var told: [ConnectionID] = []
            for await writing in fixture.foreign { told.append(writing.caller.connection) }
            #expect(told.count == 1)
        }
    }

    @Test("What was passed along is closed, and the connection ends")
    func passedDescriptor() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            var ends: [Int32] = [0, 0]
            #expect(unsafe pipe(&ends) == 0)
            try client.send("GET / HTTP/1.1\r\n\r\n", passing: ends[1])
            close(ends[1])
            #expect(try client.receiveAnswer().status == 403)
            #expect(try await fixture.nextForeign().writer == nil)
            var byte: UInt8 = 0
            // The end of the pipe: nobody holds its other side any more.
            #expect(unsafe Glibc.read(ends[0], &byte, 1) == 0)
            close(ends[0])
        }
    }

    @Test("One connection too many is told so, even when it sends first, and a place that becomes free is taken")
    func tooManyConnections() async throws {
        var limits = ServerLimits()
        limits.connections = 4
        // Whoever runs this: root is always one of those that connections are kept for.
        limits.keptForNamed = 0
        try await withServer(limits) { fixture in
            var clients = try (0..<4).map { _ in try Client(fixture.path) }
            for client in clients { #expect(try client.ask("/").status == 200) }
            for _ in 0..<20 {
                let answer = try Client(fixture.path).ask("/")
                #expect(answer.status == 429)
                #expect(answer.head.contains("\r\nRetry-After: 1\r\n"))
                #expect(answer.body.contains("too_many_requests"))
            }
            clients.removeLast()
            await fixture.connectionEnds()
            #expect(try Client(fixture.path).ask("/").status == 200)
        }
    }

    @Test("Half-sent requests beyond their share of memory are refused; the others go on")
    func tooManyHeldBytes() async throws {
        var limits = ServerLimits()
        limits.requestBytesPerUser = 20_000
        try await withServer(limits) { fixture in
            let first = try Client(fixture.path)
            let second = try Client(fixture.path)
            let head = "POST /length HTTP/1.1\r\nContent-Length: 15000\r\n\r\n"
            try first.send(head + String(repeating: "a", count: 14_000))
            // Read before the next connection's bytes are, since one answer follows the other.
            let probe = try Client(fixture.path)
            #expect(try probe.ask("/").status == 200)
            try second.send(head + String(repeating: "b", count: 14_000))
            #expect(try second.receiveAnswer().status == 429)
            try first.send(String(repeating: "a", count: 1_000))
            #expect(try first.receiveAnswer().body == "15000")
            let third = try Client(fixture.path)
            try third.send(head + String(repeating: "c", count: 15_000))
            #expect(try third.receiveAnswer().body == "15000")
        }
    }

    @Test("Garbage on many connections never stops the server")
    func garbage() async throws {
        try await withServer { fixture in
            var generator = SeededGenerator(seed: 5)
            for round in 0..<300 {
                let client = try Client(fixture.path)
                var bytes = Array(corpus[round % corpus.count].utf8)
                for _ in 0..<Int.random(in: 0...20, using: &generator) where !bytes.isEmpty {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                        in: 0...255,
                        using: &generator
                    )
                }
                // The server may have closed already, which is its right.
                try? client.send(bytes)
                if round.isMultiple(of: 3) { client.finishSending() }
                if round.isMultiple(of: 5) { _ = try client.receive(1) }
            }
            #expect(try Client(fixture.path).ask("/alive").body == "/alive")
        }
    }
}

extension Client {
    /// Sends bytes together with a descriptor (SCM_RIGHTS of unix(7)).
    func send(_ text: String, passing passed: Int32) throws {
        var bytes = Array(text.utf8)
        // cmsghdr of 64-bit Linux: the length of it all, SOL_SOCKET, SCM_RIGHTS, then the descriptor.
        var control: [Int32] = [20, 0, SOL_SOCKET, 1, passed, 0]
        let count = unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe control.withUnsafeMutableBytes { control in
                var piece = unsafe iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                return unsafe withUnsafeMutablePointer(to: &piece) { piece in
                    var message = unsafe msghdr()
                    unsafe message.msg_iov = piece
                    unsafe message.msg_iovlen = 1
                    unsafe message.msg_control = control.baseAddress
                    unsafe message.msg_controllen = control.count
                    return unsafe sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
                }
            }
        }
        guard count == bytes.count else { throw FixtureError.system("sendmsg", errno) }
    }
}
