import NIOCore
import NIOSSL

/// How an https listener shakes hands.
struct ServerTLS: Sendable {
    /// What it asks of clients; nil asks for no certificate.
    let clientCertificates: ClientCertificates?
    private let context: NIOSSLContext

    init(_ files: TLSFiles, asking clientCertificates: ClientCertificates?) throws {
        self.clientCertificates = clientCertificates
        let chain = try NIOSSLCertificate.fromPEMFile(files.certificateChain)
        let key = try NIOSSLPrivateKey(file: files.privateKey, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        // A peer that does not say good-bye must not keep the server from stopping.
        configuration.shutdownTimeout = .milliseconds(100)
        if let clientCertificates {
            configuration.certificateVerification =
                clientCertificates.areRequired ? .noHostnameVerification : .optionalVerification
            if let authority = clientCertificates.authority {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority))
                // So that a client with several knows which one is wanted.
                configuration.sendCANameList = true
            }
        }
        context = try NIOSSLContext(configuration: configuration)
    }

    /// The handler of one connection.
    func handler() -> NIOSSLServerHandler {
        guard let clientCertificates, clientCertificates.authority == nil else {
            return NIOSSLServerHandler(context: context)
        }
        // Self-signed ones are judged by the registration (RFC 8705 §2.2).
        return NIOSSLServerHandler(context: context) { _, verdict in verdict.succeed(.certificateVerified) }
    }
}
