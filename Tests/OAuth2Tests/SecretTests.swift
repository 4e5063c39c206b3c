import Testing

import OAuth2

@Suite("A secret") struct SecretTests {
    private let secret = Secret("abcdef01234567890")

    @Test("prints as the same placeholder in every way of printing")
    func printsAsPlaceholder() {
        struct Holder { var name = "billing", secret: Secret }
        let holder = Holder(secret: secret)
        var dumped = ""
        dump(holder, to: &dumped)
        let printed = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\(holder)",
            "\(Optional(secret) as Any)",
            "\([secret])", "\(["key": secret])", "\(HTTPField(name: "Authorization", value: secret))", dumped,
        ]
        for text in printed { #expect(!text.contains("abcdef") && text.contains("secret")) }
        #expect("\(secret)" == "<secret>")
    }

    @Test("is not shown by the values that hold it")
    func notShownByHolders() {
        let request = TokenRequest(
            grant: .clientCredentials,
            clientID: "id",
            authentication: .clientSecretPost(secret)
        )
        let response = TokenResponse(accessToken: secret, refreshToken: secret)
        for value: Any in [request, request.encoded(), response, ClientAuthentication.clientSecretBasic(secret, .raw)] {
            var dumped = "\(value)"
            dump(value, to: &dumped)
            #expect(!dumped.contains("abcdef"))
        }
    }

    @Test(
        "is equal to one with the same bytes only",
        arguments: [
            ("abc", "abc", true), ("", "", true), ("abc", "abd", false), ("abc", "ab", false), ("abc", "abcd", false),
            ("", "a", false), ("Abc", "abc", false),
        ]
    )
    func equality(left: String, right: String, expected: Bool) {
        #expect((Secret(left) == Secret(right)) == expected)
    }

    @Test("gives back what was put in, bytes that are no text included")
    func givesBack() {
        #expect(secret.exposed() == "abcdef01234567890")
        #expect(Secret(bytes: [0, 0xFF, 0x41]).exposedBytes() == [0, 0xFF, 0x41])
        #expect(Secret("äb").count == 3)
        #expect(Secret("").isEmpty && !secret.isEmpty)
        #expect(secret.withBytes { $0.count } == 17)
    }
}
