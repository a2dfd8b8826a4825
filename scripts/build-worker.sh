#!/usr/bin/env bash
# Builds the in-tab engine to target/worker: start.js (a module, the worker's script), worker.js and worker_bg.wasm; and,
# where setup-threads.sh found a way, the one with threads to target/worker/threads.
# `build-worker.sh small` leaves out what only tests ask of them, and runs wasm-opt.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
cd "$REPO"

features=(--features parity)
[ "${1:-}" != small ] || features=()

# Builds one with the settings of an env file: its name, its folder, its start script, more of cargo's arguments.
build() {
    # shellcheck disable=SC1090
    source "$CACHE/$1.env"
    local folder="$2" start="$3"
    export CARGO_TARGET_DIR="$CACHE/target-$1" PATH="$TOOLS/bin:$PATH"
    cargo build --profile wasm --target wasm32-unknown-unknown -p worker "${features[@]}" "${@:4}"
    wasm-bindgen --target web --no-typescript --out-dir "$folder" "$CARGO_TARGET_DIR/wasm32-unknown-unknown/wasm/worker.wasm"
    cp "static/$start" "$folder/start.js"
    cp static/worker-failures.js "$folder/failures.js"
}

# Makes one small, and says how large it is.
pack() {
    local what="$1" program="$2/worker_bg.wasm" packed
    if [ "$3" = small ] && command -v wasm-opt >/dev/null; then
        # For speed, since here it is computed: what is rarely run is small all the same.
        wasm-opt -O2 --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals \
            --enable-reference-types --enable-multivalue --enable-simd --enable-threads "$program" -o "$program"
    fi
    packed="$(gzip -9c "$program" | wc -c) bytes by gzip"
    # As it is served; it takes minutes, and tests don't ask for it.
    if [ "$3" = small ] && command -v brotli >/dev/null; then
        packed="$packed, $(brotli -q 11 --lgwin=24 -c "$program" | wc -c) by brotli"
    fi
    say "$what: $(stat -c %s "$program") bytes of WebAssembly, $packed"
}

# Each in a shell of its own, since their settings differ.
(build wasm target/worker worker-start.js)
(PATH="$TOOLS/bin:$PATH" && pack "the engine" target/worker "${1:-}")
rm -rf target/worker/threads
if [ -f "$CACHE/threads.env" ]; then
    (build threads target/worker/threads threads-start.js -Z build-std=std,panic_abort)
    cp static/threads-thread.js target/worker/threads/thread.js
    (PATH="$TOOLS/bin:$PATH" && pack 'the one with threads' target/worker/threads "${1:-}")
else
    say 'no engine with threads: see scripts/setup-threads.sh'
fi
