internal import Glibc

/// An open descriptor that is closed when it goes.
package struct FileDescriptor: ~Copyable, Sendable {
    package let number: Int32

    /// Takes `number` over.
    package init(owning number: Int32) { self.number = number }

    /// Gives it up unclosed.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    deinit { _ = close(number) }
}
