import Glibc
import Testing

@testable import SystemdHost

/// Each in a process of its own: the environment is a process's.
struct ServiceManagerTests {
    @Test func `States arrive as one message`() async {
        await #expect(processExitsWith: .success) {
            let socket = try TestSocket(type: SOCK_DGRAM)
            setEnvironment("NOTIFY_SOCKET", socket.path)
            ServiceManager.notify([.ready, .status("12 clients: 12 fresh")])
            ServiceManager.notify([.watchdog])
            ServiceManager.notify([])
            ServiceManager.notify([.stopping, .extendTimeout(.milliseconds(1500))])
            #expect(socket.receive() == "READY=1\nSTATUS=12 clients: 12 fresh")
            #expect(socket.receive() == "WATCHDOG=1")
            #expect(socket.receive() == "STOPPING=1\nEXTEND_TIMEOUT_USEC=1500000")
            #expect(socket.receive() == nil)
        }
    }

    @Test func `A reload carries the monotonic clock`() async {
        await #expect(processExitsWith: .success) {
            let socket = try TestSocket(type: SOCK_DGRAM)
            setEnvironment("NOTIFY_SOCKET", socket.path)
            func microseconds() -> UInt64 {
                var now = timespec()
                unsafe clock_gettime(CLOCK_MONOTONIC, &now)
                return UInt64(now.tv_sec) * 1_000_000 + UInt64(now.tv_nsec) / 1000
            }
            let before = microseconds()
            ServiceManager.notify([.reloading])
            let after = microseconds()
            let message = try #require(socket.receive())
            #expect(message.hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
            let sent = try #require(message.split(separator: "=").last.flatMap { UInt64($0) })
            #expect((before...after).contains(sent))
        }
    }

    @Test func `Without a service manager nothing happens`() async {
        await #expect(processExitsWith: .success) {
            for name in ["NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_USEC"] {
                setEnvironment(name, nil)
            }
            ServiceManager.notify([.ready])
            setEnvironment("NOTIFY_SOCKET", "/nonexistent/notify")
            ServiceManager.notify([.ready])
            let none = try ServiceManager.passedDescriptors()
            #expect(none == PassedDescriptors())
            #expect(ServiceManager.watchdogInterval == nil)
        }
    }

    @Test(arguments: [
        ("a\nREADY=0", "STATUS=a READY=0"), ("a\r\u{0}b\u{85}", "STATUS=a  b "), ("", "STATUS="), ("é=1", "STATUS=é=1"),
        ("a\u{1B}[2Jb\u{2028}c\u{202E}d", "STATUS=a [2Jb c d"),
    ])
    func `A status stays one assignment, and steers no terminal`(text: String, assignment: String) {
        #expect(NotifyState.status(text).assignment == assignment)
    }

    /// With READY=1 and all else that goes beside it, a message has 4,096 bytes at most.
    @Test func `A status is cut where the service manager would drop it, between characters`() {
        let longest = NotifyState.longestStatus
        for character in ["a", "é", "€", "😀"] {
            for count in (longest / character.utf8.count - 2)...(longest + 1) {
                let text = String(repeating: character, count: count)
                let shown = NotifyState.status(text).assignment.dropFirst("STATUS=".count)
                #expect(shown.utf8.count <= longest)
                if text.utf8.count <= longest {
                    #expect(shown == text)
                } else {
                    #expect(shown.hasSuffix("…") && shown.dropLast().allSatisfy { String($0) == character })
                    #expect(shown.utf8.count > longest - character.utf8.count - 3)
                }
            }
        }
    }

    @Test func `Durations are sent in microseconds, never less than none`() {
        let cases: [(Duration, String)] = [
            (.seconds(30), "30000000"), (.nanoseconds(1999), "1"), (.seconds(-1), "0"),
            (.seconds(Int64.max), String(Int64.max)),
        ]
        for (duration, text) in cases {
            #expect(NotifyState.extendTimeout(duration).assignment == "EXTEND_TIMEOUT_USEC=\(text)")
        }
    }

    @Test func `The watchdog's interval is read once and not inherited`() async {
        await #expect(processExitsWith: .success) {
            setEnvironment("WATCHDOG_USEC", "2500000")
            setEnvironment("WATCHDOG_PID", String(getpid()))
            #expect(ServiceManager.watchdogInterval == .milliseconds(2500))
            #expect(environmentVariable("WATCHDOG_USEC") == nil)
            #expect(environmentVariable("WATCHDOG_PID") == nil)
            #expect(ServiceManager.watchdogInterval == .milliseconds(2500))
        }
    }

    @Test func `A watchdog meant for another process is not ours`() async {
        await #expect(processExitsWith: .success) {
            setEnvironment("WATCHDOG_USEC", "2500000")
            setEnvironment("WATCHDOG_PID", "1")
            #expect(ServiceManager.takeWatchdogInterval() == nil)
        }
    }

    @Test func `Passed sockets come with their names, close on exec and are taken once`() async {
        await #expect(processExitsWith: .success) {
            let token = try TestSocket(type: SOCK_STREAM, backlog: 1)
            let admin = try TestSocket(type: SOCK_STREAM, backlog: 1)
            try withPassed([admin.descriptor, token.descriptor, token.descriptor], names: "admin:token:token") {
                let sockets = try ServiceManager.passedDescriptors().sockets
                #expect(sockets.map(\.name) == [.admin, .token, .token])
                #expect(sockets.map(\.descriptor) == [3, 4, 5])
                for socket in sockets { #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0) }
                for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { #expect(environmentVariable(name) == nil) }
                let none = try ServiceManager.passedDescriptors()
                #expect(none == PassedDescriptors())
            }
        }
    }

    @Test func `Sockets passed to another process are not ours`() async {
        await #expect(processExitsWith: .success) {
            let token = try TestSocket(type: SOCK_STREAM, backlog: 1)
            try withPassed([token.descriptor], names: "token") {
                setEnvironment("LISTEN_PID", "1")
                let none = try ServiceManager.passedDescriptors()
                #expect(none == PassedDescriptors())
            }
        }
    }

    @Test func `Whatever is no listening Unix stream is refused`() async {
        await #expect(processExitsWith: .success) {
            let token = try TestSocket(type: SOCK_STREAM, backlog: 1)
            let strangers = [
                try TestSocket(type: SOCK_STREAM).descriptor, try TestSocket(type: SOCK_DGRAM).descriptor,
                try TestSocket(type: SOCK_SEQPACKET, backlog: 1).descriptor,
                socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0), unsafe open("/dev/null", O_RDONLY),
            ]
            for stranger in strangers {
                withPassed([token.descriptor, stranger], names: "token:admin") {
                    #expect(throws: PassedSocketError.notListeningUnixStream(name: "admin", descriptor: 4)) {
                        try ServiceManager.passedDescriptors()
                    }
                }
            }
        }
    }

    @Test func `A socket under another name is refused`() async {
        await #expect(processExitsWith: .success) {
            let token = try TestSocket(type: SOCK_STREAM, backlog: 1)
            for (names, name) in [("token:metrics", "metrics"), ("token:Admin", "Admin"), ("token:unknown", "unknown")]
            {
                withPassed([token.descriptor, token.descriptor], names: names) {
                    #expect(throws: PassedSocketError.unknownName(name, descriptor: 4)) {
                        try ServiceManager.passedDescriptors()
                    }
                }
            }
        }
    }

    @Test func `Malformed variables are an error`() async {
        await #expect(processExitsWith: .success) {
            let token = try TestSocket(type: SOCK_STREAM, backlog: 1)
            withPassed([token.descriptor], names: "token:admin:more") {
                #expect(throws: PassedSocketError.malformedEnvironment(errno: EINVAL)) {
                    try ServiceManager.passedDescriptors()
                }
            }
            withPassed([token.descriptor], names: "token") {
                setEnvironment("LISTEN_FDS", "many")
                #expect(throws: PassedSocketError.malformedEnvironment(errno: EINVAL)) {
                    try ServiceManager.passedDescriptors()
                }
            }
        }
    }

    @Test func `A refused socket is named, with what to change`() {
        let error = PassedSocketError.unknownName("a\nb", descriptor: 3)
        #expect(
            error.description == """
                the service manager passed descriptor 3 under the unknown name "a\\nb". \
                Set FileDescriptorName= in the socket unit to token or admin
                """
        )
    }
}
