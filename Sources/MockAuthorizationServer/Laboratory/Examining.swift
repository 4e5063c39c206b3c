import Foundation
import Synchronization

/// What a server in a provider's manner makes of requests.
extension MockAuthorizationServer {
    /// The answer of a server in the laboratory.
    func answer(_ arrival: Arrival, in laboratory: Laboratory) -> Outcome {
        let occasion = Envelope.Occasion(
            now: now(),
            requestID: UUID().uuidString.lowercased(),
            wantsJSON: arrival.request.header("Accept")?.contains("json") ?? false,
            hasBasicHeader: arrival.request.authorization != nil
        )
        let envelope = laboratory.manner.envelope
        var outcome: Outcome
        var isForeign = false
        do throws(Refusal) {
            outcome = try examined(arrival, laboratory)
            if arrival.request.endpoint == .token { outcome.response = envelope.granted(outcome.response, occasion) }
        } catch {
            outcome = Outcome(envelope.response(error, occasion), word: error.error)
            isForeign = error.isForeign
        }
        if !isForeign { envelope.sign(&outcome.response, occasion) }
        outcome.response.setHeader("Date", Envelope.httpDate(occasion.now))
        return outcome
    }

    private func examined(_ arrival: Arrival, _ laboratory: Laboratory) throws(Refusal) -> Outcome {
        if let refusal = laboratory.refusal(at: .way, for: arrival) { throw refusal }
        switch arrival.request.endpoint {
        case .metadata, .openIDConfiguration, .jwks:
            if let refusal = laboratory.fault?.issuerRefusal { throw refusal }
            return plainAnswer(arrival)
        case .unknown:
            if let refusal = laboratory.refusal(at: .gateway, for: arrival) { throw refusal }
            throw laboratory.manner.nothingThere
        case .token:
            if let refusal = laboratory.refusal(at: .gateway, for: arrival) { throw refusal }
            return try token(arrival, laboratory)
        case .authorization, .deviceAuthorization, .verification, .introspection, .revocation:
            return plainAnswer(arrival)
        }
    }

    /// A token request, by the order in which servers check: who asks, what it may ask for, what it presents.
    private func token(_ arrival: Arrival, _ laboratory: Laboratory) throws(Refusal) -> Outcome {
        guard arrival.request.method == "POST" else { return methodNotAllowed(allow: "POST") }
        let manner = laboratory.manner
        let form: Form
        do throws(OAuthError) { form = try readableForm(arrival) } catch { throw manner.refusal(.requestMalformed) }
        let client = try proven(arrival, laboratory)
        guard let grant = form["grant_type"] else { throw manner.refusal(.requestMalformed) }
        guard let type = GrantType(rawValue: grant) else { throw manner.refusal(.grantUnknown) }
        if let refusal = laboratory.refusal(at: .grant, for: arrival) { throw refusal }
        guard client.grants.contains(type.rawValue) else { throw manner.refusal(.grantNotAllowed) }
        do throws(OAuthError) { _ = try scope(of: form, for: client) } catch {
            throw manner.refusal(.scopeNotAllowed)
        }
        // Not of a refresh: a token that nobody issued is found out before.
        if type == .clientCredentials || type == .jwtBearer,
            let refusal = laboratory.refusal(at: .scope, for: arrival)
        {
            throw refusal
        }
        if isPresentedTruly(type, form), let refusal = laboratory.refusal(at: .presented, for: arrival) {
            note(arrival)
            throw refusal
        }
        if type == .refreshToken, isPresentedTruly(type, form),
            let refusal = laboratory.refusal(at: .scope, for: arrival)
        {
            throw refusal
        }
        do throws(OAuthError) {
            let outcome = try grantToken(arrival)
            state.withLock { $0.laboratory?.granted += 1 }
            return outcome
        } catch {
            note(arrival)
            throw manner.refusal(error.objection ?? .requestMalformed)
        }
    }

    /// The client, proven to the provider's satisfaction and the fault's.
    private func proven(_ arrival: Arrival, _ laboratory: Laboratory) throws(Refusal) -> RegisteredClient {
        let manner = laboratory.manner
        let credentials: PresentedCredentials
        do throws(OAuthError) { credentials = try arrival.credentials.get() } catch {
            throw manner.refusal(error.error == "invalid_request" ? .requestMalformed : .clientMissing)
        }
        switch configuration.clients {
        case .any:
            if Laboratory.isMadeUp(credentials.clientID) { throw manner.refusal(.clientUnknown) }
        case .registered(let registered):
            do throws(OAuthError) { _ = try credentials.registration(among: registered) } catch {
                throw manner.refusal(.clientUnknown)
            }
        }
        if let refusal = laboratory.refusal(at: .client, for: arrival) { throw refusal }
        if case .any = configuration.clients {
            if let secret = credentials.secret, Laboratory.isMadeUp(secret) { throw manner.refusal(.secretWrong) }
            if credentials.method == .none, !credentials.isImplied, laboratory.isOfSecret {
                throw manner.refusal(.secretMissing)
            }
        }
        let client: RegisteredClient
        do throws(OAuthError) { client = try verifiedClient(of: arrival) } catch {
            // By the server's clock the assertion is over, and a provider may have words of its own for that.
            if let offset = laboratory.fault?.clockOffset, offset != .zero,
                let refusal = laboratory.refusal(at: .proof, for: arrival)
            {
                throw refusal
            }
            throw manner.refusal(objection(to: credentials))
        }
        if let refusal = laboratory.refusal(at: .proof, for: arrival) { throw refusal }
        return client
    }

    /// What is wrong with credentials that were not taken.
    private func objection(to credentials: PresentedCredentials) -> Objection {
        let client = registration(of: credentials.clientID)
        return switch credentials.method {
        case .none, .tlsClientAuth: .secretMissing
        case .clientSecretBasic, .clientSecretPost:
            client.map { $0.secrets.isEmpty } ?? false ? .secretNotWanted : .secretWrong
        case .clientSecretJWT, .privateKeyJWT: .assertionRefused
        }
    }

    /// Whether what is presented was issued here, so that only the fault can be the reason to refuse it.
    private func isPresentedTruly(_ grant: GrantType, _ form: Form) -> Bool {
        state.withLock { state in
            switch grant {
            case .refreshToken: form["refresh_token"].flatMap { state.issuer.refreshTokens.owner(of: $0) } != nil
            case .authorizationCode: form["code"].map { state.codes.wasIssued($0) } ?? false
            case .jwtBearer: true
            case .clientCredentials, .deviceCode: false
            }
        }
    }

    /// Notes that a code came, which spends it.
    private func note(_ arrival: Arrival) {
        guard let code = arrival.form?["code"] else { return }
        state.withLock { state in
            state.codes.spend(code)
            state.laboratory?.presentedCodes.insert(code)
        }
    }
}
