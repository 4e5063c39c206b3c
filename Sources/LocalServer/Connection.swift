internal import CLinux
internal import Glibc
internal import LinuxHost
internal import LocalAPI

/// An accepted connection, on the loop's thread.
final class Connection {
    /// Why the connection is there.
    enum Standing {
        /// It counts against the limits, as one of a user whom some rule names or not.
        case admitted(isNamed: Bool)
        /// It is over a limit and stays until it was told so.
        case refused
    }

    enum Flushed {
        case done, blocked, failed
    }

    enum Reading {
        case bytes
        /// The end, or a false alarm.
        case none
        /// By who did not connect; by nobody in particular when descriptors came along.
        case foreign(PeerWriter?)
    }

    let descriptor: Int32
    private let pid: Int32
    private let uid: UInt32
    private(set) var caller: Caller
    let standing: Standing
    let party: Party
    var machine: ConnectionMachine
    /// Who tells when it is ready.
    let poller: Poller
    /// What the poller was told to look for.
    private var interest: UInt32?
    /// What was counted as held for its user: of requests, and of answers.
    var heldBytes = 0
    var unsentBytes = 0
    /// Whether it waits for its turn.
    var isInLine = false
    /// Whether it had its share of this turn while it holds more requests, so that nothing is read.
    var isDeferred = false
    /// Whether something may be behind the repetition that it sent last.
    var mayHaveMore = false
    /// What it asked for last, where that may be asked again.
    var repetition: Repetition?
    /// Whether a request of its own was a repetition, and whether the handler heard of it at all.
    var wasRepeated = false
    var wasHandled = false

    /// Whether nothing is kept for it elsewhere: it asked for nothing but what was answered before.
    var isUnknownToHandler: Bool { wasRepeated && !wasHandled }

    /// What the kernel may keep of its answers, and whether the kernel knows.
    private let sendBuffer: Int
    private var isSendBufferLimited = false
    private var hasSent = false
    /// Who waits for the latest piece of a stream to be taken.
    var chunkTaken: (@Sendable (Bool) -> Void)?
    /// On CLOCK_BOOTTIME, by the kernel's own clock.
    private let acceptedAt: Duration

    init(
        caller: Caller,
        standing: Standing,
        party: Party,
        machine: ConnectionMachine,
        poller: Poller,
        sendBuffer: Int,
        acceptedAt: Duration
    ) {
        self.sendBuffer = sendBuffer
        descriptor = caller.connection.descriptor
        pid = caller.peer.pid
        uid = caller.peer.uid
        self.caller = caller
        self.standing = standing
        self.party = party
        self.machine = machine
        self.poller = poller
        self.acceptedAt = acceptedAt
    }

    deinit { machine.wipe() }

    /// Holds the process that connected, as far as the kernel still knows it.
    ///
    /// - Parameter trustingNumber: whether its number will do where the kernel has no more.
    func lookAtProcess(trustingNumber: Bool) {
        guard case .admitted = standing else { return }
        let process = Result { () throws(UnitObstacle) in
            try PeerProcess.ofPeer(
                descriptor,
                pid: caller.peer.pid,
                acceptedAt: trustingNumber ? acceptedAt : nil
            )
        }
        caller = Caller(peer: caller.peer, role: caller.role, connection: caller.connection, process: process)
    }

    /// Tells who waits that the latest piece was taken, or never will be.
    func tellChunkTaken(_ isTaken: Bool) {
        guard let tell = chunkTaken else { return }
        chunkTaken = nil
        tell(isTaken)
    }

    /// Reads what there is now into `buffer`.
    func receive(into buffer: inout ReceiveBuffer) -> Reading {
        let received = buffer.receive(from: descriptor)
        guard received.count > 0 else {
            // An error ends the connection as the peer's end does; EAGAIN is a false alarm.
            if received.count == 0 || (errno != EAGAIN && errno != EINTR) { machine.receivedEnd() }
            return .none
        }
        guard isWrittenByPeer(received) else {
            machine.refuse(
                APIError(
                    .accessDenied,
                    "this connection was opened by another process",
                    remedy: "Connect in the process that asks."
                )
            )
            machine.receivedEnd()
            let isNamed = received.has_writer != 0 && received.passed_descriptors == 0
            return .foreign(
                isNamed
                    ? PeerWriter(pid: received.writer.pid, uid: received.writer.uid, gid: received.writer.gid) : nil
            )
        }
        return .bytes
    }

    /// An inherited or passed descriptor lends no rights: who writes must be who connected.
    private func isWrittenByPeer(_ received: clinux_received) -> Bool {
        received.passed_descriptors == 0 && received.has_writer != 0 && received.writer.pid == pid
            && received.writer.uid == uid
    }

    /// Sends an answer before it gets to the machine; returns how much was taken, nil when nobody is there to take it.
    func send(_ answer: borrowing AnswerBuffer) -> Int? {
        answer.withBytes { bytes in
            while true {
                let count = unsafe bytes.withUnsafeBytes { unsafe send($0) }
                if count >= 0 { return count }
                if errno == EAGAIN { return 0 }
                guard errno == EINTR else { return nil }
            }
        }
    }

    private func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        // One answer of ordinary size is all that many connections ever bear, and needs no limit.
        if !isSendBufferLimited, hasSent || bytes.count > sendBuffer {
            isSendBufferLimited = true
            // Without it, the kernel keeps its default, which is no error.
            _ = clinux_limit_send_buffer(descriptor, Int32(sendBuffer))
        }
        hasSent = true
        return unsafe clinux_send(descriptor, bytes.baseAddress, bytes.count)
    }

    /// Writes what the machine has, as far as the socket takes it.
    func flush(now: Duration) -> Flushed {
        while machine.hasOutput {
            let count = unsafe machine.withPendingOutput { unsafe send($0) }
            if count >= 0 {
                machine.wrote(count, now: now)
            } else if errno == EAGAIN {
                return .blocked
            } else if errno != EINTR {
                return .failed
            }
        }
        return .done
    }

    /// Tells the poller what the machine waits for; returns false where the kernel has no room.
    ///
    /// Of what is ready it tells once (EPOLLET), where otherwise each look would begin with those that the last one found.
    @discardableResult
    func watch() -> Bool {
        var wanted = CLINUX_EPOLLET
        if machine.wantsToRead, !isDeferred { wanted |= CLINUX_EPOLLIN | CLINUX_EPOLLRDHUP }
        if machine.hasOutput { wanted |= CLINUX_EPOLLOUT }
        guard wanted != interest else { return true }
        defer { interest = wanted }
        if interest == nil { return poller.add(descriptor, wanted) }
        poller.modify(descriptor, wanted)
        return true
    }

    /// Lets the poller tell once more of what is ready already.
    func watchAgain() {
        if let interest { poller.modify(descriptor, interest) }
    }
}
