import OAuth2

extension ClientSettings {
    /// Where a browser is sent back to.
    var redirectRemarks: [Remark] {
        guard let redirectURI else { return [] }
        var remarks: [Remark] = []
        if let problem = formProblem(redirectURI) {
            remarks.append(
                Remark(
                    .redirectOddlyFormed,
                    "redirect_uri",
                    problem,
                    remedy: "write it as it is registered, encoded once"
                )
            )
        }
        let other = otherRedirectURIs.first { $0 != redirectURI && Self.gist($0) == Self.gist(redirectURI) }
        if let other {
            remarks.append(
                Remark(
                    .redirectDiffers,
                    "redirect_uri",
                    "\(redirectURI) and \(other), of another client with this client_id, differ in little, and no server "
                        + "takes one for the other",
                    remedy: "write both as the one that is registered"
                )
            )
        }
        return remarks
    }

    private func formProblem(_ text: String) -> String? {
        if isEncodedTwice(text) { return "\(text) is encoded twice" }
        guard let uri = try? RedirectURI(text) else { return "\(text) is no redirect URI" }
        if provider.profile.redirectMatching == .exact, uri.isLoopback, uri.port == nil {
            return "\(text) has any port, and \(provider.title) compares redirect URIs byte for byte"
        }
        let path = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...]
        return path.prefix { $0 != "?" }.contains("//") ? "\(text) has an empty segment in its path" : nil
    }

    /// `%25` and two hexadecimal digits are a percent sign that was encoded with what it encoded.
    private func isEncodedTwice(_ text: String) -> Bool {
        text.ranges(of: "%25").contains { range in
            let digits = text[range.upperBound...].prefix(2)
            return digits.count == 2 && digits.allSatisfy(\.isHexDigit)
        }
    }

    /// What two that are meant alike have in common.
    private static func gist(_ text: String) -> String {
        var gist = text.lowercased().replacing("://localhost", with: "://127.0.0.1")
        gist = gist.replacing("%2f", with: "/").replacing("%3a", with: ":")
        return gist.hasSuffix("/") ? String(gist.dropLast()) : gist
    }
}
