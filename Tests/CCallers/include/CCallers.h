#ifndef CCALLERS_H
#define CCALLERS_H

// Processes that connect and then are no longer what they were.

#include <sys/types.h>

/// Lets a child connect `socket` to `path` and end; its number, or -1 with errno. The caller waits for it, or keeps a
/// zombie.
pid_t ccallers_connect_in_child(int socket, const char *path);

/// Starts a process that connects to `path`, has that as its descriptor 3 and becomes another program; its number, or
/// -1 with errno.
pid_t ccallers_connect_and_become(const char *path, char *const arguments[]);

/// Starts a process that does nothing until it is killed, with the number `pid` if that is free; its number, or -1 with
/// errno.
pid_t ccallers_start_with_number(pid_t pid);

#endif
