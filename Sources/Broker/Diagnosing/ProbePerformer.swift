internal import Diagnosis
internal import OAuth2
internal import TokenEndpoint

/// Asks what a diagnosis wants to know of a client's servers, each question in a place that no token request needs.
struct ProbePerformer: Sendable {
    let exchanges: TokenExchanges
    let budgets: ServerBudgets

    /// With the time that one request may take.
    let client: ClientConfiguration
    let subject: ProbeSubject
    let servers: ProbedServers
    let madeUp: MadeUp

    /// What came of `probe`; nil when the work was given up meanwhile.
    func perform(_ probe: Probe) async -> ProbeOutcome? {
        let outcome = await ask(probe)
        return Task.isCancelled ? nil : outcome
    }

    private func ask(_ probe: Probe) async -> ProbeOutcome? {
        switch probe {
        case .name: await name()
        case .connection: await inPlace(at: servers.server) { await connection() }
        case .metadata: await metadata()
        case .keys: await keys()
        case .fakeRefreshToken, .fakeCode, .variant, .madeUpSecret, .madeUpClient: await fake(probe)
        case .asConfigured: await token(for: client.target)
        case .withoutScope:
            await token(for: TokenTarget(audience: client.target.audience, resource: client.target.resource))
        }
    }

    /// Nil when the work was given up before there was a place.
    func inPlace(at url: EndpointURL, _ ask: () async -> ProbeOutcome) async -> ProbeOutcome? {
        switch await budgets.sparePlace(at: url.origin) {
        case .place(let place):
            let outcome = await ask()
            budgets.finished(place, retryAfter: outcome.retryAfter)
            return outcome
        case .refused(let wait):
            return .notAsked("The server wants to be left alone for \(max(1, wait.wholeSeconds)) s more.")
        case .cancelled:
            return nil
        }
    }

    // MARK: The way

    private func name() async -> ProbeOutcome {
        do throws(TokenEndpointFailure) {
            return .addresses(try await exchanges.addresses(of: servers.server, for: client))
        } catch {
            return ProbeOutcome(notConnected: error)
        }
    }

    private func connection() async -> ProbeOutcome {
        do throws(TokenEndpointFailure) {
            let connection = try await exchanges.connection(to: servers.server, for: client)
            return .connected(
                roundTrip: connection.roundTrip,
                certificate: connection.certificate.map { CertificateSummary($0) }
            )
        } catch {
            return ProbeOutcome(notConnected: error)
        }
    }

    // MARK: The other hosts

    private func metadata() async -> ProbeOutcome? {
        guard let issuer = servers.issuer else { return .notAsked("No issuer is known.") }
        return await inPlace(at: issuer) {
            do throws(TokenEndpointFailure) {
                return .metadata(.success(try await exchanges.currentMetadata(of: issuer, for: client)))
            } catch {
                return .metadata(.failure(error.hiding(madeUp.clientID, secrets)))
            }
        }
    }

    private func keys() async -> ProbeOutcome? {
        guard let keys = servers.keys else { return .notAsked("Where the server's keys are is not known.") }
        return await inPlace(at: keys) {
            do throws(TokenEndpointFailure) {
                return .keys(.success(try await exchanges.keyCount(at: keys, for: client)))
            } catch {
                return .keys(.failure(error.hiding(madeUp.clientID, secrets)))
            }
        }
    }
}

extension ProbeOutcome {
    fileprivate init(notConnected failure: TokenEndpointFailure) {
        if let transport = failure.transport {
            self = .notConnected(transport, words: failure.serverWords)
        } else {
            // Something of ours is in the way, and nobody was asked.
            self = .notAsked(failure.serverWords ?? failure.error)
        }
    }

    /// How long the server asks to be left alone.
    fileprivate var retryAfter: Duration? {
        switch self {
        case .answer(.failure(let failure), _), .metadata(.failure(let failure)), .keys(.failure(let failure)):
            failure.retryAfter
        default: nil
        }
    }
}

extension CertificateSummary {
    fileprivate init(_ certificate: ServerCertificate) {
        let fault: Fault? =
            switch certificate.refusal {
            case .expired: .expired
            case .forAnotherName: .forAnotherName
            case .untrusted(let words): .untrusted(words)
            case nil: nil
            }
        self.init(names: certificate.names, validUntil: certificate.validUntil, fault: fault)
    }
}
