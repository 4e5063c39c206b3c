/// Preloaded into a process, takes from it what Linux has since 6.5: `getsockopt` does not know SO_PEERPIDFD.
