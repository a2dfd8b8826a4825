//! Sections of Nkululeko's other commands and models.

use super::key::{Key, Kind::*, key};

/// `[FEATS]`: features; fine-tuning has none.
pub(super) const FEATS: &[Key] = &[
    key(
        "FEATS",
        "type",
        Texts,
        "[]",
        "Features; must be `[]`, since the model makes its own.",
    ),
    key(
        "FEATS",
        "set",
        Text,
        "eGeMAPSv02",
        "Set of openSMILE features.",
    )
    .idle(),
    key(
        "FEATS",
        "level",
        Text,
        "functionals",
        "Level of openSMILE features.",
    )
    .idle(),
    key("FEATS", "scale", Word, "", "Scaling of features.").idle(),
    key(
        "FEATS",
        "balancing",
        Word,
        "",
        "Balancing of features; fine-tuning reads `balancing` of [FINETUNE].",
    )
    .idle(),
    key(
        "FEATS",
        "balancing_random_state",
        Integer,
        "42",
        "Seed of that balancing.",
    )
    .idle(),
    key(
        "FEATS",
        "store_format",
        Word,
        "pkl",
        "Format of stored features.",
    )
    .idle(),
    key(
        "FEATS",
        "needs_feature_extraction",
        Boolean,
        "False",
        "Extract features anew.",
    )
    .idle(),
    key(
        "FEATS",
        "no_reuse",
        Boolean,
        "False",
        "Extract features anew.",
    )
    .idle(),
    key("FEATS", "features", Texts, "", "Features to keep.").idle(),
    key(
        "FEATS",
        "fail_threshold",
        Number,
        ".5",
        "Share of failures that is put up with.",
    )
    .idle(),
    key(
        "FEATS",
        "print_feats",
        Boolean,
        "False",
        "Print the features.",
    )
    .idle(),
    key(
        "FEATS",
        "nan_strategy",
        Word,
        "zero",
        "What is done about missing features.",
    )
    .idle(),
    key("FEATS", "import_file", Texts, "", "Tables with features.").idle(),
    key(
        "FEATS",
        "import_files_append",
        Boolean,
        "False",
        "Whether such tables follow each other.",
    )
    .idle(),
    key("FEATS", "model", Text, "", "Model of an extractor.").idle(),
    key("FEATS", "size", Integer, "", "Size of an extractor.").idle(),
    key(
        "FEATS",
        "assignments",
        Integer,
        "",
        "Assignments of an extractor.",
    )
    .idle(),
    key("FEATS", "mld", Path, "", "Folder of the extractor `mld`.").idle(),
    key(
        "FEATS",
        "fft_*",
        Number,
        "",
        "Windows and bands of the extractor `fft`.",
    )
    .idle(),
    key(
        "FEATS",
        "<extractor>.model",
        Text,
        "",
        "Model of an extractor; fine-tuning reads `pretrained_model`.",
    )
    .idle(),
    key(
        "FEATS",
        "<extractor>.layer",
        Integer,
        "0",
        "Layer of an extractor, counted from the last.",
    )
    .idle(),
    key(
        "FEATS",
        "<extractor>.id",
        Text,
        "",
        "Model of an extractor.",
    )
    .idle(),
    key("FEATS", "xbow.*", Literal, "", "Of bags of audio words.").idle(),
    key("FEATS", "mld.*", Literal, "", "Of mid-level descriptors.").idle(),
    key(
        "FEATS",
        "lfcc.*",
        Literal,
        "",
        "Of linear cepstral coefficients.",
    )
    .idle(),
    key(
        "FEATS",
        "cqcc.*",
        Literal,
        "",
        "Of constant-Q cepstral coefficients.",
    )
    .idle(),
    key(
        "FEATS",
        "sptk.*",
        Literal,
        "",
        "Of the speech signal processing toolkit.",
    )
    .idle(),
];

/// Commands and models that are not here.
pub(super) const OTHERS: &[Key] = &[
    key(
        "EXPL",
        "model",
        Texts,
        "['log_reg']",
        "Models that rate features.",
    )
    .original(),
    key(
        "EXPL",
        "sample_selection",
        Word,
        "all",
        "Which part is explored.",
    )
    .original(),
    key(
        "EXPL",
        "feature_distributions",
        Boolean,
        "False",
        "Plot distributions of features.",
    )
    .original(),
    key(
        "EXPL",
        "ignore_gender",
        Boolean,
        "False",
        "Leave gender out of them.",
    )
    .original(),
    key("EXPL", "max_feats", Integer, "10", "Features to show.").original(),
    key(
        "EXPL",
        "permutation",
        Boolean,
        "False",
        "Rate features by permutation.",
    )
    .original(),
    key("EXPL", "scatter", Texts, "", "Scatter plots of features.").original(),
    key(
        "EXPL",
        "scatter.target",
        Texts,
        "",
        "Columns that colour them.",
    )
    .original(),
    key("EXPL", "scatter.dim", Integer, "2", "Their dimensions.").original(),
    key(
        "EXPL",
        "plot_tree",
        Boolean,
        "False",
        "Draw a decision tree.",
    )
    .original(),
    key(
        "EXPL",
        "value_counts",
        Literal,
        "",
        "Plot distributions of columns.",
    )
    .original(),
    key(
        "EXPL",
        "<column>.bin_reals",
        Boolean,
        "False",
        "Bin a column for that.",
    )
    .original(),
    key("EXPL", "dist_type", Word, "hist", "Kind of these plots.").original(),
    key(
        "EXPL",
        "spotlight",
        Boolean,
        "False",
        "Open the data in Spotlight.",
    )
    .original(),
    key("EXPL", "shap", Boolean, "False", "Rate features by SHAP.").original(),
    key("EXPL", "print_stats", Boolean, "False", "Print statistics.").original(),
    key(
        "EXPL",
        "print_colvals",
        Boolean,
        "False",
        "Print values of columns.",
    )
    .original(),
    key("EXPL", "plot_features", Texts, "", "Features to plot.").original(),
    key("EXPL", "regplot", Literal, "", "Regression plots.").original(),
    key(
        "EXPL",
        "tsne",
        Boolean,
        "False",
        "Project features (older key).",
    )
    .original(),
    key(
        "EXPL",
        "umap",
        Boolean,
        "False",
        "Project features (older key).",
    )
    .original(),
    key(
        "EXPL",
        "pca",
        Boolean,
        "False",
        "Project features (older key).",
    )
    .original(),
    key(
        "AUGMENT",
        "augment",
        Texts,
        "",
        "Kinds of augmented copies to write.",
    )
    .original(),
    key(
        "AUGMENT",
        "sample_selection",
        Word,
        "all",
        "Which part is augmented.",
    )
    .original(),
    key("AUGMENT", "p_reverse", Number, ".3", "Of random splicing.").original(),
    key("AUGMENT", "top_db", Number, "12", "Of random splicing.").original(),
    key(
        "AUGMENT",
        "result",
        Path,
        "augmented.csv",
        "Table of the copies.",
    )
    .original(),
    key(
        "AUGMENT",
        "augmentations",
        Text,
        "",
        "An expression of audiomentations; nothing is evaluated here.",
    )
    .original(),
    key("AUGMENT", "transformations", Texts, "", "Of auglib.").original(),
    key("AUGMENT", "bypass_prob", Number, ".3", "Of auglib.").original(),
    key("AUGMENT", "crop_dur", Number, "1.0", "Of auglib.").original(),
    key(
        "AUGMENT",
        "silero_model",
        Text,
        "small_slow",
        "Of the denoiser.",
    )
    .original(),
    key(
        "SEGMENT",
        "method",
        Word,
        "silero",
        "How recordings are cut.",
    )
    .original(),
    key(
        "SEGMENT",
        "sample_selection",
        Word,
        "all",
        "Which part is cut.",
    )
    .original(),
    key("SEGMENT", "min_length", Number, "2", "Shortest piece.").original(),
    key("SEGMENT", "max_length", Number, "", "Longest piece.").original(),
    key("SEGMENT", "result", Path, "", "Table of the pieces.").original(),
    key(
        "SEGMENT",
        "output_audio",
        Boolean,
        "False",
        "Write the pieces as files.",
    )
    .original(),
    key("SEGMENT", "audio_format", Word, "wav", "Their format.").original(),
    key("SEGMENT", "audio_dir", Path, "segments", "Their folder.").original(),
    key("SEGMENT", "sampling_rate", Integer, "", "Their rate.").original(),
    key(
        "SEGMENT",
        "include_silence_borders",
        Boolean,
        "False",
        "Keep silence at their ends.",
    )
    .original(),
    key(
        "RESAMPLE",
        "replace",
        Boolean,
        "False",
        "Overwrite the files; here nothing is overwritten and all is resampled on the way.",
    )
    .original(),
    key(
        "RESAMPLE",
        "target",
        Path,
        "resampled.csv",
        "Table of the resampled files.",
    )
    .original(),
    key(
        "RESAMPLE",
        "sample_selection",
        Word,
        "all",
        "Which part is resampled.",
    )
    .original(),
    key("PREDICT", "targets", Texts, "", "What is predicted.").original(),
    key(
        "PREDICT",
        "sample_selection",
        Word,
        "all",
        "Which part is predicted.",
    )
    .original(),
    key(
        "PREDICT",
        "target_language",
        Text,
        "en",
        "Language of translations.",
    )
    .original(),
    key(
        "PREDICT",
        "textclassifier.candidates",
        Texts,
        "",
        "Classes of texts.",
    )
    .original(),
    key(
        "EXPORT",
        "root",
        Path,
        "./exported_data/",
        "Where a copy of the data goes.",
    )
    .original(),
    key("EXPORT", "orig_root", Path, "", "Where the data lies.").original(),
    key("EXPORT", "data_name", Text, "export", "Name of the copy.").original(),
    key(
        "EXPORT",
        "segments_as_files",
        Boolean,
        "False",
        "Write segments as files.",
    )
    .original(),
    key(
        "EXPORT",
        "bundle_path",
        Path,
        "",
        "Where a portable model goes.",
    )
    .original(),
    key(
        "CROSSDB",
        "train_extra",
        Texts,
        "",
        "Databases that are always trained on.",
    )
    .original(),
    key("REPORT", "show", Boolean, "False", "Show a report.").original(),
    key("REPORT", "fresh", Boolean, "False", "Begin a new report.").original(),
    key("REPORT", "latex", Text, "", "Write it as LaTeX.").original(),
    key("REPORT", "title", Text, "", "Its title.").original(),
    key("REPORT", "author", Text, "", "Its author.").original(),
    key(
        "OPTIM",
        "model",
        Word,
        "",
        "Model whose parameters are searched.",
    )
    .original(),
    key(
        "OPTIM",
        "search_strategy",
        Word,
        "grid",
        "How they are searched.",
    )
    .original(),
    key("OPTIM", "metric", Word, "", "What the search goes by.").original(),
    key(
        "OPTIM",
        "n_iter",
        Integer,
        "50",
        "Tries of a random search.",
    )
    .original(),
    key(
        "OPTIM",
        "cv_folds",
        Integer,
        "3",
        "Folds of the cross validation.",
    )
    .original(),
    key(
        "OPTIM",
        "*",
        Literal,
        "",
        "A parameter with its values: (min, max), (min, max, step) or [values].",
    )
    .original(),
    key("FLAGS", "models", Texts, "", "Models to try in turn.").original(),
    key("FLAGS", "features", Texts, "", "Features to try in turn.").original(),
    key("FLAGS", "balancing", Texts, "", "Balancing to try in turn.").original(),
    key("FLAGS", "scale", Texts, "", "Scaling to try in turn.").original(),
    key("FLAGS", "name_target", Text, "", "Name of the sweep.").original(),
    key(
        "FLAGS",
        "model_*",
        Literal,
        "",
        "Values of a key of [MODEL] to try in turn.",
    )
    .original(),
    key(
        "FLAGS",
        "feats_*",
        Literal,
        "",
        "Values of a key of [FEATS] to try in turn.",
    )
    .original(),
    key(
        "FLAGS",
        "exp_*",
        Literal,
        "",
        "Values of a key of [EXP] to try in turn.",
    )
    .original(),
    key(
        "AASIST",
        "ssl_model",
        Text,
        "facebook/wav2vec2-xls-r-300m",
        "Of the model `aasist`.",
    )
    .original(),
    key(
        "AASIST",
        "max_len",
        Integer,
        "64600",
        "Of the model `aasist`.",
    )
    .original(),
    key(
        "AASIST",
        "batch_size",
        Integer,
        "24",
        "Of the model `aasist`.",
    )
    .original(),
    key(
        "AASIST",
        "ssl_layer_pooling",
        Word,
        "last",
        "Of the model `aasist`.",
    )
    .original(),
    key(
        "AASIST",
        "freeze_ssl_frontend",
        Boolean,
        "False",
        "Of the model `aasist`.",
    )
    .original(),
];
