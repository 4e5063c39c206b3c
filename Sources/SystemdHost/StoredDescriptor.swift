import CSystemd

/// A file, mostly one in memory, that the service manager kept for us (sd_notify(3), `FDSTORE=1`).
package struct StoredDescriptor: Sendable, Equatable {
    /// The name it was stored under.
    package let name: String

    /// The open descriptor, the receiver's to close; the service manager has its own.
    package let descriptor: Int32

    /// Nil when `passedName` is none of the store's.
    init?(passedName: String, descriptor: Int32) throws(PassedSocketError) {
        guard passedName.hasPrefix(Self.prefix) else { return nil }
        guard is_regular_file(descriptor) else { throw .notStoredFile(name: passedName, descriptor: descriptor) }
        name = String(passedName.dropFirst(Self.prefix.count))
        self.descriptor = descriptor
    }

    /// What tells its name from a socket unit's `FileDescriptorName=`, for both arrive in one list.
    private static let prefix = "stored-"

    /// What the service manager takes for a name.
    private static let longestName = 255

    /// The form in which the service manager hears `name`; nil when it would not take it, or read another assignment.
    static func passedName(_ name: String) -> String? {
        let isValid = name.utf8.allSatisfy { (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: ":") }
        guard isValid, name.utf8.count + prefix.utf8.count <= longestName else { return nil }
        return prefix + name
    }
}

/// All that the service manager passed.
package struct PassedDescriptors: Sendable, Equatable {
    /// The sockets of the socket units.
    package var sockets: [PassedSocket] = []

    /// What was in the store of descriptors; it is still there, until it is removed.
    package var stored: [StoredDescriptor] = []

    package init(sockets: [PassedSocket] = [], stored: [StoredDescriptor] = []) {
        self.sockets = sockets
        self.stored = stored
    }
}
