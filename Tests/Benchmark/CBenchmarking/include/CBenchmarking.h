#ifndef CBENCHMARKING_H
#define CBENCHMARKING_H

#include <stdint.h>

/// What wait4(2) says of a process that has ended.
typedef struct {
    /// The exit status, or a signal's number, negative.
    int32_t status;
    int64_t user_nanoseconds;
    int64_t system_nanoseconds;
    int64_t greatest_resident_bytes;
    int64_t minor_faults;
    int64_t major_faults;
} cbenchmarking_end;

/// Starts a program on some processors, a bit each and 0 for all, with these standard streams; it is asked to end when
/// the calling thread ends. Its number, or an errno, negative.
int32_t cbenchmarking_spawn(
    const char *program, char *const arguments[], char *const environment[], const int streams[3], uint64_t processors);

/// Waits for a child's end, for good or not at all; 1 when it has ended, 0 when it has not, or an errno, negative.
int cbenchmarking_wait(int32_t pid, int is_patient, cbenchmarking_end *end);

/// Keeps the calling thread on some processors, a bit each; 0, or -1 with errno.
int cbenchmarking_pin(uint64_t processors);

/// The processors that the calling thread may run on, of the first 64.
uint64_t cbenchmarking_processors(void);

#endif
