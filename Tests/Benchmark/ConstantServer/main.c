// Answers every request with the same bytes, and does nothing else: as fast as an epoll loop can be.
//   constant-server SOCKET ANSWER-FILE

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    longest_answer = 65536,
    most_descriptors = 16384,
    batch = 256,
    // So many are accepted in a row, before those that are there have their turn.
    accepts = 64,
};

static char answer[longest_answer];
static size_t answer_length;

// How much of the blank line after a request's head each connection has sent.
static unsigned char matched[most_descriptors];

static _Noreturn void fail(const char *what) {
    perror(what);
    exit(1);
}

static void read_answer(const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) fail(path);
    ssize_t count;
    while ((count = read(file, answer + answer_length, sizeof answer - answer_length)) > 0) answer_length += (size_t)count;
    if (count < 0 || answer_length == 0) fail(path);
    close(file);
}

static int listen_at(const char *path) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof name.sun_path) {
        errno = ENAMETOOLONG;
        fail(path);
    }
    memcpy(name.sun_path, path, strlen(path));
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&name, sizeof name) < 0 || listen(listener, 4096) < 0)
        fail(path);
    return listener;
}

static void add(int epoll, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) < 0) fail("epoll_ctl");
}

static void accept_some(int epoll, int listener) {
    for (int i = 0; i < accepts; i++) {
        int connection = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (connection < 0) return;
        if (connection >= most_descriptors) {
            close(connection);
            continue;
        }
        matched[connection] = 0;
        add(epoll, connection);
    }
}

// How many requests end in what was read.
static int ends(int connection, const char *bytes, ssize_t count) {
    static const char blank[4] = {'\r', '\n', '\r', '\n'};
    unsigned char at = matched[connection];
    // The common case: one whole request.
    if (at == 0 && count >= 4 && memcmp(bytes + count - 4, blank, 4) == 0 &&
        memmem(bytes, (size_t)count - 1, blank, 4) == NULL)
        return 1;
    int found = 0;
    for (ssize_t i = 0; i < count; i++) {
        if (bytes[i] == blank[at]) at++;
        else at = bytes[i] == blank[0];
        if (at == 4) {
            found++;
            at = 0;
        }
    }
    matched[connection] = at;
    return found;
}

static void serve(int connection) {
    char bytes[16384];
    ssize_t count = recv(connection, bytes, sizeof bytes, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) {
        close(connection);
        return;
    }
    for (int left = ends(connection, bytes, count); left > 0; left--) {
        // Who does not read is not waited for.
        if (send(connection, answer, answer_length, MSG_NOSIGNAL) != (ssize_t)answer_length) {
            close(connection);
            return;
        }
    }
}

int main(int count, char **arguments) {
    if (count != 3) {
        fputs("usage: constant-server SOCKET ANSWER-FILE\n", stderr);
        return 64;
    }
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    read_answer(arguments[2]);
    int listener = listen_at(arguments[1]);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) fail("epoll_create1");
    add(epoll, listener);
    puts("ready");
    fflush(stdout);
    while (1) {
        struct epoll_event events[batch];
        int ready = epoll_wait(epoll, events, batch, -1);
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listener) accept_some(epoll, listener);
            else serve(events[i].data.fd);
        }
    }
}
