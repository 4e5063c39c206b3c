internal import LinuxHost

/// What the service manager is told of a start that takes long, and what it watches from then on.
struct Supervision: Sendable {
    /// A full database, of 10,000 clients with 16 tokens each, is some 700 MiB. A damaged one is read twice and written
    /// once: minutes on the slowest of disks.
    private static let longestStart: Duration = .seconds(600)

    let start: TimeExtension
    let work = StoreWork()

    /// Before the start's long part.
    static func begin(_ configuration: DaemonConfiguration) throws(StartFailure) -> Supervision {
        do throws(HostError) {
            return Supervision(
                start: try TimeExtension(
                    longest: longestStart,
                    status: "Opening the database in \(configuration.stateDirectory)"
                )
            )
        } catch {
            throw StartFailure(.operatingSystem, error.description)
        }
    }
}
