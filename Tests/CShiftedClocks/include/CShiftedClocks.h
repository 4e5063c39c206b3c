/// Preloaded into a process, shifts the clocks that it reads; a test moves them while the process runs.
///
/// `SHIFTED_CLOCKS` names a file of two 64-bit numbers, nanoseconds to add to CLOCK_REALTIME and to CLOCK_BOOTTIME. A
/// machine that slept is one whose CLOCK_REALTIME and CLOCK_BOOTTIME are ahead of its CLOCK_MONOTONIC.
