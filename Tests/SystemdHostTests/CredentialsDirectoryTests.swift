import Testing

@testable import SystemdHost

struct CredentialsDirectoryTests {
    @Test func `A credential lies in the directory that systemd names`() {
        let environment = ["CREDENTIALS_DIRECTORY": "/run/credentials/tokenbrokerd.service"]
        #expect(CredentialsDirectory.path(in: environment) == "/run/credentials/tokenbrokerd.service")
        #expect(
            CredentialsDirectory.path(of: "state-key", in: environment)
                == "/run/credentials/tokenbrokerd.service/state-key"
        )
    }

    @Test(arguments: ["", ".", "..", "a/b", "/etc/shadow", "../x", "a\0"])
    func `A name that leads elsewhere is no credential`(name: String) {
        #expect(CredentialsDirectory.path(of: name, in: ["CREDENTIALS_DIRECTORY": "/run/credentials/x"]) == nil)
    }

    @Test(arguments: [[:], ["CREDENTIALS_DIRECTORY": ""], ["CREDENTIALS_DIRECTORY": "relative"]])
    func `Without a directory there is none`(environment: [String: String]) {
        #expect(CredentialsDirectory.path(in: environment) == nil)
        #expect(CredentialsDirectory.path(of: "state-key", in: environment) == nil)
    }
}
