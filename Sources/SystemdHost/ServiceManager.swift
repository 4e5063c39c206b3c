import CSystemd

/// What the service manager is told and what it hands over.
///
/// Every call is harmless where there is none: nothing is sent, no socket is found, no watchdog waits.
package enum ServiceManager {
    /// Sends `states` in one message (sd_notify(3)); nothing without `$NOTIFY_SOCKET`.
    ///
    /// A message that cannot be delivered is dropped: there is no one else to tell. The variable stays in the
    /// environment, as libsystemd reads it at every message; `NotifyAccess=main` keeps children from speaking for us.
    package static func notify(_ states: [NotifyState]) {
        guard !states.isEmpty else { return }
        _ = unsafe sd_notify(0, states.map(\.assignment).joined(separator: "\n"))
    }

    /// The sockets and stored files that the service manager passed, each checked; none when it passed none.
    ///
    /// Called once, before any thread starts: it takes the variables out of the environment, and the descriptors,
    /// which close on exec, belong to the caller.
    package static func passedDescriptors() throws(PassedSocketError) -> PassedDescriptors {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = unsafe sd_listen_fds_with_names(1, &names)
        guard count >= 0 else { throw .malformedEnvironment(errno: -count) }
        defer { unsafe free(names) }
        var found: [(name: String, descriptor: Int32)] = []
        for index in 0..<count {
            let name = unsafe names?[Int(index)]
            unsafe found.append((name.map { unsafe String(cString: $0) } ?? "", SD_LISTEN_FDS_START + index))
            unsafe free(name)
        }
        var passed = PassedDescriptors()
        for (name, descriptor) in found {
            if let stored = try StoredDescriptor(passedName: name, descriptor: descriptor) {
                passed.stored.append(stored)
            } else {
                passed.sockets.append(try PassedSocket(name: name, descriptor: descriptor))
            }
        }
        return passed
    }

    /// How long the watchdog waits before it kills; a beat every half of it keeps it away. Nil when none watches.
    ///
    /// Read once, at its first use, which belongs before any thread starts: it takes the variables out of the
    /// environment.
    package static let watchdogInterval: Duration? = takeWatchdogInterval()

    static func takeWatchdogInterval() -> Duration? {
        var microseconds: UInt64 = 0
        guard unsafe sd_watchdog_enabled(1, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }
}

extension ServiceManager {
    /// A manager that is busy with other units answers within a second; one that does not will not.
    private static let longestBarrier: Duration = .seconds(5)

    /// Gives the service manager a copy of `descriptor` to keep for the next start, after a crash or a restart, and waits
    /// until it has it; false when there is no manager, or it does not answer, or the name is none.
    ///
    /// It blocks, for some seconds at most. That the manager read it does not say that it had room:
    /// `FileDescriptorStoreMax=` of the unit does. The same file stored again is stored once, and a stopped service's
    /// store is emptied.
    package static func store(_ descriptor: Int32, named name: String) -> Bool {
        store(descriptor, named: name, within: longestBarrier)
    }

    static func store(_ descriptor: Int32, named name: String, within time: Duration) -> Bool {
        guard let name = StoredDescriptor.passedName(name) else { return false }
        // Without FDPOLL=0 a manager that watches descriptors drops those that report an error or an end.
        let state = "FDSTORE=1\nFDNAME=\(name)\nFDPOLL=0"
        var descriptor = descriptor
        guard unsafe sd_pid_notify_with_fds(0, 0, state, &descriptor, 1) > 0 else { return false }
        var answer: Int32
        repeat { answer = sd_notify_barrier(0, UInt64(max(0, time.wholeMicroseconds))) } while answer == -EINTR
        return answer > 0
    }

    /// Lets the service manager forget what it keeps under `name`; nothing when there is none.
    package static func removeStored(named name: String) {
        guard let name = StoredDescriptor.passedName(name) else { return }
        _ = unsafe sd_notify(0, "FDSTOREREMOVE=1\nFDNAME=\(name)")
    }
}
