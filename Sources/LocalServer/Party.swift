/// Who shares turns, and beyond a few connections a poller.
enum Party: Sendable, Hashable {
    /// One that some rule names.
    case user(UInt32)

    /// All users together whom no rule names: a process can have thousands of numbers (subuid(5)), and would be served as
    /// often as as many users.
    case strangers
}
