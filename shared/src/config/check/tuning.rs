//! The keys of fine-tuning.

use super::{
    Checker, Origin,
    value::{Wrong, boolean, literal, number, texts},
};
use crate::audio::Augmentation;
use crate::config::{
    Balancing, Cache, Crop, DeviceChoice, HeadActivation, HeadKeys, HeadStyle, HubModel,
    HubNameError, LayerPooling, Lora, LoraTarget, LossKind, LrScheduler, Measure, Pooling,
    Precision, SelectOn, Task, Tuning, diagnostics::Code, literal::Literal,
};

impl Checker<'_> {
    pub(super) fn tuning(&mut self, task: Task) -> Tuning {
        let regression = task == Task::Regression;
        let pretrained = self.tuned("pretrained_model");
        let pretrained_model = self.text(&pretrained).unwrap_or_default();
        self.model_folder(&pretrained, &pretrained_model);
        Tuning {
            pretrained_model,
            from_scratch: self.switch("from_scratch"),
            device: self.device(),
            batch_size: self.count("batch_size"),
            gradient_accumulation: self.count("gradient_accumulation"),
            learning_rate: self.amount("learning_rate"),
            head_learning_rate: self.maybe_amount("head_learning_rate"),
            lr_scheduler: self.choice("lr_scheduler", LrScheduler::from_word, LrScheduler::Linear),
            warmup_ratio: self.amount("warmup_ratio"),
            weight_decay: self.amount("weight_decay"),
            max_grad_norm: self.amount("max_grad_norm"),
            max_duration: self.max_duration(),
            crop: self.choice("crop", Crop::from_word, Crop::Head),
            eval_windows: self.count("eval_windows"),
            augmentation: self.augmentation(),
            freeze_layers: self.count("freeze_layers"),
            freeze_cnn: self.switch("freeze_cnn"),
            freeze_below: self.switch("freeze_below"),
            cache: self.choice("cache", Cache::from_word, Cache::Auto),
            num_layers: self.maybe_count("num_layers"),
            head: self.head(),
            loss: {
                let default = if regression {
                    LossKind::OneMinusCcc
                } else {
                    LossKind::Cross
                };
                self.choice_of_task("loss", LossKind::from_word, default, default.word())
            },
            class_weight: self.switch("class_weight"),
            label_smoothing: self.label_smoothing(),
            measure: {
                let default = if regression {
                    Measure::Ccc
                } else {
                    Measure::Uar
                };
                self.choice_of_task("measure", Measure::from_word, default, default.word())
            },
            patience: self.maybe_count("patience"),
            dev_from_train: self.amount("dev_from_train"),
            select_on: self.choice("select_on", SelectOn::from_word, SelectOn::Dev),
            evals_per_epoch: self.count("evals_per_epoch"),
            save_total_limit: self.count("save_total_limit"),
            save_minutes: self.amount("save_minutes"),
            keep_checkpoints: self.switch("keep_checkpoints"),
            shuffle: self.switch("shuffle"),
            seed: self.count("seed"),
            precision: self.choice("precision", Precision::from_word, Precision::F32),
            recompute: self.switch("recompute"),
            lora: self.lora(),
            push_to_hub: self.switch("push_to_hub"),
            hub_model_id: self.hub_model_id(),
            hub_private_repo: self.switch("hub_private_repo"),
            balancing: self.balancing(),
        }
    }

    fn augmentation(&mut self) -> Augmentation {
        let augmentation = Augmentation {
            noise: self.range("augment_noise"),
            gain: self.range("augment_gain"),
            speed: self.range("augment_speed"),
            time_mask: self.amount("augment_time_mask"),
            probability: self.amount("augment_probability"),
        };
        // Off is off, however the keys say it.
        if augmentation.is_on() {
            augmentation
        } else {
            Augmentation::default()
        }
    }

    /// Two numbers in the table's range, the smaller first.
    fn range(&mut self, key: &str) -> Option<(f64, f64)> {
        let slot = self.tuned(key);
        let allowed = slot.row.range;
        let read = |text: &str| {
            let literal = literal(text)?;
            let numbers: Option<Vec<f64>> = literal
                .items()
                .and_then(|items| items.iter().map(Literal::number).collect());
            match numbers.as_deref() {
                Some(&[low, high]) if low > high => Err(Wrong::kind(
                    "the smaller number must stand first",
                    Some(format!("[{high}, {low}]")),
                )),
                Some(&[low, high]) => match [low, high]
                    .into_iter()
                    .find(|&value| allowed.is_some_and(|range| !range.contains(value)))
                {
                    Some(value) => Err(Wrong::range(
                        allowed.map_or_else(String::new, |range| range.outside(&value)),
                    )),
                    None => Ok((low, high)),
                },
                _ => Err(Wrong::kind("it must be a list of two numbers", None)),
            }
        };
        self.parsed(&slot, read)
    }

    fn lora(&mut self) -> Option<Lora> {
        let rank: Option<usize> = self.maybe_count("lora_rank");
        let alpha = self.maybe_amount("lora_alpha");
        let slot = self.tuned("lora_targets");
        let targets = self.parsed(&slot, lora_targets).unwrap_or_default();
        let dropout = self.amount("lora_dropout");
        rank.map(|rank| Lora {
            rank,
            alpha: alpha.unwrap_or(rank as f64),
            targets,
            dropout,
        })
    }

    fn head(&mut self) -> HeadKeys {
        let mut drop = self.tuned("drop");
        drop.default = self.default_drop();
        let layers = self.tuned("head_layers");
        HeadKeys {
            style: self.set_choice("head", HeadStyle::from_word),
            layers: self
                .parsed(&layers, head_layers)
                .filter(|layers| !layers.is_empty()),
            activation: self.set_choice("head_activation", HeadActivation::from_word),
            pooling: self.set_choice("pooling", Pooling::from_word),
            layer_pooling: self.set_choice("layer_pooling", LayerPooling::from_word),
            drop: self.number(&drop).unwrap_or_default(),
        }
    }

    fn switch(&mut self, key: &str) -> bool {
        let slot = self.tuned(key);
        self.boolean(&slot)
    }

    fn maybe_count<T: TryFrom<i64>>(&mut self, key: &str) -> Option<T> {
        let slot = self.tuned(key);
        self.integer(&slot)
    }

    fn count<T: TryFrom<i64> + Default>(&mut self, key: &str) -> T {
        self.maybe_count(key).unwrap_or_default()
    }

    fn maybe_amount(&mut self, key: &str) -> Option<f64> {
        let slot = self.tuned(key);
        self.number(&slot)
    }

    fn amount(&mut self, key: &str) -> f64 {
        self.maybe_amount(key).unwrap_or_default()
    }

    /// One of a closed list of words, whose default the table leaves to the task.
    fn choice_of_task<T>(
        &mut self,
        key: &str,
        from_word: fn(&str) -> Option<T>,
        default: T,
        word: &'static str,
    ) -> T {
        let mut slot = self.tuned(key);
        slot.default = word;
        self.word(&slot).and_then(from_word).unwrap_or(default)
    }

    /// One of a closed list of words.
    fn choice<T>(&mut self, key: &str, from_word: fn(&str) -> Option<T>, default: T) -> T {
        let slot = self.tuned(key);
        self.word(&slot).and_then(from_word).unwrap_or(default)
    }

    /// One of a closed list of words, if the INI sets it.
    fn set_choice<T>(&mut self, key: &str, from_word: fn(&str) -> Option<T>) -> Option<T> {
        let slot = self.tuned(key);
        let word = self.word(&slot).and_then(from_word);
        let set = ["FINETUNE", "MODEL"]
            .into_iter()
            .any(|section| self.value_of(section, key).is_some());
        word.filter(|_| set)
    }

    /// `max_duration`, also by the name that Nkululeko's tutorial uses.
    fn max_duration(&mut self) -> f64 {
        let mut slot = self.tuned("max_duration");
        let mut aliases: Vec<_> = ["FINETUNE", "MODEL"]
            .iter()
            .filter_map(|section| self.value_of(section, "duration"))
            .collect();
        aliases.dedup_by_key(|found| found.key_span);
        for mut found in aliases {
            found.origin = Origin::Alias;
            let message =
                "`duration` counts as `max_duration` here; Nkululeko passes over it, and uses 8 s";
            let beside = self.owns(&found.section, "max_duration");
            let removal = self.document.removal(&found.section, "duration");
            let finding = self.warn(Code::Alias, found.key_span, message);
            if beside {
                finding.fix("remove it: `max_duration` is there too", vec![removal]);
            } else {
                finding.replace("write `max_duration`", found.key_span, "max_duration");
            }
            match slot.found {
                None => slot.found = Some(found),
                Some(_) => self.differing("max_duration", slot.found.as_ref(), Some(found)),
            }
        }
        self.number(&slot).unwrap_or_default()
    }

    fn device(&mut self) -> DeviceChoice {
        let slot = self.tuned("device");
        if let Some(found) = slot.found.as_ref().filter(|found| found.text.contains(',')) {
            let message = format!("`device = {}`: one device is used, the first", found.text);
            self.warn(Code::NoEffect, found.span, message);
        }
        self.parsed(&slot, device).unwrap_or(DeviceChoice::Auto)
    }

    fn label_smoothing(&mut self) -> f64 {
        let slot = self.tuned("label_smoothing");
        let range = slot.row.range;
        let read = |text: &str| match (number(text), boolean(text)) {
            (Some(value), _) if range.is_none_or(|range| range.contains(value)) => Ok(value),
            (Some(_), _) => Err(Wrong::range(format!(
                "it must be 0 to 1, True or False, and is {text}"
            ))),
            (None, Some(on)) => Ok(if on { 0.1 } else { 0.0 }),
            (None, None) => Err(Wrong::kind(
                format!("`{text}` is neither a number nor True or False"),
                None,
            )),
        };
        self.parsed(&slot, read).unwrap_or_default()
    }

    /// `hub_model_id`, which an upload needs before hours of training and not after them.
    fn hub_model_id(&mut self) -> Option<String> {
        let slot = self.tuned("hub_model_id");
        let read = |text: &str| match HubModel::parse(text) {
            Ok(HubModel { id, revision: None }) => Ok(id),
            Ok(HubModel { id, .. }) => Err(Wrong::kind(
                "uploads go to the main branch".to_owned(),
                Some(id),
            )),
            Err(HubNameError::Form(_, reason)) => Err(Wrong::kind(reason.to_owned(), None)),
            Err(_) => Err(Wrong::kind(format!("`{text}` is not owner/name"), None)),
        };
        self.parsed(&slot, read)
    }

    fn balancing(&mut self) -> Balancing {
        let slot = self.tuned("balancing");
        let read = |text: &str| match (Balancing::from_word(text), text) {
            (Some(balancing), _) => Ok(balancing),
            (None, "smote" | "adasyn" | "SMOTE" | "ADASYN") => Err(Wrong::kind(
                format!(
                    "`{text}` makes up new points between features, and clips have none; use ros or weighted"
                ),
                Some("ros".into()),
            )),
            (None, _) => Err(Wrong::choice(text, Balancing::WORDS)),
        };
        let balancing = self.parsed(&slot, read).unwrap_or(Balancing::Off);
        if balancing == Balancing::Weighted
            && let Some(span) = slot.span()
        {
            let off = |found: &super::slot::Found| boolean(&found.text) == Some(false);
            if self.tuning_slot("shuffle").found.as_ref().is_some_and(off) {
                let message = "`balancing = weighted` draws the clips of each epoch, and `shuffle = False` keeps their order";
                self.error(Code::ConflictingKeys, span, message).advise(
                    "remove one of them; `balancing = ros` repeats rows at the end of the table",
                );
            }
            let weights = self.tuning_slot("class_weight");
            if weights
                .found
                .as_ref()
                .is_some_and(|found| boolean(&found.text) == Some(true))
            {
                let message = "`balancing = weighted` and `class_weight` both make up for rare classes: together they count twice";
                self.warn(Code::ConflictingKeys, span, message)
                    .advise("remove one of them");
            }
        }
        balancing
    }
}

/// `auto`, `cpu`, `vulkan[:N]`, `cuda[:N]`, `N` for `cuda:N`; of several the first.
fn device(text: &str) -> Result<DeviceChoice, Wrong> {
    let first = text
        .split(',')
        .next()
        .unwrap_or(text)
        .trim()
        .to_ascii_lowercase();
    let unknown = || {
        let message = format!("`{text}` is none of auto, cpu, vulkan, vulkan:N, cuda, cuda:N");
        Wrong::value(message, "auto")
    };
    if let Ok(index) = first.parse() {
        return Ok(DeviceChoice::Cuda(index));
    }
    let (kind, index) = match first.split_once(':') {
        Some((kind, index)) => (kind, index.parse().map_err(|_| unknown())?),
        None => (first.as_str(), 0),
    };
    match kind {
        "auto" => Ok(DeviceChoice::Auto),
        "cpu" => Ok(DeviceChoice::Cpu),
        "vulkan" => Ok(DeviceChoice::Vulkan(index)),
        "cuda" => Ok(DeviceChoice::Cuda(index)),
        _ => Err(unknown()),
    }
}

/// Names of linear layers, each once.
fn lora_targets(text: &str) -> Result<Vec<LoraTarget>, Wrong> {
    let mut targets = texts(text)?
        .iter()
        .map(|name| {
            LoraTarget::from_word(name).ok_or_else(|| {
                let mut wrong = Wrong::choice(name, LoraTarget::WORDS);
                wrong.better = None;
                wrong
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    if targets.is_empty() {
        return Err(Wrong::kind(
            format!(
                "it must name one or more of {}",
                LoraTarget::WORDS.join(", ")
            ),
            None,
        ));
    }
    targets.sort_unstable();
    targets.dedup();
    Ok(targets)
}

/// Widths of hidden layers; one number is one layer.
fn head_layers(text: &str) -> Result<Vec<usize>, Wrong> {
    let literal = literal(text)?;
    let width = |item: &Literal| match item {
        Literal::Int(width) => usize::try_from(*width)
            .ok()
            .filter(|width| (1..=65_536).contains(width)),
        _ => None,
    };
    let items = literal.items().unwrap_or(std::slice::from_ref(&literal));
    items
        .iter()
        .map(width)
        .collect::<Option<_>>()
        .ok_or_else(|| {
            Wrong::kind(
                "it must be a list of widths from 1 to 65536, for instance [256, 64]",
                None,
            )
        })
}
