internal import Synchronization

/// Memory for secrets, better guarded than the heap, from whoever has it.
@safe
package final class SecretMemory: Sendable {
    /// Lends so many bytes, or nil when it has none, and the heap serves.
    ///
    /// `isKey` says that it is for a key.
    package typealias Allocate = @Sendable (_ byteCount: Int, _ isKey: Bool) -> UnsafeMutableRawPointer?

    /// Takes back, and wipes, what it lent.
    package typealias Release = @Sendable (_ start: UnsafeMutableRawPointer, _ byteCount: Int) -> Void

    let allocate: Allocate
    let release: Release

    package init(allocate: @escaping Allocate, release: @escaping Release) {
        unsafe self.allocate = allocate
        unsafe self.release = release
    }

    private static let first = AtomicLazyReference<SecretMemory>()

    /// What secrets are made in; nil for the heap.
    static var installed: SecretMemory? { first.load() }

    /// Lets every secret that is made from now on live in `memory`; the first that is installed stays.
    package static func install(_ memory: SecretMemory) { _ = first.storeIfNil(memory) }
}
