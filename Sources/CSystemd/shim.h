#pragma once
#define SD_JOURNAL_SUPPRESS_LOCATION 1
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

/* What a notification of a reload must carry, and Swift's clocks do not give out: CLOCK_MONOTONIC. */
static inline uint64_t monotonic_microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Whether a descriptor is a file's, be it one in memory. */
static inline bool is_regular_file(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

/* Which file standard error is, to be compared with $JOURNAL_STREAM. */
static inline bool standard_error_identity(uint64_t *device, uint64_t *inode) {
    struct stat status;
    if (fstat(STDERR_FILENO, &status) != 0) return false;
    *device = status.st_dev;
    *inode = status.st_ino;
    return true;
}
