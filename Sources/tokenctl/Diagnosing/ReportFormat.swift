import ArgumentParser
import Diagnosis
import LinuxHost
import LocalAPI

/// How a diagnosis is printed.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json, report

    /// Prints `report`.
    ///
    /// - Parameter document: As the daemon wrote it; nil for one that was made here.
    func print(_ report: DiagnosisReport, document: [UInt8]? = nil) {
        switch self {
        case .json:
            StandardStreams.write(document ?? DocumentCoding.encode(report) + [0x0A])
        case .report:
            let now = LinuxClock.sinceEpoch()
            let version = Tokenctl.configuration.version
            StandardStreams.write(SupportReport(report, now: now, version: version, machine: .current()).lines)
        case .text:
            let isTerminal = CurrentProcess.isTerminal(1)
            let text = ReportText(
                report,
                columns: isTerminal ? CurrentProcess.terminalColumns(1) : nil,
                isColoured: isTerminal && CurrentProcess.environment("NO_COLOR") == nil
            )
            StandardStreams.write(text.lines)
        }
    }
}
