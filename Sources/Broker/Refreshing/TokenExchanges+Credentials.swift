internal import Logging
internal import OAuth2
internal import TokenEndpoint

/// What one request of a client proves it with.
struct ClientCredentials: Sendable {
    let authentication: ClientAuthentication

    /// What it shows in the TLS handshake; nil where it proves itself otherwise.
    let certificate: ClientCertificate?

    /// How far the attempt has come with the client's secrets.
    let trial: SecretTrial
}

extension TokenExchanges {
    /// What the client proves itself to `url` with, read anew, so that a replaced file counts at the next attempt and
    /// nothing is held in between.
    ///
    /// - Parameter trial: How far the attempt has come, when a secret was refused in it; what cannot be read by now is
    ///   passed over.
    func credentials(
        of client: ClientConfiguration,
        at url: EndpointURL,
        in trial: SecretTrial? = nil
    ) async throws(TokenEndpointFailure) -> ClientCredentials {
        guard client.authentication.means == .secret else {
            let authentication = try await authentication(of: client, at: url, with: nil)
            let certificate = try client.readCertificate(environment: environment)
            return ClientCredentials(authentication: authentication, certificate: certificate, trial: SecretTrial())
        }
        let places = trial.map { [$0.current].compactMap(\.self) + $0.left } ?? choices.order(of: client)
        let readable: [ReadableSecret]
        do throws(SecretError) {
            readable = try client.readSecrets(at: places, environment: environment)
        } catch {
            throw trial?.refusal ?? error.failure
        }
        let read = readable.map(\.place)
        return ClientCredentials(
            authentication: try await authentication(of: client, at: url, with: readable.first),
            certificate: nil,
            trial: trial?.continued(at: read) ?? SecretTrial(read)
        )
    }

    /// The server accepted what the client proved itself with.
    func accepted(_ trial: SecretTrial, of client: ClientConfiguration) {
        guard let place = trial.current, choices.worked(place, of: client) else { return }
        logger.write(.secretChosen, ["client": "\(client.name)", "source": "\(client.secrets[place])"])
    }

    /// The server granted the client a token for `credentials`.
    func granted(_ client: ClientConfiguration, with credentials: ClientCredentials) {
        accepted(credentials.trial, of: client)
        choices.proofs.granted(client, with: credentials.authentication, at: time.now())
    }

    /// Performs a request to `url` with each of the client's secrets until one is accepted.
    ///
    /// - Parameter grant: What the request presents; nil where it presents nothing that could be spent.
    func proving<Answer: Sendable>(
        _ client: ClientConfiguration,
        to url: EndpointURL,
        presenting grant: Grant? = nil,
        _ request: (ClientCredentials) async throws(TokenEndpointFailure) -> Answer
    ) async throws(TokenEndpointFailure) -> Answer {
        var trial: SecretTrial?
        while true {
            let credentials = try await credentials(of: client, at: url, in: trial)
            do throws(TokenEndpointFailure) {
                let answer = try await request(credentials)
                if grant == nil { accepted(credentials.trial, of: client) } else { granted(client, with: credentials) }
                return answer
            } catch {
                guard let next = credentials.trial.next(after: error, presenting: grant) else {
                    throw credentials.trial.told(error, presenting: grant)
                }
                trial = next
            }
        }
    }
}

/// One of a client's secrets, and its place among them.
struct ReadableSecret: Sendable {
    let place: Int
    let secret: Secret
}

extension ClientConfiguration {
    /// The secrets at `places` that can be read now, without those that repeat one before; at least one.
    func readSecrets(
        at places: [Int],
        environment: [String: String]
    ) throws(SecretError) -> [ReadableSecret] {
        var readable: [ReadableSecret] = []
        var errors: [SecretError] = []
        for place in places {
            do throws(SecretError) {
                let secret = try secrets[place].resolve(environment: environment).secret
                if !readable.contains(where: { $0.secret == secret }) {
                    readable.append(ReadableSecret(place: place, secret: secret))
                }
            } catch {
                errors.append(error)
            }
        }
        guard readable.isEmpty else { return readable }
        throw errors.count == 1 ? errors[0] : .noneReadable(errors)
    }
}
