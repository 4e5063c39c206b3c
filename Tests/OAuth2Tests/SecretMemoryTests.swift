import OAuth2
import Synchronization
import Testing

@Suite("Memory for secrets") struct SecretMemoryTests {
    /// What is asked of somebody who lends memory.
    private final class Lender: Sendable {
        struct Books {
            var lent: [(count: Int, isKey: Bool)] = []
            var returned: [String] = []
            var isFull = false
        }

        let books = Mutex(Books())

        func install() {
            SecretMemory.install(
                unsafe SecretMemory(
                    allocate: { [self] count, isKey in
                        guard !books.withLock({ $0.isFull }) else { return nil }
                        books.withLock { $0.lent.append((count, isKey)) }
                        return UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 1)
                    },
                    release: { [self] start, count in
                        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
                        let text = unsafe String(decoding: bytes, as: UTF8.self)
                        books.withLock { $0.returned.append(text) }
                        unsafe start.deallocate()
                    }
                )
            )
        }
    }

    @Test("is had from whoever lends it, with the word for a key, and given back once, when the last copy goes")
    func lending() async {
        await #expect(processExitsWith: .success) {
            let lender = Lender()
            let before = Secret("before")
            lender.install()
            do {
                let token = Secret("token")
                let copy = token
                var key: [UInt8] = Array("key".utf8)
                let kept = Secret(wiping: &key, isKey: true)
                try #require(key == [0, 0, 0])
                try #require(copy.exposed() == "token" && kept.exposed() == "key" && token == copy)
                try #require(lender.books.withLock { $0.returned.isEmpty })
            }
            try #require(before.exposed() == "before")
            lender.books.withLock { books in
                #expect(books.lent.map(\.count) == [5, 3])
                #expect(books.lent.map(\.isKey) == [false, true])
                #expect(books.returned.sorted() == ["key", "token"])
            }
            // The heap serves when there is none left.
            lender.books.withLock { $0.isFull = true }
            try #require(Secret("another").exposed() == "another")
            try #require(lender.books.withLock { $0.lent.count == 2 && $0.returned.count == 2 })
            // Somebody else's memory does not take its place.
            Lender().install()
            lender.books.withLock { $0.isFull = false }
            try #require(Secret("once more").count == 9)
            try #require(lender.books.withLock { $0.lent.count == 3 })
        }
    }
}

@Suite("A secret that is written") struct SecretWriterTests {
    @Test("is what was written, however it grows", arguments: [0, 1, 7, 512, 5_000])
    func growth(capacity: Int) {
        var writer = SecretWriter(capacity: capacity)
        var expected: [UInt8] = []
        for byte in 0..<200 {
            writer.append(UInt8(byte))
            expected.append(UInt8(byte))
            writer.append(expected.span)
            expected += expected
            if expected.count > 100_000 { break }
        }
        #expect(writer.count == expected.count)
        #expect(writer.secret().exposedBytes() == expected)
        #expect(SecretWriter().secret().isEmpty)
    }
}
