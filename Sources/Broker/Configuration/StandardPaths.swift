/// Where things are when nobody says otherwise: the system's places, or an ordinary user's own (XDG Base Directory).
struct StandardPaths {
    let configuration: String
    let state: String
    let sockets: String

    /// Whether the process is an ordinary user's, not a service.
    let belongsToUser: Bool

    init(of context: ProcessContext) {
        let stateDirectory = context.absolutePath("STATE_DIRECTORY")
        guard context.uid >= Self.firstOrdinaryUser, stateDirectory == nil else {
            belongsToUser = false
            configuration = "/etc/tokenbroker"
            state = stateDirectory ?? "/var/lib/tokenbroker"
            sockets = "/run/tokenbroker"
            return
        }
        let home = context.absolutePath("HOME") ?? context.homeDirectory ?? "/"
        let runtime = context.absolutePath("XDG_RUNTIME_DIR") ?? "/run/user/\(context.uid)"
        belongsToUser = true
        configuration = FilePath.joined(
            context.absolutePath("XDG_CONFIG_HOME") ?? FilePath.joined(home, ".config"),
            "tokenbroker"
        )
        state = FilePath.joined(
            context.absolutePath("XDG_STATE_HOME") ?? FilePath.joined(home, ".local/state"),
            "tokenbroker"
        )
        sockets = FilePath.joined(runtime, "tokenbroker")
    }

    /// Where Linux systems begin to number people (`UID_MIN` in login.defs).
    private static let firstOrdinaryUser: UInt32 = 1000
}

extension ProcessContext {
    /// The directory that an environment variable names, the first of several; relative ones are to be ignored.
    fileprivate func absolutePath(_ variable: String) -> String? {
        environment[variable]?.split(separator: ":").first.map(String.init).flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
}
