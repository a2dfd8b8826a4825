//! Folders and file names of an experiment, as Nkululeko lays them out.
//!
//! Everything is a path below the experiment's folder with `/` between its components; nothing here
//! touches a file system.

mod name;

use crate::{
    config::{Combine, Experiment, Folds, PlotConfig},
    data::Part,
};
pub use name::component;
use name::folders;

/// The folder of databases that finished runs were tested on.
const TESTS: &str = "tests";
/// The folder of the folds of a cross validation.
const FOLDS: &str = "folds";

/// Folders and file names of one experiment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    root: String,
    stem: String,
    plot_stem: String,
    target: String,
    images: String,
    results: String,
    models: String,
    store: String,
    /// Epochs as the configuration has them: Nkululeko names files by them, not by the best one.
    epochs: u32,
    traindevtest: bool,
    has_folds: bool,
    /// What the files of all trainings together are called.
    joint: &'static str,
}

impl Layout {
    /// The layout of `experiment`.
    #[must_use]
    pub fn new(experiment: &Experiment) -> Self {
        let stem = match &experiment.res_name {
            Some(name) => component(name),
            None => component(&generated_stem(experiment)),
        };
        let plot_stem = match &experiment.plot {
            PlotConfig {
                name: Some(name), ..
            } => component(name),
            _ => stem.clone(),
        };
        let sub = &experiment.folders;
        let root = experiment.root.trim_end_matches('/');
        let name = folders(&experiment.name, "experiment");
        Self {
            root: match (experiment.root.is_empty(), root.is_empty()) {
                (true, _) => name,
                (false, true) => format!("/{name}"),
                (false, false) => format!("{root}/{name}"),
            },
            plot_stem,
            stem,
            target: component(experiment.data.target.as_deref().unwrap_or("none")),
            images: folders(&sub.images, "images"),
            results: folders(&sub.results, "results"),
            models: folders(&sub.models, "models"),
            store: folders(&sub.store, "store"),
            epochs: experiment.epochs,
            traindevtest: experiment.traindevtest,
            has_folds: experiment.folds.is_some(),
            joint: match experiment.folds {
                Some(Folds::Databases) => "databases",
                _ => "folds",
            },
        }
    }

    /// The experiment's folder, `{root}/{name}`: what all other paths are below.
    #[must_use]
    pub fn experiment(&self) -> &str {
        &self.root
    }

    /// The stem `E` of results: `[EXP] res_name`, else `{db1-db2}_{target}_finetune{suffixes}`.
    #[must_use]
    pub fn stem(&self) -> &str {
        &self.stem
    }

    /// The stem `P` of plots: `[PLOT] name`, else [`Self::stem`].
    #[must_use]
    pub fn plot_stem(&self) -> &str {
        &self.plot_stem
    }

    /// `P_last_N_EEE`: the name that a part's files share.
    ///
    /// `last` is the part that Nkululeko evaluates after the last epoch: dev where the split has
    /// three parts (`traindevtest`), else test.
    #[must_use]
    pub fn report_name(&self, run: u32, part: Part) -> String {
        let tag = match (part, self.traindevtest) {
            (Part::Dev, true) | (Part::Test, false) => "last",
            (Part::Test, true) => "test",
            (Part::Dev, false) => "dev",
            (Part::Train, _) => "train",
        };
        format!("{}_{tag}_{run}_{:03}", self.plot_stem, self.epochs)
    }

    /// Confusion matrix of a part, without the ending.
    #[must_use]
    pub fn confusion_plot(&self, run: u32, part: Part) -> String {
        format!("{}/run_{run}/{}", self.images, self.report_name(run, part))
    }

    /// Scatter plot of a part, without the ending.
    #[must_use]
    pub fn scatter_plot(&self, run: u32, part: Part) -> String {
        format!("{}_scatter", self.confusion_plot(run, part))
    }

    /// Probabilities against what came true, without the ending.
    #[must_use]
    pub fn reliability_plot(&self, run: u32, part: Part) -> String {
        format!("{}_reliability", self.confusion_plot(run, part))
    }

    /// How uncertain the model was where it was right and where it was wrong, without the ending.
    #[must_use]
    pub fn uncertainty_plot(&self, run: u32, part: Part) -> String {
        let (stem, tag) = (&self.stem, self.tag(part));
        format!("{}/run_{run}/{stem}{tag}_uncertainty_samples", self.images)
    }

    /// Confusion matrix of what the model was certain of, without the ending.
    #[must_use]
    pub fn certain_plot(&self, run: u32, part: Part) -> String {
        format!("{}_uncertainty_threshold", self.confusion_plot(run, part))
    }

    /// Confusion matrix, or scatter plot, of one prediction a speaker, without the ending.
    #[must_use]
    pub fn combined_plot(&self, run: u32, part: Part, method: Combine) -> String {
        format!(
            "{}_speaker_{}",
            self.confusion_plot(run, part),
            method.word()
        )
    }

    /// How many utterances each class has, without the ending.
    #[must_use]
    pub fn samples_plot(&self) -> String {
        format!("{}/{}_distribution_samples", self.images, self.target)
    }

    /// How many utterances each speaker has, without the ending.
    #[must_use]
    pub fn speakers_plot(&self) -> String {
        format!("{}/{}_distribution_speakers", self.images, self.target)
    }

    /// The figures of all runs as boxes, without the ending.
    #[must_use]
    pub fn runs_plot(&self) -> String {
        format!("{}/{}_runs_plot", self.images, self.stem)
    }

    /// Confusion matrix after an epoch, without the ending.
    #[must_use]
    pub fn epoch_plot(&self, run: u32, epoch: u32) -> String {
        format!(
            "{}/run_{run}/{}_{run}_{epoch:03}_cnf",
            self.images, self.plot_stem
        )
    }

    /// The mean figures of all runs as bars, without the ending.
    #[must_use]
    pub fn runs_bar_plot(&self) -> String {
        format!("{}_bar", self.runs_plot())
    }

    /// Loss and measures over the epochs, without the ending.
    #[must_use]
    pub fn progression_plot(&self, run: u32) -> String {
        format!(
            "{}/run_{run}/{}_epoch_progression",
            self.images, self.plot_stem
        )
    }

    /// Predictions of a part as CSV.
    #[must_use]
    pub fn predictions(&self, run: u32, part: Part) -> String {
        format!("{}/{}.csv", self.results, self.report_name(run, part))
    }

    /// Report of a part: per class as JSON, or a regression's figures.
    #[must_use]
    pub fn report(&self, run: u32, part: Part) -> String {
        format!(
            "{}/run_{run}/{}.txt",
            self.results,
            self.report_name(run, part)
        )
    }

    /// One line on the confusion matrix of a part. The part that is `last` has no tag.
    #[must_use]
    pub fn confusion_text(&self, run: u32, part: Part) -> String {
        let tag = self.tag(part);
        format!("{}/run_{run}/{}{tag}_conf.txt", self.results, self.stem)
    }

    /// The same line on one prediction a speaker.
    #[must_use]
    pub fn combined_text(&self, run: u32, part: Part, method: Combine) -> String {
        let (stem, tag) = (&self.stem, self.tag(part));
        format!(
            "{}/run_{run}/{stem}{tag}_speaker_{}_conf.txt",
            self.results,
            method.word()
        )
    }

    /// The same line on what the model was certain of.
    #[must_use]
    pub fn certain_text(&self, run: u32, part: Part) -> String {
        let (stem, tag) = (&self.stem, self.tag(part));
        format!(
            "{}/run_{run}/{stem}{tag}_uncertainty_threshold_conf.txt",
            self.results
        )
    }

    /// Figures of each speaker and each sex, without the ending.
    #[must_use]
    pub fn groups(&self, run: u32, part: Part) -> String {
        format!(
            "{}/run_{run}/{}_groups",
            self.results,
            self.report_name(run, part)
        )
    }

    /// What tells a part's files apart; the part that is `last` has none.
    fn tag(&self, part: Part) -> &'static str {
        match (part, self.traindevtest) {
            (Part::Dev, true) | (Part::Test, false) => "",
            (Part::Test, true) => "_test",
            (Part::Dev, false) => "_dev",
            (Part::Train, _) => "_train",
        }
    }

    /// All figures of a run as a table to read.
    #[must_use]
    pub fn table(&self, run: u32) -> String {
        format!("{}/run_{run}/{}_result.txt", self.results, self.stem)
    }

    /// The run's manifest.
    #[must_use]
    pub fn manifest(&self, run: u32) -> String {
        format!("{}/run_{run}/run.json", self.results)
    }

    /// One figure a run, as Nkululeko's comparison of runs reads it.
    #[must_use]
    pub fn runs(&self) -> String {
        format!("{}/{}_runs.txt", self.results, self.stem)
    }

    /// All runs together as a table to read.
    #[must_use]
    pub fn summary_text(&self) -> String {
        format!("{}/{}_summary.txt", self.results, self.stem)
    }

    /// All runs together as JSON.
    #[must_use]
    pub fn summary_json(&self) -> String {
        format!("{}/{}_summary.json", self.results, self.stem)
    }

    /// Folder of all folds of a cross validation.
    #[must_use]
    pub fn folds_folder(&self) -> String {
        format!("{FOLDS}/")
    }

    /// Folder of all databases that the finished runs were tested on.
    #[must_use]
    pub fn tests_folder(&self) -> String {
        TESTS.to_owned()
    }

    /// Folder of a database that the finished runs were tested on, which is laid out as an experiment.
    #[must_use]
    pub fn tested(&self, database: &str) -> String {
        format!("{TESTS}/{}", component(database))
    }

    /// Folder of a fold of a cross validation, which is laid out as an experiment.
    #[must_use]
    pub fn fold(&self, fold: u32) -> String {
        format!("{FOLDS}/fold_{fold}")
    }

    /// Which utterance is tested on in which fold.
    #[must_use]
    pub fn folds_table(&self) -> String {
        format!("{}/folds.csv", self.store)
    }

    /// All folds and runs together, as a text or a table.
    #[must_use]
    pub fn folds(&self, ending: &str) -> String {
        format!("{}/{}_{}.{ending}", self.results, self.stem, self.joint)
    }

    /// The figures of all folds as boxes, or of all databases as colours, without the ending.
    #[must_use]
    pub fn folds_plot(&self) -> String {
        format!("{}/{}_{}_plot", self.images, self.stem, self.joint)
    }

    /// What the model of a fold says of the test part, from which the results of all folds together
    /// are made.
    #[must_use]
    pub fn scores(&self, run: u32) -> String {
        format!("{}/run_{run}/scores.json", self.results)
    }

    /// Folder of a run's low-rank additions, in the form of Python's `peft`.
    #[must_use]
    pub fn adapter(&self, run: u32) -> String {
        format!("{}/run_{run}/adapter", self.models)
    }

    /// Folder of a run's best model, in Hugging Face's format.
    #[must_use]
    pub fn best_model(&self, run: u32) -> String {
        format!("{}/run_{run}/torch", self.models)
    }

    /// The model card in that folder.
    #[must_use]
    pub fn model_card(&self, run: u32) -> String {
        format!("{}/README.md", self.best_model(run))
    }

    /// Folder of what a run can be resumed from while it goes on.
    #[must_use]
    pub fn checkpoints(&self, run: u32) -> String {
        format!("{}/run_{run}/checkpoints", self.models)
    }

    /// What the folder was made from: the same place whatever the configuration says.
    #[must_use]
    pub fn identity(&self) -> String {
        "log/experiment.json".to_owned()
    }

    /// The folders that results lie in, without those inside of others.
    #[must_use]
    pub fn folders(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for folder in [&self.store, &self.images, &self.results, &self.models] {
            let top = folder.split('/').next().unwrap_or(folder);
            if !found.iter().any(|name| name == top) {
                found.push(top.to_owned());
            }
        }
        if self.has_folds && !found.iter().any(|name| name == FOLDS) {
            found.push(FOLDS.to_owned());
        }
        found
    }

    /// The table of a part of the split.
    #[must_use]
    pub fn split(&self, part: Part) -> String {
        let name = match part {
            Part::Train => "traindf",
            Part::Dev => "devdf",
            Part::Test => "testdf",
        };
        format!("{}/{name}.csv", self.store)
    }

    /// That of the run that was written last, where Nkululeko looks for it before it predicts with a model that
    /// it finds.
    #[must_use]
    pub fn last_history(&self) -> String {
        "log/log.txt".to_owned()
    }

    /// The data as it was loaded, of use as long as nothing that it depends on is other.
    #[must_use]
    pub fn split_cache(&self) -> String {
        format!("{}/split.cache", self.store)
    }

    /// What the frozen part of the model makes of clips, as long as training goes on.
    #[must_use]
    pub fn frozen(&self) -> String {
        format!("{}/frozen.cache", self.store)
    }

    /// Losses and measures as the Trainer of Hugging Face logs them, in Python's notation.
    #[must_use]
    pub fn history(&self, run: u32) -> String {
        format!("log/run_{run}/log.txt")
    }

    /// A run's events for TensorBoard, which takes each folder below `log` as a run; `begun` is in Unix
    /// seconds.
    #[must_use]
    pub fn events(&self, run: u32, begun: u64) -> String {
        format!("log/run_{run}/events.out.tfevents.{begun}.voxtune")
    }

    /// A file of the log folder: the copy of the INI, the log.
    #[must_use]
    pub fn log(&self, name: &str) -> String {
        format!("log/{}", component(name))
    }
}

/// `{db1-db2}_{target}_finetune{suffixes}`.
fn generated_stem(experiment: &Experiment) -> String {
    let databases: Vec<&str> = experiment
        .data
        .databases
        .iter()
        .map(|database| database.name.as_str())
        .collect();
    format!(
        "{}_{}_finetune{}",
        databases.join("-"),
        experiment.data.target.as_deref().unwrap_or("none"),
        experiment.name_suffix
    )
}
