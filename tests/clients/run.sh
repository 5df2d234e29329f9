#!/usr/bin/env bash
# Runs real Redis clients against the server under test, each language with its own test runner.
#   tests/clients/run.sh [go] [python] [node] [rust] [java] [cpp] [cli] [examples]      (none: all)
#   RESPUBLICA=FILE    the server's program (default: build/release/respublica); redis-server will do as well, but for the
#                      programs of examples/ (tests/examples)
set -euo pipefail

clients=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$clients/../.." && pwd)
build=$root/build/clients
server=$(realpath -s "$(command -v "${RESPUBLICA:-$root/build/release/respublica}")") || {
  echo "run.sh: no server to test: build it, or set RESPUBLICA" >&2
  exit 2
}

# The compiled and downloaded parts of each language stay below build/clients, except for node_modules and Maven's and
# Go's and Cargo's own caches in the home directory.
mkdir -p "$build"
scratch=$(mktemp -d)
trap 'stop_server; rm -rf "$scratch"' EXIT

stop_server() {
  [[ -z ${server_pid:-} ]] || kill "$server_pid" 2>/dev/null || true
  [[ -z ${server_pid:-} ]] || wait "$server_pid" 2>/dev/null || true
}

free_port() {
  /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

answers() {
  exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'PING\r\n' >&3 && read -r -t 5 -u 3 pong && [[ $pong == +PONG* ]]
}

# start_server: on a free port and in an empty directory. Another program may take the port first: then try again.
start_server() {
  local attempt port end
  for attempt in 1 2 3; do
    port=$(free_port)
    (cd "$scratch" && exec "$server" --port "$port" >"$scratch/server.log" 2>&1) &
    server_pid=$!
    end=$((SECONDS + 20))
    while kill -0 "$server_pid" 2>/dev/null && ((SECONDS < end)); do
      if (answers "$port") 2>/dev/null; then
        export BROKER_ADDRESS=127.0.0.1:$port
        return
      fi
      sleep 0.02
    done
    stop_server
  done
  echo "run.sh: $server does not answer PING:" >&2
  cat "$scratch/server.log" >&2
  exit 2
}

# need COMMAND PACKAGE: fails with the name of the Debian package that has the command.
need() {
  command -v "$1" >/dev/null || {
    echo "run.sh: needs $1 (Debian package $2)" >&2
    return 1
  }
}

run_go() {
  need go golang-go && cd "$clients/go" && go vet ./... && go test -count=1 ./...
}

# once FUNCTION: runs it while no other run.sh runs the same one: both may install into the same directory.
once() {
  (flock 9 && "$1") 9>"$build/$1.lock"
}

install_python() {
  local requirements=$clients/python/requirements.txt
  cmp -s "$requirements" "$build/python/requirements.txt" && return
  /usr/bin/python3 -m venv --clear "$build/python" &&
    "$build/python/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" &&
    cp "$requirements" "$build/python/"
}

# pytest_in DIRECTORY: with the Python clients.
pytest_in() {
  cd "$1" && once install_python && "$build/python/bin/python" -B -m pytest -q -p no:cacheprovider
}

run_python() {
  pytest_in "$clients/python"
}

install_node() {
  cmp -s package-lock.json node_modules/installed.json && return
  npm ci --silent --no-audit --no-fund && cp package-lock.json node_modules/installed.json
}

run_node() {
  need npm npm && cd "$clients/node" && once install_node && npm test --silent
}

run_rust() {
  need cargo 'cargo, on Debian 12 cargo-web' && cd "$clients/rust" &&
    CARGO_TARGET_DIR=$build/rust cargo test --locked --quiet
}

run_java() {
  need mvn maven && cd "$clients/java" && mvn --batch-mode --no-transfer-progress test
}

run_cpp() {
  need cmake cmake && cmake -G Ninja -S "$clients/cpp" -B "$build/cpp" -DCMAKE_BUILD_TYPE=Debug >"$scratch/cmake.log" ||
    { cat "$scratch/cmake.log"; return 1; }
  ninja -C "$build/cpp" --quiet && ctest --test-dir "$build/cpp" --output-on-failure --no-tests=error --timeout 60
}

run_cli() {
  need redis-cli redis-tools && cd "$clients/cli" && /usr/bin/python3 -B -m pytest -q -p no:cacheprovider
}

# They start brokers of their own, to kill them.
run_examples() {
  need redis-cli redis-tools && need psql postgresql && RESPUBLICA=$server pytest_in "$root/tests/examples"
}

# verdict LANGUAGE OUTPUT: the closing line of the language's test runner.
verdict() {
  local pattern
  case $1 in
    go) pattern='^ok|^FAIL' ;;
    python | cli | examples) pattern=' in [0-9.]+s' ;;
    node) pattern='^(#|ℹ) (tests|pass|fail) ' ;;
    rust) pattern='^test result' ;;
    java) pattern='^\[[A-Z]+\] Tests run:.*[^.a-z]$' ;;
    cpp) pattern='tests passed' ;;
  esac
  sed 's/\x1b\[[0-9;]*m//g' "$2" | grep -E "$pattern" | sort -u | tail -n 3 | paste -sd ';'
}

all=(go python node rust java cpp cli examples)
chosen=("$@")
[[ ${#chosen[@]} -gt 0 ]] || chosen=("${all[@]}")
for language in "${chosen[@]}"; do
  [[ " ${all[*]} " == *" $language "* ]] || {
    echo "run.sh: no clients called '$language' (there are: ${all[*]})" >&2
    exit 2
  }
done

start_server
failed=()
for language in "${chosen[@]}"; do
  begin=$SECONDS
  if ("run_$language") >"$scratch/$language.log" 2>&1; then
    outcome=passed
  else
    outcome=FAILED
    failed+=("$language")
    cat "$scratch/$language.log"
  fi
  printf '%-8s %s in %ds: %s\n' "$language" "$outcome" "$((SECONDS - begin))" "$(verdict "$language" "$scratch/$language.log")"
  kill -0 "$server_pid" 2>/dev/null || {
    echo "run.sh: the server has died:" >&2
    tail -n 30 "$scratch/server.log" >&2
    exit 1
  }
done
[[ ${#failed[@]} -eq 0 ]] || {
  echo "run.sh: failed: ${failed[*]}" >&2
  exit 1
}
