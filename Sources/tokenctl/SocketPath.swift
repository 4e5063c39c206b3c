import LinuxHost
import LocalAPI

/// Where the daemon's sockets are: as told, else the user's own broker, else the system's.
enum SocketPath {
    static func resolve(
        _ role: SocketRole,
        option: String?,
        environment: (String) -> String? = CurrentProcess.environment,
        isOwn: (String) -> Bool = { FileSystem.status($0, followingLinks: true)?.owner == CurrentProcess.uid },
        exists: (String) -> Bool = FileSystem.exists
    ) -> String {
        if let option { return option }
        let variable = role == .token ? "TOKENBROKER_SOCKET" : "TOKENBROKER_ADMIN_SOCKET"
        if let told = environment(variable), !told.isEmpty { return told }
        let name = "tokenbroker/\(role.rawValue).sock"
        // A shell of root's may have kept the variable of the user that it came from, whose broker is not root's.
        if let directory = environment("XDG_RUNTIME_DIR"), !directory.isEmpty, isOwn(directory),
            exists("\(directory)/\(name)")
        {
            return "\(directory)/\(name)"
        }
        return "/run/\(name)"
    }
}
