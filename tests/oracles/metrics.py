# /// script
# requires-python = ">=3.10"
# dependencies = ["numpy==2.4.6", "scikit-learn==1.9.1", "scipy==1.17.1", "audmetric==1.4.2"]
# ///
"""Reference values of the metrics, from scikit-learn, scipy and audmetric.

Writes ../fixtures/metrics.json. Run it in an environment with the versions above:

    python tests/oracles/metrics.py

Undefined values are null. Macro F1 and UAR are averages over the classes that occur in the truth,
which scikit-learn computes when it is given these classes as `labels`.
"""

import json
import math
import pathlib
import warnings

import audmetric
import numpy as np
from scipy import stats
from sklearn import metrics

warnings.filterwarnings("ignore")


def clean(value):
    value = float(value)
    return value if math.isfinite(value) else None


def classification(name, classes, truth, predicted):
    present = sorted(set(truth))
    every = list(range(classes))
    report = metrics.classification_report(
        truth, predicted, labels=every, target_names=[f"c{i}" for i in every],
        output_dict=True, zero_division=0,
    )
    per_class = []
    for kind in (metrics.precision_score, metrics.recall_score, metrics.f1_score):
        values = kind(truth, predicted, labels=every, average=None, zero_division=np.nan)
        per_class.append([clean(v) for v in values])
    return {
        "name": name,
        "classes": classes,
        "truth": truth,
        "predicted": predicted,
        "uar": clean(metrics.recall_score(truth, predicted, labels=present, average="macro", zero_division=0)),
        "acc": clean(metrics.accuracy_score(truth, predicted)),
        "f1": clean(metrics.f1_score(truth, predicted, labels=present, average="macro", zero_division=0)),
        "precision_per_class": per_class[0],
        "recall_per_class": per_class[1],
        "f1_per_class": per_class[2],
        "confusion": metrics.confusion_matrix(truth, predicted, labels=every).tolist(),
        "report": report,
        "intervals": bootstrap(
            np.array(truth), np.array(predicted),
            lambda t, p: [
                metrics.recall_score(t, p, labels=sorted(set(t.tolist())), average="macro", zero_division=0),
                metrics.accuracy_score(t, p),
            ],
        ) if len(truth) >= 100 else None,
    }


def regression(name, truth, predicted):
    t, p = np.array(truth), np.array(predicted)
    constant = len(t) < 2 or t.std() == 0
    either = constant or p.std() == 0
    return {
        "name": name,
        "truth": truth,
        "predicted": predicted,
        "ccc": clean(audmetric.concordance_cc(t, p)) if len(t) > 1 else None,
        "pcc": None if either else clean(stats.pearsonr(t, p)[0]),
        "mse": clean(metrics.mean_squared_error(t, p)),
        "mae": clean(metrics.mean_absolute_error(t, p)),
        "r2": None if constant else clean(metrics.r2_score(t, p)),
        "intervals": bootstrap(
            t, p, lambda t, p: [audmetric.concordance_cc(t, p), metrics.mean_squared_error(t, p)],
        ) if len(t) >= 100 else None,
    }


def bootstrap(truth, predicted, figures, resamples=4000):
    """Percentile intervals by numpy; other random numbers, so to be compared loosely."""
    random = np.random.default_rng(1)
    drawn = []
    for _ in range(resamples):
        index = random.integers(0, len(truth), len(truth))
        drawn.append(figures(truth[index], predicted[index]))
    return np.percentile(np.array(drawn), [2.5, 97.5], axis=0).T.tolist()


def noisy(random, classes, count, right):
    truth = random.integers(0, classes, count)
    other = random.integers(0, classes, count)
    return truth.tolist(), np.where(random.random(count) < right, truth, other).tolist()


def main():
    random = np.random.default_rng(20)
    cases, values = [], []
    for name, classes, count, right in [
        ("two classes", 2, 40, 0.7),
        ("four classes", 4, 318, 0.5),
        ("thirty classes", 30, 200, 0.4),
        ("chance", 7, 150, 0.0),
    ]:
        cases.append(classification(name, classes, *noisy(random, classes, count, right)))
    cases.append(classification("perfect", 3, [0, 1, 2, 2, 1, 0], [0, 1, 2, 2, 1, 0]))
    cases.append(classification("one class predicted", 3, [0, 0, 1, 2, 2], [2, 2, 2, 2, 2]))
    cases.append(classification("class absent from the truth", 4, [0, 0, 1, 1, 1], [0, 3, 1, 3, 1]))
    cases.append(classification("class absent from both", 3, [0, 0, 1], [0, 1, 1]))
    cases.append(classification("one utterance", 2, [1], [0]))

    for name, count, slope, offset, noise in [
        ("good", 318, 0.9, 0.05, 0.1),
        ("shifted", 50, 1.0, 3.0, 0.2),
        ("negative", 60, -0.7, 0.0, 0.3),
        ("far from zero", 80, 0.8, 1e6, 0.2),
    ]:
        t = random.normal(0.5, 0.3, count)
        p = slope * t + offset + random.normal(0, noise, count)
        if name == "far from zero":
            t = t + 1e6
        values.append(regression(name, t.tolist(), p.tolist()))
    values.append(regression("perfect", [0.1, 0.4, 0.9], [0.1, 0.4, 0.9]))
    values.append(regression("constant prediction", [0.1, 0.4, 0.9], [0.5, 0.5, 0.5]))
    values.append(regression("constant truth", [0.5, 0.5, 0.5], [0.1, 0.4, 0.9]))
    values.append(regression("different constants", [0.5, 0.5], [0.1, 0.1]))
    values.append(regression("equal constants", [0.5, 0.5], [0.5, 0.5]))
    values.append(regression("one utterance", [0.5], [0.25]))

    numbers = np.sort(random.normal(size=37))
    shares = [0.0, 0.025, 0.3, 0.5, 0.975, 1.0]
    percentiles = {
        "numbers": numbers.tolist(),
        "shares": shares,
        "values": [float(np.percentile(numbers, 100 * s)) for s in shares],
    }
    out = pathlib.Path(__file__).parent.parent / "fixtures" / "metrics.json"
    out.write_text(json.dumps(
        {"classification": cases, "regression": values, "percentiles": percentiles},
        allow_nan=False,
    ) + "\n")


if __name__ == "__main__":
    main()
