#ifndef CLINUX_H
#define CLINUX_H

// The few calls that Swift's Glibc lacks, or that it can only call with pointers to unions.

#include <stdint.h>
#include <sys/types.h>

/// What happened on a descriptor.
typedef struct {
    uint32_t events;
    int32_t descriptor;
} clinux_ready;

/// A process as the kernel knows it.
typedef struct {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
} clinux_credentials;

/// What a read from a Unix socket brought.
typedef struct {
    /// As recvmsg(2): bytes, 0 at the end, -1 with errno.
    ssize_t count;
    /// Whether the kernel said who wrote.
    int has_writer;
    clinux_credentials writer;
    /// Descriptors that were passed along; they are closed already.
    int passed_descriptors;
} clinux_received;

#define CLINUX_EPOLLIN 0x001u
#define CLINUX_EPOLLOUT 0x004u
#define CLINUX_EPOLLERR 0x008u
#define CLINUX_EPOLLHUP 0x010u
#define CLINUX_EPOLLRDHUP 0x2000u
#define CLINUX_EPOLLET 0x80000000u

int clinux_epoll_create(void);
int clinux_epoll_add(int epoll, int descriptor, uint32_t events);
int clinux_epoll_modify(int epoll, int descriptor, uint32_t events);
int clinux_epoll_remove(int epoll, int descriptor);
int clinux_epoll_wait(int epoll, clinux_ready *events, int capacity, int timeout_milliseconds);

/// Accepts a connection, non-blocking and closed on exec.
int clinux_accept(int listener);

/// A Unix stream socket that is closed on exec.
int clinux_unix_stream(int nonblocking);
int clinux_unix_bind(int descriptor, const char *path);
int clinux_unix_connect(int descriptor, const char *path);

/// Makes every recvmsg on it, and on what it accepts, say who wrote.
int clinux_pass_credentials(int descriptor);
clinux_received clinux_receive(int descriptor, void *buffer, size_t capacity);

/// Sends what the socket takes now, and nothing to nobody: no signal.
ssize_t clinux_send(int descriptor, const void *bytes, size_t count);

/// How much the kernel keeps of what is sent and not read yet; it doubles the number, for its own headers.
int clinux_limit_send_buffer(int descriptor, int bytes);

/// Who connected; 0, or -1 with errno.
int clinux_peer_credentials(int descriptor, clinux_credentials *credentials);

/// The connecter's supplementary groups; their number, or -1 with errno (ERANGE when there are more).
int clinux_peer_groups(int descriptor, uint32_t *groups, int capacity);

/// A descriptor of the connecter's process, or -1 with errno (ENOPROTOOPT before Linux 6.5).
int clinux_peer_pidfd(int descriptor);

/// Whether this kernel gives such descriptors; -1 with errno when it could not be asked.
int clinux_names_peer_process(void);

/// A descriptor of the process with a number, closed on exec, or -1 with errno (ESRCH when there is none).
int clinux_pidfd_open(int32_t pid);

/// A non-blocking event descriptor; `ring` makes it readable, `quiet` no longer so.
int clinux_event(void);
void clinux_event_ring(int event);
void clinux_event_quiet(int event);

/// A non-blocking timer of CLOCK_BOOTTIME, set to an absolute time.
int clinux_boot_timer(void);
int clinux_boot_timer_set(int timer, int64_t seconds, int64_t nanoseconds);

/// A file in memory without a name in any directory, closed on exec; or -1 with errno.
int clinux_memory_file(const char *name);

void clinux_name_thread(const char *name);

/// The kernel's number for the calling thread.
int32_t clinux_thread_id(void);
int clinux_not_dumpable(void);
int clinux_is_dumpable(void);

/// Rules out that a program run from here has more rights than this one.
int clinux_no_new_privileges(void);

/// Memory between two pages that nobody can touch: locked as its pages are first touched, in no core dump, and empty in a
/// child. `size` is a multiple of the page's; NULL with errno when the kernel refuses any of it.
void *clinux_key_memory(size_t size);
void clinux_free_key_memory(void *memory, size_t size);
ssize_t clinux_random(void *buffer, size_t count);

/// A non-blocking TCP socket on 127.0.0.1 or ::1, closed on exec, or -1 with errno. One that does not listen keeps the
/// port from others.
int clinux_loopback_bind(int is_v6, uint16_t port, int is_listening);

/// The port that a TCP socket is bound to, or -1 with errno.
int clinux_port(int descriptor);

/// From now on SIGINT, SIGQUIT, SIGTERM and SIGHUP, unless they are ignored, make the event descriptor that is returned
/// readable, and SIGPIPE does nothing; -1 with errno.
int clinux_catch_ends(void);

/// The latest of them; 0 when none came.
int clinux_caught_signal(void);

/// Ends the process as the signal does where nobody catches it.
_Noreturn void clinux_end_by_signal(int number);

/// Starts a program, found in PATH, in a session of its own and with nothing on its standard streams; 0, or an errno.
int clinux_spawn_detached(const char *program, char *const arguments[]);

/// Makes all threads allocate from as many heaps; before there is another thread.
void clinux_limit_heaps(int count);

/// Gives the kernel what heaps do not use, and takes the pages of programs and libraries that nothing has written to out of
/// the process; they are mapped again as they are touched.
void clinux_give_memory_back(void);

/// How many characters a line of a terminal holds; 0 when it does not say or is none.
int clinux_terminal_columns(int descriptor);

#endif
