import OAuth2

/// What a probe proved.
struct ProbeReading {
    private(set) var observations: [Observation] = []
    private(set) var record: ProbeRecord

    /// The failure that it met, of what the client needs.
    private(set) var failure: TokenEndpointFailure?

    /// Whether the server gave the client a token as it is configured.
    private(set) var isGranted = false

    /// How the server took the request; nil where none was answered.
    private(set) var standing: Standing?

    private let probe: Probe
    private let context: Context

    /// What else is known.
    struct Context {
        var subject: ProbeSubject

        /// What is diagnosed.
        var symptom: Symptom?

        /// How the fake refresh token fared, authenticated as configured.
        var fake: TokenEndpointFailure?
    }

    /// - Parameter time: When it was asked, since 1970-01-01 UTC.
    init(_ probe: Probe, _ outcome: ProbeOutcome, in context: Context, at time: Duration) {
        self.probe = probe
        self.context = context
        record = ProbeRecord(
            name: probe.name,
            asked: context.subject.asked(probe).capitalizedSentence,
            learned: "",
            at: Int(time.components.seconds)
        )
        switch outcome {
        case .addresses(let addresses): read(addresses)
        case .connected(let roundTrip, let certificate): read(roundTrip, certificate)
        case .notConnected(let transport, let words): read(transport, words)
        case .metadata(let result): read(result)
        case .keys(let result): read(keys: result)
        case .answer(.success(let grant), _): read(grant)
        case .answer(.failure(let failure), _): read(answer: failure)
        case .notAsked(let reason):
            record.at = nil
            record.learned = "Not asked: \(reason.trimmingFullStop)."
        }
    }

    private mutating func learn(_ finding: Finding, _ sentence: String) {
        observations.append(Observation(finding, sentence))
        record.learned = sentence
    }
}

// The way to the server.
extension ProbeReading {
    private var host: String { context.subject.tokenEndpoint?.host ?? "the issuer's host" }

    private mutating func read(_ addresses: [String]) {
        guard addresses.isEmpty else {
            return learn(.nameFound, "The name is known, with \(counted(addresses.count, "address", "addresses")).")
        }
        learn(.nameUnknown, "DNS knows no \(host).")
        failure = TokenEndpointFailure(transport: .nameNotFound, words: nil, grant: context.subject.grant)
    }

    private mutating func read(_ roundTrip: Duration, _ certificate: CertificateSummary?) {
        observations.append(Observation(.connected, "The server accepts connections."))
        record.learned = "Connected within \(max(1, roundTrip.milliseconds)) ms."
        guard let certificate else { return }
        let names = certificate.names.isEmpty ? "no name" : certificate.names.prefix(4).joined(separator: ", ")
        let end = UTCText.text(certificate.validUntil)
        switch certificate.fault {
        case nil: return learn(.certificateAccepted, "Its certificate is accepted: for \(names), until \(end).")
        case .expired: learn(.certificateExpired, "Its certificate ended at \(end).")
        case .forAnotherName: learn(.certificateForAnotherName, "Its certificate is for \(names), and not for \(host).")
        case .untrusted(let reason):
            learn(.certificateUntrusted, "Its certificate is not trusted: \(reason.trimmingFullStop).")
        }
        failure = TokenEndpointFailure(transport: .certificateRefused, words: nil, grant: context.subject.grant)
    }

    private mutating func read(_ transport: TransportFailure, _ words: String?) {
        let reason = [transport.rawValue, words?.trimmingFullStop].compactMap(\.self).joined(separator: ": ")
        switch transport {
        case .nameNotFound: learn(.nameUnknown, "The name cannot be resolved (\(reason)).")
        case .proxyFailed: learn(.proxyRefused, "The proxy does not connect (\(reason)).")
        case .tlsFailed, .notHTTP: learn(.tlsFailed, "No encrypted connection can be agreed on (\(reason)).")
        case .certificateRefused: learn(.certificateUntrusted, "Its certificate is not accepted (\(reason)).")
        case .clientCertificateRefused: learn(.connected, "It refuses the client's certificate (\(reason)).")
        default: learn(.unreachable, "No connection (\(reason)).")
        }
        failure = TokenEndpointFailure(transport: transport, words: words, grant: context.subject.grant)
    }
}

// The provider's other host.
extension ProbeReading {
    private mutating func read(_ result: Result<AuthorizationServerMetadata, TokenEndpointFailure>) {
        switch result {
        case .success(let metadata):
            learn(.metadataFound, "The issuer's metadata are there.")
            let hasCertificate = context.subject.method.means == .certificate
            guard let configured = context.subject.tokenEndpoint,
                let stated = metadata.endpoint(.token, hasCertificate: hasCertificate), stated.text != configured.text
            else { return }
            learn(
                .endpointDiffersFromMetadata,
                "The issuer's metadata name another token endpoint, \(stated.text)."
            )
        case .failure(let failure):
            note(failure)
            if failure.localFault == .issuerMismatch {
                learn(.metadataOfAnotherIssuer, "The metadata belong to another issuer (\(failure.said)).")
            } else if failure.localFault == .metadataNotFound || isRefusal(failure) {
                learn(.metadataMissing, "There are no metadata under the issuer (\(failure.said)).")
            } else {
                record.learned = "The metadata cannot be had now (\(failure.said))."
            }
            // A client that names its token endpoint does without.
            if context.subject.tokenEndpoint == nil { self.failure = failure }
        }
    }

    private mutating func read(keys result: Result<Int, TokenEndpointFailure>) {
        switch result {
        case .success(let count) where count > 0:
            learn(.keysFound, "The issuer has \(counted(count, "key", "keys")) there, so that it exists.")
        case .success: learn(.keysMissing, "The issuer has no keys there.")
        case .failure(let failure):
            note(failure)
            if isRefusal(failure) {
                learn(.keysMissing, "The issuer's keys are not there (\(failure.said)).")
            } else {
                record.learned = "The keys cannot be had now (\(failure.said))."
            }
        }
    }

    private func isRefusal(_ failure: TokenEndpointFailure) -> Bool {
        failure.transport == nil && failure.serverStatus.map { (400..<500).contains($0) && $0 != 429 } ?? false
    }
}

// The token endpoint.
extension ProbeReading {
    private mutating func note(_ failure: TokenEndpointFailure) {
        record.serverStatus = failure.serverStatus
        record.requestID = failure.requestID
        if let skew = failure.clockSkew { observations.append(Observation(clockSkew: skew)) }
    }

    private mutating func read(_ grant: GrantSummary) {
        switch probe {
        case .variant(let variant): accept(variant, "a token")
        case .asConfigured:
            isGranted = true
            let lifetime = grant.lifetime.map { " for \($0.components.seconds) s" } ?? ""
            learn(.granted, "The server gave a token\(lifetime).")
        case .withoutScope: learn(.grantedWithoutScope, "Without scope the server gives a token.")
        case .fakeRefreshToken, .fakeCode:
            learn(.fakeAnswerUnclear, "The server gave a token for what nobody issued: it gives one to everybody.")
        default: record.learned = "The server gave a token, which should not be."
        }
    }

    private mutating func read(answer failure: TokenEndpointFailure) {
        note(failure)
        let standing = Standing(failure, at: context.subject.provider)
        self.standing = standing
        record.learned = "\(failure.said)."
        switch probe {
        case .fakeRefreshToken, .fakeCode: readFake(failure, standing)
        case .variant(let variant): readVariant(variant, failure, standing)
        case .madeUpSecret:
            compare(failure, standing, same: .sameAsMadeUpSecret, unlike: .unlikeMadeUpSecret, "secret")
        case .madeUpClient:
            compare(failure, standing, same: .sameAsMadeUpClient, unlike: .unlikeMadeUpClient, "client_id")
        case .withoutScope:
            guard standing != .noAnswer else { return }
            guard let symptom = context.symptom, AnswerLook(symptom.failure) == AnswerLook(failure) else {
                return learn(.otherwiseWithoutScope, "Without scope it is refused in another way: \(failure.said).")
            }
            learn(.refusedWithoutScope, "Without scope it is refused as well: \(failure.said).")
        default: self.failure = failure
        }
    }

    private mutating func readFake(_ failure: TokenEndpointFailure, _ standing: Standing) {
        let grant = context.symptom?.grant ?? context.subject.grant
        let isOwnGrant = grant == (probe == .fakeCode ? .authorizationCode : .refreshToken)
        switch standing {
        case .clientRefused:
            learn(.fakeClientRefused, "\(failure.said): the client is refused before its grant is looked at.")
            self.failure = failure
        case .grantRefused where isOwnGrant:
            learn(
                .fakeGrantRefused,
                "\(failure.said): client and grant are accepted, and what nobody issued is refused."
            )
        case .grantNotAllowed where isOwnGrant:
            learn(.fakeGrantNotAllowed, "\(failure.said): the client is accepted, and may not use this grant.")
            self.failure = failure
        case .grantRefused, .grantNotAllowed, .clientAccepted:
            learn(.clientAccepted, "\(failure.said): the client is accepted, and only what nobody issued is refused.")
        case .unclear:
            let isSame = context.symptom.map { AnswerLook($0.failure) == AnswerLook(failure) } ?? false
            if isOwnGrant, isSame {
                learn(.sameAsFakeGrant, "\(failure.said): what nobody issued is refused just as the client's own is.")
            } else {
                learn(.fakeAnswerUnclear, "\(failure.said): whether it means the client or the grant is not said.")
            }
        case .noAnswer:
            record.learned = "\(failure.said): no answer of a token endpoint at work."
            self.failure = failure
        }
    }

    private mutating func readVariant(
        _ variant: AuthenticationVariant,
        _ failure: TokenEndpointFailure,
        _ standing: Standing
    ) {
        if let control, AnswerLook(control) == AnswerLook(failure) {
            record.learned = "\(failure.said): the same as in the configured way."
        } else if standing.isPastClient {
            accept(variant, failure.said)
        } else if standing == .unclear, let control, Standing(control, at: context.subject.provider) == .clientRefused {
            // From who the client is to something else.
            accept(variant, failure.said)
        } else {
            record.learned = "\(failure.said): not accepted in this way either."
        }
    }

    private mutating func accept(_ variant: AuthenticationVariant, _ answer: String) {
        let subject = context.subject
        let words = variant.words(of: subject.secretCount)
        let sentence = "The client is accepted in another way, \(words): \(answer)."
        if variant.form == .none {
            learn(.noSecretAccepted, "The client is accepted without a secret: \(answer).")
        } else if subject.method.means != .secret {
            learn(.secretNotSent, "The client is accepted with its secret (\(words)): \(answer).")
        } else if let secret = variant.secret, secret > 0 {
            learn(.otherSecretAccepted, "Another of the client's secrets is accepted, \(words): \(answer).")
        } else if subject.method == .clientSecretBasic, variant.form != .body {
            learn(.otherEncodingAccepted, sentence.trimmingFullStop + "; so set \(variant.setting).")
        } else {
            learn(.otherMethodAccepted, sentence.trimmingFullStop + "; so set \(variant.setting).")
        }
    }

    /// What the same request came to as configured.
    private var control: TokenEndpointFailure? {
        context.subject.presentation(of: probe) == .ownAuthority ? context.symptom?.failure : context.fake
    }

    private mutating func compare(
        _ failure: TokenEndpointFailure,
        _ standing: Standing,
        same: Finding,
        unlike: Finding,
        _ thing: String
    ) {
        let provider = context.subject.provider
        guard standing != .noAnswer, let control, Standing(control, at: provider) != .noAnswer else { return }
        // Words that repeat the identifier differ by that alone.
        let isEcho = failure.serverWords?.contains("(made up)") ?? false
        guard AnswerLook(control, withWords: !isEcho) == AnswerLook(failure, withWords: !isEcho) else {
            return learn(unlike, "A made-up \(thing) is answered otherwise: \(failure.said).")
        }
        // A server that looks at the grant before the client says the same whoever asks.
        guard
            Standing(control, at: provider) == .clientRefused
                || context.subject.presentation(of: probe) == .ownAuthority
        else {
            record.learned =
                "\(failure.said): the same whatever the \(thing), so that it is looked at later, or is wrong."
            return
        }
        learn(same, "A made-up \(thing) is answered just the same: \(failure.said).")
    }
}

extension Observation {
    /// The clocks of this machine and of the server, by the server's lead.
    init(clockSkew skew: Duration) {
        let seconds = skew.components.seconds
        if abs(seconds) <= Self.clockTolerance {
            self.init(.clocksAgree, "The server's clock and this machine's agree.")
        } else if seconds > 0 {
            self.init(.clockBehind, "This machine's clock is \(seconds) s behind the server's.")
        } else {
            self.init(.clockAhead, "This machine's clock is \(-seconds) s ahead of the server's.")
        }
    }

    /// What the strictest server of which it is known lets pass.
    private static let clockTolerance: Int64 = 10
}

extension TokenEndpointFailure {
    /// The server's answer, or what came in its place, in its own words.
    var said: String { FailureRecord(self).said }
}

extension FailureRecord {
    /// The same.
    var said: String {
        let status = serverStatus.map { "HTTP \($0) " } ?? ""
        let code = providerCode.map { $0 == error ? "" : " \($0)" } ?? ""
        let words = serverWords.map { " (\($0.trimmingFullStop))" } ?? ""
        return "\(status)\(error)\(code)\(words)"
    }
}

extension Duration {
    var milliseconds: Int { Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}

extension String {
    /// With its first letter large, unless that is of a name.
    var capitalizedSentence: String { prefix(1).uppercased() + dropFirst() }

    var trimmingFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}

private func counted(_ number: Int, _ one: String, _ many: String) -> String { "\(number) \(number == 1 ? one : many)" }
