import Foundation
import GRDB
import OAuth2

extension TokenStoreError {
    /// What `error`, met on `path`, means; errors of ours pass through.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as TokenStoreError: self = error
        case let error as DatabaseError: self.init(error, path: path)
        case let error as CocoaError: self.init(error, path: path)
        default: self = .failed(path: path, reason: "\(type(of: error))")
        }
    }

    /// How many clients a message names at most, so that it stays readable.
    private static let longestClientList = 5

    /// From the clients that unreadable rows name; damage may stand in the place of a name.
    init(unreadableRowsOf clients: [String?], path: String) {
        let names = Set(clients.compactMap { $0.flatMap(ClientName.init) }).sorted().map(\.value)
        let more = names.count - TokenStoreError.longestClientList
        self = .unreadableRows(
            path: path,
            count: clients.count,
            clients: names.prefix(TokenStoreError.longestClientList) + (more > 0 ? ["and \(more) more"] : [])
        )
    }

    /// From SQLite's result code; its statement stays out of the reason.
    private init(_ error: DatabaseError, path: String) {
        let reason = error.message ?? error.resultCode.description
        switch error.resultCode {
        case .SQLITE_FULL: self = .full(path: path)
        case .SQLITE_READONLY: self = .readOnly(path: path, reason: reason)
        case .SQLITE_IOERR: self = .diskFailure(path: path, reason: "\(reason) (\(error.extendedResultCode.rawValue))")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt(path: path, reason: reason)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: self = .unreadable(path: path, reason: reason)
        // GRDB's answer once the connection is closed; nothing else here misuses SQLite.
        case .SQLITE_MISUSE: self = .closed(path: path)
        default: self = .failed(path: path, reason: "\(reason) (\(error.extendedResultCode.rawValue))")
        }
    }

    private init(_ error: CocoaError, path: String) {
        let reason = (error.underlying as? POSIXError)?.localizedDescription ?? error.localizedDescription
        switch error.code {
        case .fileWriteOutOfSpace: self = .full(path: path)
        case .fileWriteVolumeReadOnly: self = .readOnly(path: path, reason: reason)
        default: self = .unreadable(path: path, reason: reason)
        }
    }
}
