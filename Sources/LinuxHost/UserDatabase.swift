internal import Glibc

/// Names of users and groups, by whatever nsswitch.conf(5) names.
package enum UserDatabase {
    /// The number of a user; nil when no database knows the name.
    package static func uid(of name: String) -> UInt32? {
        unsafe look { buffer, count in
            var entry = unsafe passwd()
            var found: UnsafeMutablePointer<passwd>?
            let error = unsafe getpwnam_r(name, &entry, buffer, count, &found)
            return unsafe (error, found == nil ? nil : entry.pw_uid)
        }
    }

    /// The number of a group; nil when no database knows the name.
    package static func gid(of name: String) -> UInt32? {
        unsafe look { buffer, count in
            var entry = unsafe group()
            var found: UnsafeMutablePointer<group>?
            let error = unsafe getgrnam_r(name, &entry, buffer, count, &found)
            return unsafe (error, found == nil ? nil : entry.gr_gid)
        }
    }

    /// The home directory of a user.
    package static func homeDirectory(ofUID uid: UInt32) -> String? {
        unsafe look { buffer, count in
            var entry = unsafe passwd()
            var found: UnsafeMutablePointer<passwd>?
            let error = unsafe getpwuid_r(uid, &entry, buffer, count, &found)
            return unsafe (error, found == nil ? nil : String(cString: entry.pw_dir))
        }
    }

    /// A group with thousands of members needs a long buffer; beyond this something else is wrong.
    private static let longestEntry = 1 << 20

    private static func look<Value>(
        _ call: (UnsafeMutablePointer<CChar>, Int) -> (Int32, Value?)
    ) -> Value? {
        var capacity = 1_024
        while capacity <= longestEntry {
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
            defer { unsafe buffer.deallocate() }
            let (error, value) = unsafe call(buffer, capacity)
            if error != ERANGE { return value }
            capacity *= 4
        }
        return nil
    }
}
