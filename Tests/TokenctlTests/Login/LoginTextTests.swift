import LocalAPI
import OAuth2
import Testing

@testable import tokenctl

@Suite("A login in words") struct LoginTextTests {
    private func event(_ kind: LoginEvent.Kind, _ change: (inout LoginEvent) -> Void = { _ in }) -> LoginEvent {
        var event = LoginEvent(kind, client: "mail")
        change(&event)
        return event
    }

    @Test("shows the address on a line of its own, and how the answer can come here")
    func authorize() {
        let authorize = event(.authorize) {
            $0.authorizationUri = "https://as.example/authorize?a=b"
            $0.redirectUri = "http://127.0.0.1:8400/back"
        }
        func lines(_ listening: Bool, _ pasting: Bool, _ opened: Bool = false) -> [String] {
            LoginText.authorize(authorize, .init(listening: listening, pasting: pasting, opened: opened))
        }
        #expect(
            lines(true, true) == [
                "To log in mail, open this address in a browser:", "", "    https://as.example/authorize?a=b", "",
                "If the browser cannot reach http://127.0.0.1:8400/back here, paste the address it ended on; "
                    + "it is not shown.",
            ]
        )
        #expect(lines(true, false, true)[0] == "A browser was opened to log in mail. If none shows, open this address:")
        #expect(lines(true, false).count == 4)
        #expect(
            lines(false, true)[4].hasPrefix("Then paste the address that the browser ended on, at http://127.0.0.1")
        )
    }

    @Test("shows the device's code on a line of its own")
    func verify() {
        var verify = event(.verify) {
            $0.verificationUri = "https://as.example/device"
            $0.userCode = "WDJB-MJHT"
        }
        let short = LoginText.verify(verify)
        #expect(short.contains("    WDJB-MJHT") && short.contains("    https://as.example/device") && short.count == 8)
        verify.verificationUriComplete = "https://as.example/device?code=WDJB-MJHT"
        #expect(LoginText.verify(verify).contains("    https://as.example/device?code=WDJB-MJHT"))
    }

    @Test("paints nothing on the terminal that a server says")
    func printable() {
        let verify = event(.verify) { $0.userCode = "\u{1B}[31mA\nB" }
        #expect(LoginText.verify(verify).contains("    ?[31mA?B"))
        #expect(LoginText.done(event(.done) { $0.subject = "ann\u{7}" }) == "mail: logged in as ann?")
    }

    @Test(
        "says who logged in, and who was before",
        arguments: [
            (nil, nil, "mail: logged in"),
            ("ann", nil, "mail: logged in as ann"),
            ("ann", "ann", "mail: logged in as ann (as before)"),
            ("ann", "bob", "mail: logged in as ann (was: bob)"),
            (nil, "bob", "mail: logged in (was: bob)"),
        ] as [(String?, String?, String)]
    )
    func done(subject: String?, before: String?, line: String) {
        let done = event(.done) {
            $0.subject = subject
            $0.previousSubject = before
        }
        #expect(LoginText.done(done) == line)
    }

    @Test("says what to know besides")
    func notes() {
        #expect(LoginText.notes(event(.done)) == [])
        #expect(LoginText.notes(event(.done) { $0.refreshable = true }) == [])
        #expect(LoginText.notes(event(.done) { $0.refreshable = false })[0].contains("No refresh token came with it"))
        let noted = event(.done) {
            $0.refreshable = false
            $0.note = "Ask for offline_access."
        }
        #expect(LoginText.notes(noted) == ["tokenctl: Ask for offline_access."])
    }

    @Test("tells what happens on the way")
    func progress() {
        #expect(
            LoginText.progress(event(.slowDown) { $0.interval = 10 })
                == ["The authorization server wants to be asked less often: every 10 s from now on."]
        )
        let retry = event(.retry) {
            $0.failure = APIError(.temporarilyUnavailable, "the server is away").document
        }
        #expect(LoginText.progress(retry)[0].hasSuffix("again: temporarily_unavailable: the server is away"))
        #expect(LoginText.progress(event(.redeeming)).count == 1)
        for kind in [LoginEvent.Kind.authorize, .verify, .done, .failed] {
            #expect(LoginText.progress(event(kind)) == [])
        }
    }

    @Test(
        "counts the time down",
        arguments: [(599, "9:59"), (600, "10:00"), (61, "1:01"), (9, "0:09"), (0, "0:00"), (-3, "0:00")]
    )
    func waiting(seconds: Int, left: String) {
        #expect(LoginText.waiting(.browser, secondsLeft: seconds) == "Waiting for the browser, \(left) left ")
    }

    @Test("says whose login is held, and what another person's takes")
    func held() {
        let nobody = LoginPlanDocument(client: "mail", flow: .device)
        #expect(LoginText.held(nobody, isReplacingAccount: false) == [])
        let ann = LoginPlanDocument(client: "mail", flow: .device, subject: "ann")
        #expect(LoginText.held(ann, isReplacingAccount: false)[0].contains("--replace-account"))
        #expect(LoginText.held(ann, isReplacingAccount: true)[0].hasSuffix("is held, and will be replaced."))
    }
}

@Suite("The browser of this machine") struct BrowserTests {
    private func programs(
        _ variables: [String: String],
        isRoot: Bool = false,
        address: String = "https://as.example/?a=%s"
    ) -> [[String]] {
        Browser.programs(for: address, isRoot: isRoot) { variables[$0] }
    }

    private static let address = "https://as.example/?a=%s"

    @Test("is the desktop's, but for root")
    func desktop() {
        #expect(programs(["DISPLAY": ":0"]) == [["xdg-open", Self.address]])
        #expect(programs(["WAYLAND_DISPLAY": "wayland-0"]) == [["xdg-open", Self.address]])
        #expect(programs(["DISPLAY": ":0"], isRoot: true) == [])
        #expect(programs(["DISPLAY": "", "BROWSER": ""]) == [] && programs([:]) == [])
    }

    @Test("is what BROWSER names, without a shell")
    func named() {
        #expect(programs(["BROWSER": "w3m", "DISPLAY": ":0"], isRoot: true) == [["w3m", Self.address]])
        #expect(programs(["BROWSER": "a %s b:c"]) == [["a", Self.address, "b"], ["c", Self.address]])
        #expect(programs(["BROWSER": "a;b $(c)"]) == [["a;b", "$(c)", Self.address]])
    }

    @Test("is shown nothing but the web", arguments: ["file:///etc/passwd", "-x", "javascript:1", ""])
    func addresses(address: String) { #expect(programs(["BROWSER": "w3m"], address: address) == []) }
}
