import FoundationEssentials
import OAuth2

/// What a request that was pasted along tells: where it went, what it presented, and what must not be shown.
struct PastedRequest {
    private(set) var host: String?
    private(set) var grant: Grant?

    /// What it presented, which some servers repeat in their error texts.
    private(set) var secrets: [Secret] = []

    /// Larger ones are no token request's.
    private static let maximumLine = 65_536

    init(_ lines: [ArraySlice<UInt8>]) {
        for line in lines where line.count <= Self.maximumLine {
            let text = String(decoding: line, as: UTF8.self)
            if let value = Self.field("host", in: text) {
                host = host ?? String(value.prefix { $0 != ":" })
            } else if let value = Self.field("authorization", in: text) {
                addAuthorization(value)
            } else if text.contains("=") {
                addForm(line)
            }
        }
    }

    private static func field(_ name: String, in line: String) -> Substring? {
        guard line.lowercased().hasPrefix("\(name):") else { return nil }
        return line.dropFirst(name.count + 1).drop { $0 == " " }
    }

    private mutating func addAuthorization(_ value: Substring) {
        guard let credentials = value.split(separator: " ").last else { return }
        secrets.append(Secret(String(credentials)))
        guard let decoded = Data(base64Encoded: String(credentials)),
            let password = decoded.split(separator: UInt8(ascii: ":"), maxSplits: 1).dropFirst().first
        else { return }
        secrets.append(Secret(bytes: Array(password)))
    }

    private mutating func addForm(_ line: ArraySlice<UInt8>) {
        for parameter in FormEncoding.decode(line) ?? [] where !parameter.value.isEmpty {
            switch parameter.name {
            case "grant_type":
                grant = grant ?? Grant.allCases.first { $0.type == parameter.value }
            case "client_secret", "refresh_token", "code", "code_verifier", "device_code", "assertion",
                "client_assertion", "password":
                secrets.append(Secret(parameter.value))
            default:
                break
            }
        }
    }
}
