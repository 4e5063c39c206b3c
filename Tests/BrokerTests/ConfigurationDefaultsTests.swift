import Broker
import Testing

@Suite struct ConfigurationDefaultsTests {
    @Test func `a system service has the system's paths`() {
        let daemon = DaemonConfiguration(defaultsIn: .service)
        #expect(daemon.stateDirectory == "/var/lib/tokenbroker")
        #expect(daemon.stateKey == .kept(path: "/var/lib/tokenbroker/state.key"))
        #expect(daemon.tokenSocket == "/run/tokenbroker/token.sock")
        #expect(daemon.adminSocket == "/run/tokenbroker/admin.sock")
        #expect(daemon.adminGroup == .name("tokenbroker"))
        #expect(Configuration.defaultPath(in: .service) == "/etc/tokenbroker/tokenbroker.toml")
    }

    @Test func `systemd's state directory comes first, for a dynamic user too`() {
        let context = ProcessContext(
            uid: 61200,
            environment: ["STATE_DIRECTORY": "/var/lib/private/one:/var/lib/two", "HOME": "/home/x"]
        )
        let daemon = DaemonConfiguration(defaultsIn: context)
        #expect(daemon.stateDirectory == "/var/lib/private/one")
        #expect(daemon.tokenSocket == "/run/tokenbroker/token.sock")
        #expect(Configuration.defaultPath(in: context) == "/etc/tokenbroker/tokenbroker.toml")
    }

    @Test func `an ordinary user has the XDG paths`() {
        let context = ProcessContext(
            uid: 1000,
            environment: [
                "HOME": "/home/ann", "XDG_STATE_HOME": "/x/state", "XDG_CONFIG_HOME": "/x/config",
                "XDG_RUNTIME_DIR": "/x/run",
            ]
        )
        let daemon = DaemonConfiguration(defaultsIn: context)
        #expect(daemon.stateDirectory == "/x/state/tokenbroker")
        #expect(daemon.tokenSocket == "/x/run/tokenbroker/token.sock")
        #expect(daemon.adminSocket == "/x/run/tokenbroker/admin.sock")
        #expect(daemon.adminGroup == nil)
        #expect(Configuration.defaultPath(in: context) == "/x/config/tokenbroker/tokenbroker.toml")
    }

    @Test func `an ordinary user without XDG variables has those under home, and relative ones are ignored`() {
        let context = ProcessContext(
            uid: 1000,
            environment: ["XDG_STATE_HOME": "relative"],
            homeDirectory: "/home/ann"
        )
        let daemon = DaemonConfiguration(defaultsIn: context)
        #expect(daemon.stateDirectory == "/home/ann/.local/state/tokenbroker")
        #expect(daemon.tokenSocket == "/run/user/1000/tokenbroker/token.sock")
        #expect(Configuration.defaultPath(in: context) == "/home/ann/.config/tokenbroker/tokenbroker.toml")
    }

    @Test func `the default key moves with the state directory`() throws {
        let daemon = try load("[daemon]\nstate_directory = \"/srv/state\"").daemon
        #expect(daemon.stateKey == .kept(path: "/srv/state/state.key"))
    }
}
