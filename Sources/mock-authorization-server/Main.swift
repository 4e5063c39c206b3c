import ArgumentParser
import Foundation
import MockAuthorizationServer
import UnixSignals

@main
struct MockAuthorizationServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mock-authorization-server",
        abstract: "A scriptable OAuth 2.0 authorization server on loopback, to test what asks one for tokens.",
        discussion: """
            Grants client_credentials, refresh_token, authorization_code with PKCE, device_code and jwt-bearer; \
            introspects, revokes, and describes itself under /.well-known/oauth-authorization-server and \
            /.well-known/openid-configuration. Whoever opens the authorization endpoint, or verification_uri_complete \
            of a device, is logged in as --subject at once.

            When it is ready it prints one line with its token endpoint and the URL of its control interface:

              token_endpoint=http://127.0.0.1:PORT/oauth2/token control=http://…

            and then, on standard error, a line for every request. Unless --client or --clients-file is given, any \
            client with any secret is served.

            Over the control interface it can be told to answer slowly, wrongly or not at all, now or for the next \
            few requests; a GET of the control URL tells how:

              curl $CONTROL
              curl -X PUT $CONTROL/behaviour -d '{"error": "invalid_client", "times": 2}'
              curl -X PUT $CONTROL/behaviour -d '{"delay": "3s", "client": "billing"}'
              curl $CONTROL/counters
              curl -X POST $CONTROL/device -d '{"verdict": "approve"}'
              curl -X POST $CONTROL/reset

            As a laboratory it answers as a provider's server does to one that is not set up right: every fault has \
            the name of its provider and of its cause.

              mock-authorization-server --list-faults
              mock-authorization-server --fault cognito_grant_not_allowed --client billing=file:secret
              curl -X PUT $CONTROL/fault -d '{"name": "entra_secret_expired"}'
            """
    )

    @Option(help: ArgumentHelp("The port of the OAuth endpoints on 127.0.0.1; 0 takes a free one.", valueName: "port"))
    var port = 0

    @Option(help: ArgumentHelp("The port of the control interface; 0 takes a free one.", valueName: "port"))
    var controlPort = 0

    @Option(help: ArgumentHelp("The lifetime of access tokens, as in 30s, 5m or 1h.", valueName: "duration"))
    var lifetime = DurationArgument(.seconds(3600))

    @Option(help: ArgumentHelp("How many characters an access token has; those of providers, a thousand and more."))
    var tokenLength = Configuration.shortestAccessToken

    @Option(
        help: ArgumentHelp(
            "A client and where its secret is: ID=file:PATH, ID=env:NAME, or ID alone for a public client. "
                + "Only the clients named are served.",
            valueName: "id[=source]"
        )
    )
    var client: [ClientArgument] = []

    @Option(
        help: ArgumentHelp(
            "A JSON file of clients: [{\"id\", \"method\", \"secrets\": [], \"keys\": [PEM or JWK], "
                + "\"tls_client_auth_subject_dn\", \"any_certificate\": true, \"certificate_sha256\": [], "
                + "\"scopes\": [], \"grants\": [], \"redirect_uris\": []}, …]; all but id may be left out.",
            valueName: "path"
        )
    )
    var clientsFile: String?

    @Option(help: ArgumentHelp("How Basic credentials are read: form, raw or either.", valueName: "encoding"))
    var basicEncoding = AcceptedBasicEncoding.either

    @Flag(help: "Keep refresh tokens as they are when they are used.")
    var noRotation = false

    @Option(help: ArgumentHelp("How long a spent refresh token still works.", valueName: "duration"))
    var graceWindow = DurationArgument(.zero)

    @Option(help: ArgumentHelp("The aud of assertions: token_endpoint, issuer or either.", valueName: "audience"))
    var assertionAudience = AcceptedAudience.either

    @OptionGroup(title: "Logins")
    var logins: LoginOptions

    @Option(help: ArgumentHelp("Serve https with this PEM certificate chain.", valueName: "path"))
    var certificate: String?

    @Option(help: ArgumentHelp("The private key of --certificate, PEM.", valueName: "path"))
    var privateKey: String?

    @OptionGroup(title: "Faults")
    var laboratory: LaboratoryOptions

    @OptionGroup(title: "Clients' certificates")
    var certificates: CertificateOptions

    @Option(help: ArgumentHelp("The name in the issuer and the endpoints' URLs.", valueName: "host"))
    var host = "127.0.0.1"

    /// No provider has tokens of more than 16 kB, and no header holds one.
    private static let tokenLengths = Configuration.shortestAccessToken...16_384

    func validate() throws {
        let lengths = Self.tokenLengths
        guard lengths.contains(tokenLength) else {
            throw ValidationError("--token-length is \(lengths.lowerBound) to \(lengths.upperBound).")
        }
        guard (certificate == nil) == (privateKey == nil) else {
            throw ValidationError("--certificate and --private-key go together.")
        }
        guard certificate != nil || !certificates.needTLS else {
            throw ValidationError("Clients' certificates need --certificate.")
        }
    }

    func run() async throws {
        try laboratory.listIfAsked()
        // Before the line that says ready: a signal right after it must find us prepared.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let server = try await MockAuthorizationServer.start(try setUp())
        // Not by `print`, which keeps the line back when standard output is a pipe.
        let more: String
        do {
            more = try laboratory.apply(to: server)
        } catch {
            await server.stop()
            throw error
        }
        let ready = "token_endpoint=\(server.givenTokenEndpoint) control=\(server.controlURL)\(more)\n"
        try FileHandle.standardOutput.write(contentsOf: Data(ready.utf8))
        for await _ in signals { break }
        await server.stop()
    }

    private func setUp() throws -> Configuration {
        var configuration = Configuration()
        configuration.port = port
        configuration.controlPort = controlPort
        configuration.lifetime = lifetime.duration
        configuration.accessTokenLength = tokenLength
        configuration.basicEncoding = basicEncoding
        configuration.rotation.rotates = !noRotation
        configuration.rotation.graceWindow = graceWindow.duration
        configuration.advertisedHost = host
        if let certificate, let privateKey {
            configuration.tls = TLSFiles(certificateChain: certificate, privateKey: privateKey)
            configuration.tls?.clientCertificates = certificates.policy
            configuration.mutualTLSPort = certificates.mtlsPort
        }
        configuration.logins = logins.policy
        configuration.assertionAudience = assertionAudience
        var clients = try client.map { try $0.registered() }
        // Only the fault is to be in a client's way.
        if laboratory.fault != nil || laboratory.manner != nil {
            for place in clients.indices { clients[place].grants = GrantType.all }
        }
        if let clientsFile {
            let document = try Data(contentsOf: URL(filePath: clientsFile))
            clients += try JSONDecoder().decode([RegisteredClient].self, from: document)
        }
        if !clients.isEmpty { configuration.clients = .registered(clients) }
        try laboratory.check(configuration)
        configuration.onAnswer = RequestLine.write
        return configuration
    }
}

extension AcceptedBasicEncoding: ExpressibleByArgument {}
extension AcceptedAudience: ExpressibleByArgument {}
