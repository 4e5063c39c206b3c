import Foundation
import NIOPosix

/// Asks the system's resolver for the addresses of a name, in its own time: the resolver cannot be interrupted.
enum NameLookup {
    /// Why there are no addresses.
    enum Failure: Error {
        /// The name has none.
        case unknown

        /// The resolver cannot tell; in its words.
        case unresolved(String)
    }

    /// The addresses of `host`, in the order in which they are tried.
    static func addresses(of host: String, port: Int) throws(Failure) -> [String] {
        // RFC 6761 §6.4: nobody has such a name, whatever a resolver that is out of reach would say.
        guard !".\(host)".hasSuffix(".invalid") else { throw .unknown }
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &first)
        defer { if let first = unsafe first { unsafe freeaddrinfo(first) } }
        guard code == 0 else {
            guard code != EAI_NONAME, code != noData else { throw .unknown }
            throw .unresolved(unsafe String(cString: gai_strerror(code)).lowercased())
        }
        var addresses: [String] = []
        var next = unsafe first
        while let entry = unsafe next {
            if let address = unsafe text(entry.pointee), !addresses.contains(address) { addresses.append(address) }
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }

    /// glibc's EAI_NODATA, which its headers hide: the name exists, and has no address.
    private static let noData: CInt = -5

    private static func text(_ entry: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = unsafe getnameinfo(
            entry.ai_addr,
            entry.ai_addrlen,
            &text,
            socklen_t(text.count),
            nil,
            0,
            NI_NUMERICHOST
        )
        guard code == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
