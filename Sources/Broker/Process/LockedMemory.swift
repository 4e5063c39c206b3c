internal import LinuxHost
internal import OAuth2

/// The memory that keys and tokens live in.
enum LockedMemory {
    /// Why there is none, and what to do about it.
    struct Missing {
        let reason: HostError

        static let remedy = "Allow the daemon to lock memory: LimitMEMLOCK=8M in its unit, or `ulimit -l` before it."
    }

    /// Has every secret that is made from now on live there, as far as it goes; the daemon runs without it too.
    static func provide() -> Missing? {
        let arena: KeyArena
        do throws(HostError) {
            arena = try KeyArena()
        } catch {
            return Missing(reason: error)
        }
        SecretMemory.install(
            unsafe SecretMemory(
                allocate: { unsafe arena.allocate($0, forKey: $1) },
                release: { unsafe arena.release($0, $1) }
            )
        )
        return nil
    }
}
