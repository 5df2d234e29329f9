#!/usr/bin/env bash
# Installs the packages of the given groups that are missing. Instant, and without root, when none is.
#   tools/install.sh [build] [runtime] [test] [clients] [check]     (no group: build)
set -euo pipefail

list="$(dirname "${BASH_SOURCE[0]}")/packages.txt"
groups=("$@")
[[ ${#groups[@]} -gt 0 ]] || groups=(build)

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

# debian_column: which column of the list names this system's packages (2: Debian 12, 3: Debian 13 and later).
debian_column() {
  local ID='' ID_LIKE='' VERSION_ID=''
  [[ ! -r /etc/os-release ]] || . /etc/os-release
  command -v dpkg-query apt-get >/dev/null ||
    fail "this system (${ID:-unknown}) has no apt: install what $list names by hand, then start again"
  case "$ID:$VERSION_ID" in
    debian:12*) echo 2 ;;
    *) echo 3 ;;
  esac
}

# wanted_packages COLUMN: "package command" of every row of the groups.
wanted_packages() {
  local column=$1 group row
  for group in "${groups[@]}"; do
    grep -q "^$group " "$list" || fail "no group '$group' in $list (build, runtime, test, clients, check)"
    while read -r -a row; do
      echo "${row[column - 1]} ${row[3]}"
    done < <(grep "^$group " "$list")
  done
}

# The packages among "package command" lines (stdin) that are neither installed nor stood in for by a command.
missing_packages() {
  local package command installed
  installed=" $(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^ii *//p' | tr '\n' ' ') "
  while read -r package command; do
    if [[ "$installed" != *" $package "* ]] && { [[ $command == - ]] || ! command -v "$command" >/dev/null; }; then
      echo "$package"
    fi
  done | sort -u
}

install_packages() {
  local as_root=()
  if [[ $EUID -ne 0 ]]; then
    command -v sudo >/dev/null || fail "missing packages: $*. Neither root nor sudo: run 'apt-get install $*' as root"
    as_root=(sudo)
  fi
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends)
  echo "install.sh: installing $*" >&2
  # Package lists may be absent (a fresh image) or older than the archive: fetch them and try again.
  if ! "${apt[@]}" install "$@" >/dev/null 2>&1 </dev/null; then
    "${apt[@]}" update >&2 </dev/null
    "${apt[@]}" install "$@" >&2 </dev/null || fail "apt-get could not install: $*"
  fi
}

column=$(debian_column)
wanted=$(wanted_packages "$column")
mapfile -t missing < <(missing_packages <<<"$wanted")
[[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}"
