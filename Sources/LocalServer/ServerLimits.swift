/// What the sockets bear; each with its reason.
package struct ServerLimits: Sendable, Equatable {
    /// In all: some tens of MiB of kernel and user memory.
    package var connections = 4_096

    /// Of these, kept for root and for users and groups that some rule names, so that nobody else can shut them out.
    package var keptForNamed = 512

    /// For one user, however many are free.
    package var connectionsPerUser = 2_048

    /// For all users together whom no rule names: they have nothing to fetch.
    package var connectionsOfUnnamed = 1_024

    /// Held of requests that are not whole yet, in all.
    package var requestBytes = 16 << 20

    /// The same for one user.
    package var requestBytesPerUser = 4 << 20

    /// From a request's first byte to its last.
    package var requestTime: Duration = .seconds(5)

    /// Between requests, and for a reader that takes nothing of its answer.
    package var idleTime: Duration = .seconds(60)

    /// Of a stream that its reader does not take.
    package var pendingBytes = 256 << 10

    /// For answers under way when the server stops.
    package var drainTime: Duration = .seconds(1)

    package init() {}
}

/// Who has how many connections, and whether one more fits.
struct Admission: Sendable {
    private let limits: ServerLimits
    private(set) var total = 0
    private var unnamed = 0
    private var byUser: [UInt32: Int] = [:]
    private(set) var heldBytes = 0
    private var heldByUser: [UInt32: Int] = [:]

    init(limits: ServerLimits) { self.limits = limits }

    /// Counts a connection in, unless it is one too many.
    mutating func admit(uid: UInt32, isNamed: Bool) -> Bool {
        guard total < (isNamed ? limits.connections : limits.connections - limits.keptForNamed),
            byUser[uid, default: 0] < limits.connectionsPerUser,
            isNamed || unnamed < limits.connectionsOfUnnamed
        else { return false }
        total += 1
        byUser[uid, default: 0] += 1
        if !isNamed { unnamed += 1 }
        return true
    }

    mutating func release(uid: UInt32, isNamed: Bool) {
        total -= 1
        if !isNamed { unnamed -= 1 }
        Self.subtract(1, from: &byUser, uid)
    }

    /// Counts bytes that are held for a user, who may be over the limit then.
    mutating func hold(_ change: Int, uid: UInt32) -> Bool {
        guard change != 0 else { return true }
        heldBytes += change
        if change > 0 { heldByUser[uid, default: 0] += change } else { Self.subtract(-change, from: &heldByUser, uid) }
        return heldBytes <= limits.requestBytes && heldByUser[uid, default: 0] <= limits.requestBytesPerUser
    }

    private static func subtract(_ count: Int, from table: inout [UInt32: Int], _ uid: UInt32) {
        let left = table[uid, default: 0] - count
        table[uid] = left > 0 ? left : nil
    }
}
