# /// script
# requires-python = ">=3.10"
# dependencies = ["numpy==2.4.6", "scikit-learn==1.9.1", "scipy==1.17.1"]
# ///
"""Reference values of detection, calibration and comparisons, from scikit-learn and scipy.

Writes ../fixtures/results.json. Run it in an environment with the versions above:

    python tests/oracles/results.py

Undefined values are null.
"""

import json
import math
import pathlib
import warnings

import numpy as np
from scipy import special, stats
from sklearn import metrics

warnings.filterwarnings("ignore")


def clean(value):
    value = float(value)
    return value if math.isfinite(value) else None


def detection(name, truth, scores):
    """The equal error rate as Nkululeko has it, over all thresholds."""
    fpr, tpr, _ = metrics.roc_curve(truth, scores, drop_intermediate=False)
    fnr = 1 - tpr
    at = np.nanargmin(np.abs(fnr - fpr))
    said = (np.array(scores) > 0).astype(int)
    return {
        "name": name,
        "truth": truth,
        "scores": scores,
        "eer": clean((fpr[at] + fnr[at]) / 2),
        "sensitivity": clean(metrics.recall_score(truth, said, pos_label=1)),
        "specificity": clean(metrics.recall_score(truth, said, pos_label=0)),
    }


def calibration(name, truth, logits):
    logits = np.array(logits, dtype=np.float32)
    p = special.softmax(logits.astype(np.float64), axis=1)
    said, top = p.argmax(axis=1), p.max(axis=1)
    right = said == np.array(truth)
    # The last edge belongs to the last bin.
    bins = np.minimum(np.digitize(top, np.linspace(0, 1, 11)) - 1, 9)
    ece = sum(
        (bins == b).mean() * abs(right[bins == b].mean() - top[bins == b].mean()) for b in set(bins)
    )
    classes = list(range(p.shape[1]))
    brier = metrics.brier_score_loss(truth, p, labels=classes, scale_by_half=False)
    wilson = []
    for b in sorted(set(bins)):
        n, k = int((bins == b).sum()), int(right[bins == b].sum())
        interval = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
        wilson.append([n, k, interval.low, interval.high])
    entropy = stats.entropy(p, axis=1) / math.log(p.shape[1])
    return {
        "name": name, "truth": list(map(int, truth)), "logits": logits.tolist(),
        "ece": clean(ece), "brier": clean(brier), "bins": wilson,
        "uncertainty": entropy.tolist(),
    }


def outcome(result):
    return {"statistic": clean(result.statistic), "p": clean(result.pvalue)}


def comparison(name, *groups):
    groups = [list(map(float, group)) for group in groups]
    case = {"name": name, "groups": groups, "kruskal": None, "levene": None}
    if len({value for group in groups for value in group}) > 1:
        case["kruskal"] = outcome(stats.kruskal(*groups))
    if sum(map(len, groups)) > len(groups):
        levene = outcome(stats.levene(*groups))
        case["levene"] = levene if levene["p"] is not None else None
    if len(groups) == 2:
        a, b = groups
        whitney = outcome(stats.mannwhitneyu(a, b))
        case["mann_whitney"] = whitney if whitney["p"] is not None else None
        case["student"] = case["welch"] = None
        if min(len(a), len(b)) > 1 and np.std(a) + np.std(b) > 0:
            case["student"] = outcome(stats.ttest_ind(a, b))
            case["welch"] = outcome(stats.ttest_ind(a, b, equal_var=False))
    return case


def main():
    random = np.random.default_rng(3)
    detections = []
    for name, count, shift in [("good", 60, 2.0), ("chance", 41, 0.0), ("inverted", 30, -1.0), ("many", 500, 1.0)]:
        truth = random.integers(0, 2, count)
        scores = random.normal(0, 1, count) + shift * (truth - 0.5)
        # The logits are 32-bit, and scores with few digits are tied.
        scores = np.round(scores, 1 if name == "many" else 4).astype(np.float32)
        detections.append(detection(name, truth.tolist(), scores.tolist()))
    detections.append(detection("perfect", [0, 0, 1, 1], [-2.0, -1.0, 1.0, 2.0]))
    detections.append(detection("all tied", [0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5]))
    detections.append(detection("unbalanced", [1] + [0] * 9, [0.25] + [-0.5 + 0.125 * i for i in range(9)]))

    calibrations = []
    for name, classes, count, sharpness in [("four classes", 4, 200, 2.0), ("two classes", 2, 90, 1.0), ("sure", 3, 50, 12.0)]:
        truth = random.integers(0, classes, count)
        logits = random.normal(0, 1, (count, classes))
        logits[np.arange(count), truth] += 1.0
        calibrations.append(calibration(name, truth, logits * sharpness))

    def runs(count, mean, spread):
        return random.normal(mean, spread, count).tolist()

    comparisons = [
        comparison("five and five", runs(5, 0.6, 0.05), runs(5, 0.68, 0.05)),
        comparison("apart", [0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8, 0.9]),
        comparison("one and five", [0.5], runs(5, 0.6, 0.1)),
        comparison("ten and ten", runs(10, 0.6, 0.05), runs(10, 0.62, 0.05)),
        comparison("eight and twenty-nine", runs(8, 0.6, 0.05), runs(29, 0.62, 0.08)),
        comparison("ties", [0.5, 0.6, 0.6, 0.7], [0.6, 0.7, 0.7, 0.8, 0.9]),
        comparison("all equal", [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
        comparison("constants", [0.5, 0.5, 0.5], [0.6, 0.6, 0.6, 0.6]),
        comparison("thirty and forty", runs(30, 0.6, 0.05), runs(40, 0.62, 0.05)),
        comparison("variances", runs(35, 0.6, 0.02), runs(35, 0.61, 0.09)),
        comparison("far apart", runs(30, 0.2, 0.01), runs(30, 0.9, 0.01)),
        comparison("three", runs(5, 0.6, 0.05), runs(6, 0.65, 0.05), runs(7, 0.7, 0.05)),
        comparison("four with ties", [1, 2, 2, 3], [2, 3, 3], [4, 4, 5, 6], [2, 2]),
        comparison("three equal", [1, 1], [1, 1], [1, 1]),
        comparison("three hundred", runs(100, 0.6, 0.05), runs(100, 0.6, 0.05), runs(100, 0.601, 0.05)),
    ]
    tails = [
        {"kind": kind, "x": x, "df": df, "p": float(p)}
        for kind, x, df, p in
        [("normal", z, [], 2 * stats.norm.sf(z)) for z in [0.0, 0.3, 1.0, 1.96, 4.0, 12.0, 30.0]]
        + [("t", t, [df], 2 * stats.t.sf(t, df)) for t in [0.0, 0.5, 2.0, 9.0] for df in [1.0, 2.5, 18.0, 400.0]]
        + [("f", f, [a, b], stats.f.sf(f, a, b)) for f in [0.1, 1.0, 5.0, 60.0] for a, b in [(1, 8), (3, 40), (2, 997)]]
        + [("chi2", x, [df], stats.chi2.sf(x, df)) for x in [0.0, 0.2, 3.0, 25.0, 200.0] for df in [1, 2, 7]]
    ]
    out = pathlib.Path(__file__).parent.parent / "fixtures" / "results.json"
    out.write_text(json.dumps(
        {"detection": detections, "calibration": calibrations, "comparison": comparisons, "tails": tails},
        allow_nan=False,
    ) + "\n")


if __name__ == "__main__":
    main()
