import ArgumentParser
import Foundation
import MockAuthorizationServer

/// The fault laboratory, as arguments say it.
struct LaboratoryOptions: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table
        case json
    }

    @Option(
        help: ArgumentHelp(
            "Let clients feel a cause of failures as its provider's server would; --list-faults tells which there are "
                + "and what they need. Name the client with --client, so that what others make up is refused as it "
                + "would be; without, every client is served whose id and secret do not begin with made-up or unknown.",
            valueName: "name"
        )
    )
    var fault: String?

    @Option(help: ArgumentHelp("Answer as that provider's server does when all is well.", valueName: "provider"))
    var manner: String?

    @Flag(help: "Print the faults, their causes and how to set a client up for them, and end.")
    var listFaults = false

    @Option(help: ArgumentHelp("How --list-faults prints: table or json.", valueName: "format"))
    var format = Format.table

    func validate() throws {
        guard fault == nil || manner == nil else {
            throw ValidationError("--fault has its provider's manner; leave --manner out.")
        }
        if let fault, LaboratoryFault.named(fault) == nil {
            throw ValidationError(LaboratoryFault.objection(to: fault))
        }
    }

    /// Prints the list when it is asked for, and ends the program.
    func listIfAsked() throws {
        guard listFaults else { return }
        let list = format == .json ? FaultList.json : FaultList.table
        try FileHandle.standardOutput.write(contentsOf: Data(list.utf8))
        throw ExitCode.success
    }

    /// What must be there before the server starts.
    func check(_ configuration: Configuration) throws {
        if let fault = fault.flatMap(LaboratoryFault.named), let missing = configuration.lacks(for: fault) {
            throw ValidationError(missing + ".")
        }
    }

    /// Gives the server its fault or manner; more for the line that says ready.
    func apply(to server: MockAuthorizationServer) throws -> String {
        if let fault = fault.flatMap(LaboratoryFault.named) {
            try server.setFault(fault)
        } else if let manner {
            guard server.setManner(of: manner) else { throw ValidationError("no provider \(manner) has a manner here") }
        } else {
            return ""
        }
        let issuer = server.givenIssuer.map { " issuer=\($0) jwks_uri=\(server.url(.jwks))" } ?? ""
        return issuer + (fault.map { " fault=\($0)" } ?? "")
    }
}
