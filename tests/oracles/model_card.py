# /// script
# requires-python = ">=3.10"
# dependencies = ["huggingface_hub>=1.0"]
# ///
"""Reads model cards that the program wrote with the hub's own package.

    python tests/oracles/model_card.py FOLDER_OR_CARD ...

Exit status 1 if the hub would not understand the metadata of one of them.
"""

import json
import pathlib
import sys

from huggingface_hub import ModelCard


def check(path):
    path = pathlib.Path(path)
    card = ModelCard.load(path / "README.md" if path.is_dir() else path)
    data = card.data
    assert data.license, "a licence"
    assert data.pipeline_tag == "audio-classification", data.pipeline_tag
    assert data.library_name == "transformers", data.library_name
    assert "voxtune" in data.tags, data.tags
    figures = {
        f"{result.dataset_name} {result.dataset_split} {result.metric_type}": result.metric_value
        for result in data.eval_results or []
    }
    for chapter in ["Use", "Data", "Results", "Training", "Limits", "Licence"]:
        assert f"\n## {chapter}\n" in card.text, chapter
    return {"license": data.license, "base_model": data.base_model, "model": data.model_name, "figures": figures}


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for path in sys.argv[1:]:
        print(path, json.dumps(check(path)))
