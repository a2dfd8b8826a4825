#!/usr/bin/env bash
# Checks with the real programs that models and curves go both ways: Nkululeko, transformers, TensorBoard.
#
#     tests/interop/run.sh [VENV]
#
# Makes a Python environment in VENV (else in $VOXTUNE_CACHE/interop) from requirements.txt, some gigabytes. The program is
# $VOXTUNE, else the one that `make build` makes. Everything is written into a temporary folder. It takes about ten minutes on
# two cores and is no part of `make test`: it is for people who change what is written or read.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${VOXTUNE_CACHE:-$HOME/.cache/voxtune}
venv=${1:-$cache/interop}
export VOXTUNE=${VOXTUNE:-$cache/target/release/voxtune}
[ -x "$VOXTUNE" ] || { echo "there is no $VOXTUNE: \`make build\` first" >&2; exit 1; }
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
fi
"$venv/bin/python" -c 'import nkululeko, tensorboard, datasets, accelerate' 2>/dev/null ||
    "$venv/bin/pip" install -q -r "$here/requirements.txt"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$here/../.."
HF_HUB_OFFLINE=1 CUDA_VISIBLE_DEVICES= "$venv/bin/python" "$here/check.py" "$work"
