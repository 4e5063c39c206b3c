/// What the sockets bear; each with its reason.
package struct ServerLimits: Sendable, Equatable {
    /// In all: some tens of MiB of kernel and user memory.
    package var connections = 4_096

    /// Of these, kept for root and for users and groups that some rule names, so that nobody else can shut them out.
    package var keptForNamed = 512

    /// Of those, kept for root and for the admin socket: the members of a named group can take all others, and one of
    /// them can by itself, whose range of numbers (subuid(5)) has the group too.
    package var keptForOperators = 64

    /// For one user, however many are free.
    package var connectionsPerUser = 2_048

    /// For all users together whom no rule names: they have nothing to fetch.
    package var connectionsOfUnnamed = 1_024

    /// Held of requests that are not whole yet, in all.
    package var requestBytes = 16 << 20

    /// The same for one user.
    package var requestBytesPerUser = 4 << 20

    /// Of answers that wait for callers to take them, in all; an ordinary answer has 1 to 2 KiB and is taken at once.
    package var unsentBytes = 16 << 20

    /// The same for one user.
    package var unsentBytesPerUser = 4 << 20

    /// The same for operators, whose documents grow with the configuration: a status of 10,000 clients has some MiB.
    package var operatorBytes = 64 << 20

    /// What the kernel keeps of a connection's answers, before it doubles it; the default of 208 KiB for each of 4,096
    /// connections whose callers read nothing would be 850 MB on the daemon's account.
    package var sendBuffer = 16 << 10

    /// From a request's first byte to its last.
    package var requestTime: Duration = .seconds(5)

    /// Between requests, and for a reader that takes nothing of its answer.
    package var idleTime: Duration = .seconds(60)

    /// Of a stream that its reader does not take.
    package var pendingBytes = 256 << 10

    /// For the first request of who connected just before the server stops: a caller sends it at once, but not in the same
    /// system call, and on a busy machine has to wait for a processor in between.
    package var firstRequestTime: Duration = .milliseconds(250)

    /// For answers under way when the server stops.
    package var drainTime: Duration = .seconds(1)

    package init() {}

    /// Left for the store, the servers and all else: descriptors that no connection gets.
    private static let keptDescriptors = 512

    /// The limits of a process that may have so many descriptors, of which a connection takes two while rules look at
    /// units; with fewer than the usual limits take, each limit on connections is lower in proportion.
    package init(descriptors: Int) {
        let usual = connections
        // With less than the soft limit of old, there is nothing to divide.
        guard descriptors >= 2 * Self.keptDescriptors else { return }
        connections = min(usual, (descriptors - Self.keptDescriptors) / 2)
        keptForNamed = keptForNamed * connections / usual
        keptForOperators = keptForOperators * connections / usual
        connectionsPerUser = connectionsPerUser * connections / usual
        connectionsOfUnnamed = connectionsOfUnnamed * connections / usual
    }
}
