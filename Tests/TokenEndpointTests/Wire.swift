import MockAuthorizationServer
import OAuth2
import Synchronization
import TokenEndpoint

/// Both clocks, standing until they are moved.
final class ManualClock: Sendable {
    private let reading = Mutex(Moment(sinceBoot: .seconds(1_000), sinceEpoch: .seconds(1_800_000_000)))

    func now() -> Moment { reading.withLock { $0 } }

    func advance(by duration: Duration) { reading.withLock { $0 = $0.advanced(by: duration) } }
}

/// A client at one end of the wire.
struct Wire {
    /// A secret that is looked for where it must not be.
    static let secret = "hunter2-hunter2"

    /// Longer than any test, so that a broken server fails a test instead of stopping it.
    static let patience = Duration.seconds(30)

    let client: TokenEndpointClient
    let clock: ManualClock

    func send(
        to endpoint: String,
        trust: ServerTrust = ServerTrust(),
        certificate: ClientCertificate? = nil,
        timeout: Duration = Wire.patience,
        basic: Bool = true,
        scope: String = "read"
    ) async throws -> Result<TokenResponse, TokenEndpointFailure> {
        let secret = Secret(Wire.secret)
        let request = TokenRequest(
            grant: .clientCredentials,
            clientID: "billing",
            authentication: basic ? .clientSecretBasic(secret, .form) : .clientSecretPost(secret),
            target: TokenTarget(scope: ScopeSet([scope]))
        )
        let exchange = await client.send(
            request.encoded(),
            to: try EndpointURL(endpoint),
            grant: .clientCredentials,
            provider: .generic,
            trust: trust,
            certificate: certificate,
            timeout: timeout
        )
        return exchange.result
    }

    /// Presents a refresh token on a fresh connection, as a rotation does.
    func refresh(
        _ refreshToken: String,
        at endpoint: String,
        trust: ServerTrust = ServerTrust(),
        certificate: ClientCertificate? = nil,
        timeout: Duration = Wire.patience,
        connection: ConnectionUse = .fresh,
        onSending: @escaping @Sendable () -> Void = {}
    ) async throws -> Result<TokenResponse, TokenEndpointFailure> {
        let request = TokenRequest(
            grant: .refreshToken(Secret(refreshToken)),
            clientID: "billing",
            authentication: .clientSecretPost(Secret(Wire.secret))
        )
        let exchange = await client.send(
            request.encoded(),
            to: try EndpointURL(endpoint),
            grant: .refreshToken,
            provider: .generic,
            trust: trust,
            certificate: certificate,
            timeout: timeout,
            connection: connection,
            onSending: onSending
        )
        return exchange.result
    }

    /// Gives a token of `clientID` up; the failure, or nil when it is given up.
    func revoke(
        _ token: String,
        clientID: String = "billing",
        at endpoint: String,
        timeout: Duration = Wire.patience
    ) async throws -> TokenEndpointFailure? {
        let endpoint = try EndpointURL(endpoint)
        do throws(TokenEndpointFailure) {
            try await client.revoke(
                RevocationRequest(
                    token: Secret(token),
                    hint: .refreshToken,
                    clientID: clientID,
                    authentication: .clientSecretBasic(Secret(Wire.secret), .form)
                ),
                at: Recipient(url: endpoint, trust: ServerTrust(), timeout: timeout, provider: .generic)
            )
            return nil
        } catch {
            return error
        }
    }

    func failure(
        to endpoint: String,
        trust: ServerTrust = ServerTrust(),
        certificate: ClientCertificate? = nil,
        timeout: Duration = Wire.patience
    ) async throws -> TokenEndpointFailure? {
        switch try await send(to: endpoint, trust: trust, certificate: certificate, timeout: timeout) {
        case .success: nil
        case .failure(let failure): failure
        }
    }

    func metadata(
        of issuer: String,
        trust: ServerTrust = ServerTrust()
    ) async throws -> AuthorizationServerMetadata {
        try await client.metadata(issuer: try EndpointURL(issuer), trust: trust, timeout: Wire.patience)
    }
}

/// Runs `body` with a client and a server, both ended afterwards.
func withWire(
    _ configure: (inout Configuration) -> Void = { _ in },
    _ body: (Wire, MockAuthorizationServer) async throws -> Void
) async throws {
    var configuration = Configuration()
    configure(&configuration)
    let server = try await MockAuthorizationServer.start(configuration)
    let clock = ManualClock()
    let client = TokenEndpointClient(version: "1.2.3", clock: { clock.now() })
    do {
        try await body(Wire(client: client, clock: clock), server)
    } catch {
        await client.shutdown()
        await server.stop()
        throw error
    }
    await client.shutdown()
    await server.stop()
}
