import Foundation

/// The inputs that the fuzzers begin with.
enum Corpus {
    /// The files of one fuzzer, by their names.
    static func files(of fuzzer: String) throws -> [(name: String, bytes: [UInt8])] {
        let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fuzz/Corpus/\(fuzzer)")
        return try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
            .map { ($0, Array(try Data(contentsOf: directory.appending(path: $0)))) }
    }
}
