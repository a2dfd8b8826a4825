"""Compares files of `voxtune export` with PyTorch's logits of the same model folder.

    python onnx_runtime.py FOLDER FILE.onnx CLIP.wav ...

Needs onnx, onnxruntime, torch, transformers, safetensors, soundfile and numpy. Clips are mono at 16 kHz.
The encoder is Hugging Face's, the head is written down here. Exit status 1 if logits differ by more than
1e-4, or if the file is not valid.
"""

import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import soundfile
import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoFeatureExtractor, AutoModel

PREFIX = "wav2vec2."
ACTIVATIONS = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "leaky_relu": torch.nn.functional.leaky_relu,
}


class Reference:
    """The model of a folder in PyTorch."""

    def __init__(self, folder):
        with open(f"{folder}/config.json", encoding="utf-8") as file:
            self.config = json.load(file)
        self.tensors = load_file(f"{folder}/model.safetensors")
        self.extractor = AutoFeatureExtractor.from_pretrained(folder)
        config = AutoConfig.from_pretrained(folder, attn_implementation="eager")
        self.encoder = AutoModel.from_config(config).eval()
        encoder = {n.removeprefix(PREFIX): t for n, t in self.tensors.items() if n.startswith(PREFIX)}
        missing = self.encoder.load_state_dict(encoder, strict=False).missing_keys
        assert not [name for name in missing if name != "masked_spec_embed"], missing

    @torch.no_grad()
    def logits(self, wave):
        values = self.extractor(wave, sampling_rate=16000, return_tensors="pt").input_values
        out = self.encoder(values, output_hidden_states=True)
        hidden = out.last_hidden_state
        if self.config.get("layer_pooling", "last") == "weighted":
            weights = torch.softmax(self.tensors["layer_weights"], 0)
            states = list(out.hidden_states[:-1]) + [hidden]
            hidden = sum(w * state for w, state in zip(weights, states))
        x = hidden.mean(1)
        if self.config.get("pooling", "mean") == "meanvar":
            variance = (hidden.square().mean(1) - x.square()).clamp(min=0)
            x = torch.cat([x, variance], 1)
        names = [n for n in self.tensors if n.startswith("head.net.") and n.endswith(".weight")]
        names.sort(key=lambda name: int(name.split(".")[2]))
        activation = ACTIVATIONS[self.config.get("head_activation", "tanh")]
        for name in names:
            x = x @ self.tensors[name].T + self.tensors[name.replace("weight", "bias")]
            x = x if name == names[-1] else activation(x)
        return x[0].numpy()


def main(folder, path, clips):
    # Here, since tests/interop uses the reference without them.
    import onnx
    import onnxruntime

    print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, torch {torch.__version__}")
    onnx.checker.check_model(path, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    reference = Reference(folder)
    worst = 0.0
    for clip in clips:
        wave, rate = soundfile.read(clip, dtype="float32")
        assert rate == 16000 and wave.ndim == 1, f"{clip}: mono at 16 kHz"
        (found,) = session.run(["logits"], {"waveform": wave[None]})
        worst = max(worst, float(np.abs(found[0] - reference.logits(wave)).max()))
    # All rows of a batch have one length.
    least = min(len(soundfile.read(clip)[0]) for clip in clips)
    waves = np.stack([soundfile.read(clip, dtype="float32")[0][:least] for clip in clips])
    (found,) = session.run(["logits"], {"waveform": waves})
    for row, wave in zip(found, waves):
        worst = max(worst, float(np.abs(row - reference.logits(wave)).max()))
    model = reference.config["model_type"]
    print(f"{path} ({model}): {len(clips)} clips, logits differ by at most {worst:.2g}")
    return worst < 1e-4


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1], sys.argv[2], sys.argv[3:]) else 1)
