import LocalAPI
import LocalServer

/// What holds of every connection, whatever its caller sends and however its bytes are split.
package enum RequestProperties {
    /// How thoroughly to look.
    package enum Care {
        /// Whole and in pieces.
        case pieces
        /// Byte by byte too.
        case bytes
    }

    /// What does not hold of the connection that `input` is; empty when all is well.
    package static func violations(of input: [UInt8], _ care: Care = .bytes) -> [String] {
        let input = RequestInput(input)
        var whole = ConnectionRun(input, pieces: .whole)
        whole.run()
        var violations = whole.violations
        for (request, bytes) in zip(whole.requests, whole.handedOver) {
            let handed = HandedRequest(request: request, bytes: bytes)
            violations += handed.violations + handed.readingViolations
        }
        var others = [ConnectionRun.Pieces.scripted]
        if care == .bytes { others.append(.bytes) }
        for pieces in others {
            var split = ConnectionRun(input, pieces: pieces)
            split.run()
            violations += split.violations
            violations += differences(of: split, and: whole).map { "split it has other \($0)" }
        }
        var unruly = UnrulyRun(input)
        unruly.run()
        return violations + unruly.violations
    }

    private static func differences(of one: ConnectionRun, and other: ConnectionRun) -> [String] {
        var differences: [String] = []
        if one.requests != other.requests { differences.append("requests") }
        if one.output != other.output { differences.append("answers") }
        if one.end != other.end || one.wasShutDown != other.wasShutDown { differences.append("ends") }
        return differences
    }
}
