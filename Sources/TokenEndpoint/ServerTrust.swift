/// How an authorization server is reached and what proves that it is the right one.
package struct ServerTrust: Sendable, Hashable {
    /// A PEM file of certification authorities that are trusted besides the system's.
    package var caFile: String?

    /// Nil for a direct connection.
    package var proxy: ProxySetting?

    package init(caFile: String? = nil, proxy: ProxySetting? = nil) {
        self.caFile = caFile
        self.proxy = proxy
    }
}
