internal import LinuxHost
internal import LocalAPI
internal import LocalServer
internal import OAuth2

/// Who did what and how it ended; what agrees in all of it is one event, counted again.
struct AuditSubject: Sendable, Hashable {
    /// What was done.
    enum Action: Sendable, Hashable {
        case fetch
        case watch
        case reject

        /// A connection was written to by another process than the one that opened it.
        case write(by: String)

        /// On the admin socket, in the words of `AuditedCommand`.
        case command(String)
    }

    /// How it ended.
    enum Verdict: Sendable, Hashable {
        /// Allowed by the policy; what came of it is in `outcome`.
        case allowed(AccessDecision)
        case denied(AccessDenial)

        /// No client has this name.
        case unknownClient

        /// The client is allowed, what was asked of it is not.
        case scopeNotAllowed

        /// Allowed on the admin socket.
        case operates(Operators.Standing)
        case operatesNot

        case writtenByOther
    }

    /// Longer names are no client's; a caller's invention is not to fill the memory.
    private static let longestName = 64

    /// As much of a client's name as is kept.
    static func kept(name: String) -> String { cut(name, to: longestName) }

    /// As much of a scope, an audience, or all resources together as tells one from another.
    private static let longestTarget = 256

    /// What is behind an outcome that is none of the caller's doing, and what to do about it.
    struct Trouble: Sendable, Hashable {
        let cause: String
        let likelyCause: String?
        let remedy: String?

        init?(_ error: APIError) {
            guard let cause = error.cause else { return nil }
            (self.cause, likelyCause, remedy) = (cause, error.likelyCause, error.remedy)
        }
    }

    let action: Action
    let role: SocketRole
    let uid: UInt32
    let gid: UInt32
    let unit: UnitFinding
    var client: String?
    var scope: String?
    var audience: String?
    var resource: [String] = []
    var verdict: Verdict

    /// `served`, an error's code, or `hung_up`.
    var outcome: String?
    var trouble: Trouble?
    var token: TokenFingerprint?

    init(_ action: Action, by caller: Caller, unit: UnitFinding, client: String? = nil, verdict: Verdict) {
        self.action = action
        role = caller.role
        uid = caller.peer.uid
        gid = caller.peer.gid
        self.unit = unit
        self.client = client.map(Self.kept(name:))
        self.verdict = verdict
    }

    /// What was asked for, as far as it is kept.
    mutating func setTarget(_ target: TokenTarget) {
        scope = Self.cut(target.scope.wireValue, to: Self.longestTarget)
        audience = target.audience.map { Self.cut($0, to: Self.longestTarget) }
        var left = Self.longestTarget
        for one in target.resource where left > 0 {
            resource.append(Self.cut(one, to: left))
            left -= one.utf8.count
        }
    }

    private static func cut(_ text: String, to count: Int) -> String {
        text.utf8.count <= count ? text : String(decoding: text.utf8.prefix(count), as: UTF8.self) + "…"
    }

    /// Whether it was allowed.
    var isAllowed: Bool {
        switch verdict {
        case .allowed, .operates: true
        case .denied, .unknownClient, .scopeNotAllowed, .operatesNot, .writtenByOther: false
        }
    }

    /// Why it was allowed or not.
    var reason: String {
        switch verdict {
        case .allowed(.allowed): "rule"
        case .allowed(.allowedByDefault): "default"
        case .allowed(.denied(let denial)), .denied(let denial): denial.code
        case .unknownClient: "unknown_client"
        case .scopeNotAllowed: "scope_not_allowed"
        case .operates(let standing): standing.rawValue
        case .operatesNot: "no_operator"
        case .writtenByOther: "written_by_other"
        }
    }

    /// The entry of `allow` that allows it, counted from 1.
    var rule: Int? {
        if case .allowed(.allowed(let index)) = verdict { index + 1 } else { nil }
    }

    /// The name of `action` in a document.
    var event: String {
        switch action {
        case .fetch: "fetch"
        case .watch: "watch"
        case .reject: "reject"
        case .write: "write"
        case .command: "command"
        }
    }

    /// Who wrote to a connection of another.
    var writer: String? {
        if case .write(let writer) = action { writer } else { nil }
    }

    /// The command, where it is one.
    var command: String? {
        if case .command(let name) = action { name } else { nil }
    }
}
