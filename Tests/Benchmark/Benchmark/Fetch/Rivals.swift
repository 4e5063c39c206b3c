import Benchmarking
import LinuxHost

/// Everybody who is measured, each alone on the same processor, and each asked for the same bytes.
struct Rivals {
    /// Kept for as long as it serves the broker.
    private let mock: MockServer
    private let daemons: [Daemon]
    private let scope: Scope?
    let all: [Rival]

    /// As long as the tokens of large providers with a few claims in them.
    private static let tokenLength = 1_200

    static let broker = "tokenbroker"
    static let brokerByUnit = "tokenbroker, rule of unit"
    static let nginx = "nginx"
    static let redis = "Redis"
    static let limit = "C, a constant"

    /// - Parameter rooms: one for each daemon.
    init(in rooms: (first: Room, second: Room)) throws {
        let room = rooms.first
        // Half a day: expires_in has as many digits all the time.
        mock = try MockServer(
            ["--lifetime", "12h", "--token-length", String(Self.tokenLength)],
            processor: Processors.asking
        )
        let request = HTTPExchange.request("GET", "/v1/token/billing")
        let rule = "allow = [{ user = \(CurrentProcess.uid) }]"
        try room.configure(try room.client("billing", at: mock.tokenEndpoint, more: rule))
        let daemon = try Daemon(in: room, processor: Processors.measured)
        let sample = try HTTPExchange(request, to: .unixSocket(room.tokenSocket))
        guard sample.status == 200 else { throw BenchmarkFailure("the broker answered \(sample.text)") }

        var rivals: [Rival] = []
        func add(
            _ name: String,
            at socket: String,
            _ process: ChildProcess,
            launcher: [String] = [],
            asking: [UInt8] = request,
            sample: [UInt8] = sample.bytes
        ) throws {
            rivals.append(
                try Rival(
                    name,
                    in: room,
                    at: socket,
                    process: process,
                    launcher: launcher,
                    asking: asking,
                    sample: sample
                )
            )
        }
        try add(Self.broker, at: room.tokenSocket, daemon.process)
        var daemons = [daemon]
        scope = Scope.find()
        if let scope {
            let room = rooms.second
            // Nobody has asked for it when the load begins.
            let more = "keep_warm = \"always\"\nallow = [{ \(scope.rule) }]"
            try room.configure(try room.client("billing", at: mock.tokenEndpoint, more: more))
            let daemon = try Daemon(in: room, processor: Processors.measured)
            daemons.append(daemon)
            try add(Self.brokerByUnit, at: room.tokenSocket, daemon.process, launcher: scope.launcher)
        }
        self.daemons = daemons

        let nginx = try Nginx(in: room, body: sample.text)
        try add(Self.nginx, at: nginx.socket, nginx.process, sample: try nginx.sample(for: request))
        let redis = try Redis(in: room, value: Array(sample.body))
        try add(Self.redis, at: redis.socket, redis.process, asking: Redis.request, sample: redis.sample)
        let limit = try ConstantServer(in: room, answer: sample.bytes)
        try add(Self.limit, at: limit.socket, limit.process)
        all = rivals
    }
}
