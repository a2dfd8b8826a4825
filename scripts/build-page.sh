#!/usr/bin/env bash
# Builds the page to target/page, a folder of plain files for any web server. `build-page.sh small` also runs wasm-opt.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
# shellcheck disable=SC1091
source "$CACHE/wasm.env"
export CARGO_TARGET_DIR="$CACHE/target-wasm" PATH="$TOOLS/bin:$PATH"
cd "$REPO/app"

trunk build --offline --release
cd "$REPO/target/page"
# What trunk would put its own script in place of; the page has a start script instead.
sed -i '/<link data-trunk rel="rust"/d' index.html
if [ "${1:-}" = small ] && command -v wasm-opt >/dev/null; then
    wasm-opt -Oz --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals \
        --enable-reference-types --enable-multivalue --enable-simd app_bg.wasm -o app_bg.wasm
fi
say "target/page: $(du -h app_bg.wasm | cut -f1) of WebAssembly"
