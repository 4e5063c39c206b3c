import Foundation
import Testing

extension InstalledMachine {
    /// Begins anew with one client, `mail`, which has a refresh token, and `settings` of the service; returns the first
    /// access token.
    func beginWithGrant(_ settings: String...) async throws -> String {
        let file = "/etc/tokenbroker/mail.first"
        try await begin(
            with: Self.publicClient(
                "mail",
                #"grant = "refresh_token""#,
                #"refresh_token = { credential = "mail-first" }"#
            )
        )
        let login = try await tellServer("POST", "refresh-token", #"{"client": "mail"}"#)
        let issued = try JSONDecoder().decode([String: String].self, from: Data(login.utf8))
        try systemd.write(try #require(issued["refresh_token"]), to: file)
        try await addSettings((["LoadCredential=mail-first:\(file)"] + settings).joined(separator: "\n"))
        return try await token("mail")
    }

    /// Lets the client's refresh token be exchanged: runs `body` when the server has the request, and answers it then.
    func whileRotating(_ body: () async throws -> Void) async throws -> Command {
        try await tellServer("PUT", "behaviour", #"{"hold": true, "times": 1}"#)
        async let refresh = tokenctl("refresh", "mail")
        try await waitForHeldRequest()
        try await body()
        try await tellServer("POST", "release")
        return try await refresh
    }

    /// The latest token is there without a request, and the server, which takes no refresh token twice, gives another.
    func expectKept(_ latest: String) async throws {
        #expect(try await token("mail") == latest)
        #expect(try await counters().total.requests == 2)
        let again = try await tokenctl("refresh", "mail")
        #expect(again.status == 0, "\(again.errors)")
    }
}
