import OAuth2

extension EarlierFailure {
    /// What came before the refresh token was refused, in one sentence.
    var summary: String {
        "The authorization server answered \(error)\(words.map { " (\($0))" } ?? "") to the refresh token at "
            + "\(UTCText.text(at)), which may have spent it, and refuses it now: the first answer is the one to mend."
    }
}
