import Glibc
import LinuxHost
import Testing

@Suite("A loopback port") struct LoopbackTests {
    private static func client(_ port: UInt16) -> FileDescriptor {
        let socket = FileDescriptor(owning: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(socket.number, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return status == 0 ? socket : FileDescriptor(owning: -1)
    }

    @Test("accepts, receives and sends without waiting")
    func exchange() throws {
        let listener = try LoopbackListener(.v4, port: 0)
        let nobody = listener.accept()
        #expect(listener.port > 0 && nobody == nil)
        let client = Self.client(listener.port)
        let ready = try Readiness.wait(for: [.init(listener.number)], until: nil)
        #expect(ready == [listener.number])
        let accepted = listener.accept()
        let connection = try #require(accepted)
        #expect(connection.receive(maximumBytes: 10) == nil)
        #expect(unsafe send(client.number, [1, 2, 3] as [UInt8], 3, 0) == 3)
        #expect(try Readiness.wait(for: [.init(connection.number)], until: nil) == [connection.number])
        #expect(connection.receive(maximumBytes: 2) == [1, 2] && connection.receive(maximumBytes: 2) == [3])
        #expect(connection.send([9, 4, 5].dropFirst()) == 2)
        #expect(try client.read(maximumBytes: 10) == [4, 5])
        shutdown(client.number, Int32(SHUT_RDWR))
        _ = try Readiness.wait(for: [.init(connection.number)], until: nil)
        #expect(connection.receive(maximumBytes: 2) == [])
    }

    @Test("takes no more than the other end's buffers hold")
    func full() throws {
        let listener = try LoopbackListener(.v4, port: 0)
        let client = Self.client(listener.port)
        #expect(client.number >= 0)
        let accepted = listener.accept()
        let connection = try #require(accepted)
        let much = [UInt8](repeating: 0, count: 1 << 20)
        var sent = 0
        while let count = connection.send(much[...]), count > 0 { sent += count }
        #expect(sent > 0 && connection.send(much[...]) == 0)
        #expect(try Readiness.wait(for: [.init(connection.number, isWriting: true)], until: .zero) == [])
    }

    @Test("is one process's alone, whether it listens or only keeps it, and free when that goes")
    func taken() throws {
        func port(_ isListening: Bool) throws -> UInt16 {
            let listener = try LoopbackListener(.v4, port: 0, isListening: isListening)
            let error = #expect(throws: HostError.self) { _ = try LoopbackListener(.v4, port: listener.port) }
            #expect(error?.isTaken == true && error?.path == "127.0.0.1:\(listener.port)")
            #expect((Self.client(listener.port).number >= 0) == isListening)
            return listener.port
        }
        for isListening in [true, false] {
            let free = try port(isListening)
            #expect(try LoopbackListener(.v4, port: free).port == free)
        }
    }

    @Test("can be of IPv6", .enabled(if: FileSystem.exists("/proc/net/if_inet6")))
    func v6() throws {
        let listener = try LoopbackListener(.v6, port: 0)
        let error = #expect(throws: HostError.self) { _ = try LoopbackListener(.v6, port: listener.port) }
        #expect(error?.path == "[::1]:\(listener.port)")
    }

    @Test("is waited for until a time, and no longer")
    func deadline() throws {
        let listener = try LoopbackListener(.v4, port: 0)
        let deadline = LinuxClock.sinceBoot() + .milliseconds(20)
        #expect(try Readiness.wait(for: [.init(listener.number)], until: deadline) == [])
        #expect(LinuxClock.sinceBoot() >= deadline)
        // A time that is over.
        #expect(try Readiness.wait(for: [.init(listener.number)], until: .zero) == [])
    }
}
