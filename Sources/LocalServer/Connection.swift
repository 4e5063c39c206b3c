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

    private(set) var caller: Caller
    let standing: Standing
    var machine: ConnectionMachine
    /// What epoll was told to look for.
    var interest: UInt32
    /// What was counted as held by its user.
    var heldBytes = 0
    /// Who waits for the latest piece of a stream to be taken.
    var chunkTaken: (@Sendable (Bool) -> Void)?

    init(caller: Caller, standing: Standing, machine: ConnectionMachine, interest: UInt32) {
        self.caller = caller
        self.standing = standing
        self.machine = machine
        self.interest = interest
    }

    /// Holds the process that connected, as far as the kernel still knows it.
    func lookAtProcess() {
        guard case .admitted = standing else { return }
        caller = Caller(
            peer: caller.peer,
            role: caller.role,
            connection: caller.connection,
            process: PeerProcess(ofPeer: descriptor)
        )
    }

    var descriptor: Int32 { caller.connection.descriptor }

    /// Tells who waits that the latest piece was taken, or never will be.
    func tellChunkTaken(_ isTaken: Bool) {
        guard let tell = chunkTaken else { return }
        chunkTaken = nil
        tell(isTaken)
    }

    /// Gives the machine what can be read now, with `buffer` to read into.
    func read(into buffer: inout [UInt8], now: Duration) {
        guard machine.wantsToRead else { return }
        let received = unsafe clinux_receive(descriptor, &buffer, buffer.count)
        guard received.count > 0 else {
            // An error ends the connection as the peer's end does; EAGAIN is a false alarm.
            if received.count == 0 || (errno != EAGAIN && errno != EINTR) { machine.receivedEnd() }
            return
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
            return
        }
        machine.received(buffer[..<received.count], now: now)
    }

    /// An inherited or passed descriptor lends no rights: who writes must be who connected.
    private func isWrittenByPeer(_ received: clinux_received) -> Bool {
        received.passed_descriptors == 0 && received.has_writer != 0 && received.writer.pid == caller.peer.pid
            && received.writer.uid == caller.peer.uid
    }

    /// Writes what the machine has, as far as the socket takes it.
    func flush(now: Duration) -> Flushed {
        while machine.hasOutput {
            let count = unsafe machine.withPendingOutput { bytes in
                unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
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
}
