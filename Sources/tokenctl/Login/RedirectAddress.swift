import LinuxHost

/// Where on this machine a browser is sent back to (RFC 8252 §7.3): plain http at one of the machine's own addresses.
struct RedirectAddress: Equatable {
    let address: LoopbackListener.Address

    /// 0 for any.
    let port: UInt16
    let path: String

    /// Nil when the browser is sent elsewhere, where nobody can wait for it.
    init?(_ uri: String) {
        let scheme = "http://"
        guard uri.prefix(scheme.count).lowercased() == scheme else { return nil }
        let rest = uri.dropFirst(scheme.count)
        let authority = rest.prefix { !"/?#".contains($0) }
        let path = rest.dropFirst(authority.count).prefix { !"?#".contains($0) }
        let hosts: [(String, LoopbackListener.Address)] = [("127.0.0.1", .v4), ("localhost", .v4), ("[::1]", .v6)]
        for (host, address) in hosts where authority.lowercased().hasPrefix(host) {
            let tail = authority.dropFirst(host.count)
            guard tail.isEmpty || tail.first == ":", let port = tail.isEmpty ? 80 : UInt16(tail.dropFirst()) else {
                return nil
            }
            self.address = address
            self.port = port
            self.path = path.isEmpty ? "/" : String(path)
            return
        }
        return nil
    }

    /// What a browser that was sent to `port` here puts into `Host`; any other name was made to lead here (DNS rebinding).
    static func authorities(port: UInt16) -> Set<String> {
        let hosts = ["127.0.0.1", "localhost", "[::1]"]
        return Set(hosts.map { "\($0):\(port)" } + (port == 80 ? hosts : []))
    }
}
