#!/usr/bin/env bash
# Builds the in-tab engine to target/worker: start.js (a module, the worker's script), worker.js and worker_bg.wasm.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
# shellcheck disable=SC1091
source "$CACHE/wasm.env"
cd "$REPO"
export CARGO_TARGET_DIR="$CACHE/target-wasm"

cargo build --profile wasm --target wasm32-unknown-unknown -p worker
"$TOOLS/bin/wasm-bindgen" --target web --no-typescript --out-dir target/worker \
    "$CARGO_TARGET_DIR/wasm32-unknown-unknown/wasm/worker.wasm"
cp static/worker-start.js target/worker/start.js
say "target/worker: $(du -h target/worker/worker_bg.wasm | cut -f1)"
