# /// script
# requires-python = ">=3.10"
# dependencies = ["splitutils==0.4.3", "numpy", "pandas", "scikit-learn", "scipy"]
# ///
"""Scores of balanced splits by the package that Nkululeko's `split_strategy = balanced` calls.

Writes ../fixtures/balanced.json: made-up corpora, the best split of 30 and its score. Run it in an
environment with the package above:

    python tests/oracles/balanced.py
"""

import json
import pathlib

import numpy as np
from splitutils import binning, optimize_traindevtest_split, optimize_traintest_split
from splitutils.core.splitutils import calc_split_score, class_prob

EMOTIONS = ["anger", "joy", "neutral", "sadness"]


def corpus(speakers, most, seed):
    """Speakers of unlike size, sex, age and mix of emotions."""
    random = np.random.default_rng(seed)
    rows = []
    for speaker in range(speakers):
        sex = random.choice(["female", "male"], p=[0.65, 0.35])
        age = int(random.integers(18, 80))
        mix = random.dirichlet([1.5] * len(EMOTIONS))
        for _ in range(int(random.integers(4, most))):
            rows.append([f"s{speaker:03}", str(random.choice(EMOTIONS, p=mix)), str(sex), age])
    return rows


def case(name, speakers, most, seed, weights, bins, test, dev):
    rows = corpus(speakers, most, seed)
    speaker = np.array([row[0] for row in rows])
    columns = {
        "emotion": np.array([row[1] for row in rows]),
        "gender": np.array([row[2] for row in rows]),
        "age": binning(np.array([row[3] for row in rows]), nbins=bins),
    }
    columns = {name: columns[name] for name in weights if name != "size_diff"}
    common = dict(
        X=np.zeros((len(rows), 1)),
        y=columns["emotion"],
        split_on=speaker,
        stratify_on=columns,
        weight=dict(weights),
        test_size=test,
        k=30,
        seed=42,
    )
    reference = {column: class_prob(values) for column, values in columns.items()}
    if dev:
        _, dev_rows, test_rows, _ = optimize_traindevtest_split(dev_size=dev, **common)
    else:
        _, test_rows, _ = optimize_traintest_split(**common)
        dev_rows = None
    score = calc_split_score(
        test_rows, columns, dict(weights), reference, len(rows), test, dev_rows, dev or None
    )
    chosen = lambda rows: sorted(set(speaker[rows].tolist())) if rows is not None else []
    return {
        "name": name,
        "rows": rows,
        "weights": {key: value for key, value in weights.items() if key != "size_diff"},
        "size_diff": weights["size_diff"],
        "age_bins": bins,
        "test": test,
        "dev": dev,
        "test_speakers": chosen(test_rows),
        "dev_speakers": chosen(dev_rows),
        "score": score,
    }


CASES = [
    case("few speakers", 8, 30, 1, {"emotion": 2, "gender": 1, "size_diff": 1}, 2, 0.3, 0),
    case("many columns", 24, 20, 2, {"emotion": 2, "gender": 1, "age": 1, "size_diff": 1}, 2, 0.2, 0),
    case("three parts", 30, 16, 3, {"emotion": 1, "gender": 1, "age": 2, "size_diff": 0.5}, 3, 0.2, 0.2),
    case("one column", 60, 10, 4, {"emotion": 1, "size_diff": 2}, 2, 0.25, 0.1),
]

if __name__ == "__main__":
    path = pathlib.Path(__file__).parent.parent / "fixtures" / "balanced.json"
    path.write_text(json.dumps(CASES, separators=(",", ":")) + "\n")
    print([(case["name"], len(case["rows"]), case["score"]) for case in CASES])
