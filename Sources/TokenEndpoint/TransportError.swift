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
    ///   - proxy: What the connection was tunnelled through.
    init(_ error: any Error, isSent: Bool, proxy: ProxySetting?) {
        switch error {
        case is AnswerTooLarge:
            self.init(.responseTooLarge, "more than \(AnswerCollector.maximumBody) bytes")
        case let error as HTTPClientError:
            self.init(error, isSent: isSent)
        case let error as NIOConnectionError:
            self.init(error, proxy: proxy)
        case let error as NIOSSLError where !isSent:
            self.init(handshake: error)
        case let error as NIOSSLExtraError where !isSent:
            let isName = error == .failedToValidateHostname
            self.init(isName ? .certificateRefused : .tlsFailed, error.description)
        case let error as HTTPParserError:
            self.init(error, isSent: isSent)
        case let error as IOError:
            self.init(reset: isSent, TransportError.words(ofErrno: error.errnoCode))
        case ChannelError.connectTimeout:
            self.init(.connectTimeout, "not connected in time")
        default:
            // The type alone: what an error of unknown make says may hold anything.
            self.init(reset: isSent, "\(type(of: error))")
        }
    }

    /// The connection ended.
    private init(reset isSent: Bool, _ words: String) {
        self.init(isSent ? .resetAfterSending : .resetBeforeSending, words)
    }

    private init(_ error: HTTPClientError, isSent: Bool) {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
            self.init(.connectTimeout, error.shortDescription)
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            self.init(isSent ? .responseTimeout : .connectTimeout, error.shortDescription)
        case .httpProxyHandshakeTimeout, .invalidProxyResponse, .proxyAuthenticationRequired:
            self.init(.proxyFailed, error.shortDescription)
        default:
            self.init(reset: isSent, error.shortDescription)
        }
    }

    private init(_ error: NIOConnectionError, proxy: ProxySetting?) {
        let failure: TransportFailure
        let words: String
        if let first = error.connectionErrors.first {
            let place = "\(error.host) port \(error.port)"
            if let refusal = error.connectionErrors.lazy.compactMap({ $0.error as? IOError }).first {
                failure = refusal.errnoCode == ETIMEDOUT ? .connectTimeout : .connectionRefused
                words = "\(place): \(TransportError.words(ofErrno: refusal.errnoCode))"
            } else if case ChannelError.connectTimeout = first.error {
                failure = .connectTimeout
                words = "\(place): not connected in time"
            } else {
                failure = .connectionRefused
                words = "\(place): \(type(of: first.error))"
            }
        } else if error.dnsAError == nil, error.dnsAAAAError == nil {
            failure = .connectTimeout
            words = "\(error.host): neither resolved nor connected in time"
        } else {
            failure = .nameNotFound
            words = "the name \(error.host) has no address"
        }
        self.init(proxy == nil ? failure : .proxyFailed, proxy == nil ? words : "the proxy \(words)")
    }

    private init(handshake error: NIOSSLError) {
        switch error {
        case .noCertificateToValidate, .unableToValidateCertificate:
            self.init(.certificateRefused, "\(error)")
        case .handshakeFailed(.sslError(let stack)):
            // BoringSSL names its reasons in text alone.
            let reasons = stack.map(\.description).joined(separator: "; ")
            let isCertificate = reasons.contains("CERTIFICATE_VERIFY_FAILED")
            self.init(isCertificate ? .certificateRefused : .tlsFailed, reasons)
        case .uncleanShutdown:
            self.init(.tlsFailed, "the connection ended during the handshake")
        default:
            self.init(.tlsFailed, "\(error)")
        }
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
