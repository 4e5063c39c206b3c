import Foundation

/// Where packages are unpacked that are not installed on this machine.
enum RivalDirectory {
    private static let path = ProcessInfo.processInfo.environment["TOKENBROKER_RIVALS"]

    /// Where programs are in it.
    static let programs = path.map { ["\($0)/usr/sbin", "\($0)/usr/bin"] } ?? []

    /// Where a program in it finds its libraries; nil for a program elsewhere.
    static func libraries(for program: String) -> String? {
        guard let path, program.hasPrefix("\(path)/") else { return nil }
        return ["usr/lib", "lib"].flatMap { directory -> [String] in
            // Those of an architecture are in a directory with its name.
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(directory)")) ?? []
            return names.filter { $0.contains("-linux-") }.map { "\(path)/\(directory)/\($0)" }
        }
        .joined(separator: ":")
    }
}
