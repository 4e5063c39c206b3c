internal import LinuxHost
internal import Logging
internal import SystemdHost

extension Daemon {
    /// Runs the daemon, or checks its configuration, and ends the process with the status that says how it went.
    ///
    /// What is wrong goes to standard error in the operator's words; a check's findings to standard output.
    package static func main(configurationFile: String?, checkOnly: Bool) -> Never {
        CurrentProcess.ignoreHangupAndBrokenPipe()
        CurrentProcess.limitHeaps(to: Self.heaps)
        // Before a secret is read and before a thread is started, in a check too.
        do throws(HostError) {
            try CurrentProcess.harden()
        } catch {
            let failure = StartFailure(.operatingSystem, error.description)
            if !checkOnly { ServiceManager.notify([.status(failure.statusLine)]) }
            CurrentProcess.exit(report(failure, checkOnly: checkOnly))
        }
        let missing = LockedMemory.provide()
        // A main task's own priority makes libdispatch ask for a better nice value than others may have, and write a
        // complaint to the system's log for every thread that does not get it.
        Task(priority: .medium) {
            let status = await status(configurationFile: configurationFile, checkOnly: checkOnly, missing)
            logQueue.flush(within: .seconds(1))
            CurrentProcess.exit(status)
        }
        HostThread.park()
    }

    /// The threads that allocate do so seldom at once: callers are served without.
    private static let heaps: Int32 = 2

    private static func status(
        configurationFile: String?,
        checkOnly: Bool,
        _ missing: LockedMemory.Missing?
    ) async -> Int32 {
        let context = ProcessContext.current
        let file = configurationFile ?? Configuration.defaultPath(in: context)
        do throws(StartFailure) {
            if checkOnly {
                let daemon = Daemon(configurationFile: file, context: context, logger: makeLogger())
                StandardStreams.write(try daemon.check())
            } else {
                CurrentProcess.raiseDescriptorLimit()
                var daemon = Daemon(configurationFile: file, context: context, logger: makeLogger())
                daemon.missingMemory = missing
                try await daemon.run()
            }
            return 0
        } catch {
            return report(error, checkOnly: checkOnly)
        }
    }

    private static func report(_ failure: StartFailure, checkOnly: Bool) -> Int32 {
        let lines = checkOnly ? failure.description.split(separator: "\n").map(String.init) : failure.logLines
        StandardStreams.writeErrors(lines.map { "tokenbrokerd: \($0)" })
        return failure.exitStatus.rawValue
    }

    private static let logQueue = LogQueue(rates: .tokenbroker) { LinuxClock.sinceBoot() }

    private static func makeLogger() -> Logger {
        Logger(label: "tokenbrokerd") { _ in
            logQueue.handler(before: LogOutput.current().handler(identifier: "tokenbrokerd"))
        }
    }
}
