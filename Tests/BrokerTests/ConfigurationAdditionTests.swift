import Broker
import Testing

@Suite struct ConfigurationAdditionTests {
    @Test func `a client in two files is refused with both places`() throws {
        let files = try ConfigurationFiles()
        try files.write(client(""))
        try files.write("# One more.\n" + client(""), to: "clients.d/a.toml")
        #expect(
            files.errors() == [
                "clients.d/a.toml:2: clients.billing: defined twice: it is also at main.toml:1; remove one of them"
            ]
        )
    }

    @Test func `the daemon is configured in the main file only`() throws {
        let files = try ConfigurationFiles()
        try files.write("")
        try files.write("[daemon]\nlog_level = \"debug\"", to: "clients.d/a.toml")
        #expect(
            files.errors() == [
                "clients.d/a.toml:1: daemon: belongs in the main file only; move it to tokenbroker.toml"
            ]
        )
    }

    @Test func `servers may stand beside their clients`() throws {
        let files = try ConfigurationFiles()
        try files.write("")
        try files.write("[servers.\"https://as.example\"]\nconcurrent = 1", to: "clients.d/a.toml")
        #expect(try files.load().budget(of: "https://as.example").concurrent == 1)
    }

    @Test func `a file that is no TOML does not hide what is wrong in the others`() throws {
        let files = try ConfigurationFiles()
        try files.write("[daemon]\nlog = 1")
        try files.write("[", to: "clients.d/a.toml")
        try files.write("[clients.b]\ngrant = 1", to: "clients.d/b.toml")
        let places = files.errors().map { $0.prefix { $0 != " " } }
        #expect(
            places == [
                "main.toml:2:", "clients.d/a.toml:1:", "clients.d/b.toml:1:", "clients.d/b.toml:1:",
                "clients.d/b.toml:1:", "clients.d/b.toml:2:",
            ]
        )
    }
}
