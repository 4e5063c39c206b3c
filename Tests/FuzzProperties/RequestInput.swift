/// A caller and a handler as the bytes of a fuzzer or of a corpus file: a script, a line feed, and what the caller sends.
///
/// Every byte of the script is a decision, and they are taken again from the beginning when they are used up; a letter
/// that has no meaning is one for the ordinary.
struct RequestInput {
    /// Decides how requests are answered, how much is written and read at once, and, with its last byte, how it ends.
    let script: [UInt8]

    /// What the caller sends.
    let stream: [UInt8]

    /// Spells what is too long for a file of a corpus: `SUB` and a byte stand for that many times 128 of the byte before.
    private static let repeats: UInt8 = 0x1A

    /// Beyond the longest request and one read, nothing new can come.
    private static let maximumStream = 40 << 10

    /// The input that `bytes` spell; those without a script are all sent.
    init(_ bytes: [UInt8]) {
        let end = bytes.firstIndex(of: 0x0A) ?? 0
        script = end == 0 ? [UInt8(ascii: "a")] : Array(bytes[..<end])
        let written = bytes[(end == 0 ? 0 : end + 1)...]
        guard written.contains(RequestInput.repeats) else {
            stream = Array(written)
            return
        }
        var stream: [UInt8] = []
        var rest = written
        while let byte = rest.popFirst(), stream.count < RequestInput.maximumStream {
            if byte == RequestInput.repeats, let last = stream.last, let count = rest.popFirst() {
                let room = RequestInput.maximumStream - stream.count
                stream.append(contentsOf: repeatElement(last, count: min(Int(count) * 128, room)))
            } else {
                stream.append(byte)
            }
        }
        self.stream = stream
    }

    /// What the script says for the `number`th decision of a kind.
    func decision(_ number: Int) -> UInt8 { script[number % script.count] }

    /// How the caller and the server part.
    var ending: UInt8 { script[script.count - 1] }
}
