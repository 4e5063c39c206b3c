import Diagnosis
import LocalAPI
import Testing

/// `tokenctl diagnose` at a server that answers off the standard: a wrong secret is a 403 without a body there, and a grant
/// that is not allowed an `authorization_type_invalid`.
@Suite("Diagnosed at a real authorization server", .needsRealAuthorizationServer, .timeLimit(.minutes(5)))
struct RealServerDiagnosisTests {
    @Test("each mistake gets its verdict, and a healthy client is called healthy")
    func verdicts() async throws {
        let server = try await RealAuthorizationServer.start(scheme: .http)
        let room = try Room()
        let wrong = RealAuthorizationServer.Client(id: server.postClient.id, secret: "not-the-secret")
        let post = #"client_authentication = "client_secret_post""#
        let raw = #"basic_encoding = "raw""#
        try room.configure(
            try client("healthy", server.postClient, at: server, in: room, more: post),
            try client("secret", wrong, at: server, in: room, more: post),
            try client("grant", server.codeOnlyClient, at: server, in: room, more: raw),
            try client("scope", server.postClient, at: server, in: room, scope: "no-such-scope", more: post),
            try client("disabled", server.disabledClient, at: server, in: room, more: raw),
            try client("path", server.postClient, at: server, in: room, path: "/no-such-path", more: post),
            try client("encoding", server.basicClient, at: server, in: room)
        )
        try await withDaemon(in: room) { _ in
            for name in ["healthy", "secret", "grant", "scope", "disabled", "path", "encoding"] {
                _ = try await Command.tokenctl("token", name, in: room)
            }
            let expected: [(client: String, cause: CauseID)] = [
                ("secret", .wrongSecret), ("grant", .grantNotAllowed), ("scope", .scopeNotAllowed),
                ("disabled", .disabledClient), ("path", .wrongPath), ("encoding", .basicEncoding),
            ]
            for (name, cause) in expected {
                let (status, report) = try await diagnose(name, in: room)
                #expect(status == 1)
                #expect(!report.healthy)
                let isNamed = report.causes.first?.id == cause.rawValue || report.inseparable.contains(cause.rawValue)
                #expect(isNamed, "\(name):\n\(text(report))")
            }
            let (status, report) = try await diagnose("healthy", in: room)
            #expect(status == 0)
            #expect(report.healthy, "\(report)")
            #expect(report.health?.roundTripMilliseconds != nil)
            #expect(report.health?.claims["iss"] == server.issuer)
            #expect(!report.verdict.isEmpty)
        }
        try await server.stop()
    }

    private func diagnose(_ client: String, in room: Room) async throws -> (status: Int32, DiagnosisReport) {
        let command = try await Command.tokenctl("diagnose", client, "--format", "json", in: room)
        let report = try DocumentCoding.decode(DiagnosisReport.self, from: Array(command.output.utf8))
        return (command.status, report)
    }

    private func text(_ report: DiagnosisReport) -> String {
        (report.causes.prefix(4).map { "\($0.id) \($0.confidence.rawValue) \($0.evidence)" } + ["\(report.inseparable)"]
            + report.probes.map { "\($0.name): \($0.learned)" }).joined(separator: "\n")
    }

    private func client(
        _ name: String,
        _ registration: RealAuthorizationServer.Client,
        at server: RealAuthorizationServer,
        in room: Room,
        scope: String? = nil,
        path: String = "",
        more: String = ""
    ) throws -> String {
        """
        [clients.\(name)]
        token_endpoint = "\(server.tokenEndpoint)\(path)"
        client_id = "\(registration.id)"
        client_secret = { file = "\(try room.secret("\(name).secret", registration.secret))" }
        scopes = ["\(scope ?? server.scope)"]
        \(more)

        """
    }
}
