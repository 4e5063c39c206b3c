/// What the process is, as far as the configuration's defaults depend on it.
package struct ProcessContext: Sendable, Equatable {
    package var uid: UInt32

    package var environment: [String: String]

    /// The user's home, for paths when `$HOME` is not set.
    package var homeDirectory: String?

    package init(uid: UInt32, environment: [String: String], homeDirectory: String? = nil) {
        self.uid = uid
        self.environment = environment
        self.homeDirectory = homeDirectory
    }
}
