"""Low-rank additions as Python's `peft` trains them, and its reading of folders that the program saved.

    python lora.py reference            writes tests/fixtures/lora
    python lora.py check RUN BASE       reads RUN/adapter onto the checkpoint BASE, and compares it with RUN/torch

Tried with peft 0.21.2, transformers 5.23.0, torch 2.15.0. The second exits with 1 if the hidden states (for
the heads of transformers the logits, too) differ.

WavLM's attention in transformers takes the projections' weights past their modules, so that additions to them act
only when they are merged; `check` merges for that family.
"""

import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel, AutoModelForAudioClassification

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
TARGETS = ["q_proj", "k_proj", "v_proj", "out_proj", "intermediate_dense", "output_dense"]
CASES = {"wav2vec2_base": TARGETS, "hubert_large": ["q_proj", "v_proj"]}
STEPS = 3


class Head(torch.nn.Module):
    """Nkululeko's head with one hidden layer."""

    def __init__(self, tensors):
        super().__init__()
        for layer in (1, 4):
            for kind in ("weight", "bias"):
                value = tensors[f"head.cls.net.{layer}.{kind}"]
                self.register_parameter(f"net_{layer}_{kind}", torch.nn.Parameter(value.clone()))

    def forward(self, hidden, mask):
        mask = mask.unsqueeze(-1).float()
        pooled = (hidden * mask).sum(1) / (mask.sum(1) + 1e-6)
        dense = torch.tanh(torch.nn.functional.linear(pooled, self.net_1_weight, self.net_1_bias))
        return torch.nn.functional.linear(dense, self.net_4_weight, self.net_4_bias)


def ours(name):
    """The name of a parameter in the program."""
    if name.startswith("net_"):
        _, layer, kind = name.split("_")
        return f"head.net.{layer}.{kind}"
    return "wav2vec2." + name.removeprefix("base_model.model.").replace(".default.", ".")


def reference():
    out = FIXTURES / "lora"
    inputs = load_file(FIXTURES / "parity/inputs.safetensors")
    for case, targets in CASES.items():
        torch.manual_seed(7)
        folder = FIXTURES / "parity" / case
        base = AutoModel.from_pretrained(folder / "model", attn_implementation="eager").eval()
        head = Head(load_file(folder / "expected.safetensors"))
        config = LoraConfig(r=4, lora_alpha=6, lora_dropout=0.0, target_modules=targets)
        model = get_peft_model(base, config).eval()
        named = [(n, p) for n, p in model.named_parameters() if p.requires_grad] + list(head.named_parameters())
        found = {}
        for name, parameter in named:
            if "lora_B" in name:
                # Where it is 0 the gradient of A is.
                torch.nn.init.normal_(parameter, std=0.05)
            if "lora_" in name:
                found[f"start.{ours(name)}"] = parameter.detach().clone()
        values, mask = inputs["train.input_values"], inputs["train.attention_mask"].long()
        labels = inputs["train.labels"].long()
        optimizer = torch.optim.AdamW([p for _, p in named], lr=1e-3, weight_decay=0.01)
        for step in range(STEPS + 1):
            hidden = model(values, attention_mask=mask).last_hidden_state
            frames = base._get_feature_vector_attention_mask(hidden.shape[1], mask)
            logits = head(hidden, frames)
            loss = torch.nn.functional.cross_entropy(logits, labels)
            found[f"loss.{step}"] = loss.detach().reshape(1)
            if step == STEPS:
                break
            optimizer.zero_grad()
            loss.backward()
            if step == 0:
                found["logits"] = logits.detach().clone()
                for name, parameter in named:
                    found[f"grad.{ours(name)}"] = parameter.grad.clone()
            optimizer.step()
        for name, parameter in named:
            found[f"after.{ours(name)}"] = parameter.detach().clone()
        save_file(found, out / f"{case}.safetensors")
        print(case, len(found), "tensors")


def difference(a, b):
    return (a - b).abs().max().item()


def check(run, base):
    config = AutoConfig.from_pretrained(f"{run}/torch")
    is_whole = config.architectures[0].endswith("ForSequenceClassification")
    loader = AutoModelForAudioClassification if is_whole else AutoModel
    options = {"attn_implementation": "eager"}
    mapping = {} if config.model_type == "wav2vec2" or is_whole else {"key_mapping": {r"^wav2vec2\.": ""}}
    merged = loader.from_pretrained(f"{run}/torch", **options, **mapping).eval()
    if is_whole:
        options |= {key: getattr(config, key) for key in ("id2label", "label2id", "classifier_proj_size", "use_weighted_layer_sum")}
    plain = loader.from_pretrained(base, num_hidden_layers=config.num_hidden_layers, **options)
    state = {name: tensor.clone() for name, tensor in plain.state_dict().items()}
    adapted = PeftModel.from_pretrained(plain, f"{run}/adapter").eval()
    if config.model_type == "wavlm":
        adapted = adapted.merge_and_unload()
    torch.manual_seed(1)
    values = torch.randn(2, 16000)
    mask = torch.ones(2, 16000, dtype=torch.long)
    mask[1, 9000:] = 0
    values[1, 9000:] = 0
    with torch.no_grad():
        found, wanted = adapted(values, attention_mask=mask), merged(values, attention_mask=mask)
    found, wanted = (found.logits, wanted.logits) if is_whole else (found.last_hidden_state, wanted.last_hidden_state)
    untouched = loader.from_pretrained(base, num_hidden_layers=config.num_hidden_layers, **options).eval()
    untouched.load_state_dict(state)
    with torch.no_grad():
        before = untouched(values, attention_mask=mask)
    before = before.logits if is_whole else before.last_hidden_state
    off, moved = difference(found, wanted), difference(before, wanted)
    print(f"{run}: adapter and merged model differ by {off:.1e}; from the checkpoint by {moved:.1e}")
    return off < 2e-5 < moved


if sys.argv[1] == "reference":
    reference()
else:
    sys.exit(0 if check(sys.argv[2], sys.argv[3]) else 1)
