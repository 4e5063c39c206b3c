/// Preloaded into a process, holds its threads where a test says so, as a lock that is never given back or a disk would.
///
/// `HELD_THREADS` names a directory. While there is a file `sockets` in it, a lock holds the thread of that name at its
/// next epoll_wait(2), for good; with `refresh`, the thread of that name at its next poll(2); with `store`, whichever
/// synchronizes a file (fdatasync(2)). A named pipe `disk` holds the latter in a system call, until somebody opens the
/// pipe to write.
