import LinuxHost
import Logging
import OAuth2
import Subprocess
import Testing

@testable import Broker

/// A client's certificate and key, from where the configuration says they are.
@Suite(.timeLimit(.minutes(5))) struct ClientCertificateFileTests {
    private static func client(_ files: ConfigurationFiles) throws -> ClientConfiguration {
        var client = ClientConfiguration(
            name: try #require(ClientName("billing")),
            clientID: "billing-id",
            endpoint: .tokenEndpoint(try EndpointURL("https://as.example/token")),
            authentication: .tlsClientAuth,
            secrets: []
        )
        client.certificate = [.file("\(files.directory)/gone.pem"), .file("\(files.directory)/client.pem")]
        client.assertion.privateKey = [.file("\(files.directory)/client.key")]
        return client
    }

    private static func makeCertificate(_ files: ConfigurationFiles, _ name: String) async throws {
        let made = try await run(
            .name("openssl"),
            arguments: [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=billing", "-keyout", "\(files.directory)/\(name).key",
                "-out", "\(files.directory)/\(name).pem",
            ],
            output: .discarded,
            error: .discarded
        )
        try #require(made.terminationStatus.isSuccess)
    }

    private static func failure(_ client: ClientConfiguration) -> TokenEndpointFailure? {
        do throws(TokenEndpointFailure) {
            try client.checkCredentials(environment: [:])
            return nil
        } catch {
            return error
        }
    }

    @Test func `are read anew each time, and what is wrong names the file`() async throws {
        let files = try ConfigurationFiles()
        let client = try Self.client(files)
        let missing = Self.failure(client)
        #expect(missing?.localFault == .clientCertificateUnusable)
        #expect(missing?.serverWords?.contains("\(files.directory)/client.pem cannot be read") == true)
        try await Self.makeCertificate(files, "client")
        #expect(Self.failure(client) == nil)
        let first = try client.readCertificate(environment: [:])
        #expect(try client.readCertificate(environment: [:]) == first)
        let stamp = client.secretStamp

        // The certificate is replaced, and its key not yet.
        try await Self.makeCertificate(files, "next")
        try files.write(try files.bytes(of: "next.pem"), to: "client.pem")
        let half = Self.failure(client)
        #expect(half?.failureClass == .configuration)
        #expect(half?.serverWords?.hasSuffix("do not belong together") == true)
        // By this the slots hear of it within seconds.
        #expect(client.secretStamp != stamp)
        try files.write(try files.bytes(of: "next.key"), to: "client.key")
        #expect(Self.failure(client) == nil)
        #expect(try client.readCertificate(environment: [:]) != first)
    }

    @Test func `of clients that prove themselves otherwise are not looked at`() throws {
        var client = try Self.client(try ConfigurationFiles())
        client.authentication = .none
        #expect(Self.failure(client) == nil)
        #expect(try client.readCertificate(environment: [:]) == nil)
    }
}
