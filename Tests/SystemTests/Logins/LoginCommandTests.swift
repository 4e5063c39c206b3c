import Foundation
import LocalAPI
import MockAuthorizationServer
import Testing

/// A person logs in: the real command, the real daemon, and curl for a browser.
@Suite("A login", .timeLimit(.minutes(5)))
struct LoginCommandTests {
    /// A browser that goes wherever it is sent, and shows nothing.
    private static let browser = "curl -sS --noproxy * --location --output /dev/null"

    /// A client of the grant at a server that lets everybody log in, and a daemon that knows it.
    private func withClient(
        _ grant: String,
        keys: String = "",
        _ body: (Room, MockAuthorizationServer) async throws -> Void
    ) async throws {
        var configuration = Configuration()
        configuration.clients = .registered([
            RegisteredClient(
                id: "mail-id",
                secrets: ["s3cret-of-the-client"],
                scopes: ["openid", "read"],
                grants: GrantType.all
            )
        ])
        let server = try await MockAuthorizationServer.start(configuration)
        let room = try Room()
        try room.configure(
            room.client(
                "mail",
                at: server,
                more: """
                    grant = "\(grant)"
                    authorization_endpoint = "\(server.url(.authorization))"
                    device_authorization_endpoint = "\(server.url(.deviceAuthorization))"
                    revocation_endpoint = "\(server.url(.revocation))"
                    scopes = ["openid", "read"]
                    \(keys)
                    """
            )
        )
        try await withDaemon(in: room) { _ in try await body(room, server) }
        await server.stop()
    }

    private func login(_ room: Room, _ arguments: String..., browser: String = browser) async throws -> Command {
        try await Command.run(
            Binaries.tokenctl,
            ["login", "mail", "--browser"] + arguments,
            environment: room.socketVariables.merging(["BROWSER": browser]) { $1 }
        )
    }

    private func subject(_ room: Room) async throws -> String? {
        let status = try await Command.tokenctl("status", "mail", "--format", "json", in: room)
        return try DocumentCoding.decode(ClientDocument.self, from: Array(status.output.utf8)).client.grant?.subject
    }

    @Test("in a browser brings tokens until the logout, and another person's only when that is meant")
    func browser() async throws {
        try await withClient("authorization_code") { room, server in
            #expect(try await Command.tokenctl("token", "mail", in: room).status == 80)
            let first = try await login(room)
            #expect(first.status == 0 && first.output == "mail: logged in as ann\n", "\(first.errors)")
            #expect(first.errors.contains("\n    \(server.url(.authorization))?response_type=code&"))
            #expect(try await subject(room) == "ann")
            #expect(try await Command.tokenctl("token", "mail", in: room).status == 0)

            server.setLogins(LoginPolicy.of("bob"))
            let other = try await login(room)
            #expect(other.status == 77 && other.output.isEmpty, "\(other)")
            #expect(other.errors.contains("The login of ann is held.") && other.errors.contains("--replace-account"))
            #expect(try await subject(room) == "ann")
            let replaced = try await login(room, "--replace-account")
            #expect(replaced.status == 0 && replaced.output == "mail: logged in as bob (was: ann)\n", "\(replaced)")

            #expect(try await Command.tokenctl("logout", "mail", in: room).status == 0)
            #expect(try await Command.tokenctl("token", "mail", in: room).status == 80)
        }
    }

    @Test("whose person declines ends with what to do")
    func declined() async throws {
        try await withClient("authorization_code") { room, server in
            server.setLogins(LoginPolicy.of("ann", declines: true))
            let declined = try await login(room)
            #expect(declined.status == 77 && declined.output.isEmpty, "\(declined)")
            #expect(declined.errors.contains("declined"), "\(declined.errors)")
        }
    }

    @Test("takes the pasted address of a browser that looked for it elsewhere")
    func pasted() async throws {
        try await withClient("authorization_code") { room, _ in
            // A person on a terminal, who opens the address elsewhere and copies where that ended.
            let person = #"""
                open() { curl -sS --noproxy '*' --output /dev/null --write-out '%{redirect_url}\n' "$1"; }
                mkfifo "$0/paste"
                exec 3<>"$0/paste"
                "$1" login mail --no-listen --format json <&3 | while read -r line; do
                    case $line in *'"authorize"'*) open "$(printf %s "$line" | jq -r .authorization_uri)" >&3 ;; esac
                    printf '%s\n' "$line"
                done
                """#
            let ended = try await Command.run(
                "bash",
                ["-c", person, room.path, Binaries.tokenctl],
                environment: room.socketVariables
            )
            let events = try ended.output.split(separator: "\n").map {
                try DocumentCoding.decode(LoginEvent.self, from: Array($0.utf8))
            }
            #expect(events.map(\.event) == [.authorize, .redeeming, .done], "\(ended)")
            #expect(events.last?.subject == "ann")
            #expect(try await Command.tokenctl("token", "mail", in: room).status == 0)
        }
    }

    @Test("on a device waits until the code is typed")
    func device() async throws {
        try await withClient("device_code") { room, server in
            var policy = LoginPolicy.of("ann")
            policy.deviceInterval = .milliseconds(1)
            server.setLogins(policy)
            let device = #"""
                "$1" login mail --format json </dev/null | while read -r line; do
                    case $line in *'"verify"'*)
                        curl -sS --noproxy '*' --output /dev/null "$(printf %s "$line" | jq -r .verification_uri_complete)"
                        ;;
                    esac
                    printf '%s\n' "$line"
                done
                """#
            let ended = try await Command.run(
                "bash",
                ["-c", device, room.path, Binaries.tokenctl],
                environment: room.socketVariables
            )
            let events = try ended.output.split(separator: "\n").map {
                try DocumentCoding.decode(LoginEvent.self, from: Array($0.utf8))
            }
            #expect(events.first?.event == .verify && events.last?.event == .done, "\(ended)")
            #expect(try await Command.tokenctl("token", "mail", in: room).status == 0)
        }
    }

    @Test("that is interrupted on a terminal leaves it as it was, and nothing in the daemon")
    func interrupted() async throws {
        try await withClient("authorization_code") { room, _ in
            for _ in 1...2 {
                let ended = try await Command.run(
                    "zsh",
                    ["-f", "-c", Self.terminal, "interrupt", Binaries.tokenctl],
                    environment: room.socketVariables
                )
                #expect(ended.output.contains("ended=130 same=yes quiet=yes listening=no"), "\(ended)")
                #expect(!ended.output.contains("pending"))
            }
            #expect(try await login(room).status == 0)
        }
    }

    /// Has the command on a terminal of its own, looks at that under way, and presses Ctrl-C.
    private static let terminal = #"""
        zmodload zsh/zpty
        shell='trap : INT; before=$(stty -g); '${(q)1}' login mail; ended=$?; same=no; '
        shell+='[ "$before" = "$(stty -g)" ] && same=yes; echo "ENDED ended=$ended same=$same"; read -r end'
        zpty login sh -c ${(q)shell}
        zpty -r login shown '*Waiting*' || exit
        port=${${shown##*127.0.0.1%3A}%%%2F*}
        [[ $port == <1-65535> ]] || exit
        quiet=no
        zpty -w -n login $'never-shown'
        zpty -w -n login $'\x03'
        zpty -r login ended '*ENDED*same=(yes|no)*' || exit
        [[ $shown$ended == *never-shown* ]] || quiet=yes
        listening=no
        curl -s --noproxy '*' --output /dev/null "http://127.0.0.1:$port/" && listening=yes
        print -r -- "${${ended##*ENDED }%%[^a-z0-9= ]*} quiet=$quiet listening=$listening"
        zpty -d login
        """#
}

extension LoginPolicy {
    /// Who is at the server.
    fileprivate static func of(_ subject: String, declines: Bool = false) -> LoginPolicy {
        var policy = LoginPolicy()
        policy.subject = subject
        policy.declines = declines
        return policy
    }
}
