import Foundation
import MockAuthorizationServer
import Subprocess

/// A certification authority that lives as long as a test, with its files in a temporary directory.
struct TestAuthority {
    let directory: URL

    /// What a client's `ca_file` names.
    var certificate: String { path("authority.pem") }

    init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try await TestAuthority.makeCertificate(
            "-subj",
            "/CN=Test Authority",
            "-keyout",
            path("authority.key"),
            "-out",
            path("authority.pem")
        )
    }

    func path(_ name: String) -> String { directory.appending(path: name).path }

    /// A server's certificate for `names`, in the notation of openssl: `DNS:localhost`, `IP:127.0.0.1`.
    func files(for names: String) async throws -> TLSFiles {
        let name = UUID().uuidString
        try await TestAuthority.makeCertificate(
            "-subj",
            "/CN=Test Server",
            "-addext",
            "subjectAltName=\(names)",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-CA",
            path("authority.pem"),
            "-CAkey",
            path("authority.key"),
            "-keyout",
            path("\(name).key"),
            "-out",
            path("\(name).pem")
        )
        return TLSFiles(certificateChain: path("\(name).pem"), privateKey: path("\(name).key"))
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    private static let newCertificate = [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    ]

    private struct OpenSSLFailed: Error { let said: String }

    private static func makeCertificate(_ arguments: String...) async throws {
        let run = try await run(
            .name("openssl"),
            arguments: Arguments(Self.newCertificate + arguments),
            output: .discarded,
            error: .string(limit: 65_536)
        )
        guard run.terminationStatus.isSuccess else { throw OpenSSLFailed(said: run.standardError) }
    }
}

/// Runs `body` with an authority whose files are removed afterwards.
func withAuthority(_ body: (TestAuthority) async throws -> Void) async throws {
    let authority = try await TestAuthority()
    defer { authority.remove() }
    try await body(authority)
}
