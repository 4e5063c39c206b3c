#define _GNU_SOURCE
#include "CCallers.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// Between fork and the end or another program, only what a signal handler may call.

static int address(struct sockaddr_un *address, const char *path) {
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address->sun_path) return -1;
    strcpy(address->sun_path, path);
    return 0;
}

pid_t ccallers_connect_in_child(int descriptor, const char *path) {
    struct sockaddr_un name;
    if (address(&name, path) < 0) return -1;
    pid_t child = fork();
    if (child == 0) _exit(connect(descriptor, (struct sockaddr *)&name, sizeof name) == 0 ? 0 : 1);
    return child;
}

pid_t ccallers_connect_and_become(const char *path, char *const arguments[]) {
    struct sockaddr_un name;
    if (address(&name, path) < 0) return -1;
    pid_t child = fork();
    if (child != 0) return child;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&name, sizeof name) < 0) _exit(1);
    // The copy is open in the next program too.
    if (descriptor == 3 ? fcntl(3, F_SETFD, 0) < 0 : dup2(descriptor, 3) < 0) _exit(1);
    execv(arguments[0], arguments);
    _exit(1);
}

pid_t ccallers_start_with_number(pid_t pid) {
    int file = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    char text[16];
    int length = snprintf(text, sizeof text, "%d", pid - 1);
    ssize_t written = write(file, text, (size_t)length);
    pid_t child = written == length ? fork() : -1;
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) pause();
    }
    close(file);
    return child;
}
