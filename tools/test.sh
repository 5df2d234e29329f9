#!/usr/bin/env bash
# Runs the tests on the release build: unit and integration tests, the comparison with Debian's redis-server, and the
# real clients from their registries (which needs the network).
#   tools/test.sh [--unit] [--compat] [--clients]     (none: all three)
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/steps.sh

usage() {
  sed -n '2,4s/^# \?//p' "$0"
  exit "$1"
}

parts=()
for option in "$@"; do
  case $option in
    --unit | --compat | --clients) parts+=("${option#--}") ;;
    --help | -h) usage 0 ;;
    *) echo "test.sh: unknown option $option" >&2 && usage 2 >&2 ;;
  esac
done
[[ ${#parts[@]} -gt 0 ]] || parts=(unit compat clients)

unit() {
  ctest --test-dir build/release --parallel "$(nproc)" --output-on-failure --no-tests=error --timeout 300
}

compat() {
  RESPUBLICA="$PWD/build/release/respublica" /usr/bin/python3 -m pytest -q tests/compat
}

clients() {
  tools/toolchains.sh
  PATH="$PWD/build/toolchains/bin:$PATH" RESPUBLICA="$PWD/build/release/respublica" bash tests/clients/run.sh
}

groups=(build test)
[[ ! " ${parts[*]} " == *" clients "* ]] || groups+=(clients)
tools/install.sh "${groups[@]}"
tools/build.sh release
for part in "${parts[@]}"; do
  step "$part" "$part"
done
finish_steps
