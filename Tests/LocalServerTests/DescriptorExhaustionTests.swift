import Foundation
import Glibc
import LinuxHost
import LocalServer
import Testing

/// Its child inherits what is open here, so that a server that another test closes would go on listening in the child:
/// it runs where no other test has servers.
@Suite("Descriptors run out")
struct DescriptorExhaustionTests {
    @Test("Without a free descriptor callers wait in the backlog, and each is answered when one is free")
    func descriptorsRunOut() async throws {
        await #expect(processExitsWith: .success) {
            try await withServer { fixture in
                let clients = try (0..<10).map { _ in try Client() }
                // libdispatch opens descriptors at the first source, and traps when there are none.
                let (opened, open) = AsyncStream<Void>.makeStream()
                let source = DispatchSource.makeTimerSource()
                source.setEventHandler { open.finish() }
                source.schedule(deadline: .now())
                source.activate()
                for await _ in opened {}
                source.cancel()
                var limit = rlimit(rlim_cur: 100, rlim_max: 100)
                try #require(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
                var fillers: [Int32] = []
                while case let filler = dup(2), filler >= 0 { fillers.append(filler) }
                try #require(errno == EMFILE)
                for filler in fillers.prefix(3) { close(filler) }
                for client in clients {
                    try client.connect(fixture.path)
                    try client.send("GET /waited HTTP/1.1\r\n\r\n")
                }
                // Three are answered; every one that goes lets the next in.
                for client in clients {
                    guard try client.receiveAnswer().body == "/waited" else { exit(1) }
                    shutdown(client.descriptor, Int32(SHUT_RDWR))
                }
            }
        }
    }
}
