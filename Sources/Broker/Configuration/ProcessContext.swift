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
        let environment = ProcessInfo.processInfo.environment
        let uid = CurrentProcess.uid
        return ProcessContext(
            uid: uid,
            environment: environment,
            homeDirectory: environment["HOME"] == nil ? UserDatabase.homeDirectory(ofUID: uid) : nil,
            workingDirectory: FileManager.default.currentDirectoryPath
        )
    }
}
