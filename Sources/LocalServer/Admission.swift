/// Who has how many connections and bytes, and whether one more fits.
struct Admission: Sendable {
    private let limits: ServerLimits
    private(set) var total = 0
    private var unnamed = 0
    private var byUser: [UInt32: Int] = [:]

    /// Of requests that are not whole yet.
    var requestBytes: ByteShare

    /// Of answers that callers did not take yet.
    var unsentBytes: ByteShare

    /// Of answers that operators did not take yet.
    var operatorBytes: ByteShare

    init(limits: ServerLimits) {
        self.limits = limits
        requestBytes = ByteShare(limit: limits.requestBytes, limitPerUser: limits.requestBytesPerUser)
        unsentBytes = ByteShare(limit: limits.unsentBytes, limitPerUser: limits.unsentBytesPerUser)
        operatorBytes = ByteShare(limit: limits.operatorBytes, limitPerUser: limits.operatorBytes)
    }

    /// Counts a connection in, unless it is one too many.
    ///
    /// - Parameter operates: Whether it is root's, or on the admin socket.
    mutating func admit(uid: UInt32, isNamed: Bool, operates: Bool = false) -> Bool {
        let kept = operates ? 0 : isNamed ? limits.keptForOperators : limits.keptForNamed
        guard total < limits.connections - kept,
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
        byUser.subtract(1, uid)
    }

    /// How many connections a party has.
    func connections(of party: Party) -> Int {
        switch party {
        case .user(let uid): byUser[uid, default: 0]
        case .strangers: unnamed
        }
    }
}

/// Bytes of one kind that are kept for users.
struct ByteShare: Sendable {
    private let limit: Int
    private let limitPerUser: Int
    private(set) var total = 0
    private var byUser: [UInt32: Int] = [:]

    init(limit: Int, limitPerUser: Int) {
        self.limit = limit
        self.limitPerUser = limitPerUser
    }

    /// Counts a change of what is kept for a user; says who has too much then: this user, or where all have too much
    /// together, the one who has the most.
    mutating func add(_ change: Int, uid: UInt32) -> UInt32? {
        guard change != 0 else { return nil }
        total += change
        guard change > 0 else {
            byUser.subtract(-change, uid)
            return nil
        }
        byUser[uid, default: 0] += change
        if byUser[uid, default: 0] > limitPerUser { return uid }
        return total > limit ? byUser.max { $0.value < $1.value }?.key : nil
    }
}

extension [UInt32: Int] {
    /// Takes from a count, which is gone when nothing is left of it.
    fileprivate mutating func subtract(_ count: Int, _ uid: UInt32) {
        let left = self[uid, default: 0] - count
        self[uid] = left > 0 ? left : nil
    }
}
