import LocalAPI
import LocalServer

/// What a parser makes of some bytes, in one line a request.
enum Reading: Equatable, CustomStringConvertible {
    case request(HTTPRequest)
    case saysContinue
    case refused(status: Int)

    var description: String {
        switch self {
        case .request(let request): "\(request.method) \(request.target) body \(request.body.count)"
        case .saysContinue: "continue"
        case .refused(let status): "refused \(status)"
        }
    }
}

/// Feeds the pieces one after another and collects what comes out until nothing more can.
func readings(of pieces: [[UInt8]]) -> [Reading] {
    var parser = RequestParser()
    var readings: [Reading] = []
    for piece in pieces {
        parser.append(piece)
        taking: while true {
            switch parser.next() {
            case .needsMore: break taking
            case .needsBodyAfterContinue: readings.append(.saysContinue)
            case .request(let request): readings.append(.request(request))
            case .refused(let error):
                readings.append(.refused(status: error.status()))
                return readings
            }
        }
    }
    return readings
}

func readings(of text: String) -> [Reading] { readings(of: [Array(text.utf8)]) }

/// Requests, good and bad, that the walks and mutations start from.
let corpus: [String] = [
    "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /v1/token/billing HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n",
    "GET /v1/token/billing?scope=a%20b&min_ttl=5m HTTP/1.1\r\nhost:x\r\naccept: text/plain\r\n\r\n",
    "GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\nConnection: close\r\n\r\n",
    "GET /a HTTP/1.0\r\n\r\n",
    "GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
    "POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        + "Authorization: Basic YTpi\r\nContent-Length: 29\r\n\r\ngrant_type=client_credentials",
    "POST /v1/reload HTTP/1.1\r\nContent-Length: 0\r\n\r\nGET /next HTTP/1.1\r\n\r\n",
    "POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    "POST /a HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "GET / HTTP/1.1\nHost: localhost\n\n",
    "GET / HTTP/1.1\r\nX: a\rb\r\n\r\n",
    "GET / HTTP/1.1\r\nX : a\r\n\r\n",
    "GET / HTTP/1.1\r\nX: a\r\n folded\r\n\r\n",
    "DELETE / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/2.0\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET /" + String(repeating: "a", count: 8_400) + " HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nX: " + String(repeating: "b", count: 8_100) + "\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 16384\r\n\r\n" + String(repeating: "c", count: 16_384),
    "POST / HTTP/1.1\r\nContent-Length: 16385\r\n\r\n",
]
