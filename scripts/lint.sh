#!/usr/bin/env bash
# Clippy, with every warning an error: `lint.sh native` for the program and the tests, `lint.sh wasm` for what runs in a
# browser (with app/clippy.toml, which forbids threads, files, the environment and waiting).
set -euo pipefail
source "$(dirname "$0")/lib.sh"
cd "$REPO"

case "${1:-}" in
native)
    export CARGO_TARGET_DIR="$CACHE/target"
    linted cargo build --release --all-targets
    linted cargo build --release --all-targets -p browser-tests
    ;;
wasm)
    # shellcheck disable=SC1091
    source "$CACHE/wasm.env"
    export CARGO_TARGET_DIR="$CACHE/target-wasm" CLIPPY_CONF_DIR="$REPO/app"
    # One by one: together they would get each other's features.
    linted cargo build --profile wasm --target wasm32-unknown-unknown -p worker
    linted cargo build --profile wasm --target wasm32-unknown-unknown -p app
    # What only the engine with threads has.
    if [ -f "$CACHE/threads.env" ]; then
        # shellcheck disable=SC1091
        source "$CACHE/threads.env"
        export CARGO_TARGET_DIR="$CACHE/target-threads"
        linted cargo build --profile wasm --target wasm32-unknown-unknown -p worker -Z build-std=std,panic_abort
    fi
    ;;
*) die "usage: lint.sh native|wasm" ;;
esac
