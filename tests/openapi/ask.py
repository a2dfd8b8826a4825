"""Starts a fresh server, gives it something to talk about, and has schemathesis ask it (see run.sh)."""

import json
import math
import os
import struct
import subprocess
import sys
import time
import urllib.request
import wave
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODELS = HERE.parent / "fixtures" / "parity"

# What is compared: the checks that tell whether an answer is one that was described.
#
# Left out are those that want a description to say all that a server may find wrong (`positive_data_acceptance`: an INI that
# is text and yet no experiment), and those of tokens, which run into the limit of wrong ones (`ignored_auth`); that no route
# answers without a token is tried by tests/server/attacks on each of them. 507 is the answer to an upload that is larger
# than the disk.
CONFIG = """
[checks]
positive_data_acceptance.enabled = false
ignored_auth.enabled = false
missing_required_header.expected-statuses = [401, 403, 415]
not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "507"]
"""

# Streams that never end, which an asker that waits for the end of an answer cannot read.
ENDLESS = ["events", "job_events"]
# What would throw away what the second round asks about, or needs a hub.
DESTROYS = ["job_delete", "dataset_delete", "upload_delete", "publish", "logout"]


def recordings(folder):
    """Tones of four speakers, with their table."""
    rows = ["file,speaker,pitch"]
    for speaker in ["anna", "ben", "cleo", "dan"]:
        for label, hertz in [("high", 900), ("low", 220)]:
            name = f"{speaker}-{label}.wav"
            with wave.open(str(folder / name), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(16000)
                samples = (int(12000 * math.sin(2 * math.pi * hertz * n / 16000)) for n in range(3200))
                file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
            rows.append(f"{name},{speaker},{label}")
    (folder / "tones.csv").write_text("\n".join(rows) + "\n")


def experiment(folder):
    return f"""[EXP]
root = ./results/
name = tones
epochs = 1
traindevtest = True
[DATA]
databases = ['tones']
tones = {folder}/tones.csv
tones.type = csv
tones.absolute_path = False
tones.split_strategy = speaker_split
tones.test_size = 25
tones.dev_size = 25
target = pitch
[FEATS]
type = []
[FINETUNE]
pretrained_model = {MODELS}/wav2vec2_base/model
batch_size = 4
max_duration = 0.2
device = cpu
[MODEL]
type = finetune
"""


class Server:
    """A server on an empty folder."""

    def __init__(self, work):
        data = work / "data"
        data.mkdir(parents=True)
        recordings(data)
        home = work / "home"
        arguments = ["serve", "--folder", home, "--data", data, "--data", MODELS]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        self.log = open(work / "server.log", "w+")
        self.process = subprocess.Popen(
            [os.environ["VOXTUNE"], *arguments], stdout=subprocess.PIPE, stderr=self.log, text=True, env=clean
        )
        self.url = None
        for line in self.process.stdout:
            if "/login?token=" in line:
                self.url = line.split()[-1].split("/login")[0]
            if line.startswith("Ctrl-C"):
                break
        if self.url is None:
            sys.exit("the server does not start")
        self.token = (home / "token").read_text().strip()
        self.data = data

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def trained(self):
        """A finished job."""
        job = self.ask("POST", "/api/jobs", {"text": experiment(self.data)})["id"]
        for _ in range(600):
            state = self.ask("GET", f"/api/jobs/{job}")["state"]
            if state == "finished":
                return job
            if state == "failed":
                break
            time.sleep(0.2)
        sys.exit(f"the job is {state}")

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.log.seek(0)
        return self.log.read()


def schemathesis(server, work, config, arguments):
    """One round; whether all went well."""
    folder = work / "round"
    folder.mkdir(exist_ok=True)
    (folder / "schemathesis.toml").write_text(config)
    command = ["schemathesis", "run", f"{server.url}/api/openapi.json", "--header", f"Authorization: Bearer {server.token}"]
    command += ["--request-timeout", "60", "--continue-on-failure", "--no-color", "--warnings", "off"]
    for name in ENDLESS:
        command += ["--exclude-operation-id", name]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}
    return subprocess.run([*command, *arguments], cwd=folder, env=environment).returncode == 0


def main():
    work = Path(sys.argv[1])
    server = Server(work)
    print("Round 1: every operation, of things that are not there or that it makes itself", flush=True)
    well = schemathesis(server, work, CONFIG, ["--max-examples", "40"])

    job = server.trained()
    live = server.ask("POST", f"/api/jobs/{job}/live", {"window": 0.2, "hop": 0.1})["id"]
    known = {
        "path.job": job,
        "path.live": live,
        "path.root": "0",
        "query.root": "0",
        "query.path": "anna-low.wav",
    }
    config = CONFIG + "[parameters]\n" + "".join(f'"{name}" = "{value}"\n' for name, value in known.items())
    print("Round 2: a finished job, recordings, a session", flush=True)
    arguments = ["--max-examples", "15", "--phases", "examples,coverage,fuzzing"]
    for name in DESTROYS:
        arguments += ["--exclude-operation-id", name]
    well = schemathesis(server, work, config, arguments) and well

    log = server.end()
    errors = [line for line in log.splitlines() if " ERROR " in line or "panicked" in line]
    for line in errors[:20]:
        print("the server logs:", line)
    sys.exit(0 if well and not errors else 1)


if __name__ == "__main__":
    main()
