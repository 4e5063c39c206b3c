internal import Glibc

/// Changes that have survived a power failure once they return.
extension FileSystem {
    /// Writes a new file, durably and whole, and fails when there is one already.
    package static func createExclusively(_ path: String, mode: UInt32, contents: [UInt8]) throws(HostError) {
        let number = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard number >= 0 else { throw .last("cannot be created", path: path) }
        let file = FileDescriptor(owning: number)
        do throws(HostError) {
            try file.write(contents, path: path)
            try synchronize(file, path: path)
            try synchronizeDirectory(of: path)
        } catch {
            // Half a key would be taken for the key at the next start.
            unsafe unlink(path)
            throw error
        }
    }

    /// Puts a file in the place of `path`, whole: whoever reads finds the old or the new, after a crash too.
    ///
    /// It is written beside it, under the name with `.new` behind, which is nobody else's. After an error the old one
    /// is there, unless the directory could not be synchronised, which comes last.
    package static func replace(_ path: String, mode: UInt32, contents: [UInt8]) throws(HostError) {
        let new = "\(path).new"
        // What a crash left behind.
        try remove(new)
        try createExclusively(new, mode: mode, contents: contents)
        do throws(HostError) {
            try rename(new, to: path)
        } catch {
            unsafe unlink(new)
            throw error
        }
    }

    /// Gives a file another name, in the same file system; a file that has it already is gone.
    package static func rename(_ path: String, to other: String) throws(HostError) {
        guard unsafe Glibc.rename(path, other) == 0 else { throw .last("cannot be renamed to \(other)", path: path) }
        try synchronizeDirectory(of: other)
        if directory(of: path) != directory(of: other) { try synchronizeDirectory(of: path) }
    }

    /// Removes a file; nothing when there is none.
    package static func remove(_ path: String) throws(HostError) {
        guard unsafe unlink(path) == 0 else {
            if errno == ENOENT { return }
            throw .last("cannot be removed", path: path)
        }
        try synchronizeDirectory(of: path)
    }

    static func synchronize(_ file: borrowing FileDescriptor, path: String) throws(HostError) {
        guard fsync(file.number) == 0 else { throw .last("cannot be synchronised", path: path) }
    }

    /// Without it the name of a new file may not survive a power failure, though its content does.
    static func synchronizeDirectory(of path: String) throws(HostError) {
        let directory = directory(of: path)
        let number = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw .last("cannot be opened", path: directory) }
        try synchronize(FileDescriptor(owning: number), path: directory)
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
