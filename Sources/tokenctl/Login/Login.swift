import LinuxHost
import LocalAPI

/// `tokenctl login`, without the parsing of its arguments.
struct Login {
    let broker: BrokerClient
    let client: String
    var isReplacingAccount = false

    /// Whether the browser is waited for on this machine, where it can be.
    var isListening = true

    /// Prints each line of the daemon's as it is.
    var isRaw = false

    /// What a person pastes into; nil when nobody can.
    var input: Int32? = 0

    /// Whether a signal that ends the process ends the login first.
    var catchesSignals = true

    /// Opens an address; false when there is no browser.
    var openBrowser: (String) -> Bool = Browser.open
    var console = LoginConsole.standard()

    private var path: String { "/v1/clients/\(BrokerClient.segment(client))/login" }

    /// Logs in, until the grant is held or a signal came, which is returned.
    func run() throws(Failure) -> Int32? {
        let plan = try DocumentCoding.read(LoginPlanDocument.self, try broker.get(path))
        if !isRaw { console.tell(LoginText.held(plan, isReplacingAccount: isReplacingAccount)) }
        let address = plan.redirectUri.flatMap(RedirectAddress.init)
        let server = try listen(address)
        defer { server?.close() }
        let wish = LoginWish(port: server?.port ?? address?.port, isReplacingAccount: isReplacingAccount)
        let run = LoginRun(
            self,
            flow: plan.flow,
            server: server,
            // The daemon knows the redirect's place by the client.
            redirectPath: "\(path)/redirect",
            stream: try broker.begin("\(path)\(BrokerClient.query(wish.parameters))"),
            interruptions: try catchSignals()
        )
        return try run.untilItEnds()
    }

    private func catchSignals() throws(Failure) -> Interruptions? {
        guard catchesSignals else { return nil }
        do throws(HostError) {
            return try Interruptions()
        } catch {
            throw .login(error)
        }
    }

    private func listen(_ address: RedirectAddress?) throws(Failure) -> RedirectServer? {
        // A port that is written is the operator's to keep free.
        guard let address, isListening || address.port == 0 else { return nil }
        do throws(HostError) {
            return try RedirectServer(address, isListening: isListening)
        } catch {
            throw .notListening(error)
        }
    }
}
