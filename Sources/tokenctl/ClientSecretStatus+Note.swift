import LocalAPI

extension ClientSecretStatus {
    /// Which of several secrets works; nil while that is not known.
    var note: String? {
        guard let working, let source else { return nil }
        return "Of its \(of) secrets number \(working) works: \(source)."
    }
}
