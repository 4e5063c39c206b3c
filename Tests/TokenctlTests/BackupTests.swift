import Glibc
import LinuxHost
import LocalAPI
import Testing

@testable import tokenctl

@Suite("A backup") struct BackupTests {
    private static let head = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    private static let end = Array("0\r\n\r\n".utf8)

    private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [0x0D, 0x0A]
    }

    /// Every byte there is, more than once.
    private static let pieces = [[UInt8](0...255), [0x0A], [UInt8](repeating: 0, count: 70_000)]
    private static let whole = [head] + pieces.map(chunk) + [end]

    private func save(
        _ answer: [[UInt8]],
        over old: String? = nil,
        replacing: Bool = false
    ) throws -> (result: Result<Int, Failure>, socket: AnsweringSocket, file: String) {
        let socket = try AnsweringSocket(answer)
        let file = "\(socket.directory)/backup"
        if let old { try FileSystem.createExclusively(file, mode: 0o644, contents: Array(old.utf8)) }
        let backup = Backup(broker: BrokerClient(socket: socket.path))
        let result = Result { () throws(Failure) in try backup.save(to: file, replacing: replacing) }
        return (result, socket, file)
    }

    private func content(of file: String) throws -> [UInt8] { try FileSystem.read(file, maximumBytes: 1 << 20) }

    @Test("that came whole is a file that is nobody else's")
    func whole() async throws {
        let (result, socket, file) = try save(Self.whole)
        #expect(try result.get() == 70_257)
        #expect(try content(of: file) == Array(Self.pieces.joined()))
        #expect(try socket.names() == ["backup"])
        var status = stat()
        #expect(unsafe stat(file, &status) == 0 && status.st_mode & 0o7777 == 0o600)
        var requests = socket.requests.makeAsyncIterator()
        #expect(
            await requests.next() == "POST /v1/backup HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
        )
    }

    /// Within the head, after it, within a chunk, between two, and where only the end is missing.
    private static let lengths = [30, head.count, 100, 310, 70_000, 70_325, 70_326]

    @Test("that ends before it is whole leaves nothing behind", arguments: lengths)
    func cutOff(length: Int) throws {
        let (result, socket, _) = try save([Array(Self.whole.joined().prefix(length))])
        #expect(result == .failure(length == 30 ? .brokenAnswer : .cutOff))
        #expect(try socket.names() == [])
        #expect(Failure.cutOff.exitStatus == 70)
    }

    @Test("of nothing is none")
    func empty() throws {
        let (result, socket, _) = try save([Self.head, Self.end])
        #expect(result == .failure(.cutOff))
        #expect(try socket.names() == [])
    }

    @Test("that the daemon refuses leaves nothing behind, and its reason is told")
    func refused() throws {
        let document = APIError(.serverError, "the disk is full", remedy: "Free space.").document
        let body = DocumentCoding.encode(document)
        let head = Array("HTTP/1.1 500 No\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
        let (result, socket, _) = try save([head + body])
        #expect(result == .failure(Failure(document)))
        #expect(try socket.names() == [])
    }

    @Test("takes no other file's place unless that is meant, and then only when it is whole")
    func existing() throws {
        let (refused, socket, file) = try save(Self.whole, over: "old")
        #expect(
            refused
                == .failure(
                    Failure(
                        exitStatus: 64,
                        what: "\(file): cannot be created: File exists",
                        remedy: "Name another file, or replace this one with --force."
                    )
                )
        )
        #expect(try content(of: file) == Array("old".utf8) && socket.names() == ["backup"])

        let (replaced, second, another) = try save(Self.whole, over: "old", replacing: true)
        #expect(try replaced.get() == 70_257 && content(of: another).count == 70_257)
        #expect(try second.names() == ["backup"])

        let (cut, third, kept) = try save([Self.head, Self.chunk([1])], over: "old", replacing: true)
        #expect(cut == .failure(.cutOff))
        #expect(try content(of: kept) == Array("old".utf8) && third.names() == ["backup"])
    }

    @Test("of which the daemon cannot be asked, or that has no place, is refused with what to do")
    func unreachable() throws {
        let socket = try AnsweringSocket([])
        let nobody = Backup(broker: BrokerClient(socket: "\(socket.directory)/nobody.sock"))
        let refused = #expect(throws: Failure.self) {
            try nobody.save(to: "\(socket.directory)/backup", replacing: false)
        }
        #expect(refused?.exitStatus == 69)
        let nowhere = #expect(throws: Failure.self) {
            try nobody.save(to: "\(socket.directory)/none/backup", replacing: false)
        }
        #expect(nowhere?.exitStatus == 64 && nowhere?.remedy?.contains("directory") == true)
        let directory = #expect(throws: Failure.self) { try nobody.save(to: socket.directory, replacing: true) }
        #expect(directory?.exitStatus == 64 && directory?.what.contains("no regular file") == true)
        #expect(try socket.names() == [])
    }

    @Test("larger than any answer is handed on piece by piece")
    func large() throws {
        let piece = [UInt8](repeating: 7, count: 1 << 20)
        let count = AnswerReader.maximumBody / piece.count + 1
        let socket = try AnsweringSocket([Self.head] + Array(repeating: Self.chunk(piece), count: count) + [Self.end])
        var longest = 0
        let size = try Backup(broker: BrokerClient(socket: socket.path)).pour { piece in
            longest = max(longest, piece.count)
        }
        #expect(size == count * piece.count && size > AnswerReader.maximumBody)
        #expect(longest == piece.count)
    }

    @Test("whose sink takes no more ends with the sink's reason")
    func fullSink() throws {
        let socket = try AnsweringSocket(Self.whole)
        let full = Failure(exitStatus: 75, what: "full", remedy: nil)
        var taken = 0
        let failure = #expect(throws: Failure.self) {
            _ = try Backup(broker: BrokerClient(socket: socket.path)).pour { _ throws(Failure) in
                guard taken < 1 else { throw full }
                taken += 1
            }
        }
        #expect(failure == full && taken == 1)
    }
}
