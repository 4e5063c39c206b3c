import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

@testable import MockAuthorizationServer

/// An answer, read.
struct Answer {
    var status: Int
    var headers: HTTPHeaders
    var text: String

    /// The members of the JSON document; none when it is no object.
    var members: [String: JSONValue] {
        if case .object(let members) = JSONText.decode(Array(text.utf8)) { members } else { [:] }
    }

    subscript(member: String) -> String? {
        if case .string(let text) = members[member] { text } else { nil }
    }
}

/// Sends to a server what a client would, and more.
enum Caller {
    /// Longer than any test, so that a broken server fails a test instead of stopping it.
    private static let patience = TimeAmount.seconds(30)

    /// Takes the first refusal for an answer, as a test of an outage must.
    private static let configuration: HTTPClient.Configuration = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        // Where a browser is sent is what a test asks.
        configuration.redirectConfiguration = .disallow
        return configuration
    }()

    private static let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)

    static func send(
        _ method: HTTPMethod,
        _ url: String,
        body: String? = nil,
        headers: HTTPHeaders = [:],
        through client: HTTPClient = client
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers = headers
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await client.execute(request, timeout: patience)
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return Answer(
            status: Int(response.status.code),
            headers: response.headers,
            text: String(buffer: bytes)
        )
    }

    /// Posts a form, by default with a Basic header for the client `billing`.
    static func post(_ form: String, to url: String, basic: String? = "billing:secret") async throws -> Answer {
        var headers: HTTPHeaders = ["Content-Type": "application/x-www-form-urlencoded"]
        if let basic { headers.add(name: "Authorization", value: "Basic " + Data(basic.utf8).base64EncodedString()) }
        return try await send(.POST, url, body: form, headers: headers)
    }

    /// Posts a form over https, on a connection of its own.
    static func post(_ form: String, to url: String, tls: TLSConfiguration) async throws -> Answer {
        var configuration = configuration
        configuration.tlsConfiguration = tls
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let headers: HTTPHeaders = ["Content-Type": "application/x-www-form-urlencoded"]
        let answer: Result<Answer, any Error>
        do {
            answer = .success(try await send(.POST, url, body: form, headers: headers, through: client))
        } catch {
            answer = .failure(error)
        }
        try await client.shutdown()
        return try answer.get()
    }
}

/// A wall clock that stands until it is moved.
final class ManualClock: Sendable {
    private let reading = Mutex(Duration.seconds(1_800_000_000))

    func now() -> Duration { reading.withLock { $0 } }

    func advance(by duration: Duration) { reading.withLock { $0 += duration } }
}

/// Runs `body` with a server that is stopped afterwards.
func withServer(
    _ configure: (inout Configuration) -> Void = { _ in },
    _ body: (MockAuthorizationServer) async throws -> Void
) async throws {
    var configuration = Configuration()
    configure(&configuration)
    let server = try await MockAuthorizationServer.start(configuration)
    do {
        try await body(server)
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}
