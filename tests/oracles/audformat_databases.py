# /// script
# requires-python = ">=3.11"
# dependencies = ["audformat==1.4.3", "pandas==3.1.1", "pyarrow==26.0.1"]
# ///
"""Small databases as Python's audformat writes them, and what it reads of them.

Writes ../fixtures/audformat: a folder a database, each once with CSV and once with parquet tables, and
expected.json with the rows of `Database.get`, `Table.get` and `Column.get(map=...)`. There is no audio; the
tests make it. Run it in an environment with the versions above:

    python tests/oracles/audformat_databases.py
"""

import datetime
import json
import pathlib
import shutil

import audformat
import pandas as pd

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "audformat"
FORMATS = ["csv", "parquet"]


def column(table, name, values, scheme=None):
    table[name] = audformat.Column(scheme_id=scheme)
    table[name].set(values)


def emodb():
    """Filewise tables; what is known of speakers and sentences stands in the labels of their schemes."""
    db = audformat.Database("emodb", source="none", usage=audformat.define.Usage.RESEARCH, languages=["de"])
    db.description = "A database: with 'marks', ümlauts\nand two lines."
    db.meta["free"] = {"a": [1, None, 2.5], "b": datetime.date(2020, 1, 2)}
    db.media["microphone"] = audformat.Media(format="wav", sampling_rate=16000)
    db.attachments["paper"] = audformat.Attachment("docs/paper.pdf")
    db.raters["gold"] = audformat.Rater()
    db.splits["test"] = audformat.Split(audformat.define.SplitType.TEST)
    db.splits["train"] = audformat.Split(audformat.define.SplitType.TRAIN)
    db.schemes["emotion"] = audformat.Scheme("str", labels=["anger", "joy", "neutral", "None", "on"])
    db.schemes["confidence"] = audformat.Scheme("float", minimum=0, maximum=1)
    db.schemes["duration"] = audformat.Scheme("time")
    db.schemes["sentence"] = audformat.Scheme("str", labels={"a01": "Das Tuch, blau", "a02": "Sie \"gehen\"", "03": "drei"})
    db.schemes["speaker"] = audformat.Scheme(
        labels={
            3: {"gender": "male", "age": 31, "language": "deu"},
            8: {"gender": "female", "age": 34, "language": "deu"},
            9: {"gender": "female", "language": "deu"},
            10: {"gender": "male", "age": 32},
        }
    )
    files = [f"wav/{index:02}.wav" for index in range(8)]
    index = audformat.filewise_index(files)
    db["files"] = audformat.Table(index, media_id="microphone")
    column(db["files"], "duration", pd.to_timedelta([0.5 + 0.25 * i for i in range(8)], unit="s"), "duration")
    column(db["files"], "speaker", [3, 8, 9, 10, 3, 8, None, 10], "speaker")
    column(db["files"], "transcription", ["a01", "a02", "a01", "03", "a01", "a02", None, "a01"], "sentence")
    emotions = ["anger", "joy", None, "neutral", "None", "joy", "anger", "on"]
    db["emotion"] = audformat.Table(index)
    column(db["emotion"], "emotion", emotions, "emotion")
    column(db["emotion"], "emotion.confidence", [0.9, 1.0, None, 0.85, 0.5, 0.0, 1.0, 0.125], "confidence")
    for part, chosen in [("train", [0, 1, 2, 3, 4]), ("test", [7, 6, 5])]:
        table = audformat.Table(audformat.filewise_index([files[i] for i in chosen]), split_id=part)
        db[f"emotion.categories.{part}.gold_standard"] = table
        column(table, "emotion", [emotions[i] for i in chosen], "emotion")
    return db


def segments():
    """Segmented tables, one of them filewise, with a misc table of the same name as its scheme."""
    db = audformat.Database("segments", source="none", usage=audformat.define.Usage.UNRESTRICTED)
    db.splits["dev"] = audformat.Split(audformat.define.SplitType.DEVELOP)
    db.schemes["gender"] = audformat.Scheme("str", labels=["female", "male", "other"])
    db.schemes["age"] = audformat.Scheme("int", minimum=0)
    db.schemes["arousal"] = audformat.Scheme("float", minimum=-1, maximum=1)
    db.schemes["rating"] = audformat.Scheme("int")
    db.schemes["laughs"] = audformat.Scheme("bool")
    db.schemes["recorded"] = audformat.Scheme("date")
    db.schemes["anything"] = audformat.Scheme("object")
    db.schemes["pause"] = audformat.Scheme("time")
    speakers = pd.Index(["ann", "bob", "cem"], name="speaker", dtype="string")
    db["speaker"] = audformat.MiscTable(speakers)
    column(db["speaker"], "sex", ["female", "male", None], "gender")
    column(db["speaker"], "age", [33, None, 27], "age")
    column(db["speaker"], "birthday", ["spring", "fall", None])
    db.schemes["speaker"] = audformat.Scheme("str", labels="speaker")
    index = audformat.segmented_index(
        ["a/1.wav", "a/1.wav", "a/2.wav", "a/2.wav", "b/1.wav"],
        pd.to_timedelta([0.0, 1.5, 0.123456789, 2.0, 0.0], unit="s"),
        pd.to_timedelta([1.5, 3.0, 2.0, None, None], unit="s"),
    )
    db["arousal.train"] = audformat.Table(index)
    column(db["arousal.train"], "arousal", [0.1, -0.25, 1.0, None, -1.0], "arousal")
    column(db["arousal.train"], "rating", [1, 2, None, -4, 5], "rating")
    column(db["arousal.train"], "laughs", [True, False, None, True, False], "laughs")
    column(
        db["arousal.train"], "when",
        ["2020-01-01", "2021-12-31 23:59:59", None, "1999-02-28 12:30:00", "2024-02-29"], "recorded",
    )
    column(db["arousal.train"], "note", ["x, y", None, 'say "hi"', "two\nlines", "ü"], "anything")
    column(db["arousal.train"], "pause", pd.to_timedelta([0.5, None, 86400.25, 0, 1e-9], unit="s"), "pause")
    db["arousal.test"] = audformat.Table(audformat.filewise_index(["c/1.wav", "c/2.wav"]))
    column(db["arousal.test"], "arousal", [0.5, 0.75], "arousal")
    db["arousal.dev"] = audformat.Table(audformat.segmented_index(["d/1.wav"], [0.25], [0.75]), split_id="dev")
    column(db["arousal.dev"], "arousal", [0.0], "arousal")
    files = ["a/1.wav", "a/2.wav", "b/1.wav", "c/1.wav", "c/2.wav", "d/1.wav"]
    db["files"] = audformat.Table(audformat.filewise_index(files))
    column(db["files"], "speaker", ["ann", "bob", "cem", "ann", None, "bob"], "speaker")
    return db


def named():
    """A scheme whose labels are a misc table of another name, and columns that are named unlike their schemes."""
    db = audformat.Database("named", source="none", usage=audformat.define.Usage.OTHER)
    db.schemes["mood"] = audformat.Scheme(labels={"H": "happy", "S": "sad"})
    db["persons"] = audformat.MiscTable(pd.Index([1, 2, 30], name="id", dtype="Int64"))
    column(db["persons"], "gender", ["f", "m", "f"])
    column(db["persons"], "age", [41, 52, 63])
    db.schemes["speaker"] = audformat.Scheme("int", labels="persons")
    db["pairs"] = audformat.MiscTable(
        pd.MultiIndex.from_arrays([["x", "y"], [1, 2]], names=["left", "right"])
    )
    column(db["pairs"], "distance", [0.5, 1.5])
    files = [f"f{index}.wav" for index in range(4)]
    db["one"] = audformat.Table(audformat.filewise_index(files[:3]))
    column(db["one"], "impression", ["H", "S", None], "mood")
    column(db["one"], "who", [1, 2, 30], "speaker")
    db["two"] = audformat.Table(audformat.filewise_index(files[2:]))
    column(db["two"], "felt", ["S", "H"], "mood")
    column(db["two"], "who", [30, 1], "speaker")
    db["third"] = audformat.Table(audformat.filewise_index(files[:2]))
    column(db["third"], "impression", ["S", "S"], "mood")
    return db


def text(value):
    """A value as text: what a CSV table of pandas would have."""
    if value is None or pd.isna(value):
        return None
    if isinstance(value, float):
        return repr(float(value))
    return str(value)


def rows(frame):
    """[file, start, end, {column: text}], times in seconds; a missing end is null."""
    index = audformat.utils.to_segmented_index(frame.index)
    seconds = lambda time: None if pd.isna(time) else time.as_unit("ns").value / 1e9
    return [
        [file, seconds(start), seconds(end), {name: text(value) for name, value in zip(frame.columns, values)}]
        for (file, start, end), values in zip(index, frame.itertuples(index=False))
    ]


def get(db, scheme, additional=(), tables=None):
    call = {"database": db.name, "scheme": scheme, "additional": list(additional), "tables": tables}
    try:
        frame = db.get(scheme, list(additional), tables=tables)
    except ValueError as error:
        return call | {"error": str(error).splitlines()[0]}
    return call | {"rows": rows(frame)}


def main():
    if OUT.exists():
        shutil.rmtree(OUT)
    gets, tables, maps = [], [], []
    for db in [emodb(), segments(), named()]:
        for storage in FORMATS:
            folder = OUT / f"{db.name}-{storage}"
            db.save(str(folder), storage_format=storage, update_other_formats=False)
        # What it reads, not what was in memory.
        read = [audformat.Database.load(str(OUT / f"{db.name}-{storage}"), load_data=True) for storage in FORMATS]
        for name in db.tables:
            first, second = (rows(loaded[name].get()) for loaded in read)
            assert first == second, (first, second)
            tables.append({"database": db.name, "table": name, "rows": first})
        db = read[0]
        if db.name == "emodb":
            gold = [f"emotion.categories.{part}.gold_standard" for part in ("train", "test")]
            gets += [
                get(db, "emotion"),
                get(db, "emotion", ["speaker", "gender", "age", "transcription", "duration"], gold),
                get(db, "emotion", ["speaker", "gender", "age"], gold[1:]),
                get(db, "age", ["speaker"]),
                get(db, "sentence"),
                get(db, "confidence"),
            ]
            maps += [(db, "files", "speaker", attribute) for attribute in ("gender", "age", "language")]
            maps += [(db, "files", "transcription", "sentence")]
        if db.name == "segments":
            gets += [
                get(db, "arousal", ["speaker", "gender", "sex", "age", "rating", "laughs"]),
                get(db, "arousal", ["speaker", "pause", "when"], ["arousal.train"]),
                get(db, "arousal", ["speaker"], ["arousal.test"]),
                get(db, "gender"),
            ]
            maps += [(db, "files", "speaker", attribute) for attribute in ("sex", "age", "birthday")]
        if db.name == "named":
            gets += [
                get(db, "mood"),
                get(db, "mood", ["speaker"], ["one", "two"]),
                get(db, "mood", [], ["two", "one"]),
                get(db, "impression", [], ["one"]),
            ]
            maps += [(db, table, "who", attribute) for table in ("one", "two") for attribute in ("gender", "age")]
    expected = {
        "get": gets,
        "tables": tables,
        "maps": [
            {"database": db.name, "table": table, "column": name, "map": attribute,
             "rows": rows(db[table][name].get(map=attribute).to_frame(attribute))}
            for db, table, name, attribute in maps
        ],
    }
    lines = [json.dumps({key: entry}, ensure_ascii=False) for key, entries in expected.items() for entry in entries]
    (OUT / "expected.jsonl").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
