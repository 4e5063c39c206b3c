/// The control interface: what a script can tell a running server over HTTP.
struct ControlInterface: Sendable {
    let server: MockAuthorizationServer

    /// What `GET /control` says.
    static let help = """
        mock-authorization-server, control interface

        GET    /control/counters        what was seen: connections, requests, clients
        GET    /control/requests        the requests seen, secrets left out
        GET    /control/refresh-tokens  the refresh tokens given and how often each was presented, values left out
        PUT    /control/behaviour       how to behave from now on, or for the next "times" requests
        DELETE /control/behaviour       behave normally again
        POST   /control/release         let held requests go on: all, or the {"count": N} oldest
        PUT    /control/lifetime        {"lifetime": "30s"}
        PUT    /control/rotation        {"rotates", "grace_window", "reuse_revokes_family", "family_lifetime"}
        POST   /control/refresh-token   {"client", "scope"}: a first refresh token
        POST   /control/revoke          {"token"}: an access token, or a refresh token with its family
        PUT    /control/logins          what happens when a person is asked to log in; members left out are normal:
                                        {"subject", "declines", "fault", "refresh_tokens", "id_tokens",
                                        "device_interval", "slow_down_step", "device_lifetime"}
        GET    /control/devices         the logins on other devices, their user codes and what became of them
        POST   /control/device          {"verdict": "approve", "deny" or "expire", "user_code": the newest when left out}
        PUT    /control/listening       {"listening": false} is an outage, true ends it
        GET    /control/faults          the faults of the laboratory
        GET    /control/fault           the one that clients feel, and where a client is to ask
        PUT    /control/fault           {"name": FAULT}; null ends it; {"manner": PROVIDER} answers as that provider
                                        does when all is well
        POST   /control/reset           forget behaviours, counters and tokens; release what is held

        A behaviour is a JSON object; every member may be left out:
          client, endpoint, times       whom it is for (all), where (token), how often (until changed)
          hold, delay                   wait for a release; wait "250ms", "2s" or seconds
          fault                         drop_before_answer drop_mid_answer stall_mid_head stall_mid_answer
                                        reset reset_mid_answer understated close_after_answer unsized trickle
                                        not_http
          status, headers, content_type, retry_after
          error, error_description      refuse as in RFC 6749 section 5.2
          body, body_size               answer these bytes, or that many
          acts_first                    true does what was asked before error, body or body_size replaces the answer
          members, omit                 put in place, or leave out, members of the JSON answer
          lifetime, same_token          of the token that is granted
        endpoint is one of: token authorization device_authorization verification introspection revocation
                            jwks metadata openid_configuration unknown

        fault of a login is one of: wrong_state missing_state wrong_issuer missing_issuer missing_code wrong_code
        refresh_tokens is always, offline or never; id_tokens is always, openid or never

        """

    func reply(to request: HTTPRequest) async -> Reply {
        do {
            return Reply(response: try await answer(request))
        } catch {
            return Reply(response: .json(["error": .string(error.problem)], status: error.status))
        }
    }

    private func answer(_ request: HTTPRequest) async throws(ControlError) -> HTTPResponse {
        let method = request.method == "POST" ? "PUT" : request.method
        switch (method, request.path) {
        case ("GET", "/control"), ("GET", "/control/"):
            return HTTPResponse(
                status: 200,
                headers: [("Content-Type", "text/plain; charset=utf-8")],
                body: Array(ControlInterface.help.utf8)
            )
        case ("GET", "/control/counters"):
            return document(JSONText.encode(server.counters()))
        case ("GET", "/control/requests"):
            return .json(.array(server.requests(to: nil).map(ControlInterface.shown)))
        case ("GET", "/control/refresh-tokens"):
            return .json(.array(server.refreshTokens().map(ControlInterface.shown)))
        case ("DELETE", "/control/behaviour"):
            server.clearBehaviours()
        case ("PUT", "/control/behaviour"):
            let script = try BehaviourDocument(members(request))
            server.setBehaviour(script.behaviour, for: script.client, at: script.endpoint, times: script.times)
        case ("PUT", "/control/release"):
            server.release(try told(request, ["count"]).integer("count"))
        case ("PUT", "/control/lifetime"):
            guard let lifetime = try told(request, ["lifetime"]).duration("lifetime") else {
                throw ControlError("lifetime is missing")
            }
            server.setLifetime(lifetime)
        case ("PUT", "/control/rotation"):
            server.setRotation(try rotation(request))
        case ("PUT", "/control/refresh-token"):
            let members = try told(request, ["client", "scope"])
            guard let client = try members.string("client") else { throw ControlError("client is missing") }
            let token = server.issueRefreshToken(client: client, scope: try members.string("scope") ?? "")
            return .json(["refresh_token": .string(token)])
        case ("PUT", "/control/logins"):
            server.setLogins(try logins(request))
        case ("GET", "/control/devices"):
            return .json(.array(server.deviceLogins().map(ControlInterface.shown)))
        case ("PUT", "/control/device"):
            try decide(try told(request, ["verdict", "user_code"]))
        case ("PUT", "/control/revoke"):
            guard let token = try told(request, ["token"]).string("token") else {
                throw ControlError("token is missing")
            }
            server.revoke(token)
        case ("PUT", "/control/listening"):
            guard let listening = try told(request, ["listening"]).bool("listening") else {
                throw ControlError("listening is missing")
            }
            try await listen(listening)
        case ("GET", "/control/faults"):
            return .json(FaultList.document)
        case ("GET", "/control/fault"):
            return .json(server.laboratoryDocument)
        case ("PUT", "/control/fault"):
            try setFault(try told(request, ["name", "manner"]))
            return .json(server.laboratoryDocument)
        case ("PUT", "/control/reset"):
            server.reset()
        default:
            throw ControlError("no \(request.method) \(request.path); GET /control tells what there is", status: 404)
        }
        return HTTPResponse(status: 204)
    }

    private func listen(_ listening: Bool) async throws(ControlError) {
        guard listening else { return await server.stopListening() }
        do {
            try await server.startListening()
        } catch {
            throw ControlError("cannot listen: \(error)", status: 500)
        }
    }

    private func document(_ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(status: 200, headers: [("Content-Type", "application/json")], body: body)
    }

    /// The members of the body's object; none when it is empty.
    private func members(_ request: HTTPRequest) throws(ControlError) -> [String: JSONValue] {
        guard !request.body.isEmpty else { return [:] }
        guard case .object(let members) = JSONText.decode(request.body) else {
            throw ControlError("the body is not a JSON object")
        }
        return members
    }

    /// The body's members, which are no others than `names`.
    private func told(_ request: HTTPRequest, _ names: [String]) throws(ControlError) -> DocumentMembers {
        let members = DocumentMembers(try members(request))
        try members.allow(names)
        return members
    }

    private func rotation(_ request: HTTPRequest) throws(ControlError) -> RotationPolicy {
        let members = try told(request, ["rotates", "grace_window", "reuse_revokes_family", "family_lifetime"])
        var policy = RotationPolicy()
        policy.rotates = try members.bool("rotates") ?? policy.rotates
        policy.graceWindow = try members.duration("grace_window") ?? policy.graceWindow
        policy.reuseRevokesFamily = try members.bool("reuse_revokes_family") ?? policy.reuseRevokesFamily
        policy.familyLifetime = try members.duration("family_lifetime")
        return policy
    }

    private func logins(_ request: HTTPRequest) throws(ControlError) -> LoginPolicy {
        let members = try told(
            request,
            [
                "subject", "declines", "fault", "refresh_tokens", "id_tokens", "device_interval", "slow_down_step",
                "device_lifetime",
            ]
        )
        var policy = LoginPolicy()
        policy.subject = try members.string("subject") ?? policy.subject
        policy.declines = try members.bool("declines") ?? policy.declines
        policy.fault = try members.word("fault")
        policy.refreshTokens = try members.word("refresh_tokens") ?? policy.refreshTokens
        policy.idTokens = try members.word("id_tokens") ?? policy.idTokens
        policy.deviceInterval = try members.duration("device_interval") ?? policy.deviceInterval
        policy.slowDownStep = try members.duration("slow_down_step") ?? policy.slowDownStep
        policy.deviceLifetime = try members.duration("device_lifetime") ?? policy.deviceLifetime
        return policy
    }

    private func decide(_ members: DocumentMembers) throws(ControlError) {
        guard let verdict: DeviceVerdict = try members.word("verdict") else { throw ControlError("verdict is missing") }
        guard server.decideDevice(verdict, userCode: try members.string("user_code")) else {
            throw ControlError("no such login is pending", status: 404)
        }
    }

    private static func shown(_ login: DeviceLogin) -> JSONValue {
        [
            "user_code": .string(login.userCode), "client": .string(login.clientID),
            "verdict": login.verdict.map { .string($0.rawValue) } ?? .null, "questions": .integer(login.questions),
            "slow_downs": .integer(login.slowDowns),
        ]
    }

    /// A request with its secrets left out.
    private static func shown(_ request: SeenRequest) -> JSONValue {
        [
            "number": .integer(request.number), "endpoint": .string(request.endpoint.rawValue),
            "at": .number(request.at.inSeconds), "method": .string(request.method), "path": .string(request.path),
            "client": request.clientID.map(JSONValue.string) ?? .null,
            "authentication": request.authentication.map { .string($0.rawValue) } ?? .null,
            "grant_type": request.grant.map(JSONValue.string) ?? .null,
            "parameters": .array(
                request.parameters.map { ["name": .string($0.name), "value": .string($0.value)] }
            ),
            "certificate": request.certificate.map { .string($0.subject) } ?? .null,
            "connection": .integer(request.connection),
        ]
    }

    /// A refresh token with its value left out.
    private static func shown(_ token: IssuedRefreshToken) -> JSONValue {
        [
            "client": .string(token.clientID), "family": .integer(token.family),
            "generation": .integer(token.generation), "issued_at": .number(token.issuedAt.inSeconds),
            "spent_at": token.spentAt.map { .number($0.inSeconds) } ?? .null, "revoked": .bool(token.isRevoked),
            "presentations": .array(
                token.presentations.map { presentation in
                    [
                        "request": .integer(presentation.request), "at": .number(presentation.at.inSeconds),
                        "judgement": .string(presentation.judgement.rawValue),
                    ]
                }
            ),
        ]
    }
}
