import Foundation
import GRDB

// Free texts are kept as blobs, as a text ends at its first NUL.
extension Data {
    /// The blob in which `text` is kept.
    init(text: String) { self.init(text.utf8) }
}

extension String {
    /// The text that was kept as a blob; nil when there is none, or something else.
    init?(blob value: DatabaseValue) {
        guard let bytes = Data.fromDatabaseValue(value) else { return nil }
        self.init(bytes: bytes, encoding: .utf8)
    }
}
