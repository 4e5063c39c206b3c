#!/usr/bin/env bash
# Runs every fuzzer from its corpus, one after the other.
#   fuzz.sh SCRATCH_PATH SECONDS
set -euo pipefail

scratch=${1:?usage: fuzz.sh SCRATCH_PATH SECONDS}
seconds=${2:?usage: fuzz.sh SCRATCH_PATH SECONDS}
fuzzers=(answers configurations)
findings=Tests/Fuzz/Findings
status=0

mkdir -p "$findings"
for fuzzer in "${fuzzers[@]}"; do
    program=$scratch/release/fuzz-$fuzzer
    # What it learns stays in the scratch path; the corpus of the repository is only read.
    learned=$scratch/corpus/$fuzzer
    mkdir -p "$learned"
    # TOMLKit frees nothing that it reads, so that memory grows with the time.
    echo "fuzz: $fuzzer for $((seconds / ${#fuzzers[@]})) s"
    SWIFT_BACKTRACE=enable=no "$program" "$learned" "Tests/Fuzz/Corpus/$fuzzer" \
        -max_total_time=$((seconds / ${#fuzzers[@]})) -dict="Tests/Fuzz/$fuzzer.dict" \
        -artifact_prefix="$findings/$fuzzer-" -max_len=4096 -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 -verbosity=1 || {
        status=1
        found=$(ls -t "$findings/$fuzzer-"* 2>/dev/null | head -n 1)
        echo "fuzz: found one; again: $program $found" >&2
    }
done
exit "$status"
