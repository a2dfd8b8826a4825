#!/usr/bin/env bash
# Makes the in-tab engine with threads buildable: WebAssembly whose memory threads share needs a standard library that is
# compiled for it, from its source. That comes by one of two ways, as WebAssembly itself does (see setup-wasm.sh, which has
# run before):
#   1. rustup's component rust-src, where rustup can download it;
#   2. Debian's rust-web-src.
# What build-worker.sh needs goes to $CACHE/threads.env. Where neither way works, there is no such file: then the page's
# processor has one core, and all else is as it is. Safe to run again. VOXTUNE_WASM=debian goes the second way at once.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

ENV_FILE="$CACHE/threads.env"
TARGET=wasm32-unknown-unknown

# What makes memory shared, and what wasm-bindgen needs to give each thread its own stack and thread-local variables.
flags="-C target-feature=+atomics,+bulk-memory,+mutable-globals"
for argument in shared-memory import-memory max-memory=4294967296 \
    export=__wasm_init_tls export=__tls_size export=__tls_align export=__tls_base; do
    flags="$flags -C link-arg=--$argument"
done

# With the settings of an env file: the compiler's version, and whether it builds a library that uses threads.
version() { (source "$1" && rustc --version); }
works() {
    local crate status=0
    crate="$(mktemp -d)"
    mkdir -p "$crate/src"
    printf '[package]\nname = "threads-probe"\nversion = "0.0.0"\nedition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n[workspace]\n' >"$crate/Cargo.toml"
    printf 'static N: std::sync::Mutex<u32> = std::sync::Mutex::new(0);\n#[unsafe(no_mangle)]\npub extern "C" fn probe() -> u32 { *N.lock().unwrap() }\n' >"$crate/src/lib.rs"
    # shellcheck disable=SC1090
    (source "$1" && cd "$crate" && CARGO_TARGET_DIR="$crate/target" cargo build -q --target $TARGET -Z build-std=std,panic_abort) >"$crate/log" 2>&1 || status=$?
    [ $status = 0 ] || tail -n 5 "$crate/log" >&2
    rm -rf "$crate"
    return $status
}

# Whether a way works; then it is kept, with the version of its compiler.
try() {
    local way="$1"
    shift
    printf '%s\n' "# $way" "$@" 'export RUSTC_BOOTSTRAP=1' \
        "export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=\"$flags\"" >"$ENV_FILE.new"
    if ! works "$ENV_FILE.new"; then
        say "$way: the standard library does not build with threads (see above)"
        rm -f "$ENV_FILE.new"
        return 1
    fi
    echo "# $(version "$ENV_FILE.new")" >>"$ENV_FILE.new"
    mv "$ENV_FILE.new" "$ENV_FILE"
    say "threads in WebAssembly by $way: ready ($ENV_FILE)"
}

if [ -f "$ENV_FILE" ] && grep -qxF "# $(version "$ENV_FILE")" "$ENV_FILE" && grep -qF -- "$flags" "$ENV_FILE"; then
    say "threads in WebAssembly by $(sed -n '1s/^# //p' "$ENV_FILE"): ready"
    exit 0
fi
rm -f "$ENV_FILE"

if [ "${VOXTUNE_WASM:-}" != debian ] && command -v rustup >/dev/null; then
    if rustup component list --installed 2>/dev/null | grep -qx rust-src || timeout 120 rustup component add rust-src >&2; then
        try "rustup's rust-src" && exit 0
    else
        say "rustup cannot add rust-src (no way to its server?)"
    fi
fi
known() { apt-cache show rust-web-src >/dev/null 2>&1; }
if { known || { prefix="$(apt_prefix)" && $prefix apt-get update -qq >&2 && known; }; } &&
    apt_install rustc-web cargo-web rust-web-src rust-web-clippy lld-22; then
    # shellcheck disable=SC2016 # written as it is
    try "Debian's rust-web-src" 'export PATH="/usr/bin:$PATH"' 'export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-22' && exit 0
fi
say "no source of the standard library here, neither by 'rustup component add rust-src' nor by Debian's package rust-web-src: the in-tab engine is built without threads, and uses one core of the processor"
