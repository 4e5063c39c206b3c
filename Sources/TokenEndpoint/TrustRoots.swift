import Foundation
import NIOSSL
import OAuth2

/// The certification authorities of a client's `ca_file`, as they were when the file was read.
struct TrustRoots: Sendable, Equatable {
    /// Eight times the bundle of every public authority.
    private static let maximumBytes = 2 << 20

    /// The file's contents, by which a change is seen.
    private let pem: [UInt8]

    /// Reads the PEM file at `path`.
    init(file path: String) throws(TokenEndpointFailure) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw TrustRoots.unusable(path, "cannot be read")
        }
        defer { try? handle.close() }
        do {
            pem = Array(try handle.read(upToCount: TrustRoots.maximumBytes + 1) ?? Data())
        } catch {
            throw TrustRoots.unusable(path, "cannot be read")
        }
        guard pem.count <= TrustRoots.maximumBytes else { throw TrustRoots.unusable(path, "is too large") }
    }

    /// The authorities in it.
    func certificates(file path: String) throws(TokenEndpointFailure) -> [NIOSSLCertificate] {
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMBytes(pem)
        } catch {
            throw TrustRoots.unusable(path, "holds no PEM certificate, or a broken one")
        }
        guard !certificates.isEmpty else { throw TrustRoots.unusable(path, "holds no PEM certificate") }
        return certificates
    }

    private static func unusable(_ path: String, _ problem: String) -> TokenEndpointFailure {
        TokenEndpointFailure(.configuration, .caFileUnusable, words: "\(path) \(problem)")
    }
}
