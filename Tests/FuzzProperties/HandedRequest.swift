import LocalAPI
import LocalServer
import OAuth2

/// A request that was handed over beside the bytes that it was made of, which are read here in another way.
struct HandedRequest {
    let request: HTTPRequest
    let bytes: ArraySlice<UInt8>

    /// What does not hold of it; empty when all is well.
    var violations: [String] {
        guard let headEnd = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return ["a head without an end"] }
        let head = bytes[..<headEnd.lowerBound]
        if head.count + 4 > RequestParser.maximumHead { return ["a head of \(head.count + 4) bytes"] }
        var violations: [String] = []
        if !startsWithLine(head) { violations.append("another request line than was sent") }
        if head.contains(where: { $0 < 0x20 && $0 != 0x09 && $0 != 0x0D && $0 != 0x0A || $0 == 0x7F }) {
            violations.append("a control character")
        }
        let target = request.target.utf8
        if target.first != UInt8(ascii: "/") || !target.allSatisfy({ (0x21...0x7E).contains($0) }) {
            violations.append("the target \(request.target)")
        }
        let body = bytes[headEnd.upperBound...]
        if !body.elementsEqual(request.body) { violations.append("another body than was sent") }
        violations += self.violations(ofFields: head, body: body.count)
        return violations
    }

    private func startsWithLine(_ head: ArraySlice<UInt8>) -> Bool {
        var rest = head
        for part in [request.method.rawValue, " ", request.target, " HTTP/1."] {
            guard rest.starts(with: part.utf8) else { return false }
            rest = rest.dropFirst(part.utf8.count)
        }
        return rest.starts(with: [0x30]) || rest.starts(with: [0x31])
    }

    /// Reads the fields as a proxy in front of us might, so that it and we cannot disagree on where the body ends.
    private func violations(ofFields head: ArraySlice<UInt8>, body: Int) -> [String] {
        var lengths: [ArraySlice<UInt8>] = []
        var hosts = 0
        for line in head.split(separator: 0x0A).dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return ["a line that is no field"] }
            let name = line[..<colon]
            guard name.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !name.isEmpty else { return ["a malformed name"] }
            // 14, 17 and 4 bytes; the others do not matter here.
            switch name.count {
            case 14 where isNamed("content-length", name): lengths.append(line[colon...].dropFirst())
            case 17 where isNamed("transfer-encoding", name): return ["a transfer coding"]
            case 4 where isNamed("host", name): hosts += 1
            default: break
            }
        }
        if hosts > 1 || lengths.count > 1 { return ["a field that stands twice"] }
        guard let length = lengths.first else {
            return request.method == .post || body > 0 ? ["a body of no stated length"] : []
        }
        let digits = length.filter { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
        let stated = Int(String(decoding: digits, as: UTF8.self))
        return stated == body && body <= RequestParser.maximumBody ? [] : ["a body of another length than stated"]
    }

    private func isNamed(_ lowercased: StaticString, _ name: ArraySlice<UInt8>) -> Bool {
        lowercased.withUTF8Buffer { wanted in
            unsafe name.elementsEqual(wanted) { $0 == $1 || (0x41...0x5A).contains($0) && $0 | 0x20 == $1 }
        }
    }
}

// MARK: What is asked for

extension HandedRequest {
    /// What does not hold of what the two sockets make of it.
    var readingViolations: [String] {
        let input = request.input
        return [SocketRole.token, .admin].flatMap { role in
            do throws(APIError) {
                return violations(of: try APIRequest.parse(input, role: role), role: role)
            } catch {
                return violations(of: error)
            }
        }
    }

    /// What a request alone can be refused with.
    private static let statuses: [APIErrorCode: Set<Int>] = [
        .invalidRequest: [400, 404, 405], .invalidScope: [400], .unsupportedGrantType: [400],
    ]

    private func violations(of error: APIError) -> [String] {
        var violations: [String] = []
        if Self.statuses[error.code]?.contains(error.status()) != true {
            violations.append("\(error.code) with \(error.status())")
        }
        if (error.status() == 405) != (error.allow != nil) { violations.append("405 without Allow") }
        for words in [error.summary, error.remedy, error.client].compactMap(\.self) where !isClean(words) {
            violations.append("an error that cannot be printed")
        }
        return violations
    }

    private func violations(of request: APIRequest, role: SocketRole) -> [String] {
        switch request {
        case .token(let query):
            return violations(of: query)
        case .watch(let client), .rejected(let client, _):
            return isClean(client) ? [] : ["a client's name with a control character"]
        case .clients, .health:
            return []
        case .client(let client), .refresh(let client, _), .logout(let client, _), .why(_, let client),
            .loginPlan(let client), .login(let client, _), .loginRedirect(let client, _), .diagnosis(let client, _):
            if role == .token { return ["an operator's request on the token socket"] }
            return isClean(client) ? [] : ["a client's name with a control character"]
        case .verification(let client):
            if role == .token { return ["an operator's request on the token socket"] }
            return client.map(isClean) ?? true ? [] : ["a client's name with a control character"]
        case .status, .events, .reload, .rekey, .backup, .ready, .metrics:
            return role == .token ? ["an operator's request on the token socket"] : []
        }
    }

    private func violations(of query: TokenQuery) -> [String] {
        var violations: [String] = []
        let texts = [query.client] + query.resource + [query.audience].compactMap(\.self)
        if !texts.allSatisfy(isClean) { violations.append("a field with a control character") }
        if query.resource.count > TokenQuery.maximumResources { violations.append("too many resources") }
        if query.resource.contains("") || query.audience == "" { violations.append("an empty field") }
        if let scope = query.scope, scope.isEmpty || !scope.tokens.allSatisfy({ !$0.isEmpty && isClean($0) }) {
            violations.append("a scope that is none")
        }
        if let timeout = query.timeout, timeout < .zero || timeout > TokenQuery.longestTimeout {
            violations.append("a timeout of \(timeout)")
        }
        if let minTTL = query.minTTL, minTTL < .zero { violations.append("a min_ttl of \(minTTL)") }
        return violations
    }

    private func isClean(_ text: String) -> Bool { !text.utf8.contains { $0 < 0x20 || $0 == 0x7F } }
}
