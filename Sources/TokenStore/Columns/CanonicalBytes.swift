import Foundation
import OAuth2

/// Writes values so that equal ones have equal bytes and no two sequences of values run together.
///
/// Every text is preceded by its length. Rows are found and sealed by these bytes: they never change.
struct CanonicalEncoder {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ number: Int64) {
        makeRoom(for: 8)
        unsafe withUnsafeBytes(of: number.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func append(_ data: Data) {
        append(Int64(data.count))
        makeRoom(for: data.count)
        unsafe data.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func append(_ secret: Secret) {
        append(Int64(secret.count))
        makeRoom(for: secret.count)
        unsafe secret.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func append(_ text: String) {
        let text = text.utf8.span
        append(Int64(text.count))
        makeRoom(for: text.count)
        bytes.append(contentsOf: text)
    }

    mutating func append(_ texts: [String]) {
        append(Int64(texts.count))
        for text in texts { append(text) }
    }

    mutating func append(_ flag: Bool) {
        makeRoom(for: 1)
        bytes.append(flag ? 1 : 0)
    }

    mutating func append(_ number: Int64?) {
        append(number != nil)
        if let number { append(number) }
    }

    mutating func append(_ text: String?) {
        append(text != nil)
        if let text { append(text) }
    }

    /// Everything written so far, when there are secrets in it.
    var secret: Secret { Secret(bytes.span) }

    /// Overwrites what was written.
    mutating func wipe() { bytes.wipe() }

    /// There may be secrets in what is outgrown.
    private mutating func makeRoom(for more: Int) {
        guard bytes.count + more > bytes.capacity else { return }
        var larger: [UInt8] = []
        larger.reserveCapacity(max(512, 2 * (bytes.count + more)))
        larger.append(contentsOf: bytes)
        bytes.wipe()
        bytes = larger
    }
}

/// Reads what `CanonicalEncoder` wrote, in the same order; throws on anything else.
struct CanonicalDecoder {
    /// The bytes are not what the encoder writes.
    struct Malformed: Error {}

    private var rest: Data.SubSequence

    init(_ bytes: Data) { rest = bytes[...] }

    mutating func number() throws(Malformed) -> Int64 {
        var number: Int64 = 0
        for byte in try take(8) { number = number << 8 | Int64(byte) }
        return number
    }

    mutating func data() throws(Malformed) -> Data {
        guard let length = Int(exactly: try number()) else { throw Malformed() }
        return Data(try take(length))
    }

    mutating func secret() throws(Malformed) -> Secret {
        guard let length = Int(exactly: try number()) else { throw Malformed() }
        return Secret(try take(length).span)
    }

    mutating func text() throws(Malformed) -> String {
        guard let text = String(bytes: try data(), encoding: .utf8) else { throw Malformed() }
        return text
    }

    mutating func texts() throws(Malformed) -> [String] {
        let count = try number()
        // Each text takes at least its length's eight bytes, which bounds what a damaged count can ask for.
        guard count >= 0, count <= rest.count / 8 else { throw Malformed() }
        var texts: [String] = []
        for _ in 0..<count { texts.append(try text()) }
        return texts
    }

    mutating func optionalText() throws(Malformed) -> String? { try flag() ? try text() : nil }

    mutating func optionalNumber() throws(Malformed) -> Int64? { try flag() ? try number() : nil }

    mutating func flag() throws(Malformed) -> Bool {
        switch try take(1).first {
        case 0: false
        case 1: true
        default: throw Malformed()
        }
    }

    func end() throws(Malformed) {
        guard rest.isEmpty else { throw Malformed() }
    }

    private mutating func take(_ count: Int) throws(Malformed) -> Data.SubSequence {
        guard count >= 0, count <= rest.count else { throw Malformed() }
        let taken = rest.prefix(count)
        rest = rest.dropFirst(count)
        return taken
    }
}
