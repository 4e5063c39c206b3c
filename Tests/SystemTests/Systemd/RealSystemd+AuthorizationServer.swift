extension RealSystemd {
    /// The authorization server on the loopback of a booted machine.
    enum AuthorizationServer {
        private static let port = 8080
        static let controlPort = 8081
        static let tokenEndpoint = "http://127.0.0.1:\(port)/oauth2/token"

        /// Where it says what it was asked.
        static let counters = "http://127.0.0.1:\(controlPort)/control/counters"

        /// It ends with its standard input, and keeps silent about its requests.
        fileprivate static func command(_ options: [String]) -> [String] {
            [
                "sh", "-c", #""$@" 2>/dev/null & cat >/dev/null; kill $!"#, "-",
                "\(products)/mock-authorization-server", "--port", "\(port)", "--control-port", "\(controlPort)",
            ] + options
        }
    }

    /// Runs `body` while the authorization server serves there.
    ///
    /// - Parameter clients: Those that it knows, as its `--clients-file` lists them; nil for any with any secret.
    func whileAuthorizationServerRuns<Value: Sendable>(
        knowing clients: String? = nil,
        _ body: () async throws -> Value
    ) async throws -> Value {
        var options: [String] = []
        if let clients {
            try write(clients, to: "/etc/clients.json")
            options = ["--clients-file", "/etc/clients.json"]
        }
        return try await whileRunning(AuthorizationServer.command(options)) { _ in try await body() }
    }
}
