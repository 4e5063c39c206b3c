#!/usr/bin/env bash
# Makes the manual pages: what is written here, with each command's options as the command itself tells them.
#   manuals.sh BINARIES OUTPUT
# BINARIES  where the commands are, and generate-manual, the tool of ArgumentParser's plug-in of that name. The plug-in
#           itself would build everything once more, with another linkage, over what is there.
set -euo pipefail

binaries=$(realpath "${1:?usage: manuals.sh BINARIES OUTPUT}")
output=${2:?usage: manuals.sh BINARIES OUTPUT}
here=$(dirname "${BASH_SOURCE[0]}")

# The same sources give the same bytes: SOURCE_DATE_EPOCH, the last commit, or for an archive its files.
seconds=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct 2>/dev/null || stat -c %Y "$here/tokenctl.1.in")}
day=$(date -u -d "@$seconds" +%Y-%m-%d)

# The items of the generated description, but those that DROP, an expression, matches; what it leaves empty goes too.
items() { # COMMAND DROP
    "$binaries/generate-manual" "$binaries/$1" --date "$day" --output-directory - | awk -v drop="^\\\\.It ($2)" '
        function say(line, isEmpty, isIdle) {
            isEmpty = held ~ /^\.Bl/ && line ~ /^\.El/
            isIdle = held ~ /^\.Pp/ && line ~ /^\.(It|El)/
            if (held != "" && !isEmpty && !isIdle) print held
            held = line ~ /^\.(Bl|Pp)/ ? line : ""
            if (held == "" && !isEmpty) print line
        }
        /^\.Sh / { inside = /DESCRIPTION/; next }
        !inside { next }
        /^\.Bl/ { depth++ }
        depth == dropped && /^\.(It|El)/ { dropped = 0 }
        !dropped && $0 ~ drop { dropped = depth }
        depth && !dropped { say($0) }
        /^\.El/ { depth-- }' |
        sed -E "s/^\.It Em /.It Cm /; /^\./! { s/\`([^\`]*)\`/\\\\(oq\1\\\\(cq/g; s/\. ([A-Z])/.\n\1/g }"
}

page() { # PAGE [ITEMS]
    sed -e "s/@date@/$(LC_ALL=C date -u -d "$day" '+%B %-d, %Y')/" \
        -e '/^\.\\" @options@$/ { r '<(echo "${2-}") -e 'd }' "$here/$1.in" >"$output/$1"
}

mkdir -p "$output"
page tokenctl.1 "$(items tokenctl 'Fl -socket|Fl -version|Fl h|Em help')"
page tokenbrokerd.8 "$(items tokenbrokerd 'Em help')"
page tokenbroker.toml.5
