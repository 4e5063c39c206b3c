import OAuth2

extension Catalogue {
    /// Where the client asks, and what stands between.
    static let wayCauses: [Cause] = [
        Cause(
            .wrongPath,
            "There is no token endpoint at this address.",
            remedy:
                "Set token_endpoint in {section} to the address that the authorization server documents, path included.",
            lookUp: "token_endpoint in the authorization server's metadata",
            evidence: Evidence.place.with([
                .pathDiffers: 60, .endpointDiffersFromMetadata: 60, .pathAgrees: Points.doubt,
                .workedBefore: -Points.hint,
            ])
        ),
        Cause(
            .acceptRefused,
            "The authorization server takes no request that is asked for or written in this form.",
            remedy:
                "Look for a proxy that changes the headers Accept or Content-Type of requests, and let them pass as "
                + "they are.",
            evidence: Evidence.place.with([
                .pathAgrees: Points.support, .pathDiffers: Points.doubt, .endpointDiffersFromMetadata: Points.doubt,
                .granted: 0,
            ])
        ),
        Cause(
            .tenantUnknown,
            "The authorization server knows no tenant, realm or pool of the name that is in {section}.",
            remedy: "Set the tenant, realm or pool in {section} to the one that the client is registered in.",
            lookUp: "the tenant, realm or pool that the client is registered in",
            evidence: Evidence.place.with([
                .metadataMissing: Points.support, .keysMissing: Points.support, .metadataFound: Points.doubt,
                .keysFound: Points.doubt, .workedBefore: -Points.hint,
            ])
        ),
        Cause(
            .tenantShared,
            "The request goes to an endpoint of every tenant, and this grant needs that of one.",
            remedy: "Set tenant in {section} to the tenant that the client is registered in.",
            evidence: Evidence.permission.with([.tenantIsShared: Points.proof])
        ),
        Cause(
            .serverGone,
            "The authorization server's name does not exist.",
            remedy: "Correct the host in token_endpoint or issuer of {section}, or have the name put back into DNS.",
            lookUp: "whether the authorization server is still there under this name",
            evidence: Evidence.way.with([
                .nameUnknown: Points.support, .nameFound: Points.disproof, .connected: Points.disproof,
                .keysFound: Points.support, .metadataFound: Points.support, .workedBefore: Points.hint,
            ]),
            alike: [.wrongRegion]
        ),
        Cause(
            .wrongRegion,
            "The host in {section} is in another region than the authorization server.",
            remedy: "Correct the region in {section}.",
            lookUp: "the region that the authorization server is in",
            evidence: Evidence.way.with([
                .regionsDiffer: Points.proof, .nameUnknown: Points.support, .nameFound: Points.doubt,
                .keysFound: Points.doubt, .neverWorked: Points.hint, .workedBefore: Points.doubt,
            ]),
            alike: [.serverGone]
        ),
        Cause(
            .firewall,
            "A firewall answers in place of the authorization server.",
            remedy: "Let the firewall pass requests from this machine to the authorization server's host.",
            lookUp: "the log of the web application firewall before the authorization server",
            evidence: Evidence.place.with([.certificateForAnotherName: -Points.hint]),
            alike: [.captivePortal]
        ),
        Cause(
            .captivePortal,
            "A web page came in place of a token response: a portal of the network answers, or a web site.",
            remedy:
                "Get this machine past the portal of its network, or correct the host of token_endpoint in {section}.",
            lookUp: "what a browser on this network shows for the authorization server's host",
            evidence: Evidence.place.with([
                .certificateForAnotherName: Points.support, .certificateUntrusted: Points.support,
                .metadataFound: -Points.hint, .keysFound: -Points.hint,
            ]),
            alike: [.firewall]
        ),
        Cause(
            .certificateExpired,
            "The authorization server's certificate has expired.",
            remedy: "Have the authorization server's operator renew its certificate.",
            lookUp: "the certificate: `openssl s_client -connect HOST:443` shows it",
            evidence: certificate.with([.certificateExpired: Points.proof])
        ),
        Cause(
            .certificateForAnotherName,
            "The authorization server's certificate is for another name than the one in {section}.",
            remedy: "Set the host in {section} to a name that the certificate is for.",
            lookUp: "the names in the certificate: `openssl s_client -connect HOST:443` shows it",
            evidence: certificate.with([.certificateForAnotherName: Points.proof])
        ),
        Cause(
            .certificateUntrusted,
            "No authority that this machine trusts vouches for the authorization server's certificate.",
            remedy: "Set ca_file in {section} if a private CA signed it, and otherwise have the server send its "
                + "intermediate certificates.",
            lookUp: "the chain that the server sends: `openssl s_client -showcerts -connect HOST:443` shows it",
            evidence: certificate.with([.certificateUntrusted: Points.proof])
        ),
        Cause(
            .serverUnreachable,
            "The authorization server cannot be reached from this machine.",
            remedy: "Check host and port in {section}, this machine's DNS and network, and whether connections must go "
                + "through a proxy.",
            lookUp: "whether other machines reach the authorization server's host and port",
            evidence: Evidence.way.with([
                .unreachable: Points.proof, .nameUnknown: -Points.hint, .connected: Points.doubt,
                .nameFound: Points.hint,
                .tlsFailed: Points.support,
                .certificateExpired: Points.disproof, .certificateForAnotherName: Points.disproof,
                .certificateUntrusted: Points.disproof,
            ])
        ),
        Cause(
            .proxyRefused,
            "The proxy does not connect to the authorization server.",
            remedy:
                "Check proxy in {section} and under [daemon], and let the proxy pass the authorization server's host.",
            lookUp: "the proxy's log",
            evidence: Evidence.way.with([.proxyRefused: Points.proof, .connected: Points.doubt])
        ),
    ]

    /// When the client asks.
    static let timeCauses: [Cause] = [
        Cause(
            .clockWrong,
            "The clocks of this machine and of the authorization server differ.",
            remedy: "Set the clock of this machine right with a time service such as systemd-timesyncd, or have the "
                + "authorization server's set right.",
            lookUp: "`timedatectl` on this machine",
            evidence: [
                .clockAhead: 90, .clockBehind: 90, .clocksAgree: Points.disproof, .fakeClientRefused: -Points.hint,
            ]
        ),
        Cause(
            .throttled,
            "The authorization server was asked too often.",
            remedy: "Lower requests_per_second for this server, or ask its operator for a higher limit.",
            lookUp: "the limits of the authorization server, and who else uses them up",
            evidence: [.granted: Points.disproof]
        ),
        Cause(
            .serverFailing,
            "The authorization server, or a gateway before it, is failing.",
            remedy: "Wait for the authorization server to recover, and ask its operator if it does not.",
            lookUp: "the provider's status page",
            evidence: [.granted: Points.disproof, .fakeGrantRefused: Points.doubt, .fakeClientRefused: Points.doubt]
        ),
        Cause(
            .clientLoops,
            "The authorization server has seen the same request too often, and has blocked it.",
            remedy:
                "Find what asks for the same token again and again, stop it, and then run `tokenctl refresh {client}`.",
            lookUp: "the sign-in log of the client at the authorization server",
            evidence: [.granted: Points.disproof]
        ),
    ]

    private static let certificate = Evidence.way.with([
        .certificateAccepted: Points.disproof, .unreachable: Points.doubt,
    ])
}
