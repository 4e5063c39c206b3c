package import OAuth2

/// An answer of a token endpoint as the bytes of a fuzzer or of a corpus file.
///
/// The form is one that a person can write: the status, and after it perhaps a provider and a grant, header fields line
/// by line, an empty line, the body. Bytes that lack any of it are an answer too, so that every input is one.
package struct AnswerInput {
    package var status = 200
    package var provider = Provider.generic
    package var grant = Grant.clientCredentials
    package var headers: [(name: String, value: String)] = []
    package var body: [UInt8]

    package init(_ bytes: [UInt8]) {
        let end = bytes.firstRange(of: Array("\n\n".utf8))
        body = Array(bytes[(end?.upperBound ?? bytes.endIndex)...])
        let head = bytes[..<(end?.lowerBound ?? bytes.endIndex)].split(separator: UInt8(ascii: "\n"))
        guard let first = head.first else { return }
        for word in first.split(separator: UInt8(ascii: " ")).map({ String(decoding: $0, as: UTF8.self) }) {
            if let stated = Int(word), (100...999).contains(stated) { status = stated }
            if let named = Provider(rawValue: word) { provider = named }
            if let named = Grant.allCases.first(where: { $0.type == word }) { grant = named }
        }
        headers = head.dropFirst()
            .map { line in
                let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
                let value = line[colon...].dropFirst().drop { $0 == UInt8(ascii: " ") }
                return (String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
            }
    }

    /// The answer itself, come at 2026-01-01 00:00:00 UTC.
    package var answer: HTTPAnswer {
        HTTPAnswer(status: status, headers: headers, body: body, now: .seconds(1_767_225_600))
    }

    /// The answer with only so much of its body, and without anything that tells how much it should be.
    package func cut(to length: Int) -> HTTPAnswer {
        var cut = answer
        cut.body = Array(body.prefix(length))
        cut.headers.removeAll { ["content-length", "transfer-encoding"].contains($0.name.lowercased()) }
        return cut
    }
}
