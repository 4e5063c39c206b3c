import LocalAPI

extension GrantStatus {
    /// What an operator should know of the grant; nil when all is well.
    func note(now: Int) -> String? {
        let notes = [unsaved ? Self.unsavedNote : nil, warning, refused.map { Self.note($0, now: now) }]
            .compactMap(\.self)
        return notes.isEmpty ? nil : notes.joined(separator: " ")
    }

    private static let unsavedNote =
        "The newest refresh token is in memory alone, since the store takes no write: do not end the daemon."

    /// Last of the notes, as the server's words may end in any way.
    private static func note(_ refusal: Refusal, now: Int) -> String {
        let unanswered = refusal.unansweredAttempts.map { ", after \($0) without an answer" } ?? ""
        let words = StatusTable.refusal(refusal.error, status: refusal.serverStatus, words: refusal.serverWords)
        return "The refresh token was refused \(StatusTable.relative(refusal.at, now))\(unanswered), and is kept but "
            + "not presented again: \(words)"
    }
}
