//! `[DATA]` and its keys for each database.

use super::key::{Key, Kind::*, key};

/// `[DATA]`: all databases together.
pub(super) const DATA: &[Key] = &[
    key(
        "DATA",
        "databases",
        Texts,
        "",
        "Names of the databases; required.",
    ),
    key(
        "DATA",
        "target",
        Text,
        "emotion",
        "Column that is learnt; `none` is unlabelled data.",
    ),
    key(
        "DATA",
        "labels",
        Texts,
        "",
        "Classes that are kept; without it all are. Also the names of the bins.",
    ),
    key(
        "DATA",
        "bins",
        Numbers,
        "",
        "Edges that make classes of a continuous target.",
    ),
    key(
        "DATA",
        "type",
        Word,
        "",
        "`continuous`: the target is a number; in a classification it is binned.",
    )
    .choices(&["continuous"]),
    key(
        "DATA",
        "target_divide_by",
        Number,
        "",
        "The target is divided by this.",
    ),
    key(
        "DATA",
        "no_reuse",
        Boolean,
        "False",
        "Make the split anew instead of taking the stored one.",
    ),
    key(
        "DATA",
        "root_folders",
        Path,
        "",
        "A second INI whose [DATA] has the keys of databases that are not set here.",
    ),
    key(
        "DATA",
        "tests",
        Texts,
        "",
        "Further databases to evaluate a trained model on.",
    )
    .later(),
    key(
        "DATA",
        "filter",
        Literal,
        "",
        "Rows to keep, as {'column': ['value']}, in each part after the split.",
    ),
    key(
        "DATA",
        "limit_samples",
        Integer,
        "",
        "At most so many rows in each part after the split.",
    )
    .from(1.0),
    key(
        "DATA",
        "limit_samples_per_speaker",
        Integer,
        "",
        "At most so many rows a speaker in each part after the split.",
    )
    .from(1.0),
    key(
        "DATA",
        "min_duration_of_sample",
        Number,
        "",
        "Shorter clips are left out of each part, in seconds.",
    )
    .from(0.0),
    key(
        "DATA",
        "max_duration_of_sample",
        Number,
        "",
        "Longer clips are left out of each part, in seconds.",
    )
    .above(0.0),
    key(
        "DATA",
        "check_size",
        Integer,
        "",
        "Smaller files are left out, in bytes.",
    )
    .from(0.0),
    key(
        "DATA",
        "check_vad",
        Boolean,
        "False",
        "Leave out files without speech.",
    )
    .later_needed(),
    key(
        "DATA",
        "balance",
        Dict,
        "",
        "Weights of the columns that the split `balanced` levels out.",
    )
    .later(),
    key(
        "DATA",
        "<column>_bins",
        Integer,
        "",
        "Bins of a column for the split `balanced`.",
    )
    .from(1.0)
    .later(),
    key(
        "DATA",
        "size_diff_weight",
        Number,
        "1",
        "Weight of the parts' sizes in the split `balanced`.",
    )
    .from(0.0)
    .later(),
    key(
        "DATA",
        "trains",
        Texts,
        "",
        "Databases that were trained on; part of file names only.",
    )
    .original(),
    key(
        "DATA",
        "min_dur_test",
        Number,
        "",
        "Documented without any effect.",
    )
    .original(),
    key(
        "DATA",
        "label_data",
        Text,
        "",
        "Database to be labelled by the model.",
    )
    .later(),
    key("DATA", "label_result", Path, "", "Where those labels go.").later(),
    key(
        "DATA",
        "sample_selection",
        Word,
        "all",
        "Which part other commands work on.",
    )
    .choices(&["all", "train", "test"])
    .original(),
    key(
        "DATA",
        "filter.sample_selection",
        Word,
        "all",
        "Which part the filters after the split work on.",
    )
    .choices(&["all", "train", "test"])
    .later_needed(),
];

/// The words of `<db>.split_strategy`.
pub(super) const STRATEGIES: &[&str] = &[
    "speaker_split",
    "random",
    "train",
    "dev",
    "test",
    "speakers_stated",
    "specified",
    "database",
    "balanced",
    "column",
    "reuse",
];

/// `[DATA]`: one database.
pub(super) const DATABASE: &[Key] = &[
    key(
        "DATA",
        "<db>",
        Path,
        "",
        "The CSV file or audformat folder of the database, from the current directory; required.",
    ),
    key("DATA", "<db>.type", Word, "audformat", "What it is.").choices(&["audformat", "csv"]),
    key(
        "DATA",
        "<db>.absolute_path",
        Boolean,
        "True",
        "False: the audio files lie beside the CSV file.",
    ),
    key(
        "DATA",
        "<db>.audio_path",
        Path,
        "./",
        "Folder that is put before each file's name.",
    ),
    key(
        "DATA",
        "<db>.split_strategy",
        Word,
        "speaker_split",
        "How it is split; a list of speakers is the test part.",
    )
    .choices(STRATEGIES),
    key(
        "DATA",
        "<db>.test_size",
        Number,
        "20",
        "Percent of the speakers or rows for test.",
    )
    .below(0.0, 100.0),
    key(
        "DATA",
        "<db>.dev_size",
        Number,
        "20",
        "Percent of the speakers or rows for dev, with traindevtest.",
    )
    .below(0.0, 100.0),
    key(
        "DATA",
        "<db>.train",
        Texts,
        "",
        "Speakers for train, with `speakers_stated`; without it all others.",
    ),
    key(
        "DATA",
        "<db>.dev",
        Texts,
        "",
        "Speakers for dev, with `speakers_stated`.",
    ),
    key(
        "DATA",
        "<db>.test",
        Texts,
        "",
        "Speakers for test, with `speakers_stated`.",
    ),
    key(
        "DATA",
        "<db>.as_test",
        Boolean,
        "False",
        "Keep only its test part.",
    ),
    key(
        "DATA",
        "<db>.as_train",
        Boolean,
        "False",
        "Keep only its train part.",
    ),
    key(
        "DATA",
        "<db>.mapping",
        Dict,
        "",
        "New names of labels, as {'old': 'new'} or {'column': {'old': 'new'}}; labels that are not named are left out.",
    ),
    key(
        "DATA",
        "<db>.label",
        Text,
        "",
        "Column with the target in this database.",
    ),
    key(
        "DATA",
        "<db>.colnames",
        Dict,
        "",
        "New names of columns, as {'old': 'new'}.",
    ),
    key(
        "DATA",
        "<db>.required",
        Text,
        "",
        "Rows without a value in this column are left out.",
    ),
    key(
        "DATA",
        "<db>.filter",
        Literal,
        "",
        "Rows to keep, as {'column': ['value']}, before the split.",
    ),
    key(
        "DATA",
        "<db>.limit_samples",
        Integer,
        "",
        "At most so many rows, before the split.",
    )
    .from(1.0),
    key(
        "DATA",
        "<db>.limit_samples_per_speaker",
        Integer,
        "",
        "At most so many rows a speaker, before the split.",
    )
    .from(1.0),
    key(
        "DATA",
        "<db>.min_duration_of_sample",
        Number,
        "",
        "Shorter clips are left out, in seconds.",
    )
    .from(0.0),
    key(
        "DATA",
        "<db>.max_duration_of_sample",
        Number,
        "",
        "Longer clips are left out, in seconds.",
    )
    .above(0.0),
    key(
        "DATA",
        "<db>.rename_speakers",
        Boolean,
        "False",
        "Put the database's name before each speaker's.",
    ),
    key(
        "DATA",
        "<db>.scale",
        Boolean,
        "False",
        "Make z-scores of the target, fitted on the train part.",
    ),
    key(
        "DATA",
        "<db>.reverse",
        Boolean,
        "False",
        "Turn the target round: |x - max|.",
    ),
    key(
        "DATA",
        "<db>.reverse.max",
        Number,
        "",
        "That maximum; without it the largest value.",
    ),
    key(
        "DATA",
        "<db>.check_size",
        Integer,
        "",
        "Smaller files are left out, in bytes.",
    )
    .from(0.0),
    key(
        "DATA",
        "<db>.check_vad",
        Boolean,
        "False",
        "Leave out files without speech.",
    )
    .later_needed(),
    key("DATA", "<db>.limit", Integer, "", "At most so many rows.")
        .from(1.0)
        .later_needed(),
    key(
        "DATA",
        "<db>.columns",
        Texts,
        "",
        "Further columns to load; here all are.",
    )
    .idle(),
    key(
        "DATA",
        "<db>.value_counts",
        Boolean,
        "False",
        "Plot the distribution of values.",
    )
    .original(),
    key(
        "DATA",
        "<db>.train_tables",
        Texts,
        "",
        "Tables of the train part (audformat, `specified`).",
    )
    .later(),
    key(
        "DATA",
        "<db>.dev_tables",
        Texts,
        "",
        "Tables of the dev part (audformat, `specified`).",
    )
    .later(),
    key(
        "DATA",
        "<db>.test_tables",
        Texts,
        "",
        "Tables of the test part (audformat, `specified`).",
    )
    .later(),
    key(
        "DATA",
        "<db>.target_tables",
        Texts,
        "",
        "Tables with the target (audformat).",
    )
    .later(),
    key(
        "DATA",
        "<db>.target_tables_append",
        Boolean,
        "False",
        "Whether those tables follow each other or stand side by side.",
    )
    .later(),
    key(
        "DATA",
        "<db>.files_tables",
        Texts,
        "",
        "Tables with the files (audformat).",
    )
    .later(),
    key(
        "DATA",
        "<db>.split_column",
        Text,
        "",
        "Column whose values split the data (`column`).",
    )
    .later(),
    key(
        "DATA",
        "<db>.train_vals",
        Texts,
        "",
        "Its values for train (also `train_values`).",
    )
    .later(),
    key(
        "DATA",
        "<db>.dev_vals",
        Texts,
        "",
        "Its values for dev (also `dev_values`).",
    )
    .later(),
    key(
        "DATA",
        "<db>.test_vals",
        Texts,
        "",
        "Its values for test (also `test_values`).",
    )
    .later(),
    key(
        "DATA",
        "<db>.train_values",
        Texts,
        "",
        "Another name of `train_vals`.",
    )
    .later(),
    key(
        "DATA",
        "<db>.dev_values",
        Texts,
        "",
        "Another name of `dev_vals`.",
    )
    .later(),
    key(
        "DATA",
        "<db>.test_values",
        Texts,
        "",
        "Another name of `test_vals`.",
    )
    .later(),
    key(
        "DATA",
        "<db>.sample_selection",
        Word,
        "all",
        "Which part other commands work on.",
    )
    .original(),
];
