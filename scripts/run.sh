#!/usr/bin/env bash
# `make run`: builds page and program. With a terminal and a display it starts the runner and opens the page, where one
# click trains the demo. Elsewhere it trains the demo here; then, on a terminal, it starts the runner, whose page can be
# reached by `ssh -L`. Without a terminal it ends by itself.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
cd "$REPO"
export CARGO_TARGET_DIR="$CACHE/target"
voxtune="$CARGO_TARGET_DIR/release/voxtune"

# The engine by which the page trains in the browser is built for those who can open the page here: it takes as long as
# the program.
opens=
if [ -t 0 ] && [ -t 1 ] && { [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || [ "$(uname)" = Darwin ]; }; then opens=yes; fi

build_page() {
    scripts/setup-wasm.sh && scripts/setup-tools.sh wasm_bindgen trunk wasm_opt editor || return
    if [ "$opens" ]; then
        { scripts/setup-threads.sh && scripts/build-worker.sh small; } || say 'the in-tab engine could not be built (see above): the page trains on the runner alone'
    fi
    scripts/build-page.sh small
}

# A page that is newer than all it is made of is left alone, so that the program need not be linked anew.
page=target/page/index.html
newer() { find app shared/src static Cargo.lock -newer "$page" -type f -not -path '*/node_modules/*' -print -quit | grep -q .; }
if [ ! -f "$page" ] || newer || { [ "$opens" ] && [ ! -d target/page/engine ]; }; then
    build_page || say 'the page could not be built (see above): the program works without it'
fi
cargo build --release

if [ -t 0 ] && [ -t 1 ]; then
    if [ "$opens" ] && [ -f "$page" ]; then exec "$voxtune" serve --open; fi
    "$voxtune" run static/demo/demo.ini
    exec "$voxtune" serve
fi
"$voxtune" run static/demo/demo.ini
say "for the page: $voxtune serve"
