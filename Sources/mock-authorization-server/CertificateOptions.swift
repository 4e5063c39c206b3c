import ArgumentParser
import MockAuthorizationServer

/// What is asked of clients in the handshake, as arguments say it.
struct CertificateOptions: ParsableArguments {
    enum Wish: String, ExpressibleByArgument, CaseIterable {
        case requested
        case required
    }

    @Option(
        help: ArgumentHelp(
            "Whether clients are asked for a certificate: requested, or required, which fails the handshake without one.",
            valueName: "wish"
        )
    )
    var clientCertificates: Wish?

    @Option(
        help: ArgumentHelp(
            "The PEM of the authority that must have signed clients' certificates; without it any is taken, and judged "
                + "by its SHA-256.",
            valueName: "path"
        )
    )
    var clientAuthority: String?

    @Option(
        help: ArgumentHelp(
            "Ask for certificates on a second port, which the metadata names in mtls_endpoint_aliases; 0 takes a free one.",
            valueName: "port"
        )
    )
    var mtlsPort: Int?

    var needTLS: Bool { clientCertificates != nil || clientAuthority != nil || mtlsPort != nil }

    /// Nil when nothing is asked.
    var policy: ClientCertificates? {
        guard needTLS else { return nil }
        return ClientCertificates(areRequired: clientCertificates == .required, authority: clientAuthority)
    }
}
