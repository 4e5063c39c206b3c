import Foundation
import OAuth2

extension Secret {
    /// Lends the bytes as libraries take them.
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withBytes { span in
            try unsafe span.withUnsafeBufferPointer { try unsafe body(UnsafeRawBufferPointer($0)) }
        }
    }
}

extension Data {
    /// Overwrites the bytes, which nobody else may share: a copy would be made and wiped in their place.
    mutating func wipe() { resetBytes(in: startIndex..<endIndex) }
}
