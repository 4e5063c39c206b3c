import LocalAPI

extension ClientSecretStatus {
    /// Which of several secrets was accepted last; nil while none was.
    var note: String? {
        guard let working, let source else { return nil }
        return "Of its \(of) secrets number \(working) worked last: \(source)."
    }
}
