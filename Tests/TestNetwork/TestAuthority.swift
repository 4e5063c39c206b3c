package import Foundation
package import MockAuthorizationServer

/// A certification authority that lives as long as a test, with its files in a temporary directory.
package struct TestAuthority: Sendable {
    /// Where its files are.
    package let directory: URL

    /// What a client's `ca_file` names.
    package var certificate: String { path("authority.pem") }

    /// A new authority.
    package init() async throws {
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

    /// The path of a file in its directory.
    package func path(_ name: String) -> String { directory.appending(path: name).path }

    /// A server's certificate for `names`, in the notation of openssl: `DNS:localhost`, `IP:127.0.0.1`.
    package func files(for names: String) async throws -> TLSFiles {
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

    /// The path of a copy of `key` that needs a passphrase, in the form of PKCS #8 or the older one of PEM.
    package func encrypted(_ key: String, isTraditional: Bool) async throws -> String {
        let path = path("\(UUID()).key")
        let form = isTraditional ? ["-traditional"] : []
        try await OpenSSL.run(
            ["pkey", "-in", key, "-out", path, "-aes256", "-passout", "pass:sesame"] + form
        )
        return path
    }

    /// A server's certificate for `names` that expired yesterday.
    package func expiredFiles(for names: String) async throws -> TLSFiles {
        let file = path(UUID().uuidString)
        try await OpenSSL.run(
            ["req", "-new"] + TestAuthority.newKey
                + ["-subj", "/CN=Test Server", "-addext", "subjectAltName=\(names)"]
                + ["-keyout", "\(file).key", "-out", "\(file).csr"]
        )
        // Only this command of openssl takes a number of days below 1.
        try await OpenSSL.run(
            ["x509", "-req", "-days", "-1", "-in", "\(file).csr", "-out", "\(file).pem"]
                + ["-CA", path("authority.pem"), "-CAkey", path("authority.key"), "-copy_extensions", "copy"]
        )
        return TLSFiles(certificateChain: "\(file).pem", privateKey: "\(file).key")
    }

    /// Removes its files.
    package func remove() { try? FileManager.default.removeItem(at: directory) }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    private static let newCertificate = ["req", "-x509", "-days", "2"] + newKey

    private static func makeCertificate(_ arguments: String...) async throws {
        try await OpenSSL.run(newCertificate + arguments)
    }
}

/// Runs `body` with an authority whose files are removed afterwards.
package func withAuthority(_ body: (TestAuthority) async throws -> Void) async throws {
    let authority = try await TestAuthority()
    defer { authority.remove() }
    try await body(authority)
}
