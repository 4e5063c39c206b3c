import LinuxHost
import LocalAPI

/// A request to the daemon on a connection of its own, whose answer is taken as it comes.
final class BrokerExchange {
    /// What came of the answer.
    enum Step: Equatable {
        /// Nothing more so far.
        case needsMore
        /// A piece of the body of a success.
        case body([UInt8])
        case end
    }

    private let socket: String
    private let connection: UnixConnection
    private var reader = AnswerReader()
    private var refusal: [UInt8] = []

    /// Sends `request`; `patience` is for each of the calls that may wait.
    init(_ request: [UInt8], socket: String, patience: Duration) throws(Failure) {
        self.socket = socket
        do throws(HostError) {
            connection = try UnixSocket.connect(socket, timeout: patience)
            try Self.hangUpAllowed { () throws(HostError) in try connection.send(request) }
        } catch {
            throw Failure(error, socket: socket)
        }
    }

    /// To wait on, for what `receive` would take.
    var descriptor: Int32 { connection.number }

    /// Takes what came from the daemon, and waits for it: for as long as before, or within `patience`.
    func receive(within patience: Duration? = nil) throws(Failure) {
        do throws(HostError) {
            if let patience { connection.setPatience(patience) }
            var received: [UInt8] = []
            try Self.hangUpAllowed { () throws(HostError) in received = try connection.receive() }
            if received.isEmpty { reader.finish() } else { reader.append(received) }
        } catch {
            throw Failure(error, socket: socket)
        }
    }

    /// The next step of what was received; a refusal is thrown once it is whole.
    func next() throws(Failure) -> Step {
        while true {
            switch reader.next() {
            case .needsMore:
                return .needsMore
            case .body(let bytes):
                if reader.isSuccess { return .body(bytes) }
                refusal += bytes
            case .end:
                guard reader.isSuccess else { throw Self.failure(in: refusal) }
                return .end
            case .broken:
                throw reader.isSilent ? .noAnswer(socket) : reader.isCutOff ? .cutOff : .brokenAnswer
            }
        }
    }

    /// A daemon that hangs up may have said why before.
    private static func hangUpAllowed(_ work: () throws(HostError) -> Void) throws(HostError) {
        do throws(HostError) {
            try work()
        } catch {
            guard error.isHangUp else { throw error }
        }
    }

    private static func failure(in refusal: [UInt8]) -> Failure {
        do throws(DocumentError) {
            return Failure(try DocumentCoding.decode(ErrorDocument.self, from: refusal))
        } catch {
            return .brokenAnswer
        }
    }
}
