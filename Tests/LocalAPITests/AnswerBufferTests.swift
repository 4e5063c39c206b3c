import LocalAPI
import Testing

@Suite("The room for an answer") struct AnswerBufferTests {
    @Test("Holds what is written, in order, and nothing when it is empty again")
    func order() {
        var buffer = AnswerBuffer(capacity: 8)
        buffer.append("ab".utf8.span)
        buffer.append(DecimalText(120))
        buffer.append([0x63])
        #expect([UInt8](buffer) == Array("ab120c".utf8))
        let left = buffer.withBytes(after: 5) { $0.count }
        #expect(left == 1)
        buffer.clear()
        #expect([UInt8](buffer).isEmpty)
    }

    @Test("Says when an answer found no room, and holds no part of what did not fit")
    func tooMuch() {
        var buffer = AnswerBuffer(capacity: 4)
        buffer.append("abc".utf8.span)
        buffer.append("de".utf8.span)
        let isWhole = buffer.isWhole
        #expect(!isWhole)
        #expect([UInt8](buffer) == Array("abc".utf8) + [0])
        buffer.wipe()
        buffer.append("abcd".utf8.span)
        let isWholeNow = buffer.isWhole
        #expect(isWholeNow)
    }

    @Test("A shorter answer leaves nothing of a longer one behind once it is wiped")
    func wiping() {
        var buffer = AnswerBuffer(capacity: 16)
        buffer.append("a long secret".utf8.span)
        buffer.clear()
        buffer.append("short".utf8.span)
        let isDirty = !buffer.isWiped
        buffer.wipe()
        let isClean = buffer.isWiped
        #expect(isDirty && isClean)
        // More than there is room for shows the room as it is.
        buffer.append([UInt8](repeating: 1, count: 17))
        #expect([UInt8](buffer) == [UInt8](repeating: 0, count: 16))
    }

    @Test(
        "A number is written in decimal digits",
        arguments: [0, 1, 9, 10, 99, 100, 3_599, 86_400, 1_700_000_000, Int.max - 1, Int.max]
    )
    func decimal(number: Int) {
        var buffer = AnswerBuffer()
        buffer.append(DecimalText(number))
        #expect(String(decoding: [UInt8](buffer), as: UTF8.self) == String(number))
        #expect(DecimalText(number).count == String(number).utf8.count)
        #expect(DecimalText(-number) == DecimalText(0))
    }
}
