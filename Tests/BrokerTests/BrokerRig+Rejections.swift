import LocalAPI

@testable import Broker

extension BrokerRig {
    /// The answer to a caller's report that it was refused with `token`.
    func reject(
        _ token: String,
        of name: String = "billing",
        uid: UInt32 = 0,
        on role: SocketRole = .token
    ) throws -> Answer {
        try post(#"{"access_token":"\#(token)"}"#, to: "/v1/token/\(name)/rejected", uid: uid, on: role)
    }

    func post(_ json: String, to path: String, uid: UInt32 = 0, on role: SocketRole = .token) throws -> Answer {
        guard let answer = try begin(path, method: .post, uid: uid, on: role, json: json).now else {
            throw RigError.noAnswer(path)
        }
        return answer
    }

    /// Whether a report of `token` has another asked for.
    func isRefreshing(rejecting token: String, of name: String = "billing", uid: UInt32 = 0) throws -> Bool {
        let answer = try reject(token, of: name, uid: uid)
        guard answer.status == 202 else { throw RigError.noAnswer(answer.body) }
        return try answer.document(RejectionDocument.self).refreshing
    }

    /// What a caller gets now.
    func cached(_ query: String = "", uid: UInt32 = 0) throws -> String {
        try answer("/v1/token/billing\(query)", uid: uid).token.accessToken
    }

    /// A first token, fetched long enough ago for another request.
    func fetched(_ query: String = "", uid: UInt32 = 0) async throws -> String {
        let token = try await ask("/v1/token/billing\(query)", uid: uid).token.accessToken
        advance(by: .seconds(1))
        return token
    }

    /// How many reports ended so.
    func rejections(_ result: String, of name: String = "billing") throws -> Int {
        let start = #"tokenbroker_rejections_total{client="\#(name)",result="\#(result)"} "#
        let lines = try answer("/metrics", on: .admin).body.split(separator: "\n")
        return lines.first { $0.hasPrefix(start) }.flatMap { Int($0.dropFirst(start.count)) } ?? 0
    }
}
