#!/usr/bin/env bash
# Builds the broker if it is not built, or not as the sources say, and runs it in the foreground.
#   tools/serve.sh [FILE] [--setting value]...     tools/serve.sh --help lists the settings
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/tools/install.sh" build
"$root/tools/build.sh" release respublica
exec "$root/build/release/respublica" "$@"
