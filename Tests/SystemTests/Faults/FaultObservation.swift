import Foundation
import LocalAPI
import Testing

/// What was seen of one fault.
struct FaultObservation: Sendable {
    /// What a caller heard when nothing was cached.
    struct Caller: Sendable {
        let status: Int
        let error: String?
        let cause: String?
        let remedy: String?
        let retryAfter: Int?
    }

    /// What the operator saw.
    struct Operator: Sendable {
        let state: ClientState
        let serving: Bool
        let diesAt: Int?
        let error: String?
        let cause: String?
        let remedy: String?
        let serverStatus: Int?
        /// From the failure to the next attempt, in seconds; nil when none is planned.
        let nextAttemptAfter: Int?

        init(_ status: ClientStatus) {
            state = status.state
            serving = status.serving
            diesAt = status.diesAt
            error = status.lastError?.error
            cause = status.lastError?.cause
            remedy = status.lastError?.remedy
            serverStatus = status.lastError?.serverStatus
            nextAttemptAfter = status.nextAttemptAt.flatMap { next in status.lastError.map { next - $0.at } }
        }
    }

    /// What was seen with a token in the cache.
    struct Cached: Sendable {
        /// What callers went on hearing.
        let callersStatus: Int
        let isTokenOfBefore: Bool
        let byOperator: Operator
    }

    let caller: Caller
    let byOperator: Operator
    let cached: Cached?

    /// Whether the server's Retry-After was passed on and kept; nil when there was none.
    let isRetryAfterKept: Bool?

    /// What it took, once the fault was over; nil when it did not help.
    let recovery: FaultCase.Recovery?
}

extension FaultObservation.Caller {
    init(_ answer: SocketHTTP.Answer) {
        status = answer.status
        error = answer.string("error")
        cause = answer.string("cause")
        remedy = answer.string("remedy")
        retryAfter = answer.head.split(separator: "\r\n")
            .first { $0.lowercased().hasPrefix("retry-after: ") }
            .flatMap { Int($0.dropFirst("retry-after: ".count)) }
    }
}

extension FaultObservation {
    /// The row of the README, all but the name from what was seen.
    func row(_ name: String) -> String {
        var heard = "\(caller.status) `\(caller.error ?? "-")`, `\(caller.cause ?? "-")`"
        var shown = "`\(byOperator.state.rawValue)`"
        if let cached {
            let isUnnoticed = cached.callersStatus == 200 && cached.isTokenOfBefore
            heard += "; with a cached token: \(isUnnoticed ? "nothing" : "\(cached.callersStatus)")"
            if cached.byOperator.state != byOperator.state {
                shown += "; with a cached token `\(cached.byOperator.state.rawValue)`"
            }
        }
        if let status = byOperator.serverStatus { shown += "; HTTP \(status)" }
        shown += "; \(plan)"
        if let isRetryAfterKept { shown += isRetryAfterKept ? ", when `Retry-After` is over" : ", too early" }
        shown += "; \(recovery?.rawValue ?? "not well again")"
        return "| \(name) | \(heard) | \(shown) |"
    }

    private var plan: String {
        switch byOperator.nextAttemptAfter {
        case nil: "no next attempt"
        case let seconds? where seconds < FaultCase.longestPassingPause: "asks again in seconds"
        case _?: "asks again in minutes"
        }
    }
}
