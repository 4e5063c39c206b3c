import Foundation

/// A program under valgrind, which counts the instructions that it takes outside of the kernel.
///
/// They are the same each time, on a busy machine too, where times are not.
package struct Callgrind {
    private let directory: String

    /// The copy that is run.
    package let program: String

    /// - Parameter program: one with symbols; a copy without what valgrind cannot read is made in `directory`.
    package init(_ program: String, in directory: String) throws(BenchmarkFailure) {
        self.directory = directory
        self.program = "\(directory)/\(program.split(separator: "/").last ?? "program")"
        // valgrind 3.19 does not know the form of Swift's debugging information.
        let strip = try ChildProcess("strip", ["--strip-debug", "-o", self.program, program])
        guard strip.wait().status == 0 else { throw BenchmarkFailure("\(program) cannot be stripped; is it built?") }
    }

    /// The command that runs it, whose path and arguments follow.
    ///
    /// - Parameter name: tells this run's counts from others'.
    package func launcher(_ name: String) -> [String] {
        [
            "valgrind", "--quiet", "--tool=callgrind", "--separate-threads=yes",
            "--callgrind-out-file=\(directory)/\(name).out",
        ]
    }

    /// Hash seeds are drawn at random else, and collisions with them.
    package static let environment = ["SWIFT_DETERMINISTIC_HASHING": "1"]

    /// What the run `name`, which has ended, counted: of all threads, or of those in which `function` ran.
    ///
    /// - Parameter function: a part of its symbol.
    package func instructions(_ name: String, in function: String? = nil) throws(BenchmarkFailure) -> Int {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        var sum = 0
        for file in files where file.hasPrefix("\(name).out-") {
            let text = (try? String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8)) ?? ""
            if let function, !text.contains(function) { continue }
            for line in text.split(separator: "\n") {
                guard line.hasPrefix("totals: ") || line.hasPrefix("summary: ") else { continue }
                sum += line.split(separator: " ").last.flatMap { Int($0) } ?? 0
                break
            }
        }
        guard sum > 0 else { throw BenchmarkFailure("callgrind counted nothing of \(name)") }
        return sum
    }
}
