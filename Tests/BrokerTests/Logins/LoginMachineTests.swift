import OAuth2
import TestSupport
import Testing

@testable import Broker

@Suite struct LoginMachineTests {
    private static let code = Secret("code")
    private static let token = TokenResponse(accessToken: Secret("at"))

    private static func moment(_ seconds: Int64) -> Moment {
        Moment(sinceBoot: .seconds(seconds), sinceEpoch: .seconds(1_800_000_000 + seconds))
    }

    private static func failure(_ failureClass: FailureClass, _ error: String = "e") -> TokenEndpointFailure {
        TokenEndpointFailure(failureClass, error: error)
    }

    /// One that waits for a browser, begun at 0.
    private func browser() -> LoginMachine {
        var machine = LoginMachine(now: Self.moment(0))
        #expect(machine.begun() == [.setTimer(at: .seconds(600)), .prepare])
        #expect(machine.browserPrepared() == [.showAuthorization])
        return machine
    }

    /// One that asks about a device's code, begun at 0.
    private func device(expiresIn life: Int64 = 300, interval: Int64 = 5) -> LoginMachine {
        var machine = LoginMachine(now: Self.moment(0))
        _ = machine.begun()
        let actions = machine.devicePrepared(
            expiresIn: .seconds(life),
            interval: .seconds(interval),
            now: Self.moment(0)
        )
        #expect(actions == [.showCode, .setTimer(at: .seconds(min(interval, life)))])
        return machine
    }

    // MARK: Browser

    @Test func `the first code is redeemed, and no other`() {
        var machine = browser()
        let (first, actions) = machine.redirected(.success(Self.code))
        #expect(first == .accepted(granted: true))
        #expect(actions == [.cancelTimer, .showRedeeming, .redeem(Self.code)])
        let (second, more) = machine.redirected(.success(Secret("other")))
        #expect(second == .notWaiting && more == [])
        #expect(machine.timerFired(now: Self.moment(10_000)) == [])
        #expect(machine.redeemed() == [.cancelTimer, .forget])
        #expect(machine.isOver)
    }

    @Test(arguments: [
        AuthorizationResponse.Refusal.malformed, .stateDiffers, .issuerDiffers(found: nil), .noCode,
    ])
    func `what is not its answer leaves it as it is`(refusal: AuthorizationResponse.Refusal) {
        var machine = browser()
        let (hearing, actions) = machine.redirected(.failure(refusal))
        #expect(hearing == .refused(refusal) && actions == [])
        #expect(machine.redirected(.success(Self.code)).0 == .accepted(granted: true))
    }

    @Test func `who declines ends it`() {
        var machine = browser()
        let (hearing, actions) = machine.redirected(.failure(.declined(error: "access_denied", words: nil)))
        #expect(hearing == .accepted(granted: false))
        #expect(actions == [.cancelTimer, .fail(.declined(error: "access_denied", words: nil))])
    }

    @Test func `it ends after ten minutes, and not before`() {
        var machine = browser()
        #expect(machine.timerFired(now: Self.moment(599)) == [.setTimer(at: .seconds(600))])
        #expect(machine.timerFired(now: Self.moment(600)) == [.cancelTimer, .fail(.timeOver)])
    }

    @Test func `what stands in its way before anything is shown ends it`() {
        var machine = LoginMachine(now: Self.moment(0))
        _ = machine.begun()
        let failure = LoginFailure.noEndpoint(.authorization)
        #expect(machine.preparationFailed(failure) == [.cancelTimer, .fail(failure)])
        #expect(machine.browserPrepared() == [])
    }

    // MARK: Device

    @Test func `a code is asked about at its interval, which slow_down lengthens for good`() {
        var machine = device()
        #expect(machine.timerFired(now: Self.moment(4)) == [.setTimer(at: .seconds(5))])
        #expect(machine.timerFired(now: Self.moment(5)) == [.ask])
        // Never two at once.
        #expect(machine.timerFired(now: Self.moment(10)) == [])
        let pending = Self.failure(.authorizationPending)
        #expect(machine.answered(.failure(pending), now: Self.moment(11)) == [.setTimer(at: .seconds(16))])
        #expect(machine.timerFired(now: Self.moment(16)) == [.ask])
        #expect(
            machine.answered(.failure(Self.failure(.slowDown)), now: Self.moment(17))
                == [.showSlowDown(10), .setTimer(at: .seconds(27))]
        )
        #expect(machine.timerFired(now: Self.moment(27)) == [.ask])
        #expect(machine.answered(.failure(pending), now: Self.moment(28)) == [.setTimer(at: .seconds(38))])
        #expect(machine.timerFired(now: Self.moment(38)) == [.ask])
        #expect(
            machine.answered(.success(Self.token), now: Self.moment(39)) == [.showRedeeming, .keep(Self.token)]
        )
    }

    @Test func `a server that is away is asked half as often each time, and as before once it is back`() {
        var machine = device(expiresIn: 3_600)
        let away = Self.failure(.transient, "response_timeout")
        var now: Int64 = 5
        for pause in [10, 20, 40, 60, 60] as [Int64] {
            #expect(machine.timerFired(now: Self.moment(now)) == [.ask])
            #expect(
                machine.answered(.failure(away), now: Self.moment(now))
                    == [.showRetry(away), .setTimer(at: .seconds(now + pause))]
            )
            now += pause
        }
        #expect(machine.timerFired(now: Self.moment(now)) == [.ask])
        #expect(
            machine.answered(.failure(Self.failure(.authorizationPending)), now: Self.moment(now))
                == [.setTimer(at: .seconds(now + 5))]
        )
    }

    @Test func `a server that wants to be left alone is`() {
        var machine = device()
        _ = machine.timerFired(now: Self.moment(5))
        var busy = Self.failure(.transient, "rate_limited")
        busy.retryAfter = .seconds(90)
        #expect(
            machine.answered(.failure(busy), now: Self.moment(6)) == [.showRetry(busy), .setTimer(at: .seconds(96))]
        )
    }

    @Test(
        arguments: [
            (failure(.expiredDeviceCode, "expired_token"), .timeOver),
            (failure(.configuration, "access_denied"), .declined(error: "access_denied", words: nil)),
            (failure(.configuration, "invalid_client"), .refused(failure(.configuration, "invalid_client"))),
            (failure(.loginRequired, "invalid_grant"), .refused(failure(.loginRequired, "invalid_grant"))),
        ] as [(TokenEndpointFailure, LoginFailure)]
    )
    func `an answer that is the last ends it`(answer: TokenEndpointFailure, end: LoginFailure) {
        var machine = device()
        _ = machine.timerFired(now: Self.moment(5))
        #expect(machine.answered(.failure(answer), now: Self.moment(6)) == [.cancelTimer, .fail(end)])
        #expect(machine.isOver)
    }

    @Test func `a code that is over is not asked about`() {
        var machine = device(expiresIn: 8)
        _ = machine.timerFired(now: Self.moment(5))
        let actions = machine.answered(.failure(Self.failure(.authorizationPending)), now: Self.moment(6))
        #expect(actions == [.setTimer(at: .seconds(8))])
        #expect(machine.timerFired(now: Self.moment(8)) == [.cancelTimer, .fail(.timeOver)])
    }

    // MARK: Ends

    @Test func `nobody is told of what nobody waits for`() {
        var machine = browser()
        #expect(machine.operatorLeft() == [.cancelTimer, .forget])
        #expect(machine.redirected(.success(Self.code)).0 == .notWaiting)
    }

    @Test func `what the server is being asked goes on when the operator leaves`() {
        var machine = browser()
        _ = machine.redirected(.success(Self.code))
        #expect(machine.operatorLeft() == [])
        #expect(machine.redemptionFailed(.stopping) == [.cancelTimer, .fail(.stopping)])
        var asking = device()
        _ = asking.timerFired(now: Self.moment(5))
        #expect(asking.operatorLeft() == [])
        #expect(asking.answered(.success(Self.token), now: Self.moment(6)) == [.keep(Self.token)])
        var fruitless = device()
        _ = fruitless.timerFired(now: Self.moment(5))
        _ = fruitless.operatorLeft()
        let pending = Self.failure(.authorizationPending)
        #expect(fruitless.answered(.failure(pending), now: Self.moment(6)) == [.cancelTimer, .forget])
    }

    @Test func `a reload or a stop ends what waits, and lets end what is under way`() {
        var waiting = browser()
        #expect(waiting.givenUp(because: .clientChanged) == [.cancelTimer, .fail(.clientChanged)])
        var redeeming = browser()
        _ = redeeming.redirected(.success(Self.code))
        #expect(redeeming.givenUp(because: .stopping) == [])
        var asking = device()
        _ = asking.timerFired(now: Self.moment(5))
        #expect(asking.givenUp(because: .stopping) == [])
        let pending = Self.failure(.authorizationPending)
        #expect(asking.answered(.failure(pending), now: Self.moment(6)) == [.cancelTimer, .fail(.stopping)])
    }

    /// Whatever comes in whatever order: nothing after the end, one code, one question at a time, none before its time,
    /// and what was asked for is never given up.
    @Test(arguments: 0..<200 as Range<UInt64>) func `a random walk keeps its promises`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var machine = LoginMachine(now: Self.moment(0))
        var now: Int64 = 0
        var (redemptions, asking, ends, lastQuestion) = (0, false, 0, Int64(-100))
        let classes = FailureClass.allCases
        func take(_ actions: [LoginMachine.Action]) {
            if ends > 0 { #expect(actions == [], "after the end") }
            for action in actions {
                switch action {
                case .redeem, .keep:
                    redemptions += 1
                case .ask:
                    #expect(!asking && now - lastQuestion >= 5 && .seconds(now) < machine.end)
                    (asking, lastQuestion) = (true, now)
                case .fail, .forget:
                    ends += 1
                default: break
                }
            }
            #expect(redemptions <= 1 && ends <= 1)
        }
        take(machine.begun())
        for _ in 0..<120 {
            now += Int64(generator.below(12))
            switch generator.below(12) {
            case 0: take(machine.browserPrepared())
            case 1:
                let life = Duration.seconds(30 + generator.below(900))
                take(machine.devicePrepared(expiresIn: life, interval: .seconds(5), now: Self.moment(now)))
            case 2:
                let isCode = generator.once(in: 3)
                take(machine.redirected(isCode ? .success(Self.code) : .failure(.stateDiffers)).1)
            case 3, 4, 5, 6: take(machine.timerFired(now: Self.moment(now)))
            case 7, 8, 9:
                guard asking else { continue }
                asking = false
                let isGrant = generator.once(in: 10)
                let answer = Self.failure(generator.pick(classes))
                take(machine.answered(isGrant ? .success(Self.token) : .failure(answer), now: Self.moment(now)))
            case 10:
                let wasUnderWay = machine.isUnderWay
                if generator.once(in: 4) { take(machine.operatorLeft()) }
                if wasUnderWay { #expect(ends == 0) }
            default:
                if redemptions == 1 { take(machine.redeemed()) }
            }
        }
    }
}
