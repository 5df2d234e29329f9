# Sourced by test.sh and check.sh: runs named steps one after the other, goes on after a failure, and ends with the
# closing line of every runner, so that the last screen tells what happened.

step_names=()
step_results=()
step_failures=0

# step NAME COMMAND...: runs the command, shows its output, keeps its last line and whether it succeeded. Not to be
# called in a condition: the command ends at its first failure (set -e), which conditions suspend.
step() {
  local name=$1 log="build/logs/$1.log" status began=$SECONDS
  shift
  mkdir -p build/logs
  echo "==== $name"
  set +e
  (
    set -e
    "$@"
  ) 2>&1 </dev/null | tee "$log"
  status=${PIPESTATUS[0]}
  set -e
  step_names+=("$name")
  if [[ $status -eq 0 ]]; then
    step_results+=("passed in $((SECONDS - began)) s: $(closing_line "$log")")
  else
    step_results+=("FAILED in $((SECONDS - began)) s: $(closing_line "$log") (whole output: $log)")
    step_failures=$((step_failures + 1))
  fi
}

# closing_line LOG: ctest's or pytest's summary if there is one, else the last line.
closing_line() {
  local line
  line=$(grep -E '^[0-9]+% tests passed, |^=* ?[0-9]+ (passed|failed).* in [0-9.]+' "$1" | tail -n 1) || true
  [[ -n $line ]] || line=$(grep -v '^[[:space:]]*$' "$1" | tail -n 1) || true
  echo "$line"
}

# finish_steps: the table of results; the script's exit status. Closing lines of several runners in one step (the
# clients' languages) follow, and ctest's own come last.
finish_steps() {
  local index
  echo "==== results"
  for index in "${!step_names[@]}"; do
    printf '%-20s %s\n' "${step_names[index]}" "${step_results[index]}"
  done
  for index in "${!step_names[@]}"; do
    grep -hE '^[a-z]+ +(passed|FAILED) in [0-9]+ ?s: ' "build/logs/${step_names[index]}.log" || true
  done
  for index in "${!step_names[@]}"; do
    grep -hE '^[0-9]+% tests passed, ' "build/logs/${step_names[index]}.log" || true
  done
  [[ $step_failures -eq 0 ]]
}
