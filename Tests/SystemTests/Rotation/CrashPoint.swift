/// A step of a rotation at which a debug build of the daemon can be made to die as by `kill -9`, in their order.
enum CrashPoint: String, Sendable, CaseIterable {
    case takeoverCommitted = "takeover_committed"
    case turnBegun = "turn_begun"
    case intentCommitted = "intent_committed"
    case requestSent = "request_sent"
    case answerReceived = "answer_received"
    case answerUnderstood = "answer_understood"
    case rotationCommitted = "rotation_committed"
    case tokenPublished = "token_published"

    /// What makes a daemon die there.
    var environment: [String: String] { ["TOKENBROKER_CRASH_AT": rawValue] }

    /// Whether the server has spent the token and nobody knows what it gave for it.
    var losesAnswer: Bool { self == .requestSent || self == .answerReceived || self == .answerUnderstood }

    /// Whether what the server gave is on the disk.
    var keepsAnswer: Bool { self == .rotationCommitted || self == .tokenPublished }
}
