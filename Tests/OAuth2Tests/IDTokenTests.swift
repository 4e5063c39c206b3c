import FoundationEssentials
import OAuth2
import Testing

@Suite("An ID token") struct IDTokenTests {
    private func token(_ claims: String) -> Secret {
        let payload = Data(claims.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
        return Secret("e30.\(payload).c2ln")
    }

    private func subject(_ claims: String, issuer: String? = "https://as.example") throws -> LoginSubject {
        try IDToken.subject(of: token(claims), issuer: issuer, clientID: "me", now: .seconds(1_000))
    }

    @Test(
        "names who logged in",
        arguments: [
            (#""sub":"1""#, LoginSubject(id: "1")),
            (#""sub":"1","preferred_username":"ann""#, LoginSubject(id: "1", name: "ann")),
            (#""sub":"1","preferred_username":"ann","email":"a@b.c""#, LoginSubject(id: "1", name: "a@b.c")),
            (#""sub":"ü~?>","exp":701"#, LoginSubject(id: "ü~?>")),
        ]
    )
    func named(claims: String, subject expected: LoginSubject) throws {
        #expect(try subject(#"{"iss":"https://as.example","aud":"me",\#(claims)}"#) == expected)
        #expect(try subject(#"{"aud":["other","me"],\#(claims)}"#, issuer: nil) == expected)
    }

    @Test(
        "that is not for this client, or over, names nobody",
        arguments: [
            (#"{"iss":"https://evil.example","aud":"me","sub":"1"}"#, .issuerDiffers),
            (#"{"aud":"me","sub":"1"}"#, .issuerDiffers),
            (#"{"iss":"https://as.example","aud":"you","sub":"1"}"#, .audienceDiffers),
            (#"{"iss":"https://as.example","sub":"1"}"#, .audienceDiffers),
            (#"{"iss":"https://as.example","aud":"me","sub":"1","exp":699}"#, .expired),
            (#"{"iss":"https://as.example","aud":"me"}"#, .malformed),
            (#"{"iss":"https://as.example","aud":"me","sub":""}"#, .malformed), ("[]", .malformed), ("", .malformed),
        ] as [(String, IDToken.Refusal)]
    )
    func refused(claims: String, refusal: IDToken.Refusal) {
        #expect(throws: refusal) { _ = try subject(claims) }
    }

    @Test("that is none names nobody", arguments: ["", "a.b", "e30.!!.x", "a.b.c.d"])
    func none(text: String) {
        #expect(throws: IDToken.Refusal.malformed) {
            _ = try IDToken.subject(of: Secret(text), issuer: nil, clientID: "me", now: .zero)
        }
    }
}
