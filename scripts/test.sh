#!/usr/bin/env bash
# Everything that CI checks, one step after the other, with the time that each took. The order is by cost: what fails
# fast comes first, and each build is made once, linted, and used by all later steps: the page before the program that
# carries it. Names of steps as arguments run only those.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
cd "$REPO"

# With the program and the tests that the lint has built.
native() { CARGO_TARGET_DIR="$CACHE/target" linted "$@"; }

# On a machine without a graphics card, Vulkan is tested on the software adapter that Chromium carries.
software_vulkan() {
    local driver
    for driver in /usr/lib/chromium/vk_swiftshader_icd.json "$(dirname "$(readlink -f "$(command -v "${CHROMIUM:-chromium}")")")/vk_swiftshader_icd.json"; do
        if [ -f "$driver" ] && ! compgen -G '/dev/dri/renderD*' >/dev/null; then
            export VK_DRIVER_FILES="$driver" VK_ICD_FILENAMES="$driver"
            # Beside it lies Vulkan's loader, for machines that have none of their own.
            export LD_LIBRARY_PATH="$(dirname "$driver")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
            return 0
        fi
    done
}

do_setup() { scripts/setup-rust.sh && scripts/setup-browser.sh && scripts/setup-wasm.sh && scripts/setup-threads.sh && scripts/setup-tools.sh; }
do_format() { cargo fmt --all --check; }
do_deny() {
    export PATH="$TOOLS/bin:$PATH"
    cargo deny --log-level error check bans licenses sources
    # RustSec's list of known vulnerabilities is a repository of its own, which not every machine reaches.
    if timeout 120 cargo deny fetch db >/dev/null 2>&1; then
        cargo deny --log-level error check --disable-fetch advisories
    else
        say "no way to https://github.com/RustSec/advisory-db: known vulnerabilities were not looked up"
    fi
}
do_lint() { scripts/lint.sh native; }
do_unit() {
    software_vulkan
    # The same random cases each time, so that what passes on one machine passes on all; another number tries others.
    export PROPTEST_RNG_SEED="${PROPTEST_RNG_SEED:-20260923}"
    if cargo nextest --version >/dev/null 2>&1; then
        # A test of crashes, sockets or a driver that fails once and then passes is named as flaky in the summary.
        native cargo nextest run --release --no-fail-fast --retries 1 && native cargo test --release --doc
    else
        native cargo test --release --no-fail-fast
    fi
}
# The engine without what only tests ask of it; the rest of what runs in a browser was linted while it was built.
do_lint_engine() { scripts/lint.sh engine; }
# What every browser loads before it shows anything, as the runner sends it.
do_page() {
    local most=700000 packed=target/page/app_bg.wasm.br
    CLIPPY_CONF_DIR="$REPO/app" linted scripts/build-page.sh small test
    [ ! -f "$packed" ] || [ "$(stat -c %s "$packed")" -le "$most" ] ||
        die "$packed is larger than $most bytes: docs/page.md says how to see what made it grow"
}
do_worker() { CLIPPY_CONF_DIR="$REPO/app" linted scripts/build-worker.sh; }
do_browser() {
    export CHROMIUM="${CHROMIUM:-$(command -v chromium)}" CHROMEDRIVER="${CHROMEDRIVER:-$(command -v chromedriver)}"
    # One browser at a time: each test has its own, and the software adapter takes every core.
    if cargo nextest --version >/dev/null 2>&1; then
        native cargo nextest run --release -p browser-tests --no-fail-fast --test-threads 1 --retries 1 --success-output final
    else
        native cargo test --release -p browser-tests -- --test-threads=1 --nocapture
    fi
}

[ $# -gt 0 ] || set -- setup format deny worker page lint lint_engine unit browser
times=()
for step in "$@"; do
    say "--- $step"
    started=$SECONDS
    status=0
    # In a subshell of its own with -e, which an `if` would switch off.
    set +e
    (
        set -e
        "do_$step"
    )
    status=$?
    set -e
    times+=("$(printf '%5d s  %s' $((SECONDS - started)) "$step")")
    if [ $status != 0 ]; then
        printf '%s\n' "${times[@]}" >&2
        die "$step failed"
    fi
done
printf '%s\n' "${times[@]}" >&2
say "all steps passed in $SECONDS s"
