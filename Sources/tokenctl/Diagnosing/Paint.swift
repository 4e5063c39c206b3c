/// The colours that a terminal shows what matters in.
enum Paint: String {
    case bold = "1"
    case green = "32"
    case yellow = "33"
    case red = "31"
    case plain = "0"

    func applied(to text: String, _ isColoured: Bool) -> String {
        isColoured ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
