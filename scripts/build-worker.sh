#!/usr/bin/env bash
# Builds the in-tab engine to target/worker: start.js (a module, the worker's script), worker.js and worker_bg.wasm.
# `build-worker.sh small` leaves out what only tests ask of it, and runs wasm-opt.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
# shellcheck disable=SC1091
source "$CACHE/wasm.env"
cd "$REPO"
export CARGO_TARGET_DIR="$CACHE/target-wasm" PATH="$TOOLS/bin:$PATH"

features=(--features parity)
[ "${1:-}" != small ] || features=()
cargo build --profile wasm --target wasm32-unknown-unknown -p worker "${features[@]}"
wasm-bindgen --target web --no-typescript --out-dir target/worker "$CARGO_TARGET_DIR/wasm32-unknown-unknown/wasm/worker.wasm"
cp static/worker-start.js target/worker/start.js
cd target/worker
if [ "${1:-}" = small ] && command -v wasm-opt >/dev/null; then
    # For speed, since here it is computed: what is rarely run is small all the same.
    wasm-opt -O2 --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals \
        --enable-reference-types --enable-multivalue --enable-simd worker_bg.wasm -o worker_bg.wasm
fi
packed="$(gzip -9c worker_bg.wasm | wc -c) bytes by gzip"
# As it is served; it takes minutes, and tests don't ask for it.
if [ "${1:-}" = small ] && command -v brotli >/dev/null; then
    packed="$packed, $(brotli -q 11 --lgwin=24 -c worker_bg.wasm | wc -c) by brotli"
fi
say "target/worker: $(du -h worker_bg.wasm | cut -f1) of WebAssembly, $packed"
