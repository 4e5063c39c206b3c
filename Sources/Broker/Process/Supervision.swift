internal import LinuxHost
internal import SystemdHost

/// What the service manager is told of a start that takes long, and what it watches from then on.
struct Supervision: Sendable {
    /// A full database, of 10,000 clients with 16 tokens each, is some 700 MiB. A damaged one is read twice and written
    /// once: minutes on the slowest of disks.
    private static let longestStart: Duration = .seconds(600)

    /// How long the watchdog waits for a beat; nil when none does.
    let watchdogInterval: Duration?

    let start: TimeExtension
    let work = StoreWork()

    /// Before the start's long part, and with as few threads as may be: the interval leaves the environment.
    static func begin(_ configuration: DaemonConfiguration) throws(StartFailure) -> Supervision {
        let interval = ServiceManager.watchdogInterval
        do throws(HostError) {
            return Supervision(
                watchdogInterval: interval,
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
