import ArgumentParser
import Benchmarking
import Foundation

/// How long to measure, and where the figures go.
struct ReportOptions: ParsableArguments {
    @Flag(help: "Only see whether it works: little of everything, and figures that say nothing.")
    var quick = false

    @Option(help: ArgumentHelp("The document whose section is to hold the tables.", valueName: "file"))
    var renew: String?

    /// The same for another of our processes.
    var arguments: [String] { (quick ? ["--quick"] : []) + (renew.map { ["--renew", $0] } ?? []) }

    /// Says what was measured, and puts it into the document's section, if that is asked for.
    func publish(_ text: String, as section: String) throws {
        // At once, also when it goes into a pipe.
        try FileHandle.standardOutput.write(contentsOf: Data("\(text)\n".utf8))
        if let renew { try DocumentSection(section).renew(in: renew, with: text) }
    }
}
