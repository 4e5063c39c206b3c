/// Where systemd puts the credentials of a service (systemd.exec(5), `LoadCredential=`).
package enum CredentialsDirectory {
    /// The directory, or nil when the service was given no credentials.
    package static var path: String? { fatalError() }

    /// The path of the credential `name`; nil without a directory or for a name that is no file name.
    ///
    /// Whether it is there, and who may read it, is the reader's to find out: owner and mode differ between versions
    /// of systemd.
    package static func path(of name: String) -> String? { fatalError() }
}
