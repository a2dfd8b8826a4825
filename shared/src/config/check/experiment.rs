//! `[EXP]`, `[PLOT]`, `[FEATS]`, and everything put together.

use super::Checker;
use crate::config::{
    Combine, Experiment, Folders, Folds, PlotConfig, Task,
    diagnostics::Code,
    literal::{self, Literal},
};

impl Checker<'_> {
    /// Reads every key that acts. What is wrong is reported, and stands in the experiment as its
    /// default; the caller drops an experiment with errors.
    pub(super) fn experiment(&mut self) -> Experiment {
        self.model_type();
        let root = self.slot("EXP", "root");
        let name = self.slot("EXP", "name");
        let (root, name) = (
            self.required(&root, "./results/"),
            self.required(&name, "experiment"),
        );
        let task = self.slot("EXP", "type");
        let task = match self.word(&task) {
            Some("regression") => Task::Regression,
            _ => Task::Classification,
        };
        let folds = self.folds();
        let runs = self.runs(folds);
        let epochs = self.slot("EXP", "epochs");
        let epochs = self.integer(&epochs).unwrap_or(1);
        let traindevtest = self.slot("EXP", "traindevtest");
        let traindevtest =
            self.boolean(&traindevtest) && matches!(folds, None | Some(Folds::Databases));
        let res_name = self.slot("EXP", "res_name");
        let res_name = self.text(&res_name);
        let license = self.slot("EXP", "license");
        let license = self.text(&license);
        let folders = Folders {
            store: self.folder("store"),
            images: self.folder("fig_dir"),
            results: self.folder("res_dir"),
            models: self.folder("model_dir"),
        };
        let (extra, dev) = self.constant_databases(folds);
        let data = self.data(task, traindevtest, (&extra, dev.as_deref()));
        let cross = self.cross(folds, extra);
        self.feats();
        let tuning = self.tuning(task);
        let plot = self.plot();
        let name_suffix = self.name_suffix();
        let experiment = Experiment {
            root,
            name,
            task,
            runs,
            epochs,
            traindevtest,
            folds,
            cross,
            res_name,
            license,
            folders,
            data,
            tuning,
            plot,
            name_suffix,
        };
        if self.finetune {
            self.conflicts(&experiment);
            self.hints(&experiment);
        }
        experiment
    }

    fn plot(&mut self) -> PlotConfig {
        let (name, titles) = (self.slot("PLOT", "name"), self.slot("PLOT", "titles"));
        let epochs = self.slot("PLOT", "epochs");
        let combine = self.slot("PLOT", "combine_per_speaker");
        let column = self.slot("PLOT", "combine_per_speaker.col");
        let threshold = self.slot("PLOT", "uncertainty_threshold");
        PlotConfig {
            name: self.text(&name),
            titles: self.boolean(&titles),
            epochs: self.boolean(&epochs),
            combine: self.word(&combine).and_then(Combine::from_word),
            combine_column: self.text(&column).unwrap_or_default(),
            uncertainty_threshold: self.number(&threshold),
        }
    }

    fn folder(&mut self, key: &str) -> String {
        let slot = self.slot("EXP", key);
        self.text(&slot).unwrap_or_default()
    }

    /// Only fine-tuning runs here.
    fn model_type(&mut self) {
        let slot = self.slot("MODEL", "type");
        match &slot.found {
            None => {
                self.required(&slot, "finetune");
            }
            Some(_) if self.finetune => {
                self.text(&slot);
            }
            Some(found) => {
                let message = format!(
                    "`type = {}`: only experiments with `type = finetune` run here",
                    found.text
                );
                let advice = "write `finetune`, with [FEATS] type = [], or run it with Nkululeko";
                self.error(Code::NotFinetuning, found.span, message)
                    .replace(advice, found.span, "finetune");
            }
        }
    }

    /// Features play no part.
    fn feats(&mut self) {
        let slot = self.slot("FEATS", "type");
        if !self.finetune {
            return;
        }
        match &slot.found {
            Some(found) => {
                let empty = |literal: Literal| literal.items().is_some_and(<[Literal]>::is_empty);
                if !literal::parse(&found.text).is_ok_and(empty) {
                    let message = format!(
                        "`type = {}`: fine-tuning makes its own features, and these are not used",
                        found.text
                    );
                    self.warn(Code::FeatsType, found.span, message).replace(
                        "write `[]`",
                        found.span,
                        "[]",
                    );
                }
            }
            None => {
                let place = self.place("FEATS");
                let edit = self.document.setting("FEATS", "type", "[]");
                self.info(
                    Code::FeatsType,
                    place,
                    "Nkululeko wants `type = []` in [FEATS] for fine-tuning",
                )
                .fix("add it", vec![edit]);
            }
        }
    }
}
