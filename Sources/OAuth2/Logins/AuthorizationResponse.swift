/// What the browser brought back (RFC 6749 §4.1.2).
package enum AuthorizationResponse {
    /// Why a redirect brings no code.
    package enum Refusal: Error, Sendable, Hashable {
        /// It is no URL with parameters that can be read, or repeats one.
        case malformed

        /// It is not the answer to the request (RFC 6749 §10.12).
        case stateDiffers

        /// Another authorization server answered (RFC 9207 §2.4); nil when it did not say which.
        case issuerDiffers(found: String?)

        /// The server, or the person, declined (RFC 6749 §4.1.2.1); the words may be nil.
        case declined(error: String, words: String?)

        /// There is neither a code nor an error.
        case noCode
    }

    /// The code that `query` carries, as the answer to the request of `state`.
    ///
    /// - Parameters:
    ///   - query: What stands behind the `?` of the redirect, as it came.
    ///   - issuer: Who must have answered; nil when that is not known.
    ///   - isIssuerStated: Whether the server says that its answers name it (RFC 9207 §3), so that one that does not is
    ///     another's.
    package static func code(
        inQuery query: some Sequence<UInt8>,
        state: Secret,
        issuer: String?,
        isIssuerStated: Bool
    ) throws(Refusal) -> Secret {
        guard let parameters = FormEncoding.decode(query) else { throw .malformed }
        // RFC 6749 §3.1: none may be repeated.
        guard Set(parameters.map(\.name)).count == parameters.count else { throw .malformed }
        let values = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.value) })
        // Before anything else is believed.
        guard let found = values["state"], Secret(found) == state else { throw .stateDiffers }
        if let found = values["iss"] {
            guard issuer.map({ $0.unicodeScalars.elementsEqual(found.unicodeScalars) }) ?? true else {
                throw .issuerDiffers(found: ServerWords.printable(found))
            }
        } else if isIssuerStated, issuer != nil {
            throw .issuerDiffers(found: nil)
        }
        if let error = values["error"] {
            throw .declined(
                error: ServerWords.printable(error, maximumBytes: longestError) ?? "unknown",
                words: values["error_description"].flatMap { ServerWords.printable($0) }
            )
        }
        guard let code = values["code"], !code.isEmpty else { throw .noCode }
        return Secret(code)
    }

    /// Longer than every code that a protocol or vendor defines.
    private static let longestError = 64
}
