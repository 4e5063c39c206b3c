internal import LinuxHost
internal import LocalAPI
internal import LocalServer
internal import SystemdHost

/// Where the two sockets come from: the service manager, else the daemon makes them.
enum Sockets {
    /// Everybody may connect; the policy decides.
    private static let tokenMode: UInt32 = 0o666

    /// Operators are told apart by the kernel's word, whatever the mode; it keeps the curious out early.
    private static let adminMode: UInt32 = 0o660

    /// What the service manager passed, and what it kept for the run before; read before any thread starts.

    static func passed() throws(StartFailure) -> PassedDescriptors {
        do throws(PassedSocketError) {
            return try ServiceManager.passedDescriptors()
        } catch {
            throw StartFailure(.configuration, "what the service manager passed cannot be used: \(error)")
        }
    }

    /// What the server bears, with the descriptors that the process may have.
    private static let limits = ServerLimits(descriptors: CurrentProcess.descriptorLimit)

    /// How many connections are admitted for want of descriptors; nil where all are.
    static var loweredConnections: Int? {
        limits.connections < ServerLimits().connections ? limits.connections : nil
    }

    /// A server on the passed sockets, as they are, and on sockets of our own for what was not passed.
    static func server(
        _ handler: RequestHandler,
        _ configuration: DaemonConfiguration,
        _ passed: [PassedSocket]
    ) throws(StartFailure) -> LocalServer {
        do throws(HostError) {
            var listeners: [LocalListener] = []
            for socket in passed {
                listeners.append(
                    try LocalListener(
                        role: socket.name == .admin ? .admin : .token,
                        socket: FileDescriptor(owning: socket.descriptor)
                    )
                )
            }
            if !passed.contains(where: { $0.name == .token }) {
                listeners.append(
                    try LocalListener(
                        role: .token,
                        socket: UnixSocket.listen(configuration.tokenSocket, mode: tokenMode)
                    )
                )
            }
            if !passed.contains(where: { $0.name == .admin }) {
                listeners.append(
                    try LocalListener(
                        role: .admin,
                        socket: UnixSocket.listen(
                            configuration.adminSocket,
                            mode: adminMode,
                            group: adminGroup(configuration)
                        )
                    )
                )
            }
            return try LocalServer(
                listeners: listeners,
                handler: handler,
                limits: limits
            )
        } catch {
            throw StartFailure(.cannotCreate, "socket \(error)")
        }
    }

    /// The sockets that the daemon made itself.
    static func ownFiles(_ configuration: DaemonConfiguration, _ passed: [PassedSocket]) -> [WatchedFile] {
        var files: [WatchedFile] = []
        if !passed.contains(where: { $0.name == .token }) {
            files.append(WatchedFile(path: configuration.tokenSocket, consequence: "callers cannot connect"))
        }
        if !passed.contains(where: { $0.name == .admin }) {
            files.append(WatchedFile(path: configuration.adminSocket, consequence: "operators cannot connect"))
        }
        return files
    }

    /// The operators' group, where it is known and this process may give files to it.
    private static func adminGroup(_ configuration: DaemonConfiguration) -> UInt32? {
        let gid: UInt32? =
            switch configuration.adminGroup {
            case .number(let gid): gid
            case .name(let name): UserDatabase.gid(of: name)
            case nil: nil
            }
        return gid.flatMap { CurrentProcess.mayGiveFiles(to: $0) ? $0 : nil }
    }
}
