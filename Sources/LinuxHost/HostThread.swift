internal import CLinux
internal import Glibc

/// A thread of the kernel's, for loops that block.
package enum HostThread {
    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Runs `body` on a thread of its own; `name` (15 bytes at most) is what `top -H` shows.
    package static func start(named name: String, _ body: @escaping @Sendable () -> Void) throws(HostError) {
        var thread = pthread_t()
        let retained = unsafe Unmanaged.passRetained(Body(name: name, run: body))
        let error = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                let body = unsafe Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue()
                unsafe clinux_name_thread(body.name)
                body.run()
                return nil
            },
            retained.toOpaque()
        )
        guard error == 0 else {
            unsafe retained.release()
            throw HostError("pthread_create", code: error)
        }
        pthread_detach(thread)
    }

    /// Leaves the process to its other threads until one of them exits it.
    package static func park() -> Never {
        while true { pause() }
    }
}
