/// tokenbrokerd on a room's configuration, which ends with this object.
package final class Daemon {
    package let process: ChildProcess

    /// From its start until it told the service manager that it is ready.
    package let readyAfter: Duration

    /// Returns when it is ready.
    ///
    /// - Parameters:
    ///   - program: the daemon; nil for the one beside this program.
    ///   - launcher: a program that becomes the daemon, whose path and arguments follow.
    package init(
        in room: Room,
        program: String? = nil,
        through launcher: [String] = [],
        environment: [String: String] = [:],
        processor: Int? = nil,
        patience: Duration = .seconds(60)
    ) throws(BenchmarkFailure) {
        // Gone with this initializer: nobody reads there any more, and a full socket would hold the daemon up.
        let notify = try NotifySocket(at: "\(room.path)/notify")
        let command = launcher + [program ?? Binaries.path("tokenbrokerd"), "--config", room.configuration]
        let start = ContinuousClock.now
        process = try ChildProcess(
            command[0],
            Array(command.dropFirst()),
            environment: environment.merging(["NOTIFY_SOCKET": notify.path]) { $1 },
            processor: processor,
            errors: .file(room.logFile)
        )
        guard notify.wait(for: "READY=1", patience: patience) else {
            throw BenchmarkFailure("tokenbrokerd was not ready after \(patience):\n\(room.log)")
        }
        readyAfter = ContinuousClock.now - start
    }
}

/// The mock authorization server, which ends with this object.
package final class MockServer {
    package let process: ChildProcess
    package let tokenEndpoint: String

    /// The control interface's URL, and its port on 127.0.0.1.
    package let control: String
    package let controlPort: UInt16

    /// Returns when it listens; `arguments` are its own.
    package init(_ arguments: [String] = [], processor: Int? = nil) throws(BenchmarkFailure) {
        process = try ChildProcess(
            Binaries.path("mock-authorization-server"),
            arguments,
            processor: processor,
            output: .pipe,
            errors: .nothing
        )
        let words = (process.readLine() ?? "").split(separator: " ")
        func value(_ key: String) -> String? {
            words.first { $0.hasPrefix("\(key)=") }.map { String($0.dropFirst(key.count + 1)) }
        }
        guard let endpoint = value("token_endpoint"), let control = value("control"),
            let port = control.split(separator: ":").last.flatMap({ UInt16($0.prefix { $0 != "/" }) })
        else { throw BenchmarkFailure("mock-authorization-server did not say where it listens") }
        tokenEndpoint = endpoint
        self.control = control
        controlPort = port
    }
}
