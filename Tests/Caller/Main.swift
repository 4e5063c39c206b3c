import Glibc

/// A caller of the token socket for tests: a process of any user and groups that asks, hammers or is a nuisance.
@main
enum TestCaller {
    private static let usage = """
        usage: test-caller [--as UID:GID[:GROUP,…]] ask SOCKET REQUEST
               test-caller [--as UID:GID[:GROUP,…]] load SOCKET COUNT REQUEST…
               test-caller [--as UID:GID[:GROUP,…]] repeat SOCKET COUNT REQUEST
               test-caller [--as UID:GID[:GROUP,…]] hold SOCKET HOSTILE IDLE

        A REQUEST is "METHOD TARGET" or "METHOD TARGET BODY", which is a form, or JSON.

        """

    static func main() {
        signal(SIGPIPE, SIG_IGN)
        var arguments = CommandLine.arguments.dropFirst()
        do {
            // While root may still go beyond the limit.
            raiseDescriptorLimit()
            if arguments.first == "--as" {
                try Identity(arguments.dropFirst().first ?? "").assume()
                arguments = arguments.dropFirst(2)
            }
            try run(Array(arguments))
        } catch {
            say("test-caller: \(error)\n", on: STDERR_FILENO)
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) throws(Failure) {
        guard arguments.count >= 3 else { throw Failure(usage) }
        let (socket, rest) = (arguments[1], Array(arguments[2...]))
        switch arguments[0] {
        case "ask" where rest.count == 1: try ask(Request(rest[0]), on: socket)
        case "load" where rest.count >= 2:
            guard let count = Int(rest[0]), count > 0 else { throw Failure(usage) }
            say(try Load(rest.dropFirst().map(Request.init), count: count, on: socket).summary + "\n")
        case "repeat" where rest.count == 2:
            guard let count = Int(rest[0]), count > 0 else { throw Failure(usage) }
            var repetition = Repetition(Request(rest[1]), on: socket)
            repetition.run(atLeast: count)
        case "hold" where rest.count == 2:
            guard let hostile = Int(rest[0]), let idle = Int(rest[1]) else { throw Failure(usage) }
            var nuisance = try Nuisance(on: socket, hostile: hostile, idle: idle)
            try nuisance.hold()
        default: throw Failure(usage)
        }
    }

    /// Says what was answered, and stays with its connection open: as a unit until it is stopped, else while standard
    /// input is open.
    private static func ask(_ request: Request, on path: String) throws(Failure) {
        let connection = try Connection(to: path)
        let answer = try connection.exchange(request)
        let error = answer.error.map { "\"\($0)\"" } ?? "null"
        let summary = "{\"pid\":\(getpid()),\"uid\":\(getuid()),\"status\":\(answer.status),\"error\":\(error)}"
        say(summary + "\n")
        if let manager = unsafe getenv("NOTIFY_SOCKET") {
            try notify(unsafe String(cString: manager), "READY=1\nSTATUS=\(summary)")
            while true { pause() }
        }
        var byte: UInt8 = 0
        while unsafe read(STDIN_FILENO, &byte, 1) > 0 {}
        // Open until here.
        connection.close()
    }

    /// For thousands of connections.
    private static let descriptors: rlim_t = 16_384

    private static func raiseDescriptorLimit() {
        var limit = rlimit(rlim_cur: descriptors, rlim_max: descriptors)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        if unsafe setrlimit(resource, &limit) == 0 { return }
        unsafe getrlimit(resource, &limit)
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(resource, &limit)
    }
}

/// What went wrong, for a person.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// What the call of this name just failed with.
    static func last(_ call: String) -> Failure { Failure("\(call): \(unsafe String(cString: strerror(errno)))") }
}

/// Writes at once, so that a reader of a pipe need not wait for the end.
func say(_ text: String, on descriptor: Int32 = STDOUT_FILENO) {
    let bytes = Array(text.utf8)
    _ = unsafe write(descriptor, bytes, bytes.count)
}
