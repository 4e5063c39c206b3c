/// Where a client of Cognito asks, and when.
extension LaboratoryFault {
    /// What is between the client and a server that it wanted to reach.
    private static let portal = Refusal.page(
        200,
        "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Accept the terms to go online.</body></html>",
        "text/html; charset=utf-8",
        word: "captive_portal",
        isForeign: true
    )

    private static let wall = Refusal.page(
        403,
        "<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1>"
            + "<p>Request blocked by the web application firewall.</p></body></html>",
        "text/html",
        word: "firewall",
        headers: ["Server": "awselb/2.0"],
        isForeign: true
    )

    private static let noPool = Refusal.page(
        400,
        #"{"message":"User pool \#(Manner.cognitoPool) does not exist."}"#,
        "application/json",
        word: "no_pool"
    )

    private static func domain(in region: String) -> Place {
        .elsewhere("https://laboratory.auth.\(region).amazoncognito.com.invalid/oauth2/token")
    }

    private static func certificate(_ suffix: String, cause: String, _ summary: String, _ setUp: String)
        -> LaboratoryFault
    {
        LaboratoryFault(.cognito, suffix, cause: cause, summary, nil, setUp: setUp, needs: [.certificate])
    }

    private static let newKey = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "

    static let cognitoWays: [LaboratoryFault] = [
        LaboratoryFault(
            .cognito,
            "wrong_path",
            cause: "wrong_path",
            "The token endpoint is asked for at /oauth/token.",
            nil,
            place: .path("/oauth/token")
        ),
        LaboratoryFault(
            .cognito,
            "accept_refused",
            cause: "accept_refused",
            "The Accept header asks for what the token endpoint does not give.",
            .at(.gateway, Manner.methodRefused, when: .acceptWithoutJSON),
            setUp: "Send Accept: text/html, or another type that is not JSON.",
            isMetByDaemon: false
        ),
        LaboratoryFault(
            .cognito,
            "accept_rewritten",
            cause: "accept_refused",
            "A proxy rewrites the Accept header, and the token endpoint refuses every request at the right path.",
            .at(.gateway, Manner.methodRefused)
        ),
        LaboratoryFault(
            .cognito,
            "firewall",
            cause: "firewall",
            "A web application firewall refuses the requests of this network.",
            .at(.gateway, wall)
        ),
        LaboratoryFault(
            .cognito,
            "domain_deleted",
            cause: "server_gone",
            "The user pool's domain was deleted, and the pool is still there.",
            nil,
            place: domain(in: "eu-west-1")
        ),
        LaboratoryFault(
            .cognito,
            "pool_deleted",
            cause: "server_gone",
            "The user pool was deleted, and its domain with it.",
            nil,
            place: domain(in: "eu-west-1"),
            issuerRefusal: noPool
        ),
        LaboratoryFault(
            .cognito,
            "wrong_region",
            cause: "wrong_region",
            "The domain is asked for in another region than the user pool's.",
            nil,
            place: domain(in: "eu-west-2"),
            issuerRefusal: noPool
        ),
        LaboratoryFault(
            .cognito,
            "captive_portal",
            cause: "captive_portal",
            "The network answers every request with its own page until somebody accepts its terms.",
            .at(.way, portal)
        ),
        certificate(
            "certificate_expired",
            cause: "server_certificate_expired",
            "The server's certificate has expired.",
            "Serve one made by: openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
                + "-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout key.pem | "
                + "openssl x509 -req -key key.pem -copy_extensions copy -days -1 -out certificate.pem; "
                + "give the client ca_file = certificate.pem."
        ),
        certificate(
            "certificate_for_another_name",
            cause: "server_certificate_for_another_name",
            "The server's certificate is for another name.",
            "Serve one made by: " + newKey
                + "-subj /CN=other -addext subjectAltName=DNS:other.example -keyout key.pem -out certificate.pem; "
                + "give the client ca_file = certificate.pem."
        ),
        certificate(
            "certificate_untrusted",
            cause: "server_certificate_untrusted",
            "The server's certificate is signed by nobody that the client trusts.",
            "Serve one made by: " + newKey
                + "-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out certificate.pem; "
                + "give the client no ca_file."
        ),
    ]

    static let cognitoMoments: [LaboratoryFault] = [
        LaboratoryFault(
            .cognito,
            "clock_wrong",
            cause: "clock_wrong",
            "The client's clock is ten minutes behind the server's; tokens are granted, and misjudged by callers.",
            nil,
            clockOffset: .seconds(600)
        ),
        LaboratoryFault(
            .cognito,
            "throttled",
            cause: "throttled",
            "Too many requests came from this account, and the answer is 429.",
            .at(
                .gateway,
                .page(429, #"{"message":"Too Many Requests"}"#, "application/json", word: "too_many_requests")
            )
        ),
        LaboratoryFault(
            .cognito,
            "throttled_as_bad_request",
            cause: "throttled",
            "Too many requests came from this account, and the answer is 400.",
            .at(
                .gateway,
                .page(
                    400,
                    #"{"__type":"TooManyRequestsException","message":"Rate exceeded"}"#,
                    "application/json",
                    word: "too_many_requests"
                )
            )
        ),
        LaboratoryFault(
            .cognito,
            "server_failing",
            cause: "server_failing",
            "Cognito itself fails.",
            .at(
                .gateway,
                .page(500, #"{"message":"Internal Server Error"}"#, "application/json", word: "server_error")
            )
        ),
    ]
}
