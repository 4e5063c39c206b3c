import ArgumentParser
import LocalAPI
import OAuth2

/// What a shell offers for a client's name: those that the command's own socket tells of, and nothing without a daemon.
enum ClientCompletion {
    /// Whoever pressed the key would rather type the name than wait longer.
    private static let patience: Duration = .seconds(1)

    /// The clients that this process may fetch tokens of.
    static let callers = CompletionKind.custom { words, _, _ in
        names(from: "/v1/clients", .token, words) { (document: ClientsDocument) in document.clients.map(\.client) }
    }

    /// All clients, for those who may know them.
    static let operators = CompletionKind.custom { words, _, _ in
        names(from: "/v1/status", .admin, words) { (document: StatusDocument) in document.clients.map(\.client) }
    }

    /// Only what has the form of a name: bash expands what it is offered, `$(…)` too, and the socket may be anybody's.
    static func names<Document: Decodable>(
        from path: String,
        _ role: SocketRole,
        _ words: [String],
        _ names: (Document) -> [String]
    ) -> [String] {
        let broker = BrokerClient(socket: SocketPath.resolve(role, option: socket(in: words)))
        do throws(Failure) {
            let document = try DocumentCoding.read(Document.self, try broker.get(path, patience: patience))
            return names(document).filter { ClientName($0) != nil }
        } catch {
            return []
        }
    }

    /// The socket that the command line names so far; bash gives an equals sign as a word of its own.
    static func socket(in words: [String]) -> String? {
        guard let index = words.firstIndex(where: { $0 == "--socket" || $0.hasPrefix("--socket=") }) else { return nil }
        let joined = words[index].dropFirst("--socket=".count)
        return joined.isEmpty ? words[(index + 1)...].first { $0 != "=" } : String(joined)
    }
}
