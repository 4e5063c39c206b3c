import Benchmarking

/// nginx with one worker that returns the bytes from its configuration: the least that a web server can do.
struct Nginx {
    let socket: String
    let process: ChildProcess

    init(in room: Room, body: String) throws {
        socket = "\(room.path)/nginx.sock"
        // Within the quotes of nginx's configuration a dollar would begin a variable.
        guard !body.contains(where: { "'$\\".contains($0) }) else {
            throw BenchmarkFailure("the token has characters that nginx cannot be told")
        }
        let uses = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        let temporary = uses.map { "\($0)_temp_path \(room.path)/nginx;" }
        let configuration = try room.write(
            "nginx.conf",
            """
            daemon off;
            worker_processes 1;
            worker_rlimit_nofile 8192;
            pid \(room.path)/nginx.pid;
            error_log stderr crit;
            events { worker_connections 4096; use epoll; }
            http {
                access_log off;
                server_tokens off;
                keepalive_requests 1000000000;
                keepalive_timeout 1h;
                \(temporary.joined(separator: "\n    "))
                server {
                    listen unix:\(socket) backlog=4096;
                    location / {
                        default_type application/json;
                        add_header Cache-Control no-store;
                        return 200 '\(body)';
                    }
                }
            }

            """
        )
        process = try ChildProcess(
            "nginx",
            ["-p", room.path, "-c", configuration, "-e", "stderr"],
            processor: Processors.measured,
            errors: .file("\(room.path)/nginx.log")
        )
        try Rival.wait(for: process, at: socket)
    }

    func sample(for request: [UInt8]) throws -> [UInt8] {
        let answer = try HTTPExchange(request, to: .unixSocket(socket))
        guard answer.status == 200 else { throw BenchmarkFailure("nginx answered \(answer.status)") }
        return answer.bytes
    }
}

/// Redis with the bytes in memory, and nothing of them on a disk.
struct Redis {
    static let request = Array("*2\r\n$3\r\nGET\r\n$5\r\ntoken\r\n".utf8)

    let socket: String
    let process: ChildProcess
    let sample: [UInt8]

    init(in room: Room, value: [UInt8]) throws {
        socket = "\(room.path)/redis.sock"
        let settings = [
            "port": "0", "unixsocket": socket, "save": "", "appendonly": "no", "maxclients": "4096",
            "tcp-backlog": "4096", "daemonize": "no", "dir": room.path, "loglevel": "warning",
        ]
        process = try ChildProcess(
            "redis-server",
            settings.flatMap { ["--\($0)", $1] },
            processor: Processors.measured,
            output: .file("\(room.path)/redis.log"),
            errors: .file("\(room.path)/redis.errors")
        )
        try Rival.wait(for: process, at: socket)
        let set = Array("*3\r\n$3\r\nSET\r\n$5\r\ntoken\r\n$\(value.count)\r\n".utf8) + value + Array("\r\n".utf8)
        let stored = try Peer.unixSocket(socket).answer(to: set) { $0.last == UInt8(ascii: "\n") }
        guard stored == Array("+OK\r\n".utf8) else { throw BenchmarkFailure("Redis does not take the token") }
        sample = Array("$\(value.count)\r\n".utf8) + value + Array("\r\n".utf8)
    }
}

/// The limit: what an epoll loop can do that knows one answer and looks for nothing in a request but its end.
struct ConstantServer {
    let socket: String
    let process: ChildProcess

    init(in room: Room, answer: [UInt8]) throws {
        socket = "\(room.path)/constant.sock"
        let file = try room.write("constant", String(decoding: answer, as: UTF8.self))
        process = try ChildProcess(
            Binaries.path("constant-server"),
            [socket, file],
            processor: Processors.measured
        )
        try Rival.wait(for: process, at: socket)
    }
}
