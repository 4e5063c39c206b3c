internal import LinuxHost
package import Logging
internal import Synchronization
package import SystemdHost

/// What carries refresh tokens that the disk does not take: a reserve on the disk, and a sealed file in memory that the
/// service manager keeps over a restart.
package final class GrantLifeboat: Sendable {
    /// Enough for the pages of many commits.
    package static let reserveByteCount: Int64 = 1 << 20

    /// What a run before left is read up to here: many times what the reserve lets pass.
    private static let maximumBytes = 16 << 20

    /// How the service manager calls the file.
    private static let name = "grants"

    private struct State {
        var file: MemoryFile?
        var isHandedOver = false

        /// Whether the service manager may have it, though it did not say so.
        var mayBeHandedOver = false
    }

    private let reserve: ReserveFile
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameters:
    ///   - reservePath: Where the reserve lies, on the database's file system.
    ///   - descriptor: The file of the run before, when the service manager kept one.
    package init(reservePath: String, adopting descriptor: Int32? = nil, logger: Logger) {
        reserve = ReserveFile(path: reservePath, byteCount: Self.reserveByteCount)
        self.logger = logger
        let file = descriptor.map { MemoryFile(adopting: $0) }
        state = Mutex(State(file: file, isHandedOver: file != nil, mayBeHandedOver: file != nil))
        replenish()
    }

    /// The file among what the service manager kept; all else is closed, since nobody knows it any more.
    package static func chosen(_ stored: [StoredDescriptor]) -> Int32? {
        // The last, should a hand-over have been given up and come through all the same.
        let chosen = stored.last { $0.name == name }?.descriptor
        for other in stored where other.descriptor != chosen { _ = FileDescriptor(owning: other.descriptor) }
        return chosen
    }

    /// What the service manager is given to keep; nil while there is nothing in it.
    var descriptor: Int32? { state.withLock { $0.file?.descriptor } }

    /// Gives the reserve up, for a disk that has no room.
    func makeRoom() {
        do throws(HostError) {
            try reserve.release()
        } catch {
            logger.write(.reserveNotReleased, ["reason": "\(error)"])
        }
    }

    /// Makes the reserve anew, as far as there is room.
    private func replenish() {
        do throws(HostError) {
            try reserve.make()
        } catch {
            logger.write(.reserveMissing, ["reason": "\(error)"])
        }
    }

    /// Takes a sealed refresh token, and hands it to the service manager where there is one.
    func take(_ sealed: [UInt8]) {
        state.withLock { state in
            do throws(HostError) {
                let file: MemoryFile
                if let kept = state.file { file = kept } else { file = try MemoryFile(name: Self.name) }
                state.file = file
                try file.append(sealed)
                state.mayBeHandedOver = true
                if !state.isHandedOver { state.isHandedOver = ServiceManager.store(file.descriptor, named: Self.name) }
            } catch {
                logger.write(.refreshTokenInMemory, ["reason": "\(error)"])
            }
        }
    }

    /// The sealed refresh tokens that the run before left, in their order.
    func passengers() -> [[UInt8]] {
        state.withLock { state in
            guard let file = state.file else { return [] }
            do throws(HostError) {
                return try file.records(maximumBytes: Self.maximumBytes)
            } catch {
                logger.write(.leftoverUnreadable, ["reason": "\(error)"])
                return []
            }
        }
    }

    /// Everything is on the disk.
    func empty() {
        state.withLock { state in
            if state.mayBeHandedOver { ServiceManager.removeStored(named: Self.name) }
            state = State()
        }
        replenish()
    }
}
