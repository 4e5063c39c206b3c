#!/usr/bin/env bash
# Shows in about a minute what tokenbroker does: real binaries, a mock authorization server, a temporary directory.
#   demo.sh DIRECTORY_OF_THE_BINARIES
set -euo pipefail

PATH="$(cd "${1:?usage: demo.sh DIRECTORY_OF_THE_BINARIES}" && pwd):$PATH"
room=$(mktemp -d "${TMPDIR:-/tmp}/tokenbroker-demo.XXXXXX")
export TOKENBROKER_SOCKET=$room/token.sock TOKENBROKER_ADMIN_SOCKET=$room/admin.sock
server='' daemon='' watch=''

clean_up() {
    trap '' INT TERM
    trap - EXIT
    for process in $watch $daemon $server; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    rm -rf "$room"
}
trap clean_up EXIT
trap 'echo; echo "Interrupted; everything the demo started is stopped again."; exit 130' INT TERM

if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then bold=$'\e[1m' dim=$'\e[2m' off=$'\e[0m'; else bold='' dim='' off=''; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$off"; }
show() { printf '%s$ %s%s\n' "$dim" "$*" "$off"; "$@"; }

# Reads a stream of lines on a descriptor until one matches.
await_line() {
    local descriptor=$1 pattern=$2 line
    while IFS= read -r line <&"$descriptor"; do
        # shellcheck disable=SC2254 # the pattern is one
        case $line in $pattern) printf '%s\n' "$line"; return 0 ;; esac
    done
    echo "demo: a process ended before it said what was expected of it" >&2
    cat "$room"/*.log >&2 || true
    return 1
}

start_server() {
    exec {out}< <(exec mock-authorization-server --port "$1" --lifetime 20s 2>>"$room/server.log")
    server=$!
    line=$(await_line "$out" 'token_endpoint=*')
    endpoint=${line#token_endpoint=} endpoint=${endpoint%% *}
    port=${endpoint#http://127.0.0.1:} port=${port%%/*}
}

say "1. An authorization server, and a configuration with one client of it"
start_server 0
(umask 077 && head -c 24 /dev/urandom | base64 | tr -d '\n' >"$room/billing.secret")
cat >"$room/tokenbroker.toml" <<TOML
[daemon]
state_directory = "$room/state"
token_socket    = "$room/token.sock"
admin_socket    = "$room/admin.sock"

[clients.billing]
token_endpoint = "$endpoint"
client_id      = "billing-client-id"
client_secret  = { file = "billing.secret" }
scopes         = ["invoices/read"]
refresh_at     = 0.5
TOML
sed -n '/^\[clients/,$p' "$room/tokenbroker.toml"
show tokenctl check "$room/tokenbroker.toml"

say "2. The daemon, and a first token: by tokenctl, by curl, and as an OAuth library asks for it"
exec {events}< <(exec tokenbrokerd --config "$room/tokenbroker.toml" 2>&1 >/dev/null | tee -a "$room/daemon.log")
await_line "$events" '*notice Ready*' >/dev/null
daemon=$(pgrep -f "tokenbrokerd --config $room/tokenbroker.toml" | head -n 1)
show tokenctl token billing
show curl -sS --unix-socket "$TOKENBROKER_SOCKET" http://localhost/v1/token/billing
show curl -sS --unix-socket "$TOKENBROKER_SOCKET" -d grant_type=client_credentials -d client_id=billing \
    http://localhost/oauth2/token
echo "Three times the same token: the authorization server was asked once."

say "3. What the operator sees"
show tokenctl status

say "4. The token lives 20 s and is replaced at half of that, before anybody has to wait"
exec {changes}< <(exec tokenctl watch billing)
watch=$!
await_line "$changes" '*"event":"token"*' >/dev/null
echo "(waiting for the refresh)"
await_line "$changes" '*"event":"token"*'
show tokenctl token billing

say "5. The authorization server dies. Callers do not notice; the operator does"
kill "$server" && wait "$server" 2>/dev/null || true
server=''
echo "(waiting for the broker to notice)"
await_line "$changes" '*"state":"retrying"*'
show tokenctl token billing
show tokenctl status

say "6. Only when the token itself ends do callers hear of it, at once and with a reason"
echo "(waiting for the token's end)"
await_line "$changes" '*"state":"expired"*'
show tokenctl token billing || echo "exit status $?"

say "7. The server is back; nobody has to do anything"
start_server "$port"
await_line "$changes" '*"event":"token"*'
show tokenctl token billing
show tokenctl status

say "That was tokenbroker. Next: README.md, 'A real service'."
