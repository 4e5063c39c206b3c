import MockAuthorizationServer
import OAuth2
import TestNetwork
import Testing
import TokenEndpoint

@Suite("Proxies")
struct ProxyTests {
    @Test("a request is tunnelled, and the certificate is that of the server")
    func tunnel() async throws {
        try await withAuthority { authority in
            let files = try await authority.files(for: "DNS:auth.example.test")
            try await withWire(
                { $0.tls = files },
                { wire, server in
                    let proxy = try await TestProxy.start(target: server.port)
                    let setting = try ProxySetting("http://127.0.0.1:\(proxy.port)")
                    let trust = ServerTrust(caFile: authority.certificate, proxy: setting)
                    _ = try await wire.send(to: "https://auth.example.test/oauth2/token", trust: trust).get()
                    #expect(server.counters().tokenRequests == 1)
                    #expect(proxy.requests == ["CONNECT auth.example.test:443 HTTP/1.1"])

                    let foreign = try await wire.failure(to: "https://other.example.test/oauth2/token", trust: trust)
                    #expect(foreign?.transport == .certificateRefused)
                    await proxy.stop()
                }
            )
        }
    }

    @Test("a proxy that refuses or is not there is named as the cause", arguments: [true, false])
    func refusal(isListening: Bool) async throws {
        try await withWire { wire, server in
            let proxy = try await TestProxy.start(target: nil)
            if !isListening { await proxy.stop() }
            let trust = ServerTrust(proxy: try ProxySetting("http://127.0.0.1:\(proxy.port)"))
            let failure = try #require(
                try await wire.failure(to: "https://auth.example.test/oauth2/token", trust: trust)
            )
            #expect(failure.transport == .proxyFailed, "\(failure.serverWords ?? "")")
            #expect(failure.failureClass == .transient)
            #expect(server.counters().connections == 0)
            await proxy.stop()
        }
    }

    @Test("loopback is never asked for through a proxy")
    func loopback() async throws {
        try await withWire { wire, server in
            let proxy = try await TestProxy.start(target: nil)
            let trust = ServerTrust(proxy: try ProxySetting("http://127.0.0.1:\(proxy.port)"))
            _ = try await wire.send(to: server.tokenEndpoint, trust: trust).get()
            #expect(proxy.requests.isEmpty)
            await proxy.stop()
        }
    }

    @Test(
        "no_proxy names hosts, and with them their subdomains",
        arguments: [
            ([], "https://auth.example.com/", true),
            (["example.com"], "https://auth.example.com/", false),
            ([".example.com"], "https://auth.example.com/", false),
            (["*.Example.com"], "https://AUTH.example.com/", false),
            (["auth.example.com"], "https://auth.example.com:8443/", false),
            (["ample.com"], "https://auth.example.com/", true),
            (["example.com"], "https://example.org/", true),
            (["10.0.0.1"], "https://10.0.0.1/", false),
            (["*"], "https://auth.example.com/", false),
            ([], "http://127.0.0.1:80/", false),
        ] as [([String], String, Bool)]
    )
    func noProxy(entries: [String], endpoint: String, applies: Bool) throws {
        let proxy = try ProxySetting("http://proxy:3128", noProxy: entries)
        #expect(proxy.applies(to: try EndpointURL(endpoint)) == applies)
    }

    @Test(
        "a proxy is written http://HOST:PORT",
        arguments: [
            ("http://proxy:3128", "proxy", 3128), ("http://Proxy.example.com:80/", "proxy.example.com", 80),
            ("HTTP://10.0.0.1:8080", "10.0.0.1", 8080), ("http://[fd00::1]:3128", "fd00::1", 3128),
        ]
    )
    func readable(text: String, host: String, port: Int) throws {
        let proxy = try ProxySetting(text)
        #expect(proxy.host == host)
        #expect(proxy.port == port)
    }

    @Test(
        "anything else is no proxy",
        arguments: [
            ("", ProxySettingError.notAProxyURL), ("proxy:3128", .notAProxyURL), ("https://proxy:3128", .notAProxyURL),
            ("http://proxy", .notAProxyURL), ("http://proxy:0", .notAProxyURL), ("http://proxy:99999", .notAProxyURL),
            ("http://:3128", .notAProxyURL), ("http://proxy:3128/path", .notAProxyURL),
            ("http://pro xy:3128", .notAProxyURL), ("http://fd00::1:3128", .notAProxyURL),
            ("http://user:pass@proxy:3128", .userInformation),
        ]
    )
    func unreadable(text: String, error: ProxySettingError) {
        #expect(throws: error) { try ProxySetting(text) }
    }
}
