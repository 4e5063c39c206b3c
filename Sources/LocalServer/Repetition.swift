internal import LinuxHost
internal import LocalAPI

/// A request that was answered, and who answers it when its process sends the same bytes again.
///
/// A service asks for the same token over and over; then its request need not be read and judged like one that is new.
final class Repetition {
    /// A longer one is no ordinary fetch.
    static let longest = 512

    private(set) var request: [UInt8]
    let answer: RepeatedAnswer
    let fingerprint: Int

    /// Whether the connection stays open for another (RFC 9112 §9.3).
    let keepsAlive: Bool
    private let peer: PeerIdentity
    private let role: SocketRole

    /// When it was answered first.
    private let at: Duration

    init(
        of incoming: borrowing ReceiveBuffer,
        keepsAlive: Bool,
        by caller: Caller,
        at: Duration,
        answer: @escaping RepeatedAnswer
    ) {
        self.keepsAlive = keepsAlive
        request = incoming.withBytes { span in unsafe span.withUnsafeBufferPointer { unsafe Array($0) } }
        fingerprint = incoming.fingerprint
        peer = caller.peer
        role = caller.role
        self.at = at
        self.answer = answer
    }

    // A field that is nothing to us may be somebody's secret.
    deinit { request.wipe() }

    /// For so long another connection of a process with the same number, user and groups is taken for the same process's,
    /// as far as the record goes; what is allowed is decided by user, groups and unit.
    private static let sharingTime: Duration = .seconds(1)

    /// Whether it may be shared with `other`, a connection of the same process a moment later.
    func isSharedWith(_ other: Caller, now: Duration) -> Bool {
        isRecent(now) && other.peer == peer && other.role == role
    }

    func isRecent(_ now: Duration) -> Bool { now - at < Self.sharingTime }
}

/// The latest repetitions of all connections, for processes that connect anew for each request.
struct RecentRepetitions {
    /// Some services at a time; one that is overwritten by another's is only read again.
    private static let count = 64

    private var places = [Repetition?](repeating: nil, count: count)

    mutating func insert(_ repetition: Repetition) { places[Self.place(repetition.fingerprint)] = repetition }

    /// The repetition of what was read, if it is of the same process.
    func repetition(of incoming: borrowing ReceiveBuffer, by caller: Caller, now: Duration) -> Repetition? {
        guard let repetition = places[Self.place(incoming.fingerprint)], incoming.holds(repetition.request),
            repetition.isSharedWith(caller, now: now)
        else { return nil }
        return repetition
    }

    /// Forgets one that does not stand any more.
    mutating func remove(_ repetition: Repetition) {
        let place = Self.place(repetition.fingerprint)
        if places[place] === repetition { places[place] = nil }
    }

    /// Forgets those that are too old to be shared.
    mutating func sweep(now: Duration) {
        for index in places.indices where places[index].map({ !$0.isRecent(now) }) ?? false { places[index] = nil }
    }

    private static func place(_ fingerprint: Int) -> Int { fingerprint & (count - 1) }
}
