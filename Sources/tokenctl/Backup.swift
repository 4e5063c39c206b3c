import LinuxHost
import LocalAPI

/// `tokenctl backup`, without the parsing of its arguments.
struct Backup {
    let broker: BrokerClient

    /// A disk at work may keep the daemon from the next piece for so long.
    private static let patience: Duration = .seconds(60)

    /// Makes a file of the whole backup, or none, and returns its size.
    func save(to path: String, replacing: Bool) throws(Failure) -> Int {
        var file = try Self.filing { () throws(HostError) in try NewFile(path, mode: 0o600, replacing: replacing) }
        let size = try pour { piece throws(Failure) in
            try Self.filing { () throws(HostError) in try file.write(piece) }
        }
        try Self.filing { () throws(HostError) in try file.commit() }
        return size
    }

    /// Hands each piece of the backup to `sink` and returns the size of the whole.
    func pour(into sink: ([UInt8]) throws(Failure) -> Void) throws(Failure) -> Int {
        var size = 0
        var failure: Failure?
        try broker.stream(.post, "/v1/backup", patience: Self.patience) { piece in
            do throws(Failure) {
                try sink(piece)
            } catch {
                failure = error
                return false
            }
            size += piece.count
            return true
        }
        if let failure { throw failure }
        guard size > 0 else { throw .cutOff }
        return size
    }

    private static func filing<Value: ~Copyable>(_ body: () throws(HostError) -> Value) throws(Failure) -> Value {
        do throws(HostError) {
            return try body()
        } catch {
            throw Failure(file: error)
        }
    }
}
