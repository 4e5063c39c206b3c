/// What a person, or the time, makes of a device's code.
package enum DeviceVerdict: String, Sendable, Codable, CaseIterable {
    case approve
    case deny
    case expire
}

/// A login on another device, as far as it has come.
package struct DeviceLogin: Sendable, Equatable {
    /// What the person types.
    package let userCode: String

    /// Who asks.
    package let clientID: String

    /// What was made of it; nil while it is pending.
    package internal(set) var verdict: DeviceVerdict?

    /// How often the device asked.
    package internal(set) var questions = 0

    /// How often of these it was told to slow down.
    package internal(set) var slowDowns = 0
}

/// The codes of logins on another device (RFC 8628); pure, the time is passed in.
struct DeviceCodes: Sendable {
    /// Enough for every test, too little to fill a machine over days.
    static let capacity = 10_000

    private struct Entry: Sendable {
        var status: DeviceLogin
        var login: Login
        let expiresAt: Duration
        var interval: Duration
        let slowDownStep: Duration
        var lastAskedAt: Duration?
        var isSpent = false
    }

    private var entries: [String: Entry] = [:]
    private var order: [String] = []

    /// Every login begun, the earliest first.
    var all: [DeviceLogin] { order.compactMap { entries[$0]?.status } }

    /// A device code and a user code for `login`.
    mutating func issue(_ login: Login, policy: LoginPolicy, now: Duration) -> (device: String, user: String) {
        let value = RandomToken.make("dc")
        let userCode = RandomToken.userCode()
        entries[value] = Entry(
            status: DeviceLogin(userCode: userCode, clientID: login.clientID),
            login: login,
            expiresAt: now + policy.deviceLifetime,
            interval: policy.deviceInterval,
            slowDownStep: policy.slowDownStep
        )
        order.append(value)
        if order.count > DeviceCodes.capacity { entries[order.removeFirst()] = nil }
        return (value, userCode)
    }

    /// Decides about the login of `userCode`, the newest pending one when nil; false when there is none.
    mutating func decide(_ verdict: DeviceVerdict, userCode: String?, subject: String, now: Duration) -> Bool {
        let value = order.last { value in
            guard let entry = entries[value], entry.status.verdict == nil, now < entry.expiresAt else { return false }
            return userCode == nil || entry.status.userCode == userCode
        }
        guard let value else { return false }
        entries[value]?.status.verdict = verdict
        entries[value]?.login.subject = subject
        return true
    }

    /// Answers a device that asks (RFC 8628 §3.5).
    mutating func redeem(_ value: String, clientID: String, now: Duration) throws(OAuthError) -> Login {
        guard var entry = entries[value], entry.login.clientID == clientID else {
            throw OAuthError("invalid_grant", "unknown device code")
        }
        let isTooSoon = entry.lastAskedAt.map { now < $0 + entry.interval } ?? false
        entry.lastAskedAt = now
        entry.status.questions += 1
        defer { entries[value] = entry }
        guard !entry.isSpent else { throw OAuthError("invalid_grant", "the device code was used before") }
        guard now < entry.expiresAt, entry.status.verdict != .expire else {
            throw OAuthError("expired_token", "the device code has expired")
        }
        if isTooSoon {
            entry.interval += entry.slowDownStep
            entry.status.slowDowns += 1
            throw OAuthError("slow_down", "asked before the interval was over")
        }
        switch entry.status.verdict {
        case .approve:
            entry.isSpent = true
            return entry.login
        case .deny: throw OAuthError("access_denied", "the person declined")
        case .expire, nil: throw OAuthError("authorization_pending", "the person has not decided")
        }
    }
}

extension RandomToken {
    /// Letters that are neither vowels nor easily mistaken (RFC 8628 §6.1).
    private static let userCodeLetters = Array("BCDFGHJKLMNPQRSTVWXZ")

    /// Eight letters in two groups.
    static func userCode() -> String {
        func group() -> String { String((0..<4).map { _ in userCodeLetters.randomElement() ?? "B" }) }
        return group() + "-" + group()
    }
}
