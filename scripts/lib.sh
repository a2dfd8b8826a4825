# Sourced by the other scripts: where things are kept, and how to install system packages.
# shellcheck shell=bash

REPO="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
CACHE="${VOXTUNE_CACHE:-$HOME/.cache/voxtune}"
TOOLS="$CACHE/tools"
mkdir -p "$CACHE" "$TOOLS/bin"
export REPO CACHE TOOLS

say() { printf '[%s] %s\n' "$(basename "$0")" "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# Runs a command whose cargo lints the project's own crates while it builds them, every warning being an error. This is what
# `cargo clippy` does, on top of `cargo build` instead of `cargo check`: so nothing is gone through once more only to be
# checked, neither dependencies nor tests.
linted() {
    RUSTC_WORKSPACE_WRAPPER="$(command -v clippy-driver)" CLIPPY_ARGS="-Dwarnings__CLIPPY_HACKERY__" "$@"
}

# The version that Cargo.lock has of a crate, so that tools and crates cannot drift apart.
locked_version() {
    awk -v name="$1" '$1 == "name" && $3 == "\"" name "\"" { found = 1; next }
                      found && $1 == "version" { gsub(/"/, "", $3); print $3; exit }' "$REPO/Cargo.lock"
}

# How this user may run apt-get: prints the prefix ("" or "sudo -n"), or fails where they may not.
apt_prefix() {
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" = 0 ]; then
        echo ""
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        echo "sudo -n"
    else
        return 1
    fi
}

# Installs those of the named Debian packages that are missing; where it may not, says what to type.
apt_install() {
    local missing=() package prefix
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if ! prefix="$(apt_prefix)"; then
        say "these system packages are missing: ${missing[*]}"
        say "install them as an administrator and run this again, on Debian: apt-get install -y --no-install-recommends ${missing[*]}"
        return 1
    fi
    say "installing ${missing[*]}"
    # shellcheck disable=SC2086 # the prefix is zero or two words
    { DEBIAN_FRONTEND=noninteractive $prefix apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends "${missing[@]}" ||
        { $prefix apt-get update -qq && DEBIAN_FRONTEND=noninteractive $prefix apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends "${missing[@]}"; }; } >&2
}
