#!/usr/bin/env bash
# Runs fuzzers from their corpora, one after the other, for SECONDS in all or for $FUZZ_RUNS inputs each.
#   fuzz.sh SCRATCH_PATH SECONDS FUZZER...
set -euo pipefail

usage='usage: fuzz.sh SCRATCH_PATH SECONDS FUZZER...'
scratch=${1:?$usage}
seconds=${2:?$usage}
shift 2
fuzzers=("${@:?$usage}")
findings=Tests/Fuzz/Findings
status=0

if [ -n "${FUZZ_RUNS:-}" ]; then
    length=(-runs="$FUZZ_RUNS")
    said="$FUZZ_RUNS inputs"
else
    length=(-max_total_time=$((seconds / ${#fuzzers[@]})))
    said="$((seconds / ${#fuzzers[@]})) s"
fi

mkdir -p "$findings"
for fuzzer in "${fuzzers[@]}"; do
    program=$scratch/release/fuzz-$fuzzer
    # What it learns stays in the scratch path; the corpus of the repository is only read.
    learned=$scratch/corpus/$fuzzer
    mkdir -p "$learned"
    # TOMLKit frees nothing that it reads, so that memory grows with the time; everything else stays far below.
    memory=512
    [ "$fuzzer" = configurations ] && memory=4096
    echo "fuzz: $fuzzer for $said"
    SWIFT_BACKTRACE=enable=no "$program" "$learned" "Tests/Fuzz/Corpus/$fuzzer" \
        "${length[@]}" -dict="Tests/Fuzz/$fuzzer.dict" -artifact_prefix="$findings/$fuzzer-" \
        -max_len=4096 -timeout=10 -rss_limit_mb=$memory -print_final_stats=1 -verbosity=1 || {
        status=1
        found=$(ls -t "$findings/$fuzzer-"* 2>/dev/null | head -n 1)
        echo "fuzz: found one; again: $program $found" >&2
    }
done
exit "$status"
