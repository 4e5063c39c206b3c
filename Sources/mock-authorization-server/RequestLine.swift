import Foundation
import MockAuthorizationServer

/// The line that is logged for a request.
enum RequestLine {
    /// Writes it to standard error.
    @Sendable static func write(_ request: SeenRequest, outcome: String, status: Int) {
        let line =
            "\(Date().ISO8601Format()) \(request.endpoint.rawValue) client=\(printable(request.clientID))"
            + " grant=\(printable(request.grant)) status=\(status) \(outcome)\n"
        // Who has closed our standard error does not want the lines.
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }

    /// What a client wrote, made fit for one line.
    private static func printable(_ text: String?) -> String {
        guard let text else { return "-" }
        return String(text.prefix(80).map { $0.isASCII && !$0.isWhitespace && $0 > " " ? $0 : "?" })
    }
}
