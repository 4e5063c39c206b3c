import LocalAPI
import MockAuthorizationServer
import Testing

/// One way in which an authorization server, or the way to it, fails.
struct FaultCase: Sendable, CustomTestStringConvertible {
    /// How it is brought about.
    enum Provocation: Sendable {
        /// At the server that most cases share, for this client alone.
        case behaviour(Behaviour)
        /// At a server of its own, from when the fault begins: what it says counts for all of its clients.
        case ownBehaviour(@Sendable () -> Behaviour)
        /// What an issuer answers when it is asked for its metadata.
        case metadata(Behaviour)
        /// Nobody listens.
        case stopped
        /// The port takes connections and serves none.
        case deaf(DeafListening, isEncrypted: Bool)
        /// Another server answers at the port.
        case impostor(Impostor)
        case nameWithoutAddress
        case proxyThatRefuses
        case secretMissing
    }

    /// What stands where a trusted server should.
    enum Impostor: Sendable {
        case expiredCertificate
        case foreignAuthority
        case otherName
        case withoutTLS
    }

    /// What is to be done about it.
    enum Kind: Sendable {
        /// It may pass: the daemon goes on asking.
        case passing
        /// The configuration is refused: a person must act.
        case refused
    }

    /// How a client gets well again once the fault is over.
    enum Recovery: String, Sendable {
        case byItself = "well again by itself"
        case refresh = "well again at `tokenctl refresh`"
        case reload = "well again at `tokenctl reload`"
    }

    /// As it stands in the README.
    let name: String
    let provocation: Provocation
    let kind: Kind
    let cause: String
    let serverStatus: Int?
    let recovery: Recovery
    /// More keys of the client.
    let keys: String
    /// What the server asked for as Retry-After, at the least.
    let leastRetryAfter: Int?

    init(
        _ name: String,
        _ provocation: Provocation,
        _ kind: Kind,
        _ cause: String,
        status serverStatus: Int? = nil,
        recovery: Recovery? = nil,
        timeout: String? = nil,
        leastRetryAfter: Int? = nil
    ) {
        self.name = name
        self.provocation = provocation
        self.kind = kind
        self.cause = cause
        self.serverStatus = serverStatus
        self.recovery = recovery ?? (kind == .passing ? .byItself : .refresh)
        self.leastRetryAfter = leastRetryAfter
        keys = timeout.map { "request_timeout = \"\($0)\"" } ?? ""
    }

    /// A case at the server that most share.
    init(
        _ name: String,
        _ behaviour: Behaviour,
        _ kind: Kind,
        _ cause: String,
        status serverStatus: Int? = nil,
        timeout: String? = nil
    ) {
        self.init(name, .behaviour(behaviour), kind, cause, status: serverStatus, timeout: timeout)
    }

    var testDescription: String { name }

    /// Whether a client can have had a token before the fault, and be hit by it all the same.
    var canBeWarm: Bool {
        switch provocation {
        // Metadata is kept for an hour, and a name that was found is another configuration.
        case .metadata, .nameWithoutAddress: false
        default: true
        }
    }

    /// What callers are to hear when nothing is cached.
    var callersError: APIErrorCode { kind == .passing ? .temporarilyUnavailable : .clientMisconfigured }

    /// What the operator is to see when nothing is cached.
    var state: ClientState { kind == .passing ? .expired : .misconfigured }

    /// What the operator is to see while a cached token serves.
    var warmState: ClientState { kind == .passing ? .retrying : .misconfigured }
}
