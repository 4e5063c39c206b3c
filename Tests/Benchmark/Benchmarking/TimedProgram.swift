internal import CBenchmarking
import Foundation
import Glibc

/// A program that is run again and again to its end, with nothing left to be prepared when its time is taken.
package final class TimedProgram {
    /// One run of it.
    package struct Run: Sendable {
        /// From before it was started until its end was known.
        package let time: Duration
        package let processorTime: Duration
        package let minorFaults: Int
    }

    private let path: String
    private let arguments: CStrings
    private let environment: CStrings
    private let nowhere: Int32
    private let processors: UInt64

    /// - Parameters:
    ///   - program: a path, or a name that is looked for in PATH.
    ///   - environment: what is added to this process's own.
    ///   - processor: the only one that it may run on.
    package init(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        processor: Int? = nil
    ) throws(BenchmarkFailure) {
        path = try ChildProcess.path(of: program)
        self.arguments = CStrings([path] + arguments)
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        self.environment = CStrings(variables.map { "\($0)=\($1)" })
        processors = processor.map { UInt64(1) << UInt64($0) } ?? 0
        nowhere = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
        guard nowhere >= 0 else { throw .last("open /dev/null") }
    }

    deinit { close(nowhere) }

    /// Runs it once, with nothing on its standard streams.
    package func run() throws(BenchmarkFailure) -> Run {
        let streams = [nowhere, nowhere, nowhere]
        var end = cbenchmarking_end()
        let start = ContinuousClock.now
        let pid = unsafe cbenchmarking_spawn(path, arguments.pointers, environment.pointers, streams, processors)
        guard pid > 0 else {
            throw BenchmarkFailure("\(path) cannot be run: \(unsafe String(cString: strerror(-pid)))")
        }
        guard unsafe cbenchmarking_wait(pid, 1, &end) == 1 else { throw BenchmarkFailure("\(path) was lost") }
        let time = ContinuousClock.now - start
        guard end.status == 0 else { throw BenchmarkFailure("\(path) ended with \(end.status)") }
        return Run(
            time: time,
            processorTime: .nanoseconds(end.user_nanoseconds + end.system_nanoseconds),
            minorFaults: Int(end.minor_faults)
        )
    }
}

/// Strings as execve(2) takes them; all that is allocated goes with this object.
@safe private final class CStrings {
    private let buffer: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>

    init(_ strings: [String]) {
        unsafe buffer = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() { unsafe buffer[index] = strdup(string) }
        unsafe buffer[strings.count] = nil
    }

    deinit {
        unsafe buffer.forEach { unsafe free($0) }
        unsafe buffer.deallocate()
    }

    var pointers: UnsafePointer<UnsafeMutablePointer<CChar>?> { unsafe UnsafePointer(buffer.baseAddress!) }
}
