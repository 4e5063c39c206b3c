/// What is wrong with the text of an endpoint's URL.
package enum EndpointURLError: Error, Sendable, Hashable {
    case empty
    case tooLong
    case forbiddenCharacter(Character)
    case malformedEscape
    case missingScheme
    case unsupportedScheme(String)
    case plainHTTP(host: String)
    case userInformation
    case missingHost
    case malformedHost(String)
    case malformedPort(String)
    case fragment
}
