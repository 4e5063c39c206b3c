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
        let body = DocumentCoding.encode(document)
        return try exchange(
            Self.request(.post, path, fields: "Content-Type: application/json\r\n", body: body),
            Self.patience
        )
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
        var reader = AnswerReader()
        var isWhole = false
        var refusal: [UInt8] = []
        do throws(HostError) {
            let connection = try UnixSocket.connect(socket, timeout: patience)
            try Self.hangUpAllowed { () throws(HostError) in try connection.send(request) }
            reading: while true {
                switch reader.next() {
                case .needsMore:
                    if boundsAll { connection.setPatience(end - LinuxClock.sinceBoot()) }
                    var received: [UInt8] = []
                    try Self.hangUpAllowed { () throws(HostError) in received = try connection.receive() }
                    if received.isEmpty { reader.finish() } else { reader.append(received) }
                case .body(let bytes):
                    if reader.isSuccess {
                        guard piece(bytes) else { return }
                    } else {
                        refusal += bytes
                    }
                case .end:
                    isWhole = true
                    break reading
                case .broken:
                    break reading
                }
            }
        } catch {
            throw Failure(error, socket: socket)
        }
        guard isWhole else { throw reader.isSilent ? .noAnswer(socket) : reader.isCutOff ? .cutOff : .brokenAnswer }
        guard reader.isSuccess else { throw Self.failure(in: refusal) }
    }

    /// A daemon that hangs up may have said why before.
    private static func hangUpAllowed(_ work: () throws(HostError) -> Void) throws(HostError) {
        do throws(HostError) {
            try work()
        } catch {
            guard error.isHangUp else { throw error }
        }
    }

    private static func failure(in refusal: [UInt8]) -> Failure {
        do throws(DocumentError) {
            return Failure(try DocumentCoding.decode(ErrorDocument.self, from: refusal))
        } catch {
            return .brokenAnswer
        }
    }

    /// A query of a path, form-encoded; nothing when there is nothing to ask.
    static func query(_ parameters: [FormParameter]) -> String {
        parameters.isEmpty ? "" : "?" + FormEncoding.encode(parameters)
    }

    /// A name as a part of a path.
    static func segment(_ name: String) -> String { FormEncoding.encode(name).replacing("+", with: "%20") }
}
