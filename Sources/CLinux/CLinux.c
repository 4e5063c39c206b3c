#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int control(int epoll, int operation, int descriptor, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = descriptor};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

int clinux_epoll_add(int epoll, int descriptor, uint32_t events) {
    return control(epoll, EPOLL_CTL_ADD, descriptor, events);
}

int clinux_epoll_modify(int epoll, int descriptor, uint32_t events) {
    return control(epoll, EPOLL_CTL_MOD, descriptor, events);
}

int clinux_epoll_remove(int epoll, int descriptor) { return control(epoll, EPOLL_CTL_DEL, descriptor, 0); }

int clinux_epoll_wait(int epoll, clinux_ready *events, int capacity, int timeout_milliseconds) {
    struct epoll_event ready[256];
    if (capacity > 256) capacity = 256;
    int count = epoll_wait(epoll, ready, capacity, timeout_milliseconds);
    for (int i = 0; i < count; i++) {
        events[i].events = ready[i].events;
        events[i].descriptor = ready[i].data.fd;
    }
    return count;
}

int clinux_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

int clinux_unix_stream(int nonblocking) {
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0), 0);
}

static int address(const char *path, struct sockaddr_un *address) {
    size_t length = strlen(path);
    if (length >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, length);
    return 0;
}

int clinux_unix_bind(int descriptor, const char *path) {
    struct sockaddr_un name;
    if (address(path, &name) < 0) return -1;
    return bind(descriptor, (struct sockaddr *)&name, sizeof name);
}

int clinux_unix_connect(int descriptor, const char *path) {
    struct sockaddr_un name;
    if (address(path, &name) < 0) return -1;
    return connect(descriptor, (struct sockaddr *)&name, sizeof name);
}

int clinux_pass_credentials(int descriptor) {
    int on = 1;
    return setsockopt(descriptor, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
}

// What each request passes calls the kernel itself: glibc's functions are points of cancellation, which nobody here uses,
// and with several threads each of them takes two locked instructions for that.

clinux_received clinux_receive(int descriptor, void *buffer, size_t capacity) {
    clinux_received received = {0};
    // Room for the credentials and for some descriptors; the kernel drops what does not fit and closes it.
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(16 * sizeof(int))];
        struct cmsghdr header;
    } control;
    struct iovec piece = {.iov_base = buffer, .iov_len = capacity};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    received.count = syscall(SYS_recvmsg, descriptor, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (received.count < 0) return received;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET) continue;
        if (part->cmsg_type == SCM_CREDENTIALS) {
            struct ucred writer;
            memcpy(&writer, CMSG_DATA(part), sizeof writer);
            received.has_writer = 1;
            received.writer = (clinux_credentials){.pid = writer.pid, .uid = writer.uid, .gid = writer.gid};
        } else if (part->cmsg_type == SCM_RIGHTS) {
            size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            for (size_t i = 0; i < count; i++) {
                int passed;
                memcpy(&passed, CMSG_DATA(part) + i * sizeof passed, sizeof passed);
                close(passed);
                received.passed_descriptors++;
            }
        }
    }
    if (message.msg_flags & MSG_CTRUNC) received.passed_descriptors++;
    return received;
}

ssize_t clinux_send(int descriptor, const void *bytes, size_t count) {
    return syscall(SYS_sendto, descriptor, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT, NULL, (size_t)0);
}

int clinux_limit_send_buffer(int descriptor, int bytes) {
    return setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

int clinux_peer_credentials(int descriptor, clinux_credentials *credentials) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return -1;
    *credentials = (clinux_credentials){.pid = peer.pid, .uid = peer.uid, .gid = peer.gid};
    return 0;
}

int clinux_peer_groups(int descriptor, uint32_t *groups, int capacity) {
    socklen_t length = (socklen_t)((size_t)capacity * sizeof *groups);
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups, &length) < 0) return -1;
    return (int)(length / sizeof *groups);
}

int clinux_peer_pidfd(int descriptor) {
    int pidfd = -1;
    socklen_t length = sizeof pidfd;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &length) < 0) return -1;
    return pidfd;
}

int clinux_pidfd_open(int32_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int clinux_names_peer_process(void) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return -1;
    int pidfd = clinux_peer_pidfd(ends[0]);
    int can = pidfd >= 0 || errno != ENOPROTOOPT;
    if (pidfd >= 0) close(pidfd);
    close(ends[0]);
    close(ends[1]);
    return can;
}

int clinux_event(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void clinux_event_ring(int event) {
    uint64_t one = 1;
    // Full means that it rings already.
    ssize_t ignored = write(event, &one, sizeof one);
    (void)ignored;
}

void clinux_event_quiet(int event) {
    uint64_t count;
    ssize_t ignored = read(event, &count, sizeof count);
    (void)ignored;
}

int clinux_boot_timer(void) { return timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK); }

int clinux_boot_timer_set(int timer, int64_t seconds, int64_t nanoseconds) {
    struct itimerspec time = {.it_value = {.tv_sec = seconds, .tv_nsec = nanoseconds}};
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &time, NULL);
}

int clinux_memory_file(const char *name) {
    // Some systems allow no other kind (vm.memfd_noexec), and kernels before 6.3 do not know it.
    int file = memfd_create(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);
    return file < 0 && errno == EINVAL ? memfd_create(name, MFD_CLOEXEC) : file;
}

void clinux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int32_t clinux_thread_id(void) { return gettid(); }

int clinux_not_dumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

int clinux_is_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }

int clinux_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

static size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

static int guard_keys(void *memory, size_t size) {
    if (mprotect(memory, size, PROT_READ | PROT_WRITE) < 0) return -1;
    if (madvise(memory, size, MADV_DONTDUMP) < 0 || madvise(memory, size, MADV_WIPEONFORK) < 0) return -1;
    return mlock2(memory, size, MLOCK_ONFAULT);
}

void *clinux_key_memory(size_t size) {
    size_t guard = page_size();
    char *whole = mmap(NULL, size + 2 * guard, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (whole == MAP_FAILED) return NULL;
    if (guard_keys(whole + guard, size) < 0) {
        int error = errno;
        munmap(whole, size + 2 * guard);
        errno = error;
        return NULL;
    }
    // For /proc/PID/maps, where the kernel was built to show it.
    prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, whole + guard, size, "tokenbroker keys");
    return whole + guard;
}

void clinux_free_key_memory(void *memory, size_t size) {
    explicit_bzero(memory, size);
    munmap((char *)memory - page_size(), size + 2 * page_size());
}

ssize_t clinux_random(void *buffer, size_t count) { return getrandom(buffer, count, 0); }

int clinux_loopback_bind(int is_v6, uint16_t port, int is_listening) {
    int family = is_v6 ? AF_INET6 : AF_INET;
    int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -1;
    int on = 1;
    struct sockaddr_in v4 = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_loopback};
    const struct sockaddr *name = is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
    socklen_t length = is_v6 ? sizeof v6 : sizeof v4;
    // Connections that ended a moment ago do not keep the port; one that is only kept from others keeps it alone.
    if ((!is_listening || setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0) &&
        bind(descriptor, name, length) == 0 && (!is_listening || listen(descriptor, 16) == 0))
        return descriptor;
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

int clinux_port(int descriptor) {
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    if (getsockname(descriptor, (struct sockaddr *)&name, &length) < 0) return -1;
    if (name.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&name)->sin6_port);
    return ntohs(((struct sockaddr_in *)&name)->sin_port);
}

static int caught_event = -1;
static volatile sig_atomic_t caught_signal;

static void catch_signal(int number) {
    int error = errno;
    caught_signal = number;
    clinux_event_ring(caught_event);
    errno = error;
}

int clinux_catch_ends(void) {
    if (caught_event < 0) caught_event = clinux_event();
    if (caught_event < 0) return -1;
    static const int ends[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct sigaction action;
        if (sigaction(ends[i], NULL, &action) < 0) return -1;
        // What nohup(1) had ignored stays so.
        if (action.sa_handler == SIG_IGN) continue;
        memset(&action, 0, sizeof action);
        action.sa_handler = catch_signal;
        if (sigaction(ends[i], &action, NULL) < 0) return -1;
    }
    signal(SIGPIPE, SIG_IGN);
    return caught_event;
}

int clinux_caught_signal(void) { return caught_signal; }

void clinux_end_by_signal(int number) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    signal(number, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    raise(number);
    // The first process of a container does not die of its own signals.
    _exit(128 + number);
}

int clinux_spawn_detached(const char *program, char *const arguments[]) {
    posix_spawn_file_actions_t streams;
    posix_spawnattr_t attributes;
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    int error = posix_spawn_file_actions_init(&streams);
    if (error) return error;
    error = posix_spawnattr_init(&attributes);
    for (int stream = 0; stream < 3 && !error; stream++)
        error = posix_spawn_file_actions_addopen(&streams, stream, "/dev/null", O_RDWR, 0);
    if (!error) error = posix_spawnattr_setsigmask(&attributes, &none);
    if (!error) error = posix_spawnattr_setsigdefault(&attributes, &usual);
    if (!error)
        error = posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    pid_t child;
    if (!error) error = posix_spawnp(&child, program, &streams, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&streams);
    return error;
}

void clinux_limit_heaps(int count) { mallopt(M_ARENA_MAX, count); }

static int unmap_clean_pages(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    (void)context;
    // The kernel's own is no file, and has no pages to give.
    if (object->dlpi_addr == getauxval(AT_SYSINFO_EHDR)) return 0;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
        // What was written to, as relocations are, is in no file.
        if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
        // Whole pages of the segment alone: the last may be shared with the one behind it.
        uintptr_t start = (object->dlpi_addr + segment->p_vaddr + page - 1) & ~(page - 1);
        uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_memsz) & ~(page - 1);
        if (end > start) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void clinux_give_memory_back(void) {
    malloc_trim(0);
    dl_iterate_phdr(unmap_clean_pages, NULL);
}

int clinux_terminal_columns(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
