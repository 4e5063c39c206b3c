import Foundation

/// The part of a document between `<!-- begin: NAME -->` and `<!-- end: NAME -->`, which a program writes.
package struct DocumentSection: Sendable {
    private let name: String

    package init(_ name: String) { self.name = name }

    /// The document with `text` in this section.
    package func renewed(in document: String, with text: String) throws(BenchmarkFailure) -> String {
        guard let start = document.firstRange(of: "<!-- begin: \(name) -->\n"),
            let end = document[start.upperBound...].firstRange(of: "<!-- end: \(name) -->")
        else { throw BenchmarkFailure("the document has no <!-- begin: \(name) --> with its <!-- end: \(name) -->") }
        return "\(document[..<start.upperBound])\n\(text)\n\n\(document[end.lowerBound...])"
    }

    /// Writes `text` into this section of a file.
    package func renew(in file: String, with text: String) throws {
        let document = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
        try Data(try renewed(in: document, with: text).utf8).write(to: URL(filePath: file), options: .atomic)
    }
}
