# /// script
# requires-python = ">=3.11"
# dependencies = ["pandas==3.1.1"]
# ///
"""How pandas writes a table of predictions, and what Python makes of the line of runs.

Writes ../fixtures/tables.json. Run it in an environment with the version above:

    python tests/oracles/tables.py
"""

import json
import pathlib

import pandas as pd

COLUMNS = [
    [0.0, 0.0, 0.0],
    [1.5, None, 0.0],
    [0.0, 86400.0, 172800.0],
    [0.0, 3599.0, 3600.0, 90061.0],
    [1.25, 90061.0],
    [0.123456789, 0.0, 12.0],
    [1e-7, 2.5, None],
    [1.2000000000000002, 0.1 + 0.2],
    [None],
    [-1.5, 100 * 86400 + 0.1],
    [1.89825, 1234.0000625],
]


def column(seconds):
    index = pd.MultiIndex.from_arrays(
        [["a.wav"] * len(seconds), pd.to_timedelta(seconds, unit="s")], names=["file", "start"],
    )
    lines = pd.DataFrame({"p": [0] * len(seconds)}, index=index).to_csv().splitlines()
    return [line.split(",")[1] for line in lines[1:]]


def predictions():
    """A table as Nkululeko makes it: the index, a probability a class, four columns."""
    files = ["a.wav", 'b, "c".wav', "<d>&.wav"]
    index = pd.MultiIndex.from_arrays(
        [files, pd.to_timedelta([0.0, 1.5, 0.0], unit="s"), pd.to_timedelta([2.0, 3.25, None], unit="s")],
        names=["file", "start", "end"],
    )
    table = pd.DataFrame({"Ärger": [0.5, 0.75, 0.0], "a,b": [0.5, 0.25, 1.0]}, index=index)
    table["predicted"] = ["Ärger", "Ärger", "a,b"]
    table["truth"] = ["Ärger", "a,b", "a,b"]
    table["uncertainty"] = [1.0, 0.8112781, 0.0]
    table["correct"] = table.predicted == table.truth
    return table.to_csv()


def main():
    out = pathlib.Path(__file__).parent.parent / "fixtures" / "tables.json"
    out.write_text(json.dumps({
        "times": [{"seconds": seconds, "texts": column(seconds)} for seconds in COLUMNS],
        "predictions": predictions(),
    }, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
