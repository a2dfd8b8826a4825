"""Heads of transformers' `...ForSequenceClassification` and of audEERING's models.

    python heads.py reference             writes tests/fixtures/heads: tiny checkpoints with heads, and their logits
    python heads.py check FOLDER [PREDICTIONS]
                                          reads a folder that the program saved with AutoModelForAudioClassification;
                                          with a table of `voxtune predict`, compares its probabilities or values

Tried with transformers 5.23.0, torch 2.15.0. The second exits with 1 where names do not arrive or numbers differ.
"""

import csv
import json
import os
import shutil
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from safetensors.torch import load_file, save_file
from transformers import (
    AutoConfig,
    AutoFeatureExtractor,
    AutoModel,
    AutoModelForAudioClassification,
    Wav2Vec2Model,
    Wav2Vec2PreTrainedModel,
)

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


class RegressionHead(torch.nn.Module):
    """The layers that the model card of audEERING's dimensional model describes."""

    def __init__(self, config):
        super().__init__()
        self.dense = torch.nn.Linear(config.hidden_size, config.hidden_size)
        self.out_proj = torch.nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, pooled):
        return self.out_proj(torch.tanh(self.dense(pooled)))


class SpeechModel(Wav2Vec2PreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.wav2vec2 = Wav2Vec2Model(config)
        self.classifier = RegressionHead(config)
        self.post_init()

    def forward(self, input_values):
        return self.classifier(self.wav2vec2(input_values)[0].mean(dim=1))


def larger(model):
    """Weights of a new head that are large enough to tell right from wrong."""
    for name, parameter in model.named_parameters():
        if name.startswith(("projector", "classifier")):
            torch.nn.init.normal_(parameter, std=0.3)
        elif name == "layer_weights":
            torch.nn.init.normal_(parameter)


def reference():
    inputs = load_file(FIXTURES / "parity/inputs.safetensors")
    cases = [
        ("wav2vec2_large", {"use_weighted_layer_sum": True, "classifier_proj_size": 12}),
        ("hubert_base", {"use_weighted_layer_sum": False, "classifier_proj_size": 20}),
        ("wavlm_large", {"use_weighted_layer_sum": True, "classifier_proj_size": 256}),
    ]
    labels = {0: "anger", 1: "joy", 2: "neutral"}
    for case, options in cases:
        torch.manual_seed(3)
        model = AutoModelForAudioClassification.from_pretrained(
            FIXTURES / "parity" / case / "model",
            id2label=labels,
            label2id={label: id for id, label in labels.items()},
            attn_implementation="eager",
            **options,
        ).eval()
        larger(model)
        with torch.no_grad():
            masked = model(inputs["mask.input_values"], attention_mask=inputs["mask.attention_mask"].long()).logits
            single = model(inputs["single.input_values"]).logits
        write(case, model, {"mask.logits": masked, "single.logits": single})
    torch.manual_seed(3)
    names = {0: "arousal", 1: "dominance", 2: "valence"}
    config = AutoConfig.from_pretrained(
        FIXTURES / "parity/wav2vec2_base/model", id2label=names, problem_type="regression", attn_implementation="eager"
    )
    model = SpeechModel.from_pretrained(FIXTURES / "parity/wav2vec2_base/model", config=config).eval()
    larger(model)
    with torch.no_grad():
        write("audeering", model, {"single.logits": model(inputs["single.input_values"])})


def write(case, model, expected):
    folder = FIXTURES / "heads" / case
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())
    if case == "audeering":
        config["architectures"] = ["Wav2Vec2ForSpeechClassification"]
        config["pooling_mode"] = "mean"
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    preprocessor = "parity/wav2vec2_base/model/preprocessor_config.json"
    shutil.copy(FIXTURES / preprocessor, folder / "preprocessor_config.json")
    save_file({name: tensor.contiguous() for name, tensor in expected.items()}, folder / "expected.safetensors")
    for path in folder.iterdir():
        path.chmod(0o644)
    print(case, {name: tuple(tensor.shape) for name, tensor in expected.items()})


def check(folder, table=None):
    tensors = load_file(f"{folder}/model.safetensors")
    config = AutoConfig.from_pretrained(folder, attn_implementation="eager")
    known = config.architectures[0].endswith("ForSequenceClassification")
    kind = AutoModelForAudioClassification if known else SpeechModel
    model = kind.from_pretrained(folder, attn_implementation="eager").eval()
    state = model.state_dict()
    missing = [name for name in state if name not in tensors or not torch.equal(state[name], tensors[name])]
    print(f"{folder}: {type(model).__name__}, {len(state)} tensors, not read: {missing}")
    if table is None or missing:
        return not missing
    import soundfile

    extractor = AutoFeatureExtractor.from_pretrained(folder)
    names, worst = list(config.id2label.values()), 0.0
    with open(table, newline="") as file:
        for row in csv.DictReader(file):
            samples, rate = soundfile.read(row["file"], dtype="float32")
            assert rate == 16000
            samples = samples[: int(16000 * config.voxtune["max_duration"])]
            values = extractor(samples, sampling_rate=rate, return_tensors="pt").input_values
            with torch.no_grad():
                out = model(values)
            logits = (out.logits if known else out)[0]
            single = len(names) == 1
            wanted = logits if config.problem_type == "regression" else torch.softmax(logits, 0)
            found = [float(row["predicted" if single else name]) for name in names]
            worst = max(worst, (wanted - torch.tensor(found)).abs().max().item())
    print(f"{table}: largest difference {worst:.1e}")
    return worst < 1e-5


if sys.argv[1] == "reference":
    reference()
else:
    sys.exit(0 if check(*sys.argv[2:]) else 1)
