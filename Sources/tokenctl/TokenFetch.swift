import LinuxHost
import LocalAPI
import OAuth2

/// How a token is printed.
enum TokenOutput: String, CaseIterable {
    case token, header, json
}

/// `tokenctl token`, without the parsing of its arguments.
struct TokenFetch {
    let client: String
    var parameters: [FormParameter] = []
    var output = TokenOutput.token
    var patience = BrokerClient.patience
    var socket: String?

    /// Prints the token or what is wrong, and returns the exit status.
    func run() -> Int32 {
        do throws(Failure) {
            StandardStreams.write(try fetch())
            return 0
        } catch {
            error.report()
            return error.exitStatus
        }
    }

    private func fetch() throws(Failure) -> [UInt8] {
        let broker = BrokerClient(socket: SocketPath.resolve(.token, option: socket))
        let path = "/v1/token/\(BrokerClient.segment(client))\(BrokerClient.query(parameters))"
        switch output {
        case .json:
            return try broker.get(path, patience: patience)
        case .token:
            return try broker.get(path, accept: "text/plain", patience: patience)
        case .header:
            let body = try broker.get(path, patience: patience)
            do throws(DocumentError) {
                let token = try DocumentCoding.decode(TokenDocument.self, from: body)
                return Array("Authorization: \(token.tokenType) \(token.accessToken)\n".utf8)
            } catch {
                throw .brokenAnswer
            }
        }
    }
}
