import Foundation
import Testing

extension InstalledTests {
    /// Secrets that only systemd and the daemon can read.
    @Suite("A credential")
    struct CredentialTests {
        private static let stateKey = #"[daemon]\#nstate_key = { credential = "tokenbroker.state-key" }\#n"#

        /// Encrypts what a command says to the machine's own key, as the README shows.
        private func encrypt(_ command: String, as name: String, to path: String) async throws {
            let machine = try #require(InstalledMachine.shared)
            let script = """
                set -eo pipefail; mkdir -p "${3%/*}"
                sh -c "$1" | systemd-creds encrypt --with-key=host --name="$2" - "$3"
                """
            try await machine.systemd.succeed("bash", "-c", script, "-", command, name, path)
        }

        @Test("that is encrypted to the machine opens: a client's secret, and the key that seals the state")
        func encrypted() async throws {
            let machine = try #require(InstalledMachine.shared)
            let client = InstalledMachine.client("billing", credential: "billing-secret")
            try await machine.begin(with: Self.stateKey, client)
            try await encrypt("head -c 32 /dev/urandom", as: "tokenbroker.state-key", to: InstalledMachine.stateKey)
            let file = "/etc/tokenbroker/billing-secret.cred"
            try await encrypt("printf %s \(InstalledMachine.secret)", as: "billing-secret", to: file)
            #expect(try await machine.systemd.run(["grep", "-q", InstalledMachine.secret, file]).status == 1)
            try await machine.addSettings("LoadCredentialEncrypted=billing-secret:\(file)")

            let token = try await machine.token("billing")
            try await machine.systemd.succeed("systemctl", "restart", InstalledMachine.service)
            #expect(try await machine.token("billing") == token)
            #expect(try await machine.counters().total.requests == 1)

            // No other key is there, and with another the state does not open.
            #expect(try await machine.systemd.run(["test", "-e", "\(InstalledMachine.state)/state.key"]).status == 1)
            try await encrypt("head -c 32 /dev/urandom", as: "tokenbroker.state-key", to: InstalledMachine.stateKey)
            let restarted = try await machine.systemd.run(["systemctl", "restart", InstalledMachine.service])
            let status = try await machine.status()
            #expect(restarted.status != 0, "\(status)")
            #expect(status.contains("key"), "\(status)")
        }

        @Test("that is changed counts from the next start")
        func changed() async throws {
            let machine = try #require(InstalledMachine.shared)
            try await machine.begin(with: InstalledMachine.client("billing", credential: "billing-secret"))
            let file = "/etc/tokenbroker/billing-secret"
            try machine.systemd.write("a wrong one", to: file)
            try await machine.addSettings("LoadCredential=billing-secret:\(file)")
            #expect(try await machine.tokenctl("token", "billing").status == 78)
            try machine.systemd.write(InstalledMachine.secret, to: file)
            try await machine.systemd.succeed("systemctl", "reload", InstalledMachine.service)
            #expect(try await machine.tokenctl("token", "billing").status == 78)
            try await machine.systemd.succeed("systemctl", "restart", InstalledMachine.service)
            let ended = try await machine.tokenctl("token", "billing")
            #expect(ended.status == 0, "\(ended.errors)")
        }
    }
}
