import FoundationEssentials
import LinuxHost

/// What the process is, as far as the configuration's defaults depend on it.
package struct ProcessContext: Sendable, Equatable {
    package var uid: UInt32

    package var environment: [String: String]

    /// The user's home, for when `$HOME` is not set.
    package var homeDirectory: String?

    /// What relative paths on the command line begin from.
    package var workingDirectory: String

    package init(
        uid: UInt32,
        environment: [String: String],
        homeDirectory: String? = nil,
        workingDirectory: String = "/"
    ) {
        self.uid = uid
        self.environment = environment
        self.homeDirectory = homeDirectory
        self.workingDirectory = workingDirectory
    }

    /// This process.
    package static var current: ProcessContext {
        ProcessContext(
            uid: CurrentProcess.uid,
            environment: ProcessInfo.processInfo.environment,
            homeDirectory: FileManager.default.homeDirectoryForCurrentUser.path,
            workingDirectory: FileManager.default.currentDirectoryPath
        )
    }
}
