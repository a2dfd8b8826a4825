//! `[EXP]`, `[PLOT]`.

use super::key::{Key, Kind::*, key};
use crate::config::FilteredParts;

/// `[EXP]`: the experiment.
#[rustfmt::skip] // One row a line.
pub(super) const EXP: &[Key] = &[
    key("EXP", "root", Path, "", "Folder in which the experiment's folder is made, from the current directory; required."),
    key("EXP", "name", Text, "", "The experiment's folder; required."),
    key("EXP", "type", Word, "classification", "Whether classes or a continuous value are learnt.").choices(&["classification", "regression"]),
    key("EXP", "runs", Integer, "1", "Repetitions of the whole training; run r is seeded with seed + r.").within(1.0, 1000.0),
    key("EXP", "epochs", Integer, "1", "Passes over the training data.").within(1.0, 100_000.0),
    key("EXP", "traindevtest", Boolean, "False", "Split in three: train on train, choose on dev, report on test."),
    key("EXP", "res_name", Text, "", "Stem of the result files instead of the generated one."),
    key("EXP", "license", Text, "", "Licence of the model for its card, as the Hugging Face hub names it, for instance `cc-by-nc-4.0`."),
    key("EXP", "store", Path, "store/", "Sub-folder of the splits."),
    key("EXP", "fig_dir", Path, "images/", "Sub-folder of the plots."),
    key("EXP", "res_dir", Path, "results/", "Sub-folder of texts and tables."),
    key("EXP", "model_dir", Path, "models/", "Sub-folder of the model folders."),
    key("EXP", "save", Boolean, "True", "Store the experiment as a Python pickle; here run.json and the model folder are always written.").original(),
    key("EXP", "save_test", Text, "False", "Where to write the test predictions; here they are always written into the results folder.").original(),
    key("EXP", "run", Integer, "0", "Number of the current run; set by the program itself.").idle(),
    key("EXP", "sample_selection", Word, "all", "Which part other commands work on.").choices(&["all", "train", "test"]).original(),
    key("EXP", "filter.sample_selection", Word, "all", "Which part the filters after the split work on.").choices(FilteredParts::WORDS),
    key("EXP", "databases", Texts, "", "Where [DATA] names none: databases of which each is trained on and tested on each, or, with `lodo`, left out in turn."),
    key("EXP", "use_splits", Boolean, "False", "Such an experiment trains on the train parts and tests on the test parts of the databases' own splits."),
    key("EXP", "reuse_train", Boolean, "False", "Such an experiment trains once a database, on its train part, and tests on all of each other one."),
    key("EXP", "lodo", Boolean, "False", "Cross validation that leaves one database out in turn."),
    key("EXP", "lodo_dev", Text, "", "Database that is the dev part in each fold of `lodo`."),
    key("EXP", "lodo_runs", Integer, "1", "Another name of `runs` for such an experiment.").within(1.0, 1000.0),
    key("EXP", "language", Text, "en", "Language of transcription and translation.").original(),
    key("EXP", "export_onnx", Boolean, "False", "Write an ONNX file of models that are not fine-tuned.").original(),
    key("EXP", "no_warnings", Boolean, "False", "Silence Python's warnings.").original(),
    key("EXP", "random_seed", Integer, "", "Not a key of this section; write `seed` into [FINETUNE].").idle(),
];

/// `[PLOT]`: figures.
#[rustfmt::skip] // One row a line.
pub(super) const PLOT: &[Key] = &[
    key("PLOT", "name", Text, "", "Stem of the plots instead of the generated one."),
    key("PLOT", "titles", Boolean, "True", "Whether plots have a title."),
    key("PLOT", "epochs", Boolean, "False", "A confusion matrix for each epoch, of the part that the best state is chosen on."),
    key("PLOT", "anim_progression", Boolean, "False", "An animation of the epochs.").original(),
    key("PLOT", "fps", Integer, "1", "Pictures a second of that animation.").original(),
    key("PLOT", "epoch_progression", Boolean, "False", "The progression plot; fine-tuning always draws it.").idle(),
    key("PLOT", "best_model", Boolean, "False", "Plots of the best epoch; fine-tuning always draws them.").idle(),
    key("PLOT", "combine_per_speaker", Word, "", "One prediction a speaker: the most frequent or the mean.").choices(&["mode", "mean"]),
    key("PLOT", "combine_per_speaker.col", Text, "speaker", "The column that such predictions are combined by."),
    key("PLOT", "format", Word, "png", "Format of the plots; here each is written as PNG and SVG.").choices(&["png", "eps", "pdf", "svg"]).idle(),
    key("PLOT", "ccc", Boolean, "False", "Show CCC in plots of feature distributions.").original(),
    key("PLOT", "fill_areas", Boolean, "False", "Fill the areas in distribution plots.").original(),
    key("PLOT", "uncertainty_threshold", Number, "", "A further confusion matrix without predictions that are less certain.").within(0.0, 1.0),
    key("PLOT", "runs_compare", Word, "", "Compare several experiments in the same root; here `voxtune compare` does that, by their folders.").choices(&["features", "model", "databases", "target"]).original(),
    key("PLOT", "kind", Text, "violin", "Kind of the distribution plots.").original(),
    key("PLOT", "sample_selection", Word, "all", "Which part is plotted.").original(),
];
