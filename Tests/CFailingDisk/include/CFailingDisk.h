/// Preloaded into a process, lets writes to some files fail; a test begins and ends that while the process runs.
///
/// `FAILING_DISK_BELOW` names the directory whose files are meant. `FAILING_DISK` names a file of two 32-bit numbers: the
/// errno of every write and change of size (pwrite(2), write(2), ftruncate(2), fallocate(2)), and that of every
/// synchronization (fsync(2), fdatasync(2)); 0 is none.
