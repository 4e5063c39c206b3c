import LocalAPI

/// A login in words for the person who logs in.
enum LoginText {
    /// How the browser's answer can come here.
    struct Way {
        /// Where the browser is waited for.
        var listening: Bool

        /// Whether the address that it ended on can be given here by hand.
        var pasting: Bool

        /// Whether a browser was opened.
        var opened: Bool
    }

    /// Whose login is about to be replaced.
    static func held(_ plan: LoginPlanDocument, isReplacingAccount: Bool) -> [String] {
        guard let subject = plan.subject else { return [] }
        let name = EventText.printable(subject)
        return isReplacingAccount
            ? ["The login of \(name) is held, and will be replaced."]
            : ["The login of \(name) is held. Another account is taken with --replace-account alone."]
    }

    static func authorize(_ event: LoginEvent, _ way: Way) -> [String] {
        let browser =
            way.opened
            ? ["A browser was opened to log in \(event.client). If none shows, open this address:"]
            : ["To log in \(event.client), open this address in a browser:"]
        let redirect = EventText.printable(event.redirectUri ?? "the redirect address")
        let pasting: [String] =
            switch (way.listening, way.pasting) {
            case (true, true):
                ["If the browser cannot reach \(redirect) here, paste the address it ended on; it is not shown."]
            case (false, true):
                ["Then paste the address that the browser ended on, at \(redirect); on a terminal it is not shown."]
            case (_, false): []
            }
        return browser + ["", "    \(EventText.printable(event.authorizationUri ?? ""))", ""] + pasting
    }

    static func verify(_ event: LoginEvent) -> [String] {
        let complete =
            event.verificationUriComplete.map {
                ["Or open this one, which has the code in it:", "", "    \(EventText.printable($0))", ""]
            } ?? []
        return [
            "To log in \(event.client), open this address in a browser on any device:", "",
            "    \(EventText.printable(event.verificationUri ?? ""))", "", "and type the code:", "",
            "    \(EventText.printable(event.userCode ?? ""))", "",
        ] + complete
    }

    /// What is told of the others on the way; nothing of the last ones.
    static func progress(_ event: LoginEvent) -> [String] {
        switch event.event {
        case .slowDown:
            let pace = event.interval.map { ": every \($0) s from now on" } ?? ""
            return ["The authorization server wants to be asked less often\(pace)."]
        case .retry:
            let why = event.failure.map { ": \(Failure($0).what)" } ?? ""
            return ["The authorization server could not be asked, and will be again\(why)"]
        case .redeeming:
            return ["The login was confirmed; the tokens are being fetched."]
        case .authorize, .verify, .done, .failed:
            return []
        }
    }

    /// The result.
    static func done(_ event: LoginEvent) -> String {
        let subject = event.subject.map { " as \(EventText.printable($0))" } ?? ""
        let before: String? = event.previousSubject.map {
            $0 == event.subject ? "as before" : "was: \(EventText.printable($0))"
        }
        return "\(event.client): logged in\(subject)\(before.map { " (\($0))" } ?? "")"
    }

    /// What to know of it besides.
    static func notes(_ event: LoginEvent) -> [String] {
        let short = "No refresh token came with it: another login is needed when the access token has expired."
        return [event.refreshable == false && event.note == nil ? short : nil, event.note]
            .compactMap { $0.map { "tokenctl: \($0)" } }
    }

    /// What is waited for, and how long it may take.
    static func waiting(_ flow: LoginFlow, secondsLeft: Int) -> String {
        let what = flow == .browser ? "Waiting for the browser" : "Waiting for the code to be typed"
        let left = max(0, secondsLeft)
        let seconds = left % 60 < 10 ? "0\(left % 60)" : "\(left % 60)"
        return "\(what), \(left / 60):\(seconds) left "
    }
}
