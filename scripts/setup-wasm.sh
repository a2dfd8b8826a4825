#!/usr/bin/env bash
# Makes `cargo build --target wasm32-unknown-unknown` work, in one of two ways, and writes what the other scripts
# need for it to $CACHE/wasm.env:
#   1. rustup's own target, where rustup can download it;
#   2. Debian's rustc-web (Rust for browsers), whose standard library is built here once from its source package.
# Safe to run again: a way that already works is kept. VOXTUNE_WASM=debian goes the second way at once.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

ENV_FILE="$CACHE/wasm.env"
TARGET=wasm32-unknown-unknown

# A small library that uses std, in a folder of its own.
empty_crate() {
    mkdir -p "$1/src"
    printf '[package]\nname = "wasm-probe"\nversion = "0.0.0"\nedition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n[workspace]\n' >"$1/Cargo.toml"
    printf '#[unsafe(no_mangle)]\npub extern "C" fn probe(n: u32) -> usize { vec![0u8; n as usize].len() }\n' >"$1/src/lib.rs"
}

# Compiles and links that library for wasm32 with the settings of an env file.
works() {
    [ -f "$1" ] || return 1
    local crate
    crate="$(mktemp -d)"
    empty_crate "$crate"
    # shellcheck disable=SC1090
    (source "$1" && cd "$crate" && CARGO_TARGET_DIR="$crate/target" cargo build -q --offline --target $TARGET) >"$crate/log" 2>&1
    local status=$?
    [ $status = 0 ] || tail -n 5 "$crate/log" >&2
    rm -rf "$crate"
    return $status
}

finish() {
    works "$ENV_FILE.new" || die "$1: an empty crate does not compile for $TARGET (see above)"
    mv "$ENV_FILE.new" "$ENV_FILE"
    say "$1: ready ($ENV_FILE)"
    exit 0
}

if works "$ENV_FILE" 2>/dev/null; then
    say "$(sed -n 's/^# //p' "$ENV_FILE"): ready"
    exit 0
fi

# The first way.
way="rustup's $TARGET"
if [ "${VOXTUNE_WASM:-}" != debian ] && command -v rustup >/dev/null; then
    if rustup target list --installed 2>/dev/null | grep -qx $TARGET || timeout 120 rustup target add $TARGET >&2; then
        printf '# %s\n' "$way" >"$ENV_FILE.new"
        finish "$way"
    fi
    say "rustup cannot add $TARGET (no way to its server?)"
fi

# The second way.
way="Debian's rustc-web"
apt-cache show rustc-web >/dev/null 2>&1 || {
    prefix="$(apt_prefix)" && $prefix apt-get update -qq >&2 && apt-cache show rustc-web >/dev/null 2>&1
} || die "no way to $TARGET here: let rustup reach its server and run 'rustup target add $TARGET', or use a Debian with the packages rustc-web, cargo-web, rust-web-src, rust-web-clippy and lld-22"
apt_install rustc-web cargo-web rust-web-src rust-web-clippy lld-22 || exit 1

cat >"$ENV_FILE.new" <<ENV
# $way
export PATH="/usr/bin:\$PATH"
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-22
ENV

# The package has no wasm32 standard library. It goes into a sysroot of our own, so that nothing under /usr is touched.
version="$(/usr/bin/rustc --version | cut -d' ' -f2)"
sysroot="$CACHE/sysroot-$version"
std="$sysroot/lib/rustlib/$TARGET/lib"
echo "export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=\"--sysroot=$sysroot\"" >>"$ENV_FILE.new"
if ! ls "$std"/libstd-*.rlib >/dev/null 2>&1; then
    say "building the standard library of Rust $version for $TARGET (once, about two minutes)"
    crate="$(mktemp -d)"
    empty_crate "$crate"
    (
        cd "$crate"
        PATH="/usr/bin:$PATH" RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-22 CARGO_TARGET_DIR="$crate/target" \
            cargo build --release --target $TARGET -Z build-std=std,panic_abort
    ) >"$CACHE/std-build.log" 2>&1 || {
        tail -n 20 "$CACHE/std-build.log" >&2
        die "the standard library does not build (whole log: $CACHE/std-build.log)"
    }
    mkdir -p "$std"
    cp "$crate"/target/$TARGET/release/deps/*.rlib "$std/"
    rm -f "$std"/libwasm_probe*
    rm -rf "$crate"
fi
finish "$way"
