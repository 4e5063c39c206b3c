import Synchronization

/// How the laboratory is told what to do.
extension MockAuthorizationServer {
    /// What keeps a fault from showing at a server that is set up as this one.
    package struct Unprepared: Error, Sendable, CustomStringConvertible {
        /// What is missing, in a sentence.
        package let description: String
    }

    /// Lets clients feel `fault` from now on.
    package func setFault(_ fault: LaboratoryFault) throws(Unprepared) {
        if let missing = configuration.lacks(for: fault) { throw Unprepared(description: missing) }
        state.withLock { $0.laboratory = Laboratory(fault.manner, fault) }
    }

    /// Answers as it did before any fault.
    package func endFault() { state.withLock { $0.laboratory = nil } }

    /// Answers in the manner of a provider, without a fault, from now on; false for one that has none.
    package func setManner(of provider: String) -> Bool {
        guard let manner = Manner.all.first(where: { $0.prefix == provider || $0.provider == provider }) else {
            return false
        }
        state.withLock { $0.laboratory = Laboratory(manner) }
        return true
    }

    /// The fault that clients feel.
    package var fault: LaboratoryFault? { state.withLock { $0.laboratory?.fault } }

    /// The token endpoint that a client is to be given: where a fault says, which need not be here.
    package var givenTokenEndpoint: String {
        state.withLock { $0.laboratory }?.tokenEndpoint(ownPaths) ?? tokenEndpoint
    }

    /// The issuer that a client is to be given; nil when the provider has none.
    package var givenIssuer: String? {
        if let laboratory = state.withLock({ $0.laboratory }), laboratory.manner.issuerPath == nil { return nil }
        return issuer
    }
}

extension MockAuthorizationServer {
    /// The fault, and where a client is to ask.
    var laboratoryDocument: JSONValue {
        [
            "fault": fault.map { .string($0.name) } ?? .null, "token_endpoint": .string(givenTokenEndpoint),
            "issuer": givenIssuer.map(JSONValue.string) ?? .null, "jwks_uri": .string(url(.jwks)),
        ]
    }
}

extension ControlInterface {
    /// Does what `PUT /control/fault` says.
    func setFault(_ members: DocumentMembers) throws(ControlError) {
        guard let name = try members.string("name") else {
            server.endFault()
            if let provider = try members.string("manner"), !server.setManner(of: provider) {
                throw ControlError("no provider \(provider) has a manner here", status: 404)
            }
            return
        }
        guard try members.string("manner") == nil else {
            throw ControlError("a fault has its provider's manner; leave manner out")
        }
        guard let fault = LaboratoryFault.named(name) else {
            throw ControlError(LaboratoryFault.objection(to: name), status: 404)
        }
        do {
            try server.setFault(fault)
        } catch {
            throw ControlError(error.description, status: 409)
        }
    }
}

extension Configuration {
    /// What `fault` needs and is not there, in a sentence; nil when all is.
    package func lacks(for fault: LaboratoryFault) -> String? {
        if fault.needs.contains(.certificate), tls == nil {
            return "\(fault.name) needs a certificate: start the server with --certificate and --private-key"
        }
        if fault.needs.contains(.client), case .any = clients {
            return "\(fault.name) needs a client with its secret: start the server with --client"
        }
        return nil
    }
}
