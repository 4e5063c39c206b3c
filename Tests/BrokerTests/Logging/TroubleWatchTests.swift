import LocalAPI
import MockAuthorizationServer
import Testing

@testable import Broker

/// What the log says of a client that is in trouble, and how often.
@Suite(.timeLimit(.minutes(5))) struct TroubleWatchTests {
    private static let dying = "A client's token ends within the hour, and no new one can be had"
    private static let well = "A client is well again"

    @Test func `a client that is misconfigured is told once, and when it is well again`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client().replacing("billing.secret", with: "late.secret"))
            #expect(try rig.answer("/v1/token/billing").status == 502)
            for _ in 0..<5 {
                rig.advance(by: .seconds(60))
                _ = try rig.answer("/v1/token/billing")
            }
            let lines = rig.log.lines(with: "A client is misconfigured")
            #expect(lines.count == 1)
            let line = try #require(lines.first)
            #expect(
                line.hasPrefix("error ") && line.contains("client=billing") && line.contains("cause=secret_unreadable")
            )
            #expect(try line.contains("remedy=\(#require(rig.report().lastError?.remedy))"))
            try rig.files.write("hunter2", to: "late.secret")
            rig.advance(by: .seconds(5))
            try await rig.until { try rig.report().state == .fresh }
            rig.advance(by: .seconds(1))
            #expect(rig.log.lines(with: Self.well).count == 1)
            rig.advance(by: .seconds(180))
            #expect(rig.log.lines(with: Self.well) == ["notice \(Self.well) client=billing"])
        }
    }

    @Test func `a client that needs a login is told once, and again when it needs another`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            for time in 1...2 {
                rig.server.setBehaviour(.error("invalid_grant", status: 400), times: 1)
                rig.advance(by: .seconds(2_700))
                try await rig.until { try rig.report().state == .loginRequired }
                rig.advance(by: .seconds(180))
                #expect(rig.log.lines(with: "A client needs a login").count == time)
                #expect(rig.log.lines(with: "A client needs a login").last?.hasPrefix("error ") == true)
                try rig.logIn()
                rig.advance(by: .seconds(5))
                try await rig.until { try rig.report().state != .loginRequired && !rig.isAskingServer }
                _ = try await rig.ask("/v1/token/billing")
                rig.advance(by: .seconds(1))
                #expect(rig.log.lines(with: Self.well).count == time)
            }
        }
    }

    @Test func `what dies within the hour is told once it lasts, with the time, and what is over in a second is not`()
        async throws
    {
        try await withBroker { rig in
            try rig.start(rig.client())
            _ = try await rig.ask("/v1/token/billing")
            rig.server.setBehaviour(.fault(.reset), times: 1)
            rig.advance(by: .seconds(2_701))
            try await rig.until { try rig.report().state == .retrying && rig.isAttemptPlanned() }
            try rig.advanceToNextAttempt()
            try await rig.until { try rig.report().state == .fresh }
            rig.advance(by: .seconds(60))
            #expect(rig.log.lines(with: Self.dying) == [])

            rig.server.setBehaviour(.fault(.reset))
            rig.advance(by: .seconds(2_700))
            try await rig.until { try rig.report().state == .retrying && rig.isAttemptPlanned() }
            for _ in 0..<4 {
                rig.advance(by: .seconds(60))
                try await rig.until { !rig.isAskingServer }
            }
            let lines = rig.log.lines(with: Self.dying)
            #expect(lines.count == 1)
            #expect(lines.first?.hasPrefix("warning ") == true)
            #expect(lines.first?.contains(/dies_at=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/) == true)
            #expect(rig.log.lines(with: "has no token to serve") == [])

            // It dies.
            rig.advance(by: .seconds(1_000))
            try await rig.until { !rig.isAskingServer }
            rig.advance(by: .seconds(60))
            #expect(rig.log.lines(with: "A client has no token to serve").count == 1)
            #expect(rig.log.lines(with: Self.dying).count == 1)

            rig.server.clearBehaviours()
            _ = rig.begin("/v1/token/billing")
            try await rig.until { !rig.isAskingServer }
            try rig.advanceToNextAttempt()
            try await rig.until { try rig.report().state == .fresh }
            rig.advance(by: .seconds(1))
            #expect(rig.log.lines(with: Self.well).count == 1)
        }
    }

    @Test func `of hundreds of clients at once each is told, one after the other`() async throws {
        try await withBroker { rig in
            let count = 300
            let clients = (0..<count).map { number in
                rig.client("c\(number)", "keep_warm = \"always\"").replacing("c\(number).secret", with: "gone.secret")
            }
            let server = rig.server.tokenEndpoint.replacing(/(https?:\/\/[^\/]+).*/) { $0.1 }
            try rig.start(
                "[servers.\"\(server)\"]\nrequests_per_second = 10000\nconcurrent = 256\n" + clients.joined()
            )
            for number in 0..<count { _ = rig.begin("/v1/token/c\(number)") }
            func told() -> Int { rig.log.lines(with: "A client is misconfigured").count }
            var seconds = 0
            while told() < count, seconds < 600 {
                rig.advance(by: .seconds(1))
                seconds += 1
                // The first of them when the first second begins.
                #expect(told() <= TroubleWatch.linesPerSecond * (seconds + 1))
                try await rig.until { !rig.isAskingServer }
            }
            #expect(told() == count)
            #expect(seconds >= count / TroubleWatch.linesPerSecond - 1)
            rig.advance(by: .seconds(180))
            #expect(told() == count)
        }
    }

    @Test func `what is wrong after a reload of the client is told again, and of one that was gone in between`()
        async throws
    {
        try await withBroker { rig in
            func told() -> Int { rig.log.lines(with: "A client is misconfigured").count }
            func broken(_ secret: String) -> String { rig.client().replacing("billing.secret", with: secret) }
            try rig.start(broken("one.secret"))
            #expect(try rig.answer("/v1/token/billing").status == 502)
            rig.advance(by: .seconds(60))
            #expect(told() == 1)
            _ = try await rig.reload(broken("two.secret"))
            _ = try rig.answer("/v1/token/billing")
            rig.advance(by: .seconds(1))
            #expect(told() == 2)
            #expect(rig.log.lines(with: Self.well) == [])
            _ = try await rig.reload("")
            _ = try await rig.reload(broken("one.secret"))
            _ = try rig.answer("/v1/token/billing")
            rig.advance(by: .seconds(1))
            #expect(told() == 3)
            // The one that mends it is told of, too.
            _ = try await rig.reload(rig.client())
            _ = try await rig.ask("/v1/token/billing")
            rig.advance(by: .seconds(1))
            #expect(rig.log.lines(with: Self.well).count == 1)
        }
    }
}
