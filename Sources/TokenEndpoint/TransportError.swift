import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import OAuth2

/// How far a request got and what stopped it, from the error of the library that noticed.
struct TransportError: Error, Sendable, Equatable {
    let failure: TransportFailure

    /// What happened in words; never anything of the request but the host it went to.
    let words: String

    private init(_ failure: TransportFailure, _ words: String) {
        self.failure = failure
        self.words = words
    }

    /// - Parameters:
    ///   - isSent: Whether the request had left when `error` came.
    ///   - peer: The other end of the connection: the server, or the proxy that leads there.
    init(_ error: any Error, isSent: Bool, peer: Peer) {
        switch error {
        case is AnswerTooLarge:
            self.init(.responseTooLarge, "more than \(AnswerCollector.maximumBody) bytes")
        case let error as HTTPClientError:
            self.init(error, isSent: isSent)
        case let error as NIOConnectionError:
            self.init(error, peer: peer)
        // In TLS 1.3 the server looks at the certificate when the client's handshake is over, and its request on the way.
        // Before that it reads nothing of the request (RFC 8446 §4.4.2), and later it has no place for these alerts.
        case let error where TransportError.refusal(of: error) != nil:
            self.init(.clientCertificateRefused, TransportError.refusal(of: error) ?? "")
        case let error as NIOSSLError where !isSent:
            self.init(handshake: error)
        case let error as NIOSSLExtraError where !isSent:
            let isName = error == .failedToValidateHostname
            self.init(isName ? .certificateRefused : .tlsFailed, error.description)
        case let error as HTTPParserError:
            self.init(error, isSent: isSent)
        case let error as IOError where !isSent && !TransportError.endings.contains(error.errnoCode):
            self.init(notConnected: error, peer: peer)
        case let error as IOError:
            self.init(reset: isSent, TransportError.words(ofErrno: error.errnoCode))
        case ChannelError.connectTimeout:
            self.init(notConnected: error, peer: peer)
        default:
            // The type alone: what an error of unknown make says may hold anything.
            self.init(reset: isSent, "\(type(of: error))")
        }
    }

    /// What the kernel says of a connection that was there and is no more.
    private static let endings = [ECONNRESET, EPIPE, ECONNABORTED]

    /// The connection ended.
    private init(reset isSent: Bool, _ words: String) {
        self.init(isSent ? .resetAfterSending : .resetBeforeSending, words)
    }

    /// There was no connection.
    private init(_ failure: TransportFailure, _ words: String, peer: Peer) {
        self.init(peer.isProxy ? .proxyFailed : failure, "\(peer.isProxy ? "the proxy " : "")\(peer.place): \(words)")
    }

    private init(notConnected error: any Error, peer: Peer) {
        if let error = error as? IOError {
            self.init(
                error.errnoCode == ETIMEDOUT ? .connectTimeout : .connectionRefused,
                TransportError.words(ofErrno: error.errnoCode),
                peer: peer
            )
        } else {
            self.init(.connectTimeout, "not connected in time", peer: peer)
        }
    }

    private init(_ error: NIOConnectionError, peer: Peer) {
        // Of several addresses the one that said something.
        let telling = error.connectionErrors.first { $0.error is IOError } ?? error.connectionErrors.first
        if let telling {
            self.init(notConnected: telling.error, peer: peer)
        } else if error.dnsAError == nil, error.dnsAAAAError == nil {
            self.init(.connectTimeout, "not resolved in time", peer: peer)
        } else {
            self.init(.nameNotFound, "the name has no address", peer: peer)
        }
    }

    private init(_ error: HTTPClientError, isSent: Bool) {
        let words = error.shortDescription.lowercased()
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
            self.init(.connectTimeout, words)
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            self.init(isSent ? .responseTimeout : .connectTimeout, words)
        case .httpProxyHandshakeTimeout, .invalidProxyResponse, .proxyAuthenticationRequired:
            self.init(.proxyFailed, words)
        default:
            self.init(reset: isSent, words)
        }
    }

    /// What a server says of a client's certificate in an alert (RFC 8446 §6.2), as BoringSSL spells it.
    private static let certificateAlerts: Set = [
        "sslv3 alert no certificate", "sslv3 alert bad certificate", "sslv3 alert unsupported certificate",
        "sslv3 alert certificate revoked", "sslv3 alert certificate expired", "sslv3 alert certificate unknown",
        "tlsv1 alert unknown ca", "tlsv1 alert access denied", "tlsv1 alert certificate required",
    ]

    /// What the server says of the client's certificate, in words, when `error` is that.
    private static func refusal(of error: any Error) -> String? {
        let stack: NIOBoringSSLErrorStack
        switch error {
        case NIOSSLError.handshakeFailed(.sslError(let errors)), BoringSSLError.sslError(let errors): stack = errors
        default: return nil
        }
        let alert = stack.map { reason($0.description) }.first { certificateAlerts.contains($0) }
        return alert.map {
            "the server's alert is \($0.split(separator: " ").drop { $0 != "alert" }.dropFirst().joined(separator: " "))"
        }
    }

    private init(handshake error: NIOSSLError) {
        switch error {
        case .noCertificateToValidate, .unableToValidateCertificate:
            self.init(.certificateRefused, "\(error)")
        case .handshakeFailed(.sslError(let stack)):
            let reasons = stack.map { TransportError.reason($0.description) }
            let isCertificate = reasons.contains("certificate verify failed")
            self.init(isCertificate ? .certificateRefused : .tlsFailed, reasons.joined(separator: ", "))
        case .uncleanShutdown:
            self.init(.tlsFailed, "the connection ended during the handshake")
        default:
            self.init(.tlsFailed, "\(error)")
        }
    }

    /// The reason in a description of BoringSSL, which gives it in no other way:
    /// `Error: 268435581 error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at FILE:LINE`.
    private static func reason(_ description: String) -> String {
        guard let start = description.firstRange(of: "OPENSSL_internal:") else {
            return String(description.trimmingPrefix("Error:").trimmingPrefix { $0 == " " }).lowercased()
        }
        return description[start.upperBound...].prefix { $0 != " " }.replacing("_", with: " ").lowercased()
    }

    private init(_ error: HTTPParserError, isSent: Bool) {
        switch error {
        case .invalidEOFState, .closedConnection: self.init(reset: isSent, "the answer ended early")
        case .headerOverflow: self.init(.responseTooLarge, "header fields beyond the limit")
        default: self.init(.notHTTP, "\(error)")
        }
    }

    private static func words(ofErrno code: CInt) -> String {
        unsafe String(cString: strerror(code)).lowercased()
    }
}

/// The other end of a connection.
struct Peer: Sendable, Equatable {
    /// Where it is, in words.
    let place: String

    /// Whether it only leads to the server.
    let isProxy: Bool

    /// The server of `endpoint`, or `proxy` where it leads there.
    init(_ endpoint: EndpointURL, through proxy: ProxySetting?) {
        isProxy = proxy != nil
        place = "\(proxy?.host ?? endpoint.host) port \(proxy?.port ?? endpoint.port)"
    }
}
