"""Has Python's `huggingface_hub` use the hub that the tests start (tests/hub), so that it is no fiction.

    cargo build --release -p fake-hub
    python3 tests/oracles/hub.py $CARGO_TARGET_DIR/release/fake-hub tests/fixtures/parity/wav2vec2_base/model \\
        $CARGO_TARGET_DIR/release/voxtune static/demo/audio/f01_anger_00.flac

With the program and a recording, what each of the two has put into the cache is used by the other.
Needs huggingface_hub (checked with 2.4.0; its uploads by LFS, since Xet is a protocol of its own).
It prints a line for each thing that was checked, and fails at the first that is not so.
"""

import filecmp
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

program, model = sys.argv[1], Path(sys.argv[2])
folder = Path(tempfile.mkdtemp())
server = subprocess.Popen(
    [
        program,
        f"lab/tiny={model}",
        f"lab/closed={model}",
        "gated:lab/closed",
        f"tester/own={model}",
        "private:tester/own",
        "parts:50000",
        "cut:40000",
    ],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
    text=True,
)
told = json.loads(server.stdout.readline())

# Read by huggingface_hub when it is imported.
for name in list(os.environ):
    if name.startswith("HF_") or name.lower().endswith("_proxy"):
        del os.environ[name]
os.environ |= {
    "HF_ENDPOINT": told["endpoint"],
    "HF_HOME": str(folder / "home"),
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}
from huggingface_hub import HfApi, hf_hub_download, scan_cache_dir, snapshot_download  # noqa: E402
from huggingface_hub.errors import (  # noqa: E402
    GatedRepoError,
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)


def refused(kind, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except kind as error:
        assert type(error) is kind or kind is HfHubHTTPError, repr(error)
        return
    raise AssertionError(f"{kind.__name__} was expected")


def same(one, other):
    assert filecmp.cmp(one, other, shallow=False), (one, other)


api = HfApi(token=told["write"])
names = sorted(path.name for path in model.iterdir())

info = HfApi(token=False).model_info("lab/tiny")
assert sorted(file.rfilename for file in info.siblings) == names
assert len(info.sha) == 40 and not info.private and not info.gated
print("model_info: the files and the commit")

for name in names:
    same(hf_hub_download("lab/tiny", name, token=False), model / name)
snapshot = Path(snapshot_download("lab/tiny", token=False, cache_dir=folder / "other"))
assert snapshot.name == info.sha
assert sorted(path.name for path in snapshot.iterdir()) == names
for name in names:
    same(snapshot / name, model / name)
same(hf_hub_download("lab/tiny", "config.json", local_files_only=True), model / "config.json")
print("hf_hub_download and snapshot_download: every file, by name and by commit, and on after a cut")

refused(RepositoryNotFoundError, hf_hub_download, "lab/absent", "config.json", token=False)
refused(RepositoryNotFoundError, hf_hub_download, "lab/absent", "config.json", token=told["read"])
refused(RepositoryNotFoundError, hf_hub_download, "tester/own", "config.json", token=False)
refused(RevisionNotFoundError, HfApi(token=False).model_info, "lab/tiny", revision="absent")
refused(GatedRepoError, hf_hub_download, "lab/closed", "config.json", token=False)
refused(GatedRepoError, hf_hub_download, "lab/closed", "config.json", token=told["read"])
refused(HfHubHTTPError, HfApi(token="wrong").model_info, "lab/tiny")
refused(RemoteEntryNotFoundError, hf_hub_download, "lab/tiny", "absent.json", token=False)
same(hf_hub_download("tester/own", "config.json", token=told["read"]), model / "config.json")
assert HfApi(token=False).model_info("lab/closed").gated
print("absent, private and gated models, absent revisions and files: the errors that they are for")

who = api.whoami()
assert who["name"] == "tester" and who["orgs"][0]["name"] == "lab"
assert who["auth"]["accessToken"]["role"] == "write"
assert api.create_repo("tester/new", private=True).repo_id == "tester/new"
assert api.model_info("tester/new").private
refused(HfHubHTTPError, api.create_repo, "tester/new")
api.create_repo("tester/new", exist_ok=True)
refused(HfHubHTTPError, api.create_repo, "stranger/new")
refused(HfHubHTTPError, HfApi(token=told["read"]).create_repo, "tester/other")
print("whoami and create_repo: private, there already, and what a token may not")

upload = folder / "upload"
upload.mkdir()
(upload / "README.md").write_text("---\nlicense: mit\n---\n# Tiny\n")
for name in names:
    (upload / name).write_bytes((model / name).read_bytes())
commit = api.upload_folder(repo_id="tester/new", folder_path=upload, commit_message="All of it")
assert len(commit.oid) == 40 and api.model_info("tester/new").sha == commit.oid
for file in upload.iterdir():
    same(hf_hub_download("tester/new", file.name, token=told["read"]), file)
kinds = {file.path: file.lfs is not None for file in api.list_repo_tree("tester/new")}
assert kinds["model.safetensors"] and not kinds["config.json"], kinds
refused(HfHubHTTPError, HfApi(token=told["read"]).upload_folder, repo_id="tester/new", folder_path=upload)
print("upload_folder: small files in the commit, large ones by LFS in parts; and down again")

if len(sys.argv) > 4:
    voxtune, recording = sys.argv[3:5]

    def embed(home, **more):
        call = [voxtune, "embed", "--device", "cpu", "--model", "lab/tiny", "--out", folder / "x.safetensors", recording]
        subprocess.run(call, check=True, env=os.environ | {"HF_HOME": str(home)} | more)

    embed(folder / "home", HF_HUB_OFFLINE="1")
    embed(folder / "ours")
    ours = snapshot_download("lab/tiny", cache_dir=folder / "ours" / "hub", local_files_only=True)
    for name in names:
        same(Path(ours) / name, model / name)
    [repository] = scan_cache_dir(folder / "ours" / "hub").repos
    assert repository.repo_id == "lab/tiny" and list(repository.refs) == ["main"], repository
    print("the cache: voxtune uses Python's, and Python uses voxtune's")

server.stdin.close()
assert server.wait(10) == 0
