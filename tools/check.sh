#!/usr/bin/env bash
# All checks that are not tests of the release build: what CI runs besides tools/test.sh.
#   tools/check.sh [STEP]...     (none: all, in this order)
# Steps: format     layout as .clang-format says
#        includes   which room includes which (tools/check_includes.py)
#        shape      names and lengths of files (tools/check_shape.py)
#        asan-ubsan clang with -Wthread-safety, each file by itself: all tests under AddressSanitizer and
#                   UndefinedBehaviorSanitizer
#        docs       commands, settings and paths in the docs are those of the program (tests/docs)
#        tidy       names and bug patterns as .clang-tidy says
#        tsan       all tests under ThreadSanitizer
#        fuzz       each fuzz target for FUZZ_SECONDS (20) seconds, from its corpus
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/steps.sh

# newest NAME: NAME-14 (Debian 12) or the newest version of it that is installed.
newest() {
  command -v "$1-14" || { compgen -c "$1" | grep -xE "$1(-[0-9]+)?" | sort -V | tail -n 1; }
}

format() {
  local formatter
  formatter=$(newest clang-format)
  git -c safe.directory='*' ls-files -z '*.h' '*.cc' | xargs -0 "$formatter" --dry-run -Werror
  echo "format: all files as .clang-format says"
}

includes() {
  /usr/bin/python3 tools/check_includes.py
}

shape() {
  /usr/bin/python3 tools/check_shape.py
}

# sanitized PRESET SEEDS: builds it and runs its tests with a fixed address layout, which the sanitizers' shadow memory needs
# on kernels that randomise more bits than clang 14 knows of. Simulations run with so many seeds: the release build runs
# with all.
sanitized() {
  local layout=() seeds=${RESPUBLICA_SEEDS:-$2}
  ! setarch "$(uname -m)" -R true 2>/dev/null || layout=(setarch "$(uname -m)" -R)
  tools/build.sh "$1"
  ASAN_OPTIONS=strict_string_checks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
    TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1 RESPUBLICA_SEEDS="$seeds" \
    "${layout[@]}" ctest --test-dir "build/$1" --parallel "$(nproc)" --output-on-failure --no-tests=error --timeout 1200
}

asan-ubsan() {
  sanitized asan-ubsan 100
}

tsan() {
  sanitized tsan 30
}

docs() {
  tools/build.sh asan-ubsan respublica
  RESPUBLICA="$PWD/build/asan-ubsan/respublica" /usr/bin/python3 -m pytest -q tests/docs
}

tidy() {
  tools/build.sh asan-ubsan
  /usr/bin/python3 tools/tidy.py "$(newest clang-tidy)" build/asan-ubsan
}

fuzz() {
  local seconds=${FUZZ_SECONDS:-20} target name count=0
  tools/build.sh fuzz tests/fuzz/all
  for target in build/fuzz/tests/fuzz/*; do
    [[ -f $target && -x $target ]] || continue
    name=$(basename "$target")
    mkdir -p "build/fuzz/corpus/$name"
    echo "fuzz: $name for $seconds s"
    "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
      -artifact_prefix="build/fuzz/$name-" "build/fuzz/corpus/$name" $(fuzz_corpus "$name")
    count=$((count + 1))
  done
  [[ $count -gt 0 ]] || { echo "fuzz: no target in build/fuzz/tests/fuzz" && return 1; }
  echo "fuzz: $count targets, $seconds s each, nothing found"
}

# fuzz_corpus TARGET: its folder of seeds, if it has one.
fuzz_corpus() {
  [[ ! -d tests/fuzz/corpus/$1 ]] || echo "tests/fuzz/corpus/$1"
}

all=(format includes shape asan-ubsan docs tidy tsan fuzz)
wanted=("$@")
[[ ${#wanted[@]} -gt 0 ]] || wanted=("${all[@]}")
for name in "${wanted[@]}"; do
  if [[ ! " ${all[*]} " == *" $name "* ]]; then
    echo "check.sh: no step '$name' (steps: ${all[*]})" >&2
    exit 2
  fi
done

tools/install.sh build test check
for name in "${wanted[@]}"; do
  step "$name" "$name"
done
finish_steps
