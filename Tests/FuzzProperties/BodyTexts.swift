import OAuth2

/// The texts in a body, found without the reader that is tested: JSON is only taken apart, not checked.
struct BodyTexts {
    /// Every text that is a value.
    private(set) var values: [String] = []

    /// Those that stand under a name that speaks of a token, once in their object, where readers agree what it says.
    private(set) var tokens: [String] = []

    /// Whether the body is an object whose first `error` says something.
    private(set) var statesError = false

    init(_ bytes: [UInt8]) {
        var body = bytes[...]
        if body.starts(with: [0xEF, 0xBB, 0xBF]) { body = body.dropFirst(3) }
        body = body.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        while let last = body.last, [0x20, 0x09, 0x0A, 0x0D].contains(last) { body.removeLast() }
        if body.first == UInt8(ascii: "{") {
            // As the reader does, so that texts are compared that both could read.
            var json = JSONTexts(Array(String(decoding: body, as: UTF8.self).utf8))
            json.run()
            values = json.texts.map(\.value)
            tokens = json.texts.filter { text in
                text.isSecret && json.texts.count { $0.owner == text.owner && $0.name == text.name } == 1
            }.map(\.value)
            let errors = json.texts.filter { $0.owner == 1 && $0.name == "error" }
            statesError = json.names.count { $0 == "error" } == 1 && errors.count == 1 && errors[0].value != ""
        } else if let form = FormEncoding.decode(body) {
            values = form.map(\.value)
            for (index, parameter) in form.enumerated() {
                let isFirst = !form[..<index].contains { $0.name == parameter.name }
                // What has spaces is prose with an equals sign in it.
                if isFirst, !parameter.name.contains(where: \.isWhitespace), BodyTexts.namesToken(parameter.name) {
                    tokens.append(parameter.value)
                }
            }
        }
    }

    static func namesToken(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.contains("token") && !name.hasSuffix("type")
    }
}

/// The texts of a JSON text, each with the name that it stands under.
private struct JSONTexts {
    struct Text {
        var value: String
        var name: String
        /// The number of the object that it is in, from 1 on.
        var owner: Int
        var isSecret: Bool
    }

    /// The reader looks no deeper.
    private static let maximumDepth = 8

    private struct Container {
        var number: Int
        var isSecret: Bool
        var name = ""
        var isValueSecret: Bool
    }

    private(set) var texts: [Text] = []

    /// Those of the outermost object's members.
    private(set) var names: [String] = []

    private let bytes: [UInt8]
    private var index = 0
    private var containers: [Container] = []
    private var opened = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func run() {
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                opened += 1
                let isSecret = containers.last?.isValueSecret ?? false
                containers.append(Container(number: opened, isSecret: isSecret, isValueSecret: isSecret))
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                _ = containers.popLast()
                index += 1
            case UInt8(ascii: "\""):
                index += 1
                takeString()
            default:
                index += 1
            }
        }
    }

    private mutating func takeString() {
        let text = string()
        guard var container = containers.popLast() else { return }
        defer { containers.append(container) }
        let next = bytes[index...].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        if next == UInt8(ascii: ":") {
            container.name = text ?? ""
            container.isValueSecret = container.isSecret || BodyTexts.namesToken(container.name)
            if containers.isEmpty { names.append(container.name) }
        } else if let text, containers.count < JSONTexts.maximumDepth {
            texts.append(
                Text(value: text, name: container.name, owner: container.number, isSecret: container.isValueSecret)
            )
        }
    }

    /// The rest of a string up to its quote, or nil when it is none in Unicode.
    private mutating func string() -> String? {
        var units: [UInt16] = []
        var piece: [UInt8] = []
        func flushed() -> [UInt16] { Array(String(decoding: piece, as: UTF8.self).utf16) }
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            guard bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count else {
                piece.append(bytes[index])
                index += 1
                continue
            }
            units += flushed()
            piece = []
            let escape = bytes[index + 1]
            index += 2
            if escape == UInt8(ascii: "u") {
                let digits = String(decoding: bytes[index...].prefix(4), as: UTF8.self)
                units.append(UInt16(digits, radix: 16) ?? 0xFFFD)
                index = min(index + 4, bytes.count)
            } else {
                units.append(JSONTexts.escapes[escape] ?? UInt16(escape))
            }
        }
        index = min(index + 1, bytes.count)
        return String(validating: units + flushed(), as: UTF16.self)
    }

    private static let escapes: [UInt8: UInt16] = [
        UInt8(ascii: "b"): 0x08, UInt8(ascii: "t"): 0x09, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "f"): 0x0C,
        UInt8(ascii: "r"): 0x0D,
    ]
}
