import OAuth2

/// What the identifiers and secrets are like that a provider gives to clients.
struct CredentialForm: Sendable {
    /// Every client_id fits.
    let identifier: TextForm

    /// Every secret fits.
    let secret: TextForm

    /// What a client_id usually is, and no secret; nil where the two look alike.
    var usualIdentifier: TextForm?

    /// What a secret usually is, and no client_id.
    var usualSecret: TextForm?

    /// Nil for a provider whose operators choose them.
    static func of(_ provider: Provider) -> CredentialForm? {
        switch provider {
        case .cognito:
            CredentialForm(
                // `[\w+]+` both, by its API reference.
                identifier: TextForm("letters and digits", also: "_+", length: 1...128),
                secret: TextForm("24 to 64 letters and digits", also: "_+", length: 24...64),
                usualIdentifier: TextForm("26 letters and digits", length: 26...26),
                usualSecret: TextForm("40 to 64 letters and digits", length: 40...64)
            )
        case .entra:
            CredentialForm(
                identifier: .uuid,
                secret: TextForm("letters, digits, dots, tildes, hyphens and more", also: printable, length: 16...256),
                usualIdentifier: .uuid,
                usualSecret: TextForm("34 to 44 characters, a tilde among them", also: "_.~-", length: 34...44)
            )
        case .google:
            CredentialForm(
                identifier: TextForm(
                    "a number, letters and .apps.googleusercontent.com",
                    also: "-.",
                    length: 1...200,
                    end: ".apps.googleusercontent.com"
                ),
                secret: TextForm("24 to 40 letters, digits, hyphens and underscores", also: "-_", length: 24...40),
                usualIdentifier: TextForm("", also: "-.", length: 30...200, end: ".apps.googleusercontent.com"),
                usualSecret: TextForm("", also: "-_", length: 24...40)
            )
        case .github:
            CredentialForm(
                identifier: TextForm("letters, digits and a dot", also: ".", length: 8...64),
                secret: TextForm("40 hexadecimal digits", length: 40...40),
                usualIdentifier: TextForm("", also: ".", length: 16...24),
                usualSecret: TextForm("", length: 40...40)
            )
        case .slack:
            CredentialForm(
                identifier: TextForm("two numbers and a dot between them", onlyDigits: true, also: ".", length: 9...64),
                secret: TextForm("32 hexadecimal digits", length: 32...32),
                usualIdentifier: TextForm("", onlyDigits: true, also: ".", length: 9...64),
                usualSecret: TextForm("", length: 32...32)
            )
        case .auth0:
            CredentialForm(
                identifier: TextForm("letters and digits", also: printable, length: 1...128),
                secret: TextForm("letters, digits, hyphens and underscores", also: printable, length: 16...256),
                usualIdentifier: TextForm("", length: 32...32),
                usualSecret: TextForm("", also: "-_", length: 48...80)
            )
        case .okta:
            CredentialForm(
                identifier: TextForm("letters and digits", also: printable, length: 1...128),
                secret: TextForm("letters, digits, hyphens and underscores", also: printable, length: 14...256),
                usualIdentifier: TextForm("", length: 20...20),
                usualSecret: TextForm("", also: "-_", length: 40...80)
            )
        case .salesforce:
            CredentialForm(
                identifier: TextForm("letters, digits, dots and underscores", also: printable, length: 1...256),
                secret: TextForm("digits", also: printable, length: 8...128),
                usualIdentifier: TextForm("", also: "._", length: 80...120),
                usualSecret: TextForm("", length: 16...64)
            )
        case .generic, .keycloak: nil
        }
    }

    private static let printable = "!#$%&()*+,-./:;<=>?@[]^_{|}~"
}

/// A set of characters, a length, and perhaps an end.
struct TextForm: Sendable {
    /// As people are told of it.
    let name: String
    let onlyDigits: Bool
    let also: String
    let length: ClosedRange<Int>
    let end: String?
    private var isUUID = false

    init(
        _ name: String,
        onlyDigits: Bool = false,
        also: String = "",
        length: ClosedRange<Int>,
        end: String? = nil
    ) {
        self.name = name
        self.onlyDigits = onlyDigits
        self.also = also
        self.length = length
        self.end = end
    }

    /// Groups of 8, 4, 4, 4 and 12 hexadecimal digits (RFC 9562).
    static let uuid: TextForm = {
        var form = TextForm("a UUID", also: "-", length: 36...36)
        form.isUUID = true
        return form
    }()

    func fits(_ text: some Collection<UInt8>) -> Bool {
        guard length.contains(text.count), text.allSatisfy(allows) else { return false }
        if let end, !text.suffix(end.utf8.count).elementsEqual(end.utf8) { return false }
        guard isUUID else { return true }
        return text.enumerated().allSatisfy { place, byte in
            TextForm.hyphens.contains(place)
                ? byte == UInt8(ascii: "-") : Character(Unicode.Scalar(byte)).isHexDigit
        }
    }

    private func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39: true
        case 0x41...0x5A, 0x61...0x7A: !onlyDigits
        default: also.utf8.contains(byte)
        }
    }

    /// Where the hyphens of a UUID are.
    private static let hyphens: Set<Int> = [8, 13, 18, 23]
}
