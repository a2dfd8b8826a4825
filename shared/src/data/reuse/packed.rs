//! Data sets whose utterances are written once, in however many folds they stand.

use crate::data::{Bins, DataReport, Dataset, Label, Part, Parts, TargetTransform, Utterance};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Data sets.
#[derive(Serialize, Deserialize)]
pub(super) struct Packed {
    /// Each utterance once, without its label, and its length in seconds.
    utterances: Vec<(Utterance, f64)>,
    sets: Vec<Set>,
}

/// A data set.
#[derive(Serialize, Deserialize)]
struct Set {
    /// Places in the list, with the label in this set.
    parts: Parts<Vec<(usize, Option<Label>)>>,
    labels: Vec<String>,
    transform: TargetTransform,
    bins: Option<Bins>,
    report: DataReport,
    split_hash: String,
}

impl Packed {
    pub(super) fn new(datasets: &[Dataset]) -> Self {
        let mut utterances: Vec<(Utterance, f64)> = Vec::new();
        // Where those of a stretch are; several rows may be of the same one.
        let mut known: HashMap<(String, u64), Vec<usize>> = HashMap::new();
        let mut place = |utterance: &Utterance, seconds: f64| {
            let bare = Utterance {
                label: None,
                ..utterance.clone()
            };
            let key = (bare.file.clone(), bare.start.to_bits());
            let places = known.entry(key).or_default();
            let same = |place: &&usize| utterances[**place] == (bare.clone(), seconds);
            if let Some(place) = places.iter().find(same) {
                return *place;
            }
            places.push(utterances.len());
            utterances.push((bare, seconds));
            utterances.len() - 1
        };
        let mut sets = Vec::new();
        for dataset in datasets {
            let mut parts: Parts<Vec<(usize, Option<Label>)>> = Parts::default();
            for part in Part::ALL {
                let seconds = dataset.seconds.get(part);
                for (utterance, seconds) in dataset.part(part).iter().zip(seconds) {
                    let entry = (place(utterance, *seconds), utterance.label);
                    parts.get_mut(part).push(entry);
                }
            }
            sets.push(Set {
                parts,
                labels: dataset.labels.clone(),
                transform: dataset.transform.clone(),
                bins: dataset.bins.clone(),
                report: dataset.report.clone(),
                split_hash: dataset.split_hash.clone(),
            });
        }
        Self { utterances, sets }
    }

    /// The data sets.
    ///
    /// # Errors
    /// An utterance is not in the list.
    pub(super) fn unpack(self) -> Result<Vec<Dataset>, String> {
        let Self { utterances, sets } = self;
        let unpack = |set: Set| {
            let mut seconds: Parts<Vec<f64>> = Parts::default();
            let mut parts: Parts<Vec<Utterance>> = Parts::default();
            for (part, entries) in set.parts.iter() {
                for (place, label) in entries {
                    let Some((bare, length)) = utterances.get(*place) else {
                        return Err(format!("there is no utterance {place}"));
                    };
                    seconds.get_mut(part).push(*length);
                    parts.get_mut(part).push(Utterance {
                        label: *label,
                        ..bare.clone()
                    });
                }
            }
            let Parts { train, dev, test } = parts;
            Ok(Dataset {
                train,
                dev,
                test,
                seconds,
                labels: set.labels,
                transform: set.transform,
                bins: set.bins,
                report: set.report,
                split_hash: set.split_hash,
            })
        };
        sets.into_iter().map(unpack).collect()
    }
}
