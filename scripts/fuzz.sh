#!/usr/bin/env bash
# Feeds the readers of what comes from outside with mutated files: SECONDS for each target (20), or only for those named.
#
#     scripts/fuzz.sh [SECONDS [TARGET...]]
#
# It begins with files of tests/fixtures and what it found in earlier calls, all kept in $CACHE/fuzz. A file that makes a
# target fail is named at the end; keep it, as a test of the module that it fails in.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

CARGO_FUZZ_VERSION=0.13.2
seconds="${1:-20}"
[ $# -eq 0 ] || shift
export CARGO_TARGET_DIR="$CACHE/fuzz/target"
# The sanitizer and the counters of what was reached are not stable parts of the compiler.
export RUSTC_BOOTSTRAP=1
mkdir -p "$CACHE/fuzz"

tool="$TOOLS/bin/cargo-fuzz"
if [ ! -x "$tool" ]; then
    say "building cargo-fuzz $CARGO_FUZZ_VERSION (once)"
    cargo install cargo-fuzz --version "$CARGO_FUZZ_VERSION" --root "$TOOLS" >"$CACHE/cargo-fuzz.log" 2>&1 ||
        die "cargo-fuzz does not build (whole log: $CACHE/cargo-fuzz.log)"
fi

# The workspace's own versions: fuzzing is a workspace of its own, since only it needs the sanitizer.
cd "$REPO"
cp Cargo.lock shared/fuzz/Cargo.lock

# The files that a target begins with.
seeds() {
    case "$1" in
    archive | dataset) find "$CACHE/fuzz/archives" -name '*.zip' ;;
    audio) find "$REPO/tests/fixtures/audio" -type f ;;
    check | ini) find "$REPO/tests/fixtures/config" "$REPO/static/demo" -name '*.ini' ;;
    db_yaml) find "$REPO/tests/fixtures/audformat" -name '*.yaml' ;;
    literal) find "$CACHE/fuzz/literals" -type f ;;
    parquet) find "$REPO/tests/fixtures/audformat" -name '*.parquet' ;;
    table) find "$REPO/tests/fixtures" "$REPO/static/demo" -name '*.csv' ;;
    esac
}

# Archives of fixtures, stored and packed, and the values of INIs, a file each.
rm -rf "$CACHE/fuzz/archives" "$CACHE/fuzz/literals"
mkdir -p "$CACHE/fuzz/archives" "$CACHE/fuzz/literals"
python3 - "$CACHE/fuzz" <<'EOF'
import glob, sys, zipfile
folder = sys.argv[1]
for name, kind in (("stored", zipfile.ZIP_STORED), ("packed", zipfile.ZIP_DEFLATED)):
    with zipfile.ZipFile(f"{folder}/archives/{name}.zip", "w", kind) as archive:
        for path in sorted(glob.glob("tests/fixtures/audformat/emodb-parquet/*.yaml")):
            archive.write(path, "calls/db.yaml")
        archive.writestr("calls/clips/ä.txt", "a" * 300)
        archive.writestr("empty", "")
values = set()
for path in glob.glob("tests/fixtures/config/**/*.ini", recursive=True):
    for line in open(path, errors="replace"):
        value = line.partition("=")[2].strip()
        if value[:1] in "[{('\"":
            values.add(value)
for number, value in enumerate(sorted(filter(None, values))):
    with open(f"{folder}/literals/{number}", "w") as file:
        file.write(value)
EOF

cd shared
"$tool" fuzz build >&2 || die "the targets do not build"
failed=()
for target in ${*:-$("$tool" fuzz list)}; do
    corpus="$CACHE/fuzz/corpus/$target"
    mkdir -p "$corpus"
    # By their content, since files of several folders have the same names.
    seeds "$target" | while read -r file; do
        cp "$file" "$corpus/seed-$(sha1sum <"$file" | cut -c 1-16)"
    done
    say "$target, $seconds s"
    "$tool" fuzz run "$target" "$corpus" -- -max_total_time="$seconds" -rss_limit_mb=3000 -timeout=20 -max_len=65536 \
        -print_final_stats=1 -verbosity=0 || failed+=("$target")
done
[ ${#failed[@]} -eq 0 ] || die "failed: ${failed[*]} (the inputs are in shared/fuzz/artifacts)"
say "nothing failed"
