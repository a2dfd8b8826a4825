"""What tests/interop/run.sh checks, step by step. Run from the project's folder: check.py WORK_FOLDER."""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pandas as pd
import soundfile

REPOSITORY = os.getcwd()
VOXTUNE = os.environ["VOXTUNE"]
DEMO = os.path.join(REPOSITORY, "static/demo")
TEST_SPEAKERS = ["f01", "m01"]
LABELS = ["anger", "happiness", "neutral", "sadness"]

sys.path.insert(0, os.path.join(REPOSITORY, "tests/oracles"))

INI = """[EXP]
root = {root}
name = {name}
runs = 1
epochs = {epochs}
save = True
[DATA]
databases = ['demo']
demo = {demo}/demo.csv
demo.type = csv
demo.absolute_path = False
demo.split_strategy = {test}
target = emotion
labels = {labels}
[FEATS]
type = []
[MODEL]
type = finetune
[FINETUNE]
pretrained_model = {model}
batch_size = 8
learning_rate = {rate}
max_duration = 8
device = cpu
{more}
"""


def say(text):
    print(f"--- {text}", flush=True)


def voxtune(*arguments):
    subprocess.run([VOXTUNE, *arguments], check=True)


def write_ini(work, name, model, epochs=1, rate=0.0005, more=""):
    path = os.path.join(work, f"{name}.ini")
    text = INI.format(
        root=work, name=name, epochs=epochs, demo=DEMO, test=TEST_SPEAKERS, labels=LABELS, model=model, rate=rate, more=more
    )
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def nkululeko(work, ini):
    """Runs an experiment, in a folder of its own: stray files are left in the current one."""
    log = f"{ini}.log"
    with open(log, "w", encoding="utf-8") as file:
        done = subprocess.run(
            [sys.executable, "-m", "nkululeko.nkululeko", "--config", ini], cwd=work, stdout=file, stderr=subprocess.STDOUT
        )
    if done.returncode:
        with open(log, encoding="utf-8") as file:
            print(file.read()[-3000:])
        sys.exit(f"nkululeko ended with {done.returncode}")


def predictions(path):
    """A table of predictions by the names of its files, without their folders."""
    table = pd.read_csv(path)
    table.index = [os.path.basename(file) for file in table["file"]]
    return table.sort_index()


def nkululeko_predictions(work, name):
    folder = os.path.join(work, name, "results")
    tables = [os.path.join(root, file) for root, _, files in os.walk(folder) for file in files if file.endswith(".csv")]
    tables = [path for path in tables if "predicted" in pd.read_csv(path, nrows=1).columns]
    assert tables, f"no table of predictions in {folder}"
    return predictions(sorted(tables)[-1])


def same(ours, theirs, what, tolerance=1e-4):
    """Labels are equal, and probabilities within the tolerance."""
    files = ours.index.intersection(theirs.index)
    assert len(files) == len(theirs) > 0, (len(files), len(ours), len(theirs))
    ours, theirs = ours.loc[files], theirs.loc[files]
    worst = float(np.abs(ours[LABELS].to_numpy(float) - theirs[LABELS].to_numpy(float)).max())
    equal = int((ours["predicted"].astype(str) == theirs["predicted"].astype(str)).sum())
    print(f"{what}: {equal} of {len(files)} labels are equal, probabilities differ by at most {worst:.2g}")
    assert equal == len(files) and worst < tolerance, what


def clips():
    table = pd.read_csv(f"{DEMO}/demo.csv")
    return [f"{DEMO}/{file}" for file in table["file"][table["speaker"].isin(TEST_SPEAKERS)]]


def encoder_only(work):
    """The demo's checkpoint without its head for 48 classes, over which Nkululeko can't start a head for other ones."""
    from safetensors.numpy import load_file, save_file

    path = os.path.join(work, "encoder")
    os.makedirs(path)
    weights = load_file(f"{DEMO}/model/model.safetensors")
    encoder = {name: weight for name, weight in weights.items() if not name.startswith("head.")}
    assert len(encoder) < len(weights), sorted(weights)
    save_file(encoder, os.path.join(path, "model.safetensors"), metadata={"format": "pt"})
    with open(f"{DEMO}/model/config.json", encoding="utf-8") as file:
        config = json.load(file)
    for key in ["num_labels", "id2label", "label2id", "head_layers", "head_activation", "voxtune"]:
        del config[key]
    with open(os.path.join(path, "config.json"), "w", encoding="utf-8") as file:
        json.dump(config, file)
    shutil.copy(f"{DEMO}/model/preprocessor_config.json", path)
    return path


def train_with_live_curves(work):
    """A run of ours, which TensorBoard shows while it goes on."""
    from tensorboard import program

    ini = write_ini(work, "ours", f"{DEMO}/model", epochs=2, more="gradient_accumulation = 1")
    log = os.path.join(work, "ours", "log")
    os.makedirs(log)
    board = program.TensorBoard()
    board.configure(argv=[None, "--logdir", log, "--port", "0", "--reload_interval", "1"])
    address = board.launch()

    def tags():
        with urllib.request.urlopen(f"{address}data/plugin/scalars/tags") as answer:
            return {tag for run in json.load(answer).values() for tag in run}

    run = subprocess.Popen([VOXTUNE, "run", ini])
    seen = set()
    while run.poll() is None and "eval/UAR" not in seen:
        time.sleep(1)
        seen = tags()
    alive = run.poll() is None
    assert run.wait() == 0, "the run failed"
    print(f"tensorboard showed eval/UAR {'while the run went on' if alive else 'AFTER the run only'}")
    assert alive
    with open(os.path.join(work, "ours/results/run_0/run.json"), encoding="utf-8") as file:
        steps = json.load(file)["training"]["steps"]
    for _ in range(30):
        with urllib.request.urlopen(f"{address}data/plugin/scalars/scalars?run=run_0&tag=train%2Floss") as answer:
            points = [step for _, step, _ in json.load(answer)]
        if len(points) == steps:
            break
        time.sleep(1)
    assert points == list(range(1, steps + 1)), (steps, points)
    # It reads what is new once a second.
    wanted, patience = {"train/learning_rate", "eval/loss", "test/UAR"}, time.monotonic() + 30
    while not wanted <= tags() and time.monotonic() < patience:
        time.sleep(1)
    assert wanted <= tags(), tags()
    print(f"tensorboard shows all {steps} steps once")
    return os.path.join(work, "ours/models/run_0/torch")


def predict(model, work, name):
    path = os.path.join(work, f"{name}.csv")
    voxtune("predict", "--model", model, "--device", "cpu", "--max-duration", "60", "--out", path, *clips())
    return predictions(path)


def main(work):
    for package in ["nkululeko", "transformers", "torch", "tensorboard", "datasets", "accelerate", "pandas"]:
        print(package, importlib.metadata.version(package))
    subprocess.run([VOXTUNE, "--version"], check=True)

    say("a run of ours, watched by tensorboard")
    model = train_with_live_curves(work)
    ours = predict(model, work, "ours")

    say("transformers reads our folder: logits")
    import torch
    from onnx_runtime import Reference

    reference = Reference(model)
    rows = []
    for clip in clips():
        wave, _ = soundfile.read(clip, dtype="float32")
        logits = torch.from_numpy(reference.logits(wave))
        rows.append(torch.log_softmax(logits, 0).numpy())
    # The table holds probabilities, so logits are compared up to a constant.
    names = [os.path.basename(clip) for clip in clips()]
    logs = np.log(ours.loc[names, LABELS].to_numpy(float))
    worst = float(np.abs(logs - np.array(rows)).max())
    print(f"transformers: log-probabilities of {len(rows)} clips differ by at most {worst:.2g}")
    assert worst < 1e-4

    say("nkululeko takes our experiment's folder for its own, and predicts")
    encoder = encoder_only(work)
    ini = write_ini(work, "theirs", encoder)
    shutil.copytree(os.path.join(work, "ours"), os.path.join(work, "theirs"))
    for table in os.listdir(os.path.join(work, "theirs/results")):
        if table.endswith(".csv"):
            os.remove(os.path.join(work, "theirs/results", table))
    nkululeko(work, ini)
    same(ours, nkululeko_predictions(work, "theirs"), "nkululeko with our model")

    say("nkululeko fine-tunes the demo's encoder, and we predict with what it made")
    ini = write_ini(work, "tuned", encoder, epochs=2)
    nkululeko(work, ini)
    theirs = os.path.join(work, "tuned/models/run_0/torch")
    start = predict(theirs, work, "start")
    same(start, nkululeko_predictions(work, "tuned"), "we with nkululeko's model")

    say("we go on with what nkululeko made")
    # With a rate of nothing, the end is the start: labels, probabilities and head have come over.
    ini = write_ini(work, "continued", theirs, rate=1e-12)
    voxtune("run", ini)
    tables = os.path.join(work, "continued/results")
    table = [name for name in os.listdir(tables) if name.endswith(".csv") and "_last_" in name]
    end = predictions(os.path.join(tables, table[0]))
    same(start, end, "our training begins with nkululeko's logits", tolerance=1e-3)
    print("all is as it should be")


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]))
