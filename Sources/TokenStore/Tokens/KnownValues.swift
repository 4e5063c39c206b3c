import Foundation
import OAuth2

/// What rows before had, as most of thousands of rows have the same: it is read once, and is in memory once.
struct KnownValues {
    /// By arrays: `Data` hashes its beginning alone, which audiences of one service have in common.
    private var targets: [[UInt8]: TokenTarget] = [:]
    private var scopes: [[UInt8]: ScopeSet] = [:]
    private var latestTarget: (bytes: Data, target: TokenTarget)?
    private var latestScope: (bytes: Data, scope: ScopeSet)?
    private var latestKey: (id: Data, opener: StateKey.Opener)?

    /// By column, of the row before.
    private var texts = [String](repeating: "", count: Self.columnCount)
    private var blobs = [Data](repeating: Data(), count: Self.columnCount)

    /// Those of `AccessTokenTable.columns`.
    private static let columnCount = 16

    /// The target that is kept as `bytes`.
    mutating func target(_ bytes: Data) -> TokenTarget? {
        if let latestTarget, latestTarget.bytes == bytes { return latestTarget.target }
        let key = Array(bytes)
        guard let target = targets[key] ?? TokenTarget(canonicalBytes: bytes) else { return nil }
        targets[key] = target
        latestTarget = (bytes, target)
        return target
    }

    /// The scope that is kept as `bytes`.
    mutating func scope(_ bytes: Data) -> ScopeSet? {
        if let latestScope, latestScope.bytes == bytes { return latestScope.scope }
        let key = Array(bytes)
        guard let scope = scopes[key] ?? ScopeSet(canonicalBytes: bytes) else { return nil }
        scopes[key] = scope
        latestScope = (bytes, scope)
        return scope
    }

    /// The key of `keys` with this id.
    mutating func opener(_ id: Data, of keys: StateKeys) -> StateKey.Opener? {
        if let latestKey, latestKey.id == id { return latestKey.opener }
        guard let opener = keys[id]?.opener else { return nil }
        latestKey = (id, opener)
        return opener
    }
}

// MARK: Columns

extension KnownValues {
    /// The text in `column` of `row`; nil when something else is there.
    mutating func text(_ column: Int, of row: StandingRow) -> String? {
        row.withText(column) { bytes in text(bytes, of: column) } ?? nil
    }

    /// The text that is kept as a blob in `column` of `row`; nil when something else is there, or it is none.
    mutating func blobText(_ column: Int, of row: StandingRow) -> String? {
        row.withBlob(column) { bytes in text(bytes, of: column) } ?? nil
    }

    /// The blob in `column` of `row`; nil when something else is there.
    mutating func blob(_ column: Int, of row: StandingRow) -> Data? {
        row.withBlob(column) { bytes in
            if blobs[column].span.isEqual(to: bytes) { return blobs[column] }
            let blob = unsafe bytes.withUnsafeBufferPointer { unsafe Data($0) }
            blobs[column] = blob
            return blob
        }
    }

    private mutating func text(_ bytes: Span<UInt8>, of column: Int) -> String? {
        if texts[column].utf8.span.isEqual(to: bytes) { return texts[column] }
        guard let text = unsafe bytes.withUnsafeBufferPointer({ unsafe String(validating: $0, as: UTF8.self) }) else {
            return nil
        }
        texts[column] = text
        return text
    }
}

extension Span<UInt8> {
    fileprivate func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return unsafe withUnsafeBytes { left in
            unsafe other.withUnsafeBytes { right in
                unsafe left.isEmpty || memcmp(left.baseAddress!, right.baseAddress!, left.count) == 0
            }
        }
    }
}
