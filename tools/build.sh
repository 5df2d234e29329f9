#!/usr/bin/env bash
# Configures a preset of CMakePresets.json if need be and builds targets of it. Says nothing when there is nothing to do.
#   tools/build.sh PRESET [TARGET]...     (no target: all)
set -euo pipefail

preset=${1:?usage: tools/build.sh PRESET [TARGET]...}
shift
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/$preset

configure() {
  local options=()
  # The presets name the clang of Debian 12; elsewhere take the newest there is.
  if [[ $preset != release ]] && ! command -v clang++-14 >/dev/null; then
    options=(-DCMAKE_CXX_COMPILER="$(compgen -c clang++ | sort -V | tail -n 1)")
  fi
  echo "build.sh: configuring $build" >&2
  cmake --preset "$preset" "${options[@]}" >"$build.configure.log" 2>&1 || {
    cat "$build.configure.log" >&2
    return 1
  }
}

# Another checkout of the same files finds what this one has compiled: paths count from here, and precompiled headers by
# what is in them.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros

mkdir -p build
[[ $build/build.ninja -nt CMakePresets.json ]] || configure
# What ninja says when there is nothing to do is left out.
ninja -C "$build" "$@" 2>&1 |
  { grep --line-buffered -vE '^ninja: (Entering directory|no work to do)|Re-checking globbed directories' || true; } >&2
