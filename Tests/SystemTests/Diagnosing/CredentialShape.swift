import MockAuthorizationServer

/// A client_id and a secret as a provider makes them: a diagnosis looks at their form.
struct CredentialShape: Sendable {
    let clientID: String

    /// The one that the server knows.
    let secret: String
    private let otherSecret: String

    /// - Parameter number: Makes it another than those before; below 100.
    init(for fault: LaboratoryFault, number: Int) {
        let provider = fault.provider
        // What a form and a raw header write in two ways.
        let sign = fault.cause == "basic_encoding" ? "+" : "0"
        let digits = number < 10 ? "0\(number)" : "\(number)"
        let letters = "abcdefghijklmnopqrstuvwxyz"
        func secret(_ first: String) -> String {
            switch provider {
            case "cognito": "\(first)\(sign)1abcdefghijklmnopqrstuvwxyz0123456789abcdefghij\(digits)"
            case "entra": "\(first)8Q~abcdefghijklmnopqrstuvwxyz0123456\(digits)"
            case "google": "GOCSPX-\(first)abcdefghijklmnopqrstuv\(digits)"
            case "github": "\(first == "t" ? "a" : "b")0123456789abcdef0123456789abcdef01234\(digits)"
            case "slack": "\(first == "t" ? "a" : "b")0123456789abcdef0123456789abc\(digits)"
            case "auth0", "okta": "\(first)abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNO\(digits)"
            case "salesforce": "\(first == "t" ? "1" : "2")0123456789012345\(digits)"
            default: "\(first)\(sign)secret-of-the-client-\(digits)"
            }
        }
        self.secret = secret("t")
        otherSecret = secret("u")
        clientID =
            switch provider {
            case "cognito": "1example2345678abcdefghi\(digits)"
            case "entra": "11111111-2222-4333-8444-5555555555\(digits)"
            case "google": "1234567890\(digits)-\(letters).apps.googleusercontent.com"
            case "github": "Iv1.0123456789abcd\(digits)"
            case "slack": "123456789.9876543\(digits)"
            case "auth0": "abcdefghijklmnopqrstuvwxyz0123\(digits)"
            case "okta": "0oaabcdefghijklmno\(digits)"
            case "salesforce": "3MVG9\(letters)\(letters)\(letters)\(digits)"
            default: "client-\(digits)"
            }
    }

    /// What the client has instead, where that is the fault.
    func given(for fault: LaboratoryFault) -> (clientID: String, secrets: [String]) {
        switch fault.cause {
        case "identifier_and_secret_swapped": (secret, [clientID])
        case "secret_identifier_pasted": (clientID, ["99999999-8888-4777-8666-555555555555"])
        case "secret_malformed": (clientID, [secret.prefix(20) + " " + secret.dropFirst(20)].map(String.init))
        case "wrong_secret" where fault.name.hasSuffix("second_secret"): (clientID, [otherSecret])
        default: (clientID, [secret])
        }
    }
}
