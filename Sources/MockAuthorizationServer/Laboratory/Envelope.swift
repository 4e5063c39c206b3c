import Foundation

/// What stands around a provider's answers: the members, the header fields, the status.
struct Envelope: Sendable {
    enum Shape: Sendable {
        /// RFC 6749 §5.2.
        case standard

        /// With numbers and identifiers for those who ask Microsoft.
        case entra

        /// Under HTTP 200, as a form unless JSON is asked for.
        case github

        /// Under HTTP 200, and `ok` says which.
        case slack
    }

    var shape = Shape.standard

    /// The header field that names the request to the provider's support.
    var requestIDHeader: String?

    /// Whether a refused Basic header is answered with a challenge.
    var challenges = false

    /// The member in which `Refusal.suberror` stands.
    var suberrorMember = "suberror"
    var contentType = "application/json;charset=UTF-8"

    /// What its grants do not say.
    var omits: Set<String> = []

    /// What makes answers differ that are otherwise the same.
    struct Occasion: Sendable {
        var now: Duration
        var requestID: String
        var wantsJSON: Bool
        var hasBasicHeader: Bool
    }

    /// The answer that refuses.
    func response(_ refusal: Refusal, _ occasion: Occasion) -> HTTPResponse {
        var response = HTTPResponse(status: refusal.status)
        if let page = refusal.page {
            response.body = Array(page.text.utf8)
            if !page.contentType.isEmpty { response.setHeader("Content-Type", page.contentType) }
        } else {
            var members: [String: JSONValue] = ["error": .string(refusal.error)]
            if let description = refusal.description { members["error_description"] = .string(description) }
            if let suberror = refusal.suberror { members[suberrorMember] = .string(suberror) }
            switch shape {
            case .standard: break
            case .entra: number(&members, refusal, occasion)
            case .github:
                members["error_uri"] = "https://docs.github.com/apps/troubleshooting"
            case .slack:
                members = ["ok": false, "error": .string(refusal.error)]
            }
            write(members, into: &response, occasion)
        }
        if challenges, refusal.status == 401, occasion.hasBasicHeader {
            response.setHeader("WWW-Authenticate", "Basic realm=\"laboratory\"")
        }
        for (name, value) in refusal.headers.sorted(by: { $0.key < $1.key }) { response.setHeader(name, value) }
        return response
    }

    /// The answer that grants, as this provider has it.
    func granted(_ plain: HTTPResponse, _ occasion: Occasion) -> HTTPResponse {
        guard plain.status == 200, case .object(var members) = JSONText.decode(plain.body) else { return plain }
        for name in omits { members[name] = nil }
        if shape == .slack { members["ok"] = true }
        var response = plain
        write(members, into: &response, occasion)
        return response
    }

    /// Puts in what every answer of the provider has.
    func sign(_ response: inout HTTPResponse, _ occasion: Occasion) {
        if let requestIDHeader { response.setHeader(requestIDHeader, occasion.requestID) }
    }

    private func write(_ members: [String: JSONValue], into response: inout HTTPResponse, _ occasion: Occasion) {
        response.setHeader("Cache-Control", "no-store")
        guard shape == .github, !occasion.wantsJSON else {
            response.setHeader("Content-Type", contentType)
            response.body = JSONValue.object(members).encoded()
            return
        }
        response.setHeader("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
        let fields = members.sorted { $0.key < $1.key }.compactMap { name, value -> String? in
            switch value {
            case .string(let text): "\(name)=\(Form.encode(text))"
            case .integer(let number): "\(name)=\(number)"
            default: nil
            }
        }
        response.body = Array(fields.joined(separator: "&").utf8)
    }

    private func number(_ members: inout [String: JSONValue], _ refusal: Refusal, _ occasion: Occasion) {
        let correlation = UUID().uuidString.lowercased()
        let time = Envelope.entraTime(occasion.now)
        if let number = refusal.number {
            members["error_codes"] = [.integer(number)]
            members["error_description"] = .string(
                "AADSTS\(number): \(refusal.description ?? "") Trace ID: \(occasion.requestID) "
                    + "Correlation ID: \(correlation) Timestamp: \(time)"
            )
        }
        members["trace_id"] = .string(occasion.requestID)
        members["correlation_id"] = .string(correlation)
        members["timestamp"] = .string(time)
    }

    private static func entraTime(_ now: Duration) -> String {
        let date = Date(timeIntervalSince1970: TimeInterval(now.components.seconds))
        return date.ISO8601Format(.iso8601(timeZone: .gmt, dateTimeSeparator: .space)) + "Z"
    }

    /// The form of a Date header (RFC 9110 §5.6.7).
    static func httpDate(_ now: Duration) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = .gmt
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: Date(timeIntervalSince1970: TimeInterval(now.components.seconds)))
    }
}
