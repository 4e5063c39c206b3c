import LinuxHost
import LocalAPI

/// A login that is under way: it waits at once for the daemon, for the browser and for what is pasted.
final class LoginRun {
    /// What the daemon may stay silent for, and how long it may take after a login's time; more than twice its heartbeat.
    private static let silence: Duration = .seconds(75)

    /// How long the daemon is given to say whether a redirect is the login's.
    private static let answerPatience: Duration = .seconds(15)

    /// A redirect that the daemon is asked about, and who brought it; nil when it was pasted.
    private struct HandOver {
        let redirect: String
        let visit: RedirectServer.Visit?
    }

    private let login: Login
    private let flow: LoginFlow
    private let redirectPath: String
    private let interruptions: Interruptions?
    private let stream: BrokerExchange
    private var lines = LineReader()
    private var lastHeard = LinuxClock.sinceBoot()

    private var server: RedirectServer?
    private var input: LoginInput?

    /// The daemon's name for the login, by which redirects are sent.
    private var name: String?

    /// When the login ends unfinished, on CLOCK_BOOTTIME.
    private var end: Duration?
    private var isConfirmed = false

    /// The first is the one that the daemon is being asked about.
    private var handOvers: [HandOver] = []
    private var asked: (exchange: BrokerExchange, deadline: Duration)?
    private var outcome: Result<LoginEvent, Failure>?

    /// The daemon's last line, which is printed when nothing is listened to any more.
    private var lastLine: [UInt8]?

    init(
        _ login: Login,
        flow: LoginFlow,
        server: RedirectServer?,
        redirectPath: String,
        stream: BrokerExchange,
        interruptions: Interruptions?
    ) {
        self.login = login
        self.flow = flow
        self.server = server
        self.redirectPath = redirectPath
        self.stream = stream
        self.interruptions = interruptions
    }

    /// Prints the result and returns nil, or the signal that came first.
    func untilItEnds() throws(Failure) -> Int32? {
        defer {
            endWaiting()
            login.console.erase()
        }
        // Who brought the redirect that ended it is shown what came of it first.
        while outcome == nil || asked != nil {
            let ready = try wait()
            if let signal = interruptions?.caught { return signal }
            let now = LinuxClock.sinceBoot()
            if let asked, ready.contains(asked.exchange.descriptor) || asked.deadline <= now { takeAnswer(asked, now) }
            for (visit, redirect) in server?.serve(ready, now: now) ?? [] {
                handOvers.append(HandOver(redirect: redirect, visit: visit))
            }
            if let input, ready.contains(input.descriptor) { take(input.read()) }
            if outcome == nil, ready.contains(stream.descriptor) {
                guard listen(now) else { return Interruptions.brokenPipe }
            }
            handOver(now)
            guard now < silenceEnd || outcome != nil else { throw .loginSilent }
            draw(now)
        }
        endWaiting()
        if login.isRaw, let lastLine, !login.console.give(lastLine) { return Interruptions.brokenPipe }
        guard let done = try outcome?.get(), !login.isRaw else { return nil }
        login.console.tell(LoginText.notes(done))
        return login.console.give(Array(LoginText.done(done).utf8)) ? nil : Interruptions.brokenPipe
    }

    private func wait() throws(Failure) -> Set<Int32> {
        var interests: [Readiness.Interest] = []
        if outcome == nil { interests.append(Readiness.Interest(stream.descriptor)) }
        if let interruptions { interests.append(Readiness.Interest(interruptions.number)) }
        if let asked { interests.append(Readiness.Interest(asked.exchange.descriptor)) }
        // Before the daemon gave the login its name, nothing can belong to it.
        if name != nil {
            interests += server?.interests ?? []
            if let input, handOvers.isEmpty { interests.append(Readiness.Interest(input.descriptor)) }
        }
        let tick = login.console.wantsTicks ? LinuxClock.sinceBoot() + .seconds(1) : nil
        let deadlines = [silenceEnd, tick, asked?.deadline, server?.deadline].compactMap(\.self)
        do throws(HostError) {
            return try Readiness.wait(for: interests, until: deadlines.min())
        } catch {
            throw .login(error)
        }
    }

    private var isListening: Bool { server?.isListening == true }

    private var silenceEnd: Duration { max(lastHeard, end ?? lastHeard) + Self.silence }

    /// Nothing is taken from the browser or from a person any more.
    private func endWaiting() {
        server?.close()
        server = nil
        input = nil
    }

    private func draw(_ now: Duration) {
        guard !login.isRaw, !isConfirmed, outcome == nil, let end else { return }
        login.console.draw(LoginText.waiting(flow, secondsLeft: Int((end - now).components.seconds)))
    }
}

// MARK: - What the daemon tells

extension LoginRun {
    /// Takes what came of the login; false when nobody reads the results any more.
    private func listen(_ now: Duration) -> Bool {
        lastHeard = now
        do throws(Failure) {
            try stream.receive()
            while outcome == nil {
                switch try stream.next() {
                case .needsMore: return true
                case .end: throw .loginEnded
                case .body(let piece):
                    // An empty line is the heartbeat.
                    for line in lines.add(piece) where !line.isEmpty && outcome == nil {
                        guard take(try DocumentCoding.read(LoginEvent.self, line), line: line, now) else {
                            return false
                        }
                    }
                }
            }
        } catch {
            outcome = .failure(error == .cutOff ? .loginEnded : error)
        }
        return true
    }

    private func take(_ event: LoginEvent, line: [UInt8], _ now: Duration) -> Bool {
        if let expiresAt = event.expiresAt {
            end = now + (.seconds(expiresAt) - LinuxClock.sinceEpoch())
        }
        switch event.event {
        case .authorize:
            name = event.login
            input = login.input.flatMap(LoginInput.init)
            let opened = event.authorizationUri.map(login.openBrowser) ?? false
            let way = LoginText.Way(listening: isListening, pasting: input != nil, opened: opened)
            if !login.isRaw { login.console.tell(LoginText.authorize(event, way)) }
        case .verify:
            if !login.isRaw { login.console.tell(LoginText.verify(event)) }
        case .slowDown, .retry:
            if !login.isRaw { login.console.tell(LoginText.progress(event)) }
        case .redeeming:
            isConfirmed = true
            if !login.isRaw { login.console.tell(LoginText.progress(event)) }
        case .done:
            outcome = .success(event)
        case .failed:
            outcome = .failure(event.failure.map(Failure.init) ?? .brokenAnswer)
        }
        guard outcome == nil else {
            lastLine = line
            return true
        }
        return login.isRaw ? login.console.give(line) : true
    }
}

// MARK: - What the browser brought

extension LoginRun {
    private func take(_ pasted: [PastedLines.Event]) {
        for event in pasted {
            switch event {
            case .address(let redirect): handOvers.append(HandOver(redirect: redirect, visit: nil))
            case .unusable(let why):
                login.console.tell([
                    "tokenctl: the pasted line is not taken: \(why)",
                    "Paste the whole address that the browser ended on, and press return.",
                ])
            case .end: input = nil
            }
        }
    }

    /// Asks the daemon about the next redirect.
    private func handOver(_ now: Duration) {
        guard asked == nil, outcome == nil, let name else { return }
        guard let next = handOvers.first else {
            if flow == .browser, !isListening, input == nil, !isConfirmed { outcome = .failure(.nothingPasted) }
            return
        }
        do throws(Failure) {
            let document = LoginRedirectDocument(login: name, redirect: next.redirect)
            asked = (try login.broker.begin(redirectPath, document: document), now + Self.answerPatience)
        } catch {
            refuse(next, error, .unanswered, now)
        }
    }

    private func takeAnswer(_ asked: (exchange: BrokerExchange, deadline: Duration), _ now: Duration) {
        guard let handedOver = handOvers.first else { return }
        do throws(Failure) {
            guard asked.deadline > now else { throw .loginSilent }
            try asked.exchange.receive()
            var body: [UInt8] = []
            reading: while true {
                switch try asked.exchange.next() {
                case .needsMore where body.isEmpty: return
                case .needsMore: try asked.exchange.receive(within: asked.deadline - now)
                case .body(let piece): body += piece
                case .end: break reading
                }
            }
            let answer = try DocumentCoding.read(LoginRedirectAnswer.self, body)
            self.asked = nil
            isConfirmed = true
            if let visit = handedOver.visit { server?.answer(visit, answer.granted ? .granted : .declined, now: now) }
            handOvers = []
            login.console.erase()
            endWaiting()
        } catch {
            self.asked = nil
            refuse(handedOver, error, error.exitStatus == 69 ? .unanswered : .foreign, now)
        }
    }

    /// The login goes on; whatever ends it comes by its own connection.
    private func refuse(_ handedOver: HandOver, _ why: Failure, _ page: RedirectPage, _ now: Duration) {
        handOvers.removeFirst()
        if let visit = handedOver.visit { server?.answer(visit, page, now: now) }
        let from = handedOver.visit == nil ? "what was pasted" : "what a browser brought"
        login.console.tell(["tokenctl: \(from) is not taken: \(why.what)"] + (why.remedy.map { [$0] } ?? []))
    }
}
