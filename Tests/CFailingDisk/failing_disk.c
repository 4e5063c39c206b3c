#define _GNU_SOURCE
#include "CFailingDisk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct failures {
    int32_t write_error;
    int32_t sync_error;
};

static const struct failures none;
static const volatile struct failures *failures = &none;
static const char *directory;
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pwrite64)(int, const void *, size_t, off64_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_ftruncate64)(int, off64_t);
static int (*real_posix_fallocate)(int, off_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

__attribute__((constructor)) static void begin(void) {
    *(void **)&real_write = dlsym(RTLD_NEXT, "write");
    *(void **)&real_pwrite = dlsym(RTLD_NEXT, "pwrite");
    *(void **)&real_pwrite64 = dlsym(RTLD_NEXT, "pwrite64");
    *(void **)&real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
    *(void **)&real_ftruncate64 = dlsym(RTLD_NEXT, "ftruncate64");
    *(void **)&real_posix_fallocate = dlsym(RTLD_NEXT, "posix_fallocate");
    *(void **)&real_fsync = dlsym(RTLD_NEXT, "fsync");
    *(void **)&real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    directory = getenv("FAILING_DISK_BELOW");
    const char *path = getenv("FAILING_DISK");
    int file = path && directory ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *memory = mmap(NULL, sizeof(struct failures), PROT_READ, MAP_SHARED, file, 0);
    if (memory != MAP_FAILED) failures = memory;
    close(file);
}

static int is_meant(int file) {
    char link[32], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path);
    size_t prefix = strlen(directory);
    return length > (ssize_t)prefix && strncmp(path, directory, prefix) == 0 && path[prefix] == '/';
}

// Nonzero, and errno set, when this call on the file is to fail.
static int fails(int32_t error, int file) {
    if (error == 0 || !is_meant(file)) return 0;
    errno = error;
    return 1;
}

ssize_t write(int file, const void *bytes, size_t count) {
    if (!real_write) begin();
    return fails(failures->write_error, file) ? -1 : real_write(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    if (!real_pwrite) begin();
    return fails(failures->write_error, file) ? -1 : real_pwrite(file, bytes, count, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    if (!real_pwrite64) begin();
    return fails(failures->write_error, file) ? -1 : real_pwrite64(file, bytes, count, offset);
}

int ftruncate(int file, off_t size) {
    if (!real_ftruncate) begin();
    return fails(failures->write_error, file) ? -1 : real_ftruncate(file, size);
}

int ftruncate64(int file, off64_t size) {
    if (!real_ftruncate64) begin();
    return fails(failures->write_error, file) ? -1 : real_ftruncate64(file, size);
}

// Returns its error, and leaves errno alone.
int posix_fallocate(int file, off_t offset, off_t size) {
    if (!real_posix_fallocate) begin();
    int32_t error = failures->write_error;
    return error != 0 && is_meant(file) ? error : real_posix_fallocate(file, offset, size);
}

int fsync(int file) {
    if (!real_fsync) begin();
    return fails(failures->sync_error, file) ? -1 : real_fsync(file);
}

int fdatasync(int file) {
    if (!real_fdatasync) begin();
    return fails(failures->sync_error, file) ? -1 : real_fdatasync(file);
}
