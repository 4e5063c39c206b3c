import LocalAPI
import MockAuthorizationServer
import Testing

/// What a failing server, or the way to it, does to a refresh token that may be presented only once.
@Suite("An outage in a rotation", .timeLimit(.minutes(5)))
struct RotationOutageTests {
    /// A way to answer, and how it is called.
    struct Failure: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let behaviour: Behaviour
    }

    /// Short enough to wait for.
    private static let keys = "request_timeout = \"1s\""

    private static let portal = Failure(
        testDescription: "a captive portal's page",
        behaviour: .answer(status: 200, body: "<html><body>Accept our terms</body></html>", contentType: "text/html")
    )

    @Test(
        "that spends nothing costs nothing: the same token is presented until it is taken",
        arguments: [
            Failure(testDescription: "502 of a gateway", behaviour: .badGateway(actsFirst: false)), portal,
            Failure(testDescription: "200 with nothing in it", behaviour: .answer(status: 200, body: "")),
            Failure(testDescription: "503", behaviour: .answer(status: 503, body: "")),
            Failure(testDescription: "server_error", behaviour: .error("server_error")),
        ]
    )
    func unspent(failure: Failure) async throws {
        try await withRotation(.strict, keys: Self.keys) { rotation in
            rotation.server.setBehaviour(failure.behaviour, times: 2)
            try await withDaemon(in: rotation.room) { _ in
                let refused = try await rotation.fetch()
                #expect(refused.status == 503, "\(refused.body)")
                let during = try await rotation.room.status(of: RotationRoom.client)
                #expect(during.grant?.standing == .held, "\(during)")
                try await expectWell(rotation)
            }
            #expect(rotation.judgements() == [.unjudged, .unjudged, .current], "\(rotation.evidence())")
        }
    }

    private static let lostAnswers: [Failure] =
        [Failure(testDescription: "502 of a gateway", behaviour: .badGateway(actsFirst: true))]
        + [
            ConnectionFault.dropBeforeAnswer, .dropMidAnswer, .reset, .resetMidAnswer, .stallMidHead, .stallMidAnswer,
            .understated, .notHTTP,
        ].map { Failure(testDescription: $0.rawValue, behaviour: .fault($0)) }

    @Test("that loses the answer is overcome within a grace window", arguments: lostAnswers)
    func replayed(failure: Failure) async throws {
        try await withRotation(.graceful, keys: Self.keys) { rotation in
            rotation.server.setBehaviour(failure.behaviour, times: 1)
            try await withDaemon(in: rotation.room) { _ in
                _ = try await rotation.fetch()
                try await expectWell(rotation)
                let presented = rotation.server.presentations(of: rotation.id(of: RotationRoom.client))
                #expect(presented.map(\.judgement) == [.current, .replayGranted], "\(rotation.evidence())")
                // Two seconds, and what a busy machine adds; the shortest grace windows are of ten.
                #expect(presented[1].at - presented[0].at < .seconds(5))
                // The sibling that the replay brought is the one that goes on.
                try await rotation.expectRefreshed()
                #expect(!rotation.verdict().familyIsRevoked)
            }
        }
    }

    @Test("that loses the answer of a client that no caller asks for is overcome all the same")
    func cold() async throws {
        try await withRotation(.graceful) { rotation in
            rotation.server.setBehaviour(.fault(.dropBeforeAnswer), times: 1)
            try await withDaemon(in: rotation.room) { _ in
                _ = try await rotation.refresh()
                try await expectWell(rotation)
            }
            #expect(rotation.judgements() == [.current, .replayGranted], "\(rotation.evidence())")
        }
    }

    @Test("that loses the answer of a server without a grace window is told with its history", arguments: lostAnswers)
    func told(failure: Failure) async throws {
        try await withRotation(.strict, keys: Self.keys) { rotation in
            rotation.server.setBehaviour(failure.behaviour, times: 1)
            try await withDaemon(in: rotation.room) { _ in
                _ = try await rotation.fetch()
                try await rotation.wait(for: .loginRequired)
                let status = try await rotation.room.status(of: RotationRoom.client)
                #expect(status.grant?.standing == .refused)
                #expect(status.grant?.refused?.unansweredAttempts == 1, "\(status)")
                #expect(status.lastError?.summary.contains("without an answer") == true, "\(status)")
                let caller = try await rotation.fetch()
                #expect(caller.status == 409 && caller.string("error") == "login_required", "\(caller.body)")
                #expect(try await rotation.refresh().status == 409)
                #expect(rotation.judgements() == [.current, .replayRefused], "\(rotation.evidence())")

                try rotation.logIn()
                try await rotation.expectReloaded()
                try await rotation.expectRefreshed()
            }
            #expect(rotation.judgements() == [.current, .replayRefused, .current])
        }
    }

    @Test("that reached nobody is no presentation, and callers go on with the token they have")
    func unsent() async throws {
        try await withRotation(.strict) { rotation in
            try await withDaemon(in: rotation.room) { _ in
                #expect(try await rotation.refresh().status == 200)
                let before = try await rotation.fetch()
                await rotation.server.stopListening()
                #expect(try await rotation.refresh().status == 503)
                let during = try await rotation.fetch()
                #expect(during.string("access_token") == before.string("access_token"), "\(during.body)")
                let status = try await rotation.room.status(of: RotationRoom.client)
                #expect(status.grant?.standing == .held && status.state == .retrying, "\(status)")
                try await rotation.server.startListening()
                try await expectWell(rotation)
            }
            #expect(rotation.judgements() == [.current, .current], "\(rotation.evidence())")
        }
    }

    @Test("of a server that takes the request and acts on it late leaves the grant alive")
    func late() async throws {
        try await withRotation(.graceful, keys: Self.keys) { rotation in
            rotation.server.setBehaviour(.held, times: 1)
            try await withDaemon(in: rotation.room) { _ in
                _ = try await rotation.fetch()
                try await expectWell(rotation)
                #expect(rotation.judgements() == [.current], "\(rotation.evidence())")
                rotation.server.release()
                try await rotation.counters("the replay") { $0.total.judged(.replayGranted) == 1 }
                try await rotation.expectRefreshed()
            }
            #expect(rotation.judgements() == [.current, .replayGranted, .current], "\(rotation.evidence())")
        }
    }

    /// Waits until the client is well again without a hand.
    private func expectWell(_ rotation: RotationRoom) async throws {
        try await rotation.wait(for: .fresh)
        let status = try await rotation.room.status(of: RotationRoom.client)
        #expect(status.grant?.standing == .held && status.grant?.unsaved == false, "\(status)")
        #expect(status.lastError == nil, "\(status)")
        let fetched = try await rotation.fetch()
        #expect(fetched.string("access_token").map(rotation.server.isActive) == true, "\(fetched.body)")
    }
}
