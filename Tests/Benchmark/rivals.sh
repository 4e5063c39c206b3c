#!/usr/bin/env bash
# Unpacks the servers that benchmarks compare with from Debian's packages, where this machine lacks them. Nothing is
# installed, enabled or started.
#   rivals.sh DIRECTORY
set -euo pipefail

directory=${1:?usage: rivals.sh DIRECTORY}
declare -A package_of=([nginx]=nginx [redis-server]=redis-server)

fail() { echo "tokenbroker: $*" >&2; exit 1; }

missing=()
for command in "${!package_of[@]}"; do
    PATH="$directory/usr/sbin:$directory/usr/bin:$PATH:/usr/sbin:/sbin" command -v "$command" >/dev/null ||
        missing+=("${package_of[$command]}")
done
[ "${#missing[@]}" -gt 0 ] || exit 0
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
    fail "missing: ${missing[*]}; install them, and disable the services that come with them"

# They, and what they need that is not on this machine, by what apt would do.
wanted() {
    apt-get --simulate --no-install-recommends install "${missing[@]}" 2>/dev/null | sed -n 's/^Inst \([^ ]*\) .*/\1/p'
}
packages=$(wanted) && [ -n "$packages" ] || {
    # The lists may be missing or old.
    if [ "$(id -u)" -eq 0 ]; then sudo=()
    elif sudo -n true 2>/dev/null; then sudo=(sudo -n)
    else fail "apt does not know ${missing[*]}: sudo apt-get update"; fi
    "${sudo[@]}" apt-get update >/dev/null
    packages=$(wanted) && [ -n "$packages" ] || fail "apt does not know ${missing[*]}"
}
echo "tokenbroker: unpacking ${missing[*]} into $directory"
rm -rf "$directory.part"
mkdir -p "$directory.part/packages"
# shellcheck disable=SC2086 # A name has no spaces.
(cd "$directory.part/packages" && apt-get download $packages >/dev/null 2>&1) || fail "could not download:" $packages
for package in "$directory.part"/packages/*.deb; do dpkg-deb --extract "$package" "$directory.part"; done
rm -rf "$directory.part/packages" "$directory"
mv "$directory.part" "$directory"
