#define _GNU_SOURCE
#include "CBenchmarking.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static cpu_set_t set_of(uint64_t processors) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int i = 0; i < 64; i++)
        if (processors >> i & 1) CPU_SET(i, &set);
    return set;
}

int cbenchmarking_pin(uint64_t processors) {
    cpu_set_t set = set_of(processors);
    return sched_setaffinity(0, sizeof set, &set);
}

uint64_t cbenchmarking_processors(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) < 0) return 1;
    uint64_t processors = 0;
    for (int i = 0; i < 64; i++)
        if (CPU_ISSET(i, &set)) processors |= UINT64_C(1) << i;
    return processors;
}

int32_t cbenchmarking_spawn(
    const char *program, char *const arguments[], char *const environment[], const int streams[3], uint64_t processors) {
    cpu_set_t set = set_of(processors);
    sigset_t none;
    sigemptyset(&none);
    // Not fork(2), which takes the longer the more memory the caller has.
    volatile int error = 0;
    pid_t child = vfork();
    if (child == 0) {
        int done = prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (done == 0 && processors) done = sched_setaffinity(0, sizeof set, &set);
        for (int stream = 0; stream < 3 && done >= 0; stream++) done = dup2(streams[stream], stream);
        if (done >= 0) {
            sigprocmask(SIG_SETMASK, &none, NULL);
            execve(program, arguments, environment);
        }
        error = errno;
        _exit(127);
    }
    if (child < 0) return -errno;
    if (error) {
        waitpid(child, NULL, 0);
        return -error;
    }
    return child;
}

static int64_t nanoseconds(struct timeval time) { return time.tv_sec * INT64_C(1000000000) + time.tv_usec * 1000; }

int cbenchmarking_wait(int32_t pid, int is_patient, cbenchmarking_end *end) {
    int status;
    struct rusage use;
    pid_t ended;
    do ended = wait4(pid, &status, is_patient ? 0 : WNOHANG, &use);
    while (ended < 0 && errno == EINTR);
    if (ended < 0) return -errno;
    if (ended == 0) return 0;
    *end = (cbenchmarking_end){
        .status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status),
        .user_nanoseconds = nanoseconds(use.ru_utime),
        .system_nanoseconds = nanoseconds(use.ru_stime),
        .greatest_resident_bytes = use.ru_maxrss * INT64_C(1024),
        .minor_faults = use.ru_minflt,
        .major_faults = use.ru_majflt,
    };
    return 1;
}
