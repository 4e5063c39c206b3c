internal import CBenchmarking
import Foundation
import Glibc

/// Another program, which ends with this object.
///
/// It is asked to end, too, when the thread that started it does; so it is to be started by the main one.
package final class ChildProcess {
    /// What a standard stream of it is.
    package enum Stream: Sendable {
        case nothing
        case inherited
        /// To be read by `readLine` and `readAll`, or to be ended by `closeInput`.
        case pipe
        /// A file that is written anew.
        case file(String)
    }

    /// What became of it.
    package struct End: Sendable, Equatable {
        /// The exit status, or a signal's number, negative.
        package let status: Int
        /// Of it and of its children that it waited for.
        package let userTime: Duration
        package let systemTime: Duration
        package let greatestResidentBytes: Int
        package let minorFaults: Int
        package let majorFaults: Int
    }

    package let pid: Int32
    package let name: String
    private var input: Int32 = -1
    private var output: Int32 = -1
    private var unread: [UInt8] = []
    private var end: End?

    /// - Parameters:
    ///   - program: a path, or a name that is looked for in PATH, and where daemons are.
    ///   - environment: what is added to this process's own.
    ///   - processor: the only one that it may run on.
    package init(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        processor: Int? = nil,
        input: Stream = .nothing,
        output: Stream = .nothing,
        errors: Stream = .inherited
    ) throws(BenchmarkFailure) {
        name = program.split(separator: "/").last.map(String.init) ?? program
        let path = try Self.path(of: program)
        var (toChild, fromChild): (Int32, Int32) = (-1, -1)
        let streams = [
            try Self.open(input, number: 0, otherEnd: &toChild),
            try Self.open(output, number: 1, otherEnd: &fromChild),
            try Self.open(errors, number: 2, otherEnd: &fromChild),
        ]
        var variables = ProcessInfo.processInfo.environment
        if let libraries = RivalDirectory.libraries(for: path) { variables["LD_LIBRARY_PATH"] = libraries }
        let settings = variables.merging(environment) { $1 }.map { "\($0)=\($1)" }
        let set = processor.map { UInt64(1) << UInt64($0) } ?? 0
        pid = unsafe Self.withCStrings([path] + arguments) { argumentPointers in
            unsafe Self.withCStrings(settings) { variablePointers in
                unsafe cbenchmarking_spawn(path, argumentPointers, variablePointers, streams, set)
            }
        }
        for (number, stream) in streams.enumerated() where stream != number { close(stream) }
        self.input = toChild
        self.output = fromChild
        guard pid > 0 else {
            throw BenchmarkFailure("\(path) cannot be run: \(unsafe String(cString: strerror(-pid)))")
        }
    }

    deinit {
        closeInput()
        if output >= 0 { close(output) }
        if pid > 0, end == nil { stop() }
    }

    /// Sends it a signal.
    package func signal(_ number: Int32) { if end == nil { kill(pid, number) } }

    /// Waits until it has ended.
    @discardableResult
    package func wait() -> End { look(patiently: true)! }

    /// Whether it has ended, and how.
    package var ended: End? { look(patiently: false) }

    /// Asks it to end, and ends it when it has not after `patience`.
    @discardableResult
    package func stop(patience: Duration = .seconds(5)) -> End {
        signal(SIGTERM)
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            if let end = ended { return end }
            usleep(2_000)
        }
        signal(SIGKILL)
        return wait()
    }

    /// Ends its standard input.
    package func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// What comes next on its standard output; nil at the end.
    package func readLine() -> String? {
        while true {
            if let newline = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeSubrange(...newline) }
                return String(decoding: unread[..<newline], as: UTF8.self)
            }
            guard readMore() else { return nil }
        }
    }

    /// What is left of its standard output, up to the end.
    package func readAll() -> String {
        while readMore() {}
        defer { unread = [] }
        return String(decoding: unread, as: UTF8.self)
    }

    private func readMore() -> Bool {
        guard output >= 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe read(output, &buffer, buffer.count)
        if count > 0 { unread += buffer[..<count] }
        return count > 0 || count < 0 && errno == EINTR
    }

    private func look(patiently isPatient: Bool) -> End? {
        if let end { return end }
        var said = cbenchmarking_end()
        switch unsafe cbenchmarking_wait(pid, isPatient ? 1 : 0, &said) {
        case 0: return nil
        case 1: break
        // Somebody else has waited for it.
        default: said.status = -1
        }
        end = End(
            status: Int(said.status),
            userTime: .nanoseconds(said.user_nanoseconds),
            systemTime: .nanoseconds(said.system_nanoseconds),
            greatestResidentBytes: Int(said.greatest_resident_bytes),
            minorFaults: Int(said.minor_faults),
            majorFaults: Int(said.major_faults)
        )
        return end
    }

    /// Where a program is; servers are often outside of a user's PATH.
    package static func path(of program: String) throws(BenchmarkFailure) -> String {
        if program.contains("/") { return program }
        let search = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin:/sbin:/usr/bin:/bin"
        for directory in search.split(separator: ":") + RivalDirectory.programs.map({ $0[...] }) {
            let path = "\(directory)/\(program)"
            if unsafe access(path, X_OK) == 0 { return path }
        }
        throw BenchmarkFailure("\(program) is not on this machine; `make bench` gets it")
    }

    private static func open(
        _ stream: Stream,
        number: Int32,
        otherEnd: inout Int32
    ) throws(BenchmarkFailure) -> Int32 {
        let opened: Int32
        switch stream {
        case .inherited: return number
        case .nothing: opened = unsafe Glibc.open("/dev/null", O_RDWR | O_CLOEXEC)
        case .file(let path):
            opened = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
        case .pipe:
            var ends: [Int32] = [-1, -1]
            guard unsafe pipe(&ends) == 0 else { throw .last("pipe") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            opened = number == 0 ? ends[0] : ends[1]
            otherEnd = number == 0 ? ends[1] : ends[0]
        }
        guard opened >= 0 else { throw .last("open") }
        return opened
    }

    private static func withCStrings<Result>(
        _ strings: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = unsafe strings.map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress!) }
    }
}

extension BenchmarkFailure {
    /// What the call of this name just failed with.
    static func last(_ call: String) -> BenchmarkFailure {
        BenchmarkFailure("\(call): \(unsafe String(cString: strerror(errno)))")
    }
}
