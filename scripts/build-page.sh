#!/usr/bin/env bash
# Builds the page to target/page, a folder of plain files for any web server. `build-page.sh small` builds it as it is to
# be served, which takes longer; without `small` it is built quickly.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
# shellcheck disable=SC1091
source "$CACHE/wasm.env"
export CARGO_TARGET_DIR="$CACHE/target-wasm" PATH="$TOOLS/bin:$PATH"
cd "$REPO/app"

# The text editor and the styles, one file each.
(cd editor && npm run --silent build)
if [ "${1:-}" = small ]; then
    # Leptos' own switch for views of one type instead of a type each, which are most of the program otherwise. Only the
    # page's profile sees it, so that what the in-tab engine is built of stays as it is.
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="${CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS:-} --cfg erase_components"
    # What is linked as a whole cannot be compiled in pieces.
    CARGO_INCREMENTAL=0 trunk build --offline --release --cargo-profile page
else
    trunk build --offline --release --cargo-profile wasm
fi
cd "$REPO/target/page"
# What trunk would put its own script in place of; the page has a start script instead.
sed -i '/<link data-trunk rel="rust"/d' index.html
if [ "${1:-}" = small ] && command -v wasm-opt >/dev/null; then
    features=(--enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals
        --enable-reference-types --enable-multivalue --enable-simd)
    for program in app hub; do
        wasm-opt -Oz --strip-debug --strip-producers "${features[@]}" "${program}_bg.wasm" -o "${program}_bg.wasm"
    done
    # What decodes is to be quick; it is loaded when recordings are looked at.
    wasm-opt -O3 "${features[@]}" clips_bg.wasm -o clips_bg.wasm
fi
# The in-tab engine, where it was built, and what it can be tried with.
rm -rf engine demo
if [ -f ../worker/worker_bg.wasm ]; then
    cp -r ../worker engine
    # The page asks for it where it can use it.
    [ ! -d engine/threads ] || sed -i 's/<html /<html data-threads /' index.html
    mkdir -p demo/model
    cp ../../static/demo/demo.csv demo
    cp -r ../../static/demo/audio demo
    cp ../../static/demo/model/* demo/model
fi
# Of an earlier build.
find . -type f \( -name '*.gz' -o -name '*.br' \) -delete
# The offline worker knows the page's files, and a build by their content; what only training needs is not fetched ahead.
files="$(find . -type f ! -name offline.js ! -path './engine/*' ! -path './demo/*' ! -name 'hub*' | sort | tr '\n' ' ')"
version="$(find . -type f ! -name offline.js -print0 | sort -z | xargs -0 cat | sha256sum | cut -c1-16)"
sed -i -e "s|\"FILES\"|\"./ ${files% }\"|" -e "s|VERSION|$version|" offline.js
command -v brotli >/dev/null || apt_install brotli || say 'without brotli the page is packed by gzip only, which is a fifth larger'
# Packed once here, so that the runner, which has the page built in, need not do it for each browser.
# Of a build for tests (`small test`) the engine is too large for that.
but=(! -path './engine/*')
if [ "${1:-}" = small ] && [ "${2:-}" != test ]; then but=(); fi
find . -type f ! -name '*.gz' ! -name '*.br' "${but[@]}" -size +1k \( -name '*.html' -o -name '*.js' -o -name '*.css' -o -name '*.wasm' -o -name '*.svg' -o -name '*.json' \) -print0 |
    while IFS= read -r -d '' file; do
        gzip -9 -n -k -f "$file"
        if command -v brotli >/dev/null; then brotli -q 11 -k -f "$file"; fi
    done

size() { if [ -f "$1" ]; then stat -c %s "$1"; else echo 0; fi; }
for program in app_bg.wasm clips_bg.wasm hub_bg.wasm app.js editor.js editor-chunk.js editor-help.js style.css; do
    say "$(printf '%-15s %8d bytes, %7d by gzip, %7d by brotli' "$program" "$(size $program)" "$(size $program.gz)" "$(size $program.br)")"
done
