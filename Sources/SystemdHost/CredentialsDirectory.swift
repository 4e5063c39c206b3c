/// Where systemd puts the credentials of a service (systemd.exec(5), `LoadCredential=`).
package enum CredentialsDirectory {
    /// The path of the credential `name`; nil without a directory in `environment`, or for a name that is no file name.
    ///
    /// Whether it is there, and who may read it, is the reader's to find out: owner and mode differ between versions
    /// of systemd.
    package static func path(of name: String, in environment: [String: String]) -> String? {
        guard let directory = path(in: environment), !name.isEmpty, name != ".", name != "..",
            !name.utf8.contains(where: { $0 == 0x2F || $0 == 0 })
        else { return nil }
        return "\(directory)/\(name)"
    }

    static func path(in environment: [String: String]) -> String? {
        guard let path = environment["CREDENTIALS_DIRECTORY"], path.hasPrefix("/") else { return nil }
        return path
    }
}
