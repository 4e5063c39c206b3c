import LocalAPI
import TestSupport
import Testing

@testable import LocalServer

/// Where an array's bytes lie, to look there again when they are gone.
@safe
private struct Place {
    private let base: UnsafeRawPointer
    private let count: Int

    init(_ bytes: [UInt8]) {
        unsafe base = bytes.withUnsafeBytes { $0.baseAddress! }
        count = bytes.count
    }

    /// Only while something still owns the memory.
    var bytes: [UInt8] { (0..<count).map { unsafe base.load(fromByteOffset: $0, as: UInt8.self) } }

    func isWhere(_ other: UnsafeRawPointer?) -> Bool { unsafe base == other }
}

@Suite("Bytes that are wiped")
struct WipedBytesTests {
    @Test("What is taken is overwritten where it lay, the rest stays")
    func taken() {
        var held = WipedBytes(keptCapacity: 1_024)
        held.append(Array("secret and more".utf8))
        let place = Place(held.storage)
        held.removeFirst(6)
        #expect(place.bytes == [UInt8](repeating: 0, count: 6) + Array(" and more".utf8))
        held.removeFirst(9)
        // The buffer is small and kept.
        #expect(held.isEmpty && held.capacity > 0)
        #expect(place.bytes == [UInt8](repeating: 0, count: 15))
    }

    @Test("What is moved to the front leaves nothing behind")
    func moved() {
        var held = WipedBytes(keptCapacity: 1_024)
        held.append(Array("0123456789secret".utf8))
        let place = Place(held.storage)
        held.removeFirst(10)
        held.append([UInt8]())
        #expect(held.start == 0 && held.prefix(6) == Array("secret".utf8))
        #expect(place.bytes == Array("secret".utf8) + [UInt8](repeating: 0, count: 10))
    }

    @Test("An answer is taken over, not copied, and overwritten as its reader takes it")
    func answer() {
        var machine = ConnectionMachine(limits: ServerLimits(), now: .zero)
        machine.received("GET / HTTP/1.1\r\n\r\n".utf8.span, now: .zero)
        _ = machine.next()
        let answer = [UInt8](repeating: 0x61, count: 2_000)
        let place = Place(answer)
        machine.answered(consume answer, to: 1)
        let isTakenOver = unsafe machine.withPendingOutput { unsafe place.isWhere($0.baseAddress) }
        #expect(isTakenOver)
        machine.wrote(1_999, now: .zero)
        #expect(place.bytes == [UInt8](repeating: 0, count: 1_999) + [0x61])
    }

    @Test("It is a queue of bytes, by a random walk against an array")
    func walk() {
        var generator = SeededGenerator(seed: 12)
        var held = WipedBytes(keptCapacity: 64)
        var model: [UInt8] = []
        for number in 0..<20_000 {
            switch generator.below(5) {
            case 0, 1:
                let added = (0..<generator.below(200)).map { UInt8(truncatingIfNeeded: $0 &+ number) }
                if generator.once(in: 2) { held.append(added) } else { held.adopt(added) }
                model += added
            case 2, 3:
                let count = generator.below(min(model.count, 300) + 1)
                #expect(held.prefix(count) == Array(model.prefix(count)))
                held.removeFirst(count)
                model.removeFirst(count)
            default:
                held.shrink()
                #expect(held.capacity <= 2 * held.count + 64 + 32, "an array's room is rounded up")
                if generator.once(in: 20) {
                    held.wipe()
                    model = []
                }
            }
            #expect(held.count == model.count && held.isEmpty == model.isEmpty)
            if let last = model.last { #expect(held[model.count - 1] == last) }
        }
    }

    @Test("A connection keeps no room of a burst of requests, nor of a long body")
    func bursts() {
        let request = Array("GET /v1/token/billing HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        let long = Array("POST / HTTP/1.1\r\nContent-Length: 16000\r\n\r\n".utf8) + [UInt8](repeating: 0, count: 16_000)
        for burst in [[UInt8]((0..<300).map { _ in request }.joined()), long] {
            var parser = RequestParser()
            parser.append(burst + Array("GET /next".utf8))
            while case .request = parser.next() {}
            #expect(parser.heldBytes == 9)
            #expect(parser.capacity <= 1_100)
        }
    }

    @Test("A buffer full of the smallest requests costs no more for each than a buffer with one")
    func smallest() {
        let smallest = Array("GET / HTTP/1.1\r\n\r\n".utf8)
        var parser = RequestParser()
        parser.append([UInt8]((0..<900).map { _ in smallest }.joined()))
        let before = parser.capacity
        for _ in 0..<899 { guard case .request = parser.next() else { Issue.record("no request"); return } }
        // Nothing was moved meanwhile: the storage is the same, and only its front is gone.
        #expect(parser.capacity == before && parser.heldBytes == smallest.count)
    }
}
