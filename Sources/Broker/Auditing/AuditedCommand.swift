internal import LocalAPI
internal import Logging

/// What an operator asked, as the audit names it.
struct AuditedCommand {
    let name: String
    let client: String?

    /// Nil for what is recorded as a caller's request, or tells nothing about anybody.
    init?(_ request: APIRequest) {
        switch request {
        case .token, .rejected, .watch, .health: return nil
        case .clients: (name, client) = ("clients", nil)
        case .status: (name, client) = ("status", nil)
        case .client(let name): (self.name, client) = ("status", name)
        case .verification(let name): (self.name, client) = ("status verify", name)
        case .refresh(let name, let mode): (self.name, client) = (Self.name(of: mode), name)
        case .logout(let name, let forgetting):
            (self.name, client) = (forgetting ? "logout forget" : "logout", name)
        case .diagnosis(let name, let spending): (self.name, client) = (spending ? "diagnose spend" : "diagnose", name)
        case .loginPlan(let name): (self.name, client) = ("login plan", name)
        case .login(let name, let wish):
            (self.name, client) = (wish.isReplacingAccount ? "login replace_account" : "login", name)
        case .loginRedirect(let name, _): (self.name, client) = ("login redirect", name)
        case .reload: (name, client) = ("reload", nil)
        case .rekey: (name, client) = ("rekey", nil)
        case .backup: (name, client) = ("backup", nil)
        case .why(let pid, let name): (self.name, client) = ("why \(pid)", name)
        case .events: (name, client) = ("events", nil)
        case .ready: (name, client) = ("ready", nil)
        case .metrics: (name, client) = ("metrics", nil)
        }
    }

    private static func name(of mode: RefreshMode) -> String {
        switch mode {
        case .ordinary: "refresh"
        case .trustingRestored: "refresh trust_restored"
        case .retakingFirstToken: "refresh retake_first_token"
        }
    }

    /// What monitoring asks all day is not worth a line; what changes something is worth a notice.
    static func level(of name: String) -> Logger.Level {
        switch name.prefix(while: { $0 != " " }) {
        case "ready", "metrics": .debug
        case "status", "clients", "events", "why": .info
        default: .notice
        }
    }
}
