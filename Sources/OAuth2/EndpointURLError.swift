/// What is wrong with the text of an endpoint's URL.
package enum EndpointURLError: Error, Sendable, Hashable, CustomStringConvertible {
    case empty
    case tooLong
    case forbiddenCharacter(Unicode.Scalar)
    case malformedEscape
    case missingScheme
    case unsupportedScheme(String)
    case plainHTTP(host: String)
    case userInformation
    case missingHost
    case malformedHost(String)
    case malformedPort(String)
    case fragment

    /// What is wrong, and what would be right; it completes "the URL …".
    package var description: String {
        switch self {
        case .empty:
            "is empty"
        case .tooLong:
            "is longer than \(EndpointURL.maximumLength) bytes"
        case .forbiddenCharacter(let scalar):
            "holds the character \(scalar.escaped(asASCII: true)), which must be percent-encoded"
        case .malformedEscape:
            "holds a % that two hexadecimal digits do not follow"
        case .missingScheme:
            "does not begin with https://"
        case .unsupportedScheme(let scheme):
            "begins with \(scheme): where only https:// is possible"
        case .plainHTTP(let host):
            "would send credentials unencrypted to \(host); use https:// (http:// is for 127.0.0.1, [::1] and localhost)"
        case .userInformation:
            "holds a user name or password before an @"
        case .missingHost:
            "names no host"
        case .malformedHost(let host):
            "has the malformed host \(host)"
        case .malformedPort(let port):
            "has the port \(port), which is no number from 1 to 65535"
        case .fragment:
            "has a fragment (#), which an endpoint must not have (RFC 6749 §3.2)"
        }
    }
}
