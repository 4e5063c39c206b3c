/// Which of a client's secrets works, while one is being changed for another.
package struct ClientSecretStatus: Sendable, Equatable, Codable {
    /// The place in the configuration, from 1, of the one that worked last; nil while none has since the start.
    package var working: Int?

    /// How many there are.
    package var of: Int

    /// Where the one that works is; never the secret.
    package var source: String?

    package init(working: Int?, of count: Int, source: String?) {
        self.working = working
        of = count
        self.source = source
    }
}
