#!/usr/bin/env bash
# Makes sure that what a target needs is on this machine; quick when it is.
#   prerequisites.sh build|test|bench|package|systemd-newer
set -euo pipefail

purpose=${1:?usage: prerequisites.sh build|test|bench|package|systemd-newer}
packages=(pkg-config libsqlite3-dev libsystemd-dev curl git)
[ "$purpose" = test ] && packages+=(jq openssl sqlite3 systemd dbus mandoc zsh fish valgrind binutils)
# None of these brings a service; the servers that do are unpacked, not installed.
[ "$purpose" = bench ] && packages+=(valgrind oidc-agent-cli binutils)
[ "$purpose" = package ] && packages+=(dpkg-dev debhelper lintian)
[ "$purpose" = systemd-newer ] && packages+=(mmdebstrap systemd dbus)

fail() { echo "tokenbroker: $*" >&2; exit 1; }

swiftly="swiftly-$(uname -m).tar.gz"
install_swift="curl -O https://download.swift.org/swiftly/linux/$swiftly && tar zxf $swiftly && ./swiftly init"
command -v swift >/dev/null || fail "no Swift toolchain, 6.2 or later: $install_swift"
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
read -r major minor <<<"${version:-0 0}"
[ "$major" -gt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -ge 2 ]; } ||
    fail "Swift $major.$minor is too old, 6.2 or later is needed: $install_swift"

finish() {
    [ "$purpose" = bench ] || exit 0
    exec "$(dirname "$0")/Benchmark/rivals.sh" .build/rivals
}

missing=()
if command -v dpkg-query >/dev/null; then
    for package in "${packages[@]}"; do
        state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
        # pkgconf stands in for pkg-config on newer releases.
        if [ "$state" != installed ] && ! { [ "$package" = pkg-config ] && command -v pkg-config >/dev/null; }; then
            missing+=("$package")
        fi
    done
    [ "${#missing[@]}" -gt 0 ] || finish
    command=(apt-get install -y --no-install-recommends "${missing[@]}")
    if [ "$(id -u)" -eq 0 ]; then sudo=()
    elif sudo -n true 2>/dev/null; then sudo=(sudo -n)
    else fail "missing packages: sudo ${command[*]}"; fi
    echo "tokenbroker: ${sudo[*]-} ${command[*]}"
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive "${command[@]}" >/dev/null 2>&1 || {
        # The lists may be missing or old.
        "${sudo[@]}" apt-get update >/dev/null
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive "${command[@]}" >/dev/null
    } || fail "could not install: ${command[*]}"
    finish
fi

pkg-config --exists sqlite3 2>/dev/null || missing+=("SQLite's headers (sqlite-devel)")
pkg-config --exists libsystemd 2>/dev/null || missing+=("libsystemd's headers (systemd-devel)")
command -v curl >/dev/null || missing+=(curl)
[ "${#missing[@]}" -eq 0 ] ||
    fail "missing: ${missing[*]}; on Fedora: sudo dnf install pkgconf sqlite-devel systemd-devel curl"
finish
