#!/usr/bin/env bash
# Clippy, with every warning an error: `lint.sh native` for the program and the tests, `lint.sh engine` and `lint.sh page`
# for what runs in a browser (with app/clippy.toml, which forbids threads, files, the environment and waiting).
set -euo pipefail
source "$(dirname "$0")/lib.sh"
cd "$REPO"

case "${1:-}" in
native)
    export CARGO_TARGET_DIR="$CACHE/target"
    linted cargo build --release --all-targets
    linted cargo build --release --all-targets -p browser-tests
    ;;
engine | page)
    # shellcheck disable=SC1091
    source "$CACHE/wasm.env"
    export CARGO_TARGET_DIR="$CACHE/target-wasm" CLIPPY_CONF_DIR="$REPO/app"
    # One by one: together they would get each other's features.
    case "$1" in
    engine) linted cargo build --profile wasm --target wasm32-unknown-unknown -p worker ;;
    page) linted cargo build --profile wasm --target wasm32-unknown-unknown -p app ;;
    esac
    ;;
*) die "usage: lint.sh native|engine|page" ;;
esac
