"""Reads folders that the program saved with the Python tools that should read them too.

    python saved_model.py FOLDER ...

Needs torch, transformers (4.57 and 5.23 were tried) and, for the whole model, nkululeko 1.10.1 or
later. Exit status 1 if a tensor of a file does not arrive where it should.
"""

import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoFeatureExtractor, AutoModel

try:
    from nkululeko.models.model_tuned import Model
except ImportError:
    Model = None

PREFIX = "wav2vec2."


def arrived(model, tensors):
    """Whether the model has all of the tensors, to the bit."""
    state = model.state_dict()
    return all(name in state and torch.equal(state[name], tensor) for name, tensor in tensors.items())


def check(folder):
    tensors = load_file(f"{folder}/model.safetensors")
    encoder = {n.removeprefix(PREFIX): t for n, t in tensors.items() if n.startswith(PREFIX)}
    AutoFeatureExtractor.from_pretrained(folder)
    config = AutoConfig.from_pretrained(folder, attn_implementation="eager")
    # The prefix is that of the wav2vec2 classes; for the other families it has to be named.
    mapping = {} if config.model_type == "wav2vec2" else {"key_mapping": {r"^wav2vec2\.": ""}}
    results = {"transformers": arrived(AutoModel.from_pretrained(folder, **mapping), encoder)}
    if Model is not None:
        whole = Model.from_pretrained(folder, config=config, attn_implementation="eager")
        results["nkululeko"] = arrived(whole, tensors)
    print(folder, " ".join(f"{tool}: {'read' if ok else 'NOT READ'}" for tool, ok in results.items()))
    return all(results.values())


sys.exit(0 if all([check(folder) for folder in sys.argv[1:]]) else 1)
