#!/usr/bin/env bash
# Checks that there is a Rust new enough for the workspace, and a linker; says how to get what is missing.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

wanted="$(awk -F'"' '/^rust-version/ { print $2 }' "$REPO/Cargo.toml")"
command -v cargo >/dev/null || die "no cargo here: install Rust $wanted or later, as https://rustup.rs says, and run this again"
present="$(rustc --version | cut -d' ' -f2)"
if [ "$(printf '%s\n' "$wanted" "${present%%-*}" | sort -V | head -n 1)" != "$wanted" ]; then
    die "Rust $present is here, $wanted is needed: 'rustup update stable' brings it"
fi
command -v cc >/dev/null || apt_install gcc libc6-dev
say "Rust $present: ready"
