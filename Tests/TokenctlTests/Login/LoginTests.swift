import ArgumentParser
import LinuxHost
import LocalAPI
import OAuth2
import Testing

@testable import tokenctl

/// The command against a daemon whose words are the test's.
@Suite("tokenctl login", .timeLimit(.minutes(2)))
struct LoginTests {
    private static let anyPort = "http://127.0.0.1:0/back"

    private static func daemon(
        _ redirect: String = anyPort,
        subject: String? = nil
    ) throws -> LoginDaemon {
        let plan = LoginPlanDocument(client: "mail", flow: .browser, redirectUri: redirect, subject: subject)
        return try LoginDaemon(plan) { redirect in
            redirect.contains("state=right") ? redirect.contains("code=") : nil
        }
    }

    /// The port that the login gave the daemon, after the daemon gave it a URL.
    private func begin(_ daemon: LoginDaemon, expiresIn seconds: Int = 600) async throws -> UInt16? {
        var seen = daemon.seen.makeAsyncIterator()
        var event = await seen.next()
        // The end of one before.
        if event == .hungUp { event = await seen.next() }
        guard case .login(let target)? = event else {
            Issue.record("no login")
            return nil
        }
        let request = try APIRequest.parse(APIRequest.Input(method: .post, target: target), role: .admin)
        guard case .login(client: "mail", let wish) = request else {
            Issue.record("\(target)")
            return nil
        }
        var authorize = LoginEvent(.authorize, client: "mail")
        authorize.login = "one"
        authorize.authorizationUri = "https://as.example/authorize?state=right"
        authorize.redirectUri = "http://127.0.0.1:\(wish.port ?? 0)/back"
        authorize.expiresAt = Int(LinuxClock.sinceEpoch().components.seconds) + seconds
        daemon.tell(authorize)
        return wish.port
    }

    private func done(_ subject: String?, before: String? = nil) -> LoginEvent {
        var event = LoginEvent(.done, client: "mail")
        event.subject = subject
        event.previousSubject = before
        event.refreshable = true
        return event
    }

    private func opened(_ login: LoginUnderWay) async {
        var opened = login.opened.makeAsyncIterator()
        #expect(await opened.next() == "https://as.example/authorize?state=right")
    }

    @Test("hands over what the browser brings, shows it what came of it, and leaves nothing listening")
    func browser() async throws {
        let daemon = try Self.daemon(subject: "bob")
        let login = try LoginUnderWay(at: daemon) { $0.isReplacingAccount = true }
        let port = try #require(try await begin(daemon))
        await opened(login)
        // The one that a browser opens and may never use.
        let idle = try #require(RawBrowser(port))
        #expect(RawBrowser.get("/favicon.ico", port: port)?.hasPrefix("HTTP/1.1 404 ") == true)
        let page = try #require(RawBrowser.get("/back?code=a%2Bb&state=right", port: port))
        #expect(page.hasPrefix("HTTP/1.1 200 ") && page.contains("<h1>Signed in</h1>"))
        var seen = daemon.seen.makeAsyncIterator()
        #expect(await seen.next() == .redirect(.init(login: "one", redirect: "/back?code=a%2Bb&state=right")))
        #expect(idle.answer().isEmpty)
        #expect(!RawBrowser.reaches(port))
        daemon.tell(LoginEvent(.redeeming, client: "mail"))
        daemon.tell(done("ann", before: "bob"))
        let ending = try await login.end()
        #expect(try ending.result.get() == nil)
        #expect(ending.output == "mail: logged in as ann (was: bob)\n")
        #expect(ending.errors.hasPrefix("The login of bob is held, and will be replaced.\n"))
        #expect(ending.errors.contains("\n    https://as.example/authorize?state=right\n"))
        #expect(ending.errors.hasSuffix("The login was confirmed; the tokens are being fetched.\n"))
        #expect(!ending.errors.contains("code="))
        #expect(await seen.next() == .hungUp)
    }

    @Test("goes on after what does not belong to it, and tells")
    func wrongState() async throws {
        let daemon = try Self.daemon()
        let login = try LoginUnderWay(at: daemon)
        let port = try #require(try await begin(daemon))
        await opened(login)
        let wrong = try #require(RawBrowser.get("/back?code=a&state=wrong", port: port))
        #expect(wrong.hasPrefix("HTTP/1.1 400 ") && wrong.contains("<h1>Not this sign-in</h1>"))
        #expect(RawBrowser.get("/back?code=a", port: port, host: "evil.example")?.hasPrefix("HTTP/1.1 400 ") == true)
        #expect(RawBrowser.get("/back?code=a&state=right", port: port)?.hasPrefix("HTTP/1.1 200 ") == true)
        daemon.tell(done(nil))
        let ending = try await login.end()
        #expect(ending.output == "mail: logged in\n")
        #expect(
            ending.errors.contains(
                "tokenctl: what a browser brought is not taken: invalid_request: the state differs\n"
                    + "Use the browser that was opened.\n"
            )
        )
        #expect(ending.errors.split(separator: "is not taken").count == 2)
    }

    @Test("shows the browser that the person declined")
    func declined() async throws {
        let daemon = try Self.daemon()
        let login = try LoginUnderWay(at: daemon)
        let port = try #require(try await begin(daemon))
        await opened(login)
        let page = try #require(RawBrowser.get("/back?error=access_denied&state=right", port: port))
        #expect(page.hasPrefix("HTTP/1.1 200 ") && page.contains("<h1>Not signed in</h1>"))
        var failed = LoginEvent(.failed, client: "mail")
        failed.failure = APIError(.loginRequired, "the person declined", client: "mail", remedy: "Log in.").document
        daemon.tell(failed)
        let ending = try await login.end()
        let failure = Failure(exitStatus: 80, what: "mail: login_required: the person declined", remedy: "Log in.")
        #expect(throws: failure) { try ending.result.get() }
        #expect(ending.output.isEmpty)
    }

    @Test("is served although connections that say nothing fill all places")
    func idleConnections() async throws {
        let daemon = try Self.daemon()
        let login = try LoginUnderWay(at: daemon)
        let port = try #require(try await begin(daemon))
        await opened(login)
        let idle = (0...(2 * RedirectServer.mostVisits)).compactMap { _ in RawBrowser(port) }
        #expect(idle.count == 2 * RedirectServer.mostVisits + 1)
        #expect(RawBrowser.get("/back?code=a&state=right", port: port)?.hasPrefix("HTTP/1.1 200 ") == true)
        daemon.tell(done(nil))
        #expect(try await login.end().result.get() == nil)
        withExtendedLifetime(idle) {}
    }

    @Test("takes the address that is pasted, shows none of it, and goes on without more")
    func pasted() async throws {
        let daemon = try Self.daemon()
        let login = try LoginUnderWay(at: daemon)
        let port = try #require(try await begin(daemon))
        await opened(login)
        login.paste("4/0AX4XfWh")
        login.paste("http://127.0.0.1:\(port)/back?code=secret&state=wrong")
        let right = "http://127.0.0.1:\(port)/back?code=\(String(repeating: "c", count: 8_000))&state=right"
        login.paste(right)
        var seen = daemon.seen.makeAsyncIterator()
        guard case .redirect(let first)? = await seen.next(), case .redirect(let second)? = await seen.next() else {
            Issue.record("no redirects")
            return
        }
        #expect(first.redirect.hasSuffix("state=wrong") && second.redirect == right)
        daemon.tell(done("ann"))
        let ending = try await login.end()
        #expect(ending.output == "mail: logged in as ann\n")
        #expect(ending.errors.contains("tokenctl: the pasted line is not taken: it is no address"))
        #expect(ending.errors.contains("tokenctl: what was pasted is not taken: invalid_request: the state differs"))
        #expect(!ending.errors.contains("4/0AX4XfWh") && !ending.errors.contains("secret"))
        #expect(!RawBrowser.reaches(port))
    }

    @Test("outlives the end of standard input while the browser can come")
    func endOfInput() async throws {
        let daemon = try Self.daemon()
        let login = try LoginUnderWay(at: daemon)
        let port = try #require(try await begin(daemon))
        await opened(login)
        login.endPasting()
        #expect(RawBrowser.get("/back?code=a&state=right", port: port)?.hasPrefix("HTTP/1.1 200 ") == true)
        daemon.tell(done(nil))
        #expect(try await login.end().result.get() == nil)
    }

    @Test("that listens nowhere takes what is pasted alone, and ends when nothing is")
    func noListen() async throws {
        let daemon = try Self.daemon()
        let login = try LoginUnderWay(at: daemon) { $0.isListening = false }
        let port = try #require(try await begin(daemon))
        await opened(login)
        #expect(!RawBrowser.reaches(port))
        // Nor does anybody else.
        #expect(throws: HostError.self) { _ = try LoopbackListener(.v4, port: port) }
        login.endPasting()
        let ending = try await login.end()
        #expect(throws: Failure.nothingPasted) { try ending.result.get() }

        let second = try LoginUnderWay(at: daemon) { $0.isListening = false }
        _ = try await begin(daemon)
        await opened(second)
        second.paste("/back?code=a&state=right")
        second.endPasting()
        var seen = daemon.seen.makeAsyncIterator()
        while let event = await seen.next() { if case .redirect = event { break } }
        daemon.tell(done(nil))
        #expect(try await second.end().result.get() == nil)
    }

    @Test("does not listen for a browser that is sent elsewhere, and asks for no port")
    func elsewhere() async throws {
        let daemon = try Self.daemon("https://app.example/back")
        let login = try LoginUnderWay(at: daemon)
        #expect(try await begin(daemon) == nil)
        await opened(login)
        login.paste("https://app.example/back?code=a&state=right")
        var seen = daemon.seen.makeAsyncIterator()
        #expect(
            await seen.next()
                == .redirect(.init(login: "one", redirect: "https://app.example/back?code=a&state=right"))
        )
        daemon.tell(done(nil))
        #expect(try await login.end().result.get() == nil)
    }

    @Test("says what to do when its port is another's")
    func portTaken() async throws {
        let other = try LoopbackListener(.v4, port: 0)
        let daemon = try Self.daemon("http://127.0.0.1:\(other.port)/back")
        let ending = try await LoginUnderWay(at: daemon).end()
        let failure = #expect(throws: Failure.self) { try ending.result.get() }
        #expect(failure?.exitStatus == 75)
        #expect(failure?.what == "127.0.0.1:\(other.port): cannot be listened at: Address already in use")
        #expect(failure?.remedy?.contains("--no-listen") == true)
    }

    @Test("waits at the port that is written, and where ::1 is, there")
    func fixedPort() async throws {
        let free = try LoopbackListener(.v4, port: 0).port
        let daemon = try Self.daemon("http://localhost:\(free)/back")
        let login = try LoginUnderWay(at: daemon)
        #expect(try await begin(daemon) == free)
        await opened(login)
        let page = RawBrowser.get("/back?code=a&state=right", port: free, host: "localhost:\(free)")
        #expect(page?.hasPrefix("HTTP/1.1 200 ") == true)
        daemon.tell(done(nil))
        #expect(try await login.end().result.get() == nil)
    }
}

/// What ends a login otherwise, and the device's.
@Suite("tokenctl login", .timeLimit(.minutes(2)))
struct DeviceLoginTests {
    private func daemon() throws -> LoginDaemon { try LoginDaemon(LoginPlanDocument(client: "mail", flow: .device)) }

    private func begin(_ daemon: LoginDaemon) async {
        var seen = daemon.seen.makeAsyncIterator()
        #expect(await seen.next() == .login(target: "/v1/clients/mail/login"))
        var event = LoginEvent(.verify, client: "mail")
        event.login = "one"
        event.verificationUri = "https://as.example/device"
        event.userCode = "WDJB-MJHT"
        daemon.tell(event)
    }

    @Test("on a device shows the code and what happens, whatever stands in standard input")
    func device() async throws {
        let daemon = try daemon()
        let login = try LoginUnderWay(at: daemon)
        await begin(daemon)
        login.paste("noise")
        login.endPasting()
        daemon.tell(bytes: [0x0A])
        var slow = LoginEvent(.slowDown, client: "mail")
        slow.interval = 10
        daemon.tell(slow)
        daemon.tell(LoginEvent(.redeeming, client: "mail"))
        var done = LoginEvent(.done, client: "mail")
        done.note = "The scope is narrower than asked for."
        daemon.tell(done)
        let ending = try await login.end()
        #expect(ending.output == "mail: logged in\n")
        #expect(ending.errors.contains("\n    WDJB-MJHT\n"))
        #expect(ending.errors.contains("wants to be asked less often: every 10 s from now on.\n"))
        #expect(ending.errors.hasSuffix("tokenctl: The scope is narrower than asked for.\n"))
    }

    @Test("gives the daemon's lines as they are, and nothing else, when they are wanted")
    func raw() async throws {
        let daemon = try daemon()
        let login = try LoginUnderWay(at: daemon) { $0.isRaw = true }
        await begin(daemon)
        // In pieces, and with a member that this tokenctl does not know.
        daemon.tell(bytes: Array(#"{"client":"mail","event":"slow_"#.utf8))
        daemon.tell(bytes: Array(#"down","later":1}"#.utf8) + [0x0A, 0x0A])
        let done = LoginEvent(.done, client: "mail")
        daemon.tell(done)
        let ending = try await login.end()
        let lines = ending.output.split(separator: "\n")
        #expect(lines.count == 3 && lines[0].contains(#""user_code":"WDJB-MJHT""#))
        #expect(lines[1] == #"{"client":"mail","event":"slow_down","later":1}"#)
        #expect("\(lines[2])\n" == String(decoding: done.line, as: UTF8.self))
        #expect(ending.errors.isEmpty)
    }

    @Test("ends with the daemon, however that ends", arguments: [true, false])
    func ended(whole: Bool) async throws {
        let daemon = try daemon()
        let login = try LoginUnderWay(at: daemon)
        await begin(daemon)
        daemon.end(whole: whole)
        let ending = try await login.end()
        #expect(throws: Failure.loginEnded) { try ending.result.get() }
        #expect(Failure.loginEnded.exitStatus == 69)
    }

    @Test("does not take what it cannot understand for an end")
    func broken() async throws {
        let daemon = try daemon()
        let login = try LoginUnderWay(at: daemon)
        await begin(daemon)
        daemon.tell(bytes: Array("{\"event\":\"unheard of\"}\n".utf8))
        let ending = try await login.end()
        #expect(throws: Failure.brokenAnswer) { try ending.result.get() }
    }

    @Test("fails as the daemon says, with its exit status")
    func failed() async throws {
        let daemon = try daemon()
        let login = try LoginUnderWay(at: daemon)
        await begin(daemon)
        var failed = LoginEvent(.failed, client: "mail")
        failed.failure =
            APIError(.clientMisconfigured, "no such scope", client: "mail", remedy: "Mend it.", cause: "invalid_scope")
            .document
        daemon.tell(failed)
        let ending = try await login.end()
        let what = "mail: client_misconfigured: no such scope (invalid_scope)"
        #expect(throws: Failure(exitStatus: 78, what: what, remedy: "Mend it.")) { try ending.result.get() }
        #expect(ending.output.isEmpty)
    }

    @Test("asks for what is meant, and takes no more")
    func command() throws {
        let plain = try LoginCommand.parse(["mail"])
        #expect(plain.client == "mail" && plain.format == .text)
        #expect(!plain.replaceAccount && !plain.noListen && !plain.browser)
        let all = try LoginCommand.parse([
            "mail", "--replace-account", "--no-listen", "--browser", "--format", "json", "--socket", "/a.sock",
        ])
        #expect(all.replaceAccount && all.noListen && all.browser && all.format == .json)
        #expect(throws: (any Error).self) { try LoginCommand.parse([]) }
        #expect(throws: (any Error).self) { try LoginCommand.parse(["mail", "http://127.0.0.1/?code=a"]) }
    }
}
