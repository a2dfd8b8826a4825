#!/usr/bin/env bash
# Has an independent program read the job server's description (OpenAPI) and ask whatever it can think of: no answer may be a
# server's error, or one that the description does not have.
#
#     tests/openapi/run.sh [VENV]
#
# Makes a Python environment in VENV (else in $VOXTUNE_CACHE/openapi) from requirements.txt. The program is $VOXTUNE, else the
# one that `make build` makes. Everything is written into a temporary folder. It takes some minutes and is no part of
# `make test`: it is for people who change the interface.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${VOXTUNE_CACHE:-$HOME/.cache/voxtune}
venv=${1:-$cache/openapi}
export VOXTUNE=${VOXTUNE:-$cache/target/release/voxtune}
[ -x "$VOXTUNE" ] || { echo "there is no $VOXTUNE: \`make build\` first" >&2; exit 1; }
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -c 'import schemathesis' 2>/dev/null || "$venv/bin/pip" install -q -r "$here/requirements.txt"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PATH="$venv/bin:$PATH" python "$here/ask.py" "$work"
