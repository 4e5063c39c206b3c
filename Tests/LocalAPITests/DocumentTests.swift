import LocalAPI
import Testing

@Suite("A document") struct DocumentTests {
    private static let failure = LastError(
        error: "client_misconfigured",
        cause: "unauthorized_client",
        summary: "The grant is not allowed.",
        remedy: "Enable the grant.",
        at: 1_700_000_000,
        serverStatus: 400,
        serverWords: "no grant"
    )

    private static let status = StatusDocument(
        version: "1.2.3",
        clients: [
            ClientStatus(
                client: "billing",
                state: .misconfigured,
                serving: true,
                expiresAt: 1,
                nextAttemptAt: 2,
                diesAt: 3,
                lastError: failure,
                slots: [
                    SlotStatus(
                        scope: "a b",
                        audience: "api",
                        resource: ["urn:1", "urn:2"],
                        state: .loginRequired,
                        serving: false,
                        expiresAt: 4,
                        nextAttemptAt: 5,
                        diesAt: 6,
                        lastError: LastError(
                            error: "login_required",
                            cause: "invalid_grant",
                            summary: "The grant is gone.",
                            remedy: "Log in.",
                            at: 7,
                            serverStatus: nil,
                            serverWords: nil,
                            providerCode: "invalid_rapt",
                            requestID: "7f"
                        )
                    )
                ]
            ),
            ClientStatus(
                client: "idle",
                state: .idle,
                serving: false,
                expiresAt: nil,
                nextAttemptAt: nil,
                diesAt: nil,
                lastError: nil,
                slots: [
                    SlotStatus(
                        scope: "",
                        audience: nil,
                        resource: [],
                        state: .idle,
                        serving: false,
                        expiresAt: nil,
                        nextAttemptAt: nil,
                        diesAt: nil,
                        lastError: nil
                    )
                ]
            ),
        ],
        servers: [
            ServerStatus(
                origin: "https://id.example",
                inFlight: 1,
                waiting: 2,
                failing: true,
                requestsPerSecond: 20,
                requestsPerSecondNeeded: 0.5,
                clockSkew: -90,
                warnings: ["its clock is behind"]
            )
        ],
        alarms: [AlarmStatus(alarm: "store", message: "the disk is full", since: 8)],
        warnings: ["the kernel is old"]
    )

    private static let statusLine =
        #"{"alarms":[{"alarm":"store","message":"the disk is full","since":8}],"clients":[{"client":"billing","#
        + #""dies_at":3,"expires_at":1,"last_error":{"at":1700000000,"cause":"unauthorized_client","#
        + #""error":"client_misconfigured","remedy":"Enable the grant.","server_status":400,"server_words":"no grant","#
        + #""summary":"The grant is not allowed."},"#
        + #""next_attempt_at":2,"serving":true,"slots":[{"audience":"api","dies_at":6,"expires_at":4,"#
        + #""last_error":{"at":7,"cause":"invalid_grant","error":"login_required","#
        + #""provider_code":"invalid_rapt","remedy":"Log in.","request_id":"7f","#
        + #""summary":"The grant is gone."},"#
        + #""next_attempt_at":5,"resource":["urn:1","urn:2"],"scope":"a b","serving":false,"state":"login_required"}],"#
        + #""state":"misconfigured"},{"client":"idle","serving":false,"slots":[{"resource":[],"scope":"","#
        + #""serving":false,"state":"idle"}],"state":"idle"}],"format_version":1,"#
        + #""servers":[{"clock_skew":-90,"failing":true,"in_flight":1,"origin":"https://id.example","#
        + #""requests_per_second":20,"requests_per_second_needed":0.5,"waiting":2,"#
        + #""warnings":["its clock is behind"]}],"version":"1.2.3","warnings":["the kernel is old"]}"#

    @Test("of the status has these members, and what is not known is left out")
    func writesStatus() throws {
        #expect(text(DocumentCoding.encode(Self.status)) == Self.statusLine)
        #expect(try DocumentCoding.decode(StatusDocument.self, from: Array(Self.statusLine.utf8)) == Self.status)
    }

    @Test("of one client has the same members")
    func writesClient() {
        let line = text(DocumentCoding.encode(ClientDocument(client: Self.status.clients[1])))
        #expect(
            line
                == #"{"client":{"client":"idle","serving":false,"slots":[{"resource":[],"scope":"","serving":false,"#
                + #""state":"idle"}],"state":"idle"},"format_version":1}"#
        )
    }

    @Test("of a client with several secrets says which works, and nothing more of it")
    func clientSecret() throws {
        var client = Self.status.clients[1]
        client.clientSecret = ClientSecretStatus(working: 2, of: 2, source: "credential billing-new")
        let written = DocumentCoding.encode(ClientDocument(client: client))
        #expect(
            text(written).hasPrefix(
                #"{"client":{"client":"idle","client_secret":{"of":2,"source":"credential billing-new","working":2},"#
            )
        )
        #expect(try DocumentCoding.decode(ClientDocument.self, from: written).client == client)
    }

    @Test("names the states in the words that readers know")
    func states() {
        #expect(
            ClientState.allCases.map(\.rawValue) == [
                "idle", "fetching", "fresh", "refreshing", "retrying", "expired", "misconfigured", "login_required",
            ]
        )
    }

    @Test("that answers callers and operators has its version and its members")
    func writesOthers() {
        let clients = ClientsDocument(clients: [
            ClientsDocument.Client(client: "a", scope: "x y", audience: nil, resource: []),
            ClientsDocument.Client(client: "b", scope: "", audience: "api", resource: ["urn:1"]),
        ])
        #expect(
            text(DocumentCoding.encode(clients))
                == #"{"clients":[{"client":"a","resource":[],"scope":"x y"},{"audience":"api","client":"b","#
                + #""resource":["urn:1"],"scope":""}],"format_version":1}"#
        )
        let refresh = RefreshDocument(client: "a", state: .fresh, expiresAt: 5)
        #expect(
            text(DocumentCoding.encode(refresh)) == #"{"client":"a","expires_at":5,"format_version":1,"state":"fresh"}"#
        )
        let reload = ReloadDocument(
            added: ["a"],
            removed: [],
            changed: ["b"],
            unchanged: 2,
            restartNeeded: ["token_socket"]
        )
        #expect(
            text(DocumentCoding.encode(reload))
                == #"{"added":["a"],"changed":["b"],"format_version":1,"removed":[],"restart_needed":["token_socket"],"#
                + #""unchanged":2}"#
        )
    }

    @Test("that a watcher gets is one line with what there is to tell")
    func writesEvents() {
        let token = WatchEvent(event: .token, client: "a", state: .fresh, serving: true, expiresAt: 5)
        #expect(
            text(token.line)
                == #"{"client":"a","event":"token","expires_at":5,"serving":true,"state":"fresh"}"# + "\n"
        )
        let state = WatchEvent(event: .state, client: "a", state: .expired, serving: false)
        #expect(text(state.line) == #"{"client":"a","event":"state","serving":false,"state":"expired"}"# + "\n")
        #expect(text(WatchEvent(event: .end, client: "a").line) == #"{"client":"a","event":"end"}"# + "\n")
    }

    private static let grants: [(GrantStatus, String)] = [
        (
            GrantStatus(
                standing: .refused,
                sequence: 41,
                firstIssuedAt: 1,
                renewedAt: 2,
                endsAt: 3,
                refused: GrantStatus.Refusal(
                    at: 4,
                    error: "invalid_grant",
                    serverWords: "used twice",
                    serverStatus: 400,
                    unansweredAttempts: 5,
                    unansweredSince: 6
                ),
                unsaved: true,
                warning: "It ends soon."
            ),
            #"{"ends_at":3,"first_issued_at":1,"refused":{"at":4,"error":"invalid_grant","server_status":400,"#
                + #""server_words":"used twice","unanswered_attempts":5,"unanswered_since":6},"renewed_at":2,"#
                + #""sequence":41,"standing":"refused","unsaved":true,"warning":"It ends soon."}"#
        ), (GrantStatus(standing: .absent), #"{"standing":"none","unsaved":false}"#),
    ]

    @Test("of a client says what is held of its grant, and what is not known is left out")
    func writesGrants() throws {
        for (grant, line) in Self.grants {
            #expect(text(DocumentCoding.encode(grant)) == line)
            var client = Self.status.clients[1]
            client.grant = grant
            let document = DocumentCoding.encode(ClientDocument(client: client))
            #expect(text(document).contains(#""grant":\#(line),"serving""#))
            #expect(try DocumentCoding.decode(ClientDocument.self, from: document).client == client)
        }
        #expect(GrantStatus.Standing.allCases.map(\.rawValue) == ["held", "refused", "restored", "none"])
    }

    @Test("of a failure counts what was sent before and never answered")
    func writesUnanswered() throws {
        var failure = Self.failure
        failure.unansweredAttempts = 3
        failure.unansweredSince = 9
        let bytes = DocumentCoding.encode(failure)
        #expect(text(bytes).hasSuffix(#""unanswered_attempts":3,"unanswered_since":9}"#))
        #expect(try DocumentCoding.decode(LastError.self, from: bytes) == failure)
    }

    @Test("of a logout and of a change of keys says what was done")
    func writesGrantOperations() {
        #expect(
            text(
                DocumentCoding.encode(LogoutDocument(client: "a", revoked: false, forgotten: true, note: "It failed."))
            )
                == #"{"client":"a","forgotten":true,"format_version":1,"note":"It failed.","revoked":false}"#
        )
        #expect(text(DocumentCoding.encode(RekeyDocument(resealed: 7))) == #"{"format_version":1,"resealed":7}"#)
    }

    @Test("is one line whatever is in it")
    func oneLine() {
        let event = WatchEvent(event: .end, client: "a\nb\u{0}\"\\")
        #expect(text(event.line) == #"{"client":"a\nb\u0000\"\\","event":"end"}"# + "\n")
    }

    @Test("with members of a later version is read all the same")
    func unknownMembers() throws {
        let line = #"{"format_version":1,"client":"a","state":"fresh","mood":"good","expires_at":null}"#
        let read = try DocumentCoding.decode(RefreshDocument.self, from: Array(line.utf8))
        #expect(read == RefreshDocument(client: "a", state: .fresh, expiresAt: nil))
    }

    @Test("that lacks what it must have is not read")
    func missingMembers() {
        let line = #"{"format_version":1,"client":"a"}"#
        #expect(throws: DocumentError.self) {
            try DocumentCoding.decode(RefreshDocument.self, from: Array(line.utf8))
        }
    }
}
