import LinuxHost
import LocalAPI
import OAuth2

/// One request to the daemon on a connection of its own.
struct BrokerClient {
    let socket: String

    /// A little longer than the daemon itself takes, so that its answer is heard.
    static let patience: Duration = .seconds(15)

    /// The body of a successful answer; asked once more when the daemon stopped before it answered, for a next start takes
    /// the question up.
    func get(_ path: String, accept: String = "application/json", patience: Duration = patience) throws(Failure)
        -> [UInt8]
    {
        let request = Self.request(.get, path, fields: "Accept: \(accept)\r\n")
        do throws(Failure) {
            return try exchange(request, patience)
        } catch {
            guard error == .noAnswer(socket) else { throw error }
            return try exchange(request, patience)
        }
    }

    func post(_ path: String, patience: Duration = patience) throws(Failure) -> [UInt8] {
        try exchange(Self.request(.post, path), patience)
    }

    /// Posts a JSON document.
    func post(_ path: String, document: some Encodable) throws(Failure) -> [UInt8] {
        try exchange(Self.request(path, document: document), Self.patience)
    }

    /// Posts to the daemon, for an answer that is waited for beside others.
    func begin(_ path: String) throws(Failure) -> BrokerExchange {
        try BrokerExchange(Self.request(.post, path), socket: socket, patience: Self.patience)
    }

    /// The same with a JSON document.
    func begin(_ path: String, document: some Encodable) throws(Failure) -> BrokerExchange {
        try BrokerExchange(Self.request(path, document: document), socket: socket, patience: Self.patience)
    }

    /// Hands each piece of a streamed answer to `piece` until the stream ends or `piece` returns false.
    func stream(
        _ method: HTTPMethod,
        _ path: String,
        patience: Duration,
        _ piece: ([UInt8]) -> Bool
    ) throws(Failure) {
        try exchange(Self.request(method, path), patience, piece)
    }

    private static func request(_ path: String, document: some Encodable) -> [UInt8] {
        request(
            .post,
            path,
            fields: "Content-Type: application/json\r\n",
            body: DocumentCoding.encode(document)
        )
    }

    private static func request(
        _ method: HTTPMethod,
        _ path: String,
        fields: String = "",
        body: [UInt8] = []
    ) -> [UInt8] {
        let length = method == .post ? "Content-Length: \(body.count)\r\n" : ""
        return Array("\(method.rawValue) \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)\(length)\r\n".utf8) + body
    }

    private func exchange(_ request: [UInt8], _ patience: Duration) throws(Failure) -> [UInt8] {
        var body: [UInt8] = []
        try exchange(request, patience, boundsAll: true) { piece in
            body += piece
            return body.count <= AnswerReader.maximumBody
        }
        return body
    }

    /// - Parameter boundsAll: Whether `patience` is for the whole answer, or for each of its pieces.
    private func exchange(
        _ request: [UInt8],
        _ patience: Duration,
        boundsAll: Bool = false,
        _ piece: ([UInt8]) -> Bool
    ) throws(Failure) {
        let end = LinuxClock.sinceBoot() + patience
        let exchange = try BrokerExchange(request, socket: socket, patience: patience)
        while true {
            switch try exchange.next() {
            case .needsMore:
                try exchange.receive(within: boundsAll ? end - LinuxClock.sinceBoot() : nil)
            case .body(let bytes):
                guard piece(bytes) else { return }
            case .end:
                return
            }
        }
    }

    /// A query of a path, form-encoded; nothing when there is nothing to ask.
    static func query(_ parameters: [FormParameter]) -> String {
        parameters.isEmpty ? "" : "?" + FormEncoding.encode(parameters)
    }

    /// A name as a part of a path.
    static func segment(_ name: String) -> String {
        let encoded = FormEncoding.encode(name)
        // Few names have a space, and every fetch has a name.
        return encoded.utf8.contains(UInt8(ascii: "+")) ? encoded.replacing("+", with: "%20") : encoded
    }
}
