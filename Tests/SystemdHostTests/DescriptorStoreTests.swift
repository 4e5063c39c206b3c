import Glibc
import Testing

@testable import SystemdHost

/// A file without a name that holds `text`.
private func file(_ text: String) throws -> Int32 {
    var template = Array("/tmp/tokenbroker-XXXXXX".utf8CString)
    let descriptor = unsafe mkstemp(&template)
    unsafe unlink(template)
    try #require(descriptor >= 0)
    let count = unsafe write(descriptor, text, text.utf8.count)
    try #require(count == text.utf8.count)
    return descriptor
}

private func text(of descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe pread(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
}

/// Each in a process of its own: the environment is a process's.
struct DescriptorStoreTests {
    @Test func `What is stored has arrived, with its name and content, when it is said so`() async {
        await #expect(processExitsWith: .success) {
            let manager = try FakeManager()
            manager.start()
            let isStored = ServiceManager.store(try file("precious"), named: "grants")
            #expect(isStored)
            let messages = manager.received
            #expect(messages.map(\.text) == ["FDSTORE=1\nFDNAME=stored-grants\nFDPOLL=0"])
            #expect(messages.map(\.descriptors.count) == [1])
            let kept = try #require(messages.first?.descriptors.first)
            #expect(text(of: kept) == "precious")
        }
    }

    @Test func `A manager that does not answer in time has stored nothing`() async {
        await #expect(processExitsWith: .success) {
            let manager = try FakeManager()
            let isStored = ServiceManager.store(try file("precious"), named: "grants", within: .zero)
            #expect(!isStored)
            withExtendedLifetime(manager) {}
        }
    }

    @Test func `Without a manager nothing is stored, and nothing is forgotten`() async {
        await #expect(processExitsWith: .success) {
            for socket in [nil, "/nonexistent/notify"] {
                setEnvironment("NOTIFY_SOCKET", socket)
                let isStored = ServiceManager.store(try file("precious"), named: "grants")
                #expect(!isStored)
                ServiceManager.removeStored(named: "grants")
            }
        }
    }

    @Test func `A closed descriptor cannot be stored`() async {
        await #expect(processExitsWith: .success) {
            let manager = try FakeManager()
            manager.start()
            #expect(!ServiceManager.store(-1, named: "grants"))
            #expect(manager.received == [])
        }
    }

    @Test func `What is to be forgotten is named as it was stored`() async {
        await #expect(processExitsWith: .success) {
            let socket = try TestSocket(type: SOCK_DGRAM)
            setEnvironment("NOTIFY_SOCKET", socket.path)
            ServiceManager.removeStored(named: "grants")
            #expect(socket.receive() == "FDSTOREREMOVE=1\nFDNAME=stored-grants")
        }
    }

    @Test func `A name that would be another assignment, or none to the manager, is not sent`() async {
        await #expect(processExitsWith: .success) {
            let socket = try TestSocket(type: SOCK_DGRAM)
            setEnvironment("NOTIFY_SOCKET", socket.path)
            for name in ["a\nREADY=1", "a:b", "é", String(repeating: "a", count: 249)] {
                #expect(!ServiceManager.store(0, named: name, within: .zero))
                ServiceManager.removeStored(named: name)
            }
            #expect(socket.receive() == nil)
            ServiceManager.removeStored(named: String(repeating: "a", count: 248))
            #expect(socket.receive() != nil)
        }
    }

    @Test func `Stored files come back among the sockets, by name and close on exec`() async {
        await #expect(processExitsWith: .success) {
            let token = try TestSocket(type: SOCK_STREAM, backlog: 1)
            let files = [try file("one"), try file("two")]
            try withPassed([token.descriptor, files[0], files[1]], names: "token:stored-grants:stored-") {
                let passed = try ServiceManager.passedDescriptors()
                #expect(passed.sockets.map(\.name) == [.token])
                #expect(passed.stored.map(\.name) == ["grants", ""])
                #expect(passed.stored.map { text(of: $0.descriptor) } == ["one", "two"])
                for stored in passed.stored { #expect(fcntl(stored.descriptor, F_GETFD) & FD_CLOEXEC != 0) }
            }
        }
    }

    @Test func `A stored name is for files alone, and a file under another name is none of ours`() async {
        await #expect(processExitsWith: .success) {
            let token = try TestSocket(type: SOCK_STREAM, backlog: 1)
            for stranger in [token.descriptor, unsafe open("/dev/null", O_RDONLY), unsafe open("/", O_RDONLY)] {
                withPassed([stranger], names: "stored-grants") {
                    #expect(throws: PassedSocketError.notStoredFile(name: "stored-grants", descriptor: 3)) {
                        try ServiceManager.passedDescriptors()
                    }
                }
            }
            for (name, error) in [
                ("grants", PassedSocketError.unknownName("grants", descriptor: 3)),
                ("token", .notListeningUnixStream(name: "token", descriptor: 3)),
            ] {
                let one = try file("one")
                withPassed([one], names: name) {
                    #expect(throws: error) { try ServiceManager.passedDescriptors() }
                }
            }
        }
    }
}
