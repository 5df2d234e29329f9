#!/usr/bin/env bash
# Runs the broker with each io thread limited to a quarter of a core, so that io threads can be compared on a machine
# that has no cores to spare for the clients: two threads are then two slow cores, and the clients have the rest.
#   respublica-bench --server tools/quarter_cores.sh --io-threads 2 ...
#   RESPUBLICA=FILE    the broker's program (default: build/release/respublica)
# Needs root and the cpu controller of cgroup v1 at /sys/fs/cgroup/cpu.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
broker=${RESPUBLICA:-$root/build/release/respublica}
groups=/sys/fs/cgroup/cpu

[[ -w $groups/cpu.cfs_quota_us ]] || {
  echo "quarter_cores.sh: needs root and the cpu controller of cgroup v1 at $groups" >&2
  exit 2
}

# limit_threads PID: each thread as it appears, in the first second of the process.
limit_threads() {
  local round task name group
  for ((round = 0; round < 100; round++)); do
    for task in /proc/"$1"/task/*; do
      name=$(cat "$task/comm" 2>/dev/null) || continue
      [[ $name == io-* ]] || continue
      group=$groups/respublica-$name
      mkdir -p "$group"
      echo 4000 >"$group/cpu.cfs_period_us"
      echo 1000 >"$group/cpu.cfs_quota_us"
      echo "${task##*/}" >"$group/tasks"
    done
    sleep 0.01
  done
}

limit_threads $$ >/dev/null 2>&1 &
exec "$broker" "$@"
