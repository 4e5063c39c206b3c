#!/usr/bin/env bash
# Runs `swift test` as given, and says once more at the end what failed: thousands of lines are in between.
set -uo pipefail

log=$(mktemp) || exit
trap 'rm -f "$log"' EXIT
# In a process group of its own, for the interrupt below: the one signal that `swift test` hands on to its tests.
set -m
{
  # A test that dies says so soon enough without a backtrace, which takes minutes to symbolicate.
  SWIFT_BACKTRACE=enable=no "$@" </dev/null 2>&1 | tee "$log"
  exit "${PIPESTATUS[0]}"
} &
tests=$!
trap 'kill -INT -- "-$tests"' HUP INT TERM
wait "$tests"
status=$?
if [ "$status" -ne 0 ]; then
  printf '\nWhat failed of it:\n'
  # With every line that an issue is told in: the ones after the first begin with an arrow.
  grep -aE '^(✘|↳)|^error: |Fatal error' "$log" | grep -avE '^↳ (Testing Library Version|Target Platform)'
fi
exit "$status"
