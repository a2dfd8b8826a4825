//! A small experiment on tones with everything that is random about training.

use crate::medium::Medium;
use burn::tensor::Device;
use shared::{
    audio::Augmentation,
    config::{self, Checked, Experiment, Mode},
    data::{DataReport, Dataset, Label, Part, Parts, TargetTransform, Utterance},
    files::{Disk, Files, Memory},
    protocol::Event,
    run::{Finished, Job, RunError, Start},
    train::{Clip, ClipRequest, Clips, Room, Store, Surroundings},
};
use std::{
    cell::{Cell, RefCell},
    f32::consts::TAU,
};

const MODEL: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/parity/wav2vec2_base/model"
);

/// Three epochs of three steps; a checkpoint between evaluations too.
pub(crate) struct Experimental {
    files: Memory,
    text: String,
    checked: Checked,
    experiment: Experiment,
    dataset: Dataset,
    broken: Option<(u32, Part)>,
}

impl Experimental {
    /// With further keys of `[FINETUNE]`.
    pub(crate) fn new(keys: &str) -> Self {
        let mut files = Memory::default();
        files.insert("d.csv", *b"file,label\n");
        for name in Disk.list(MODEL).expect("the fixture") {
            let mut bytes = Disk.read(&format!("{MODEL}/{name}")).expect("a file");
            if name == "config.json" {
                bytes = noisy(&String::from_utf8(bytes).expect("UTF-8")).into_bytes();
            }
            files.insert(format!("model/{name}"), bytes);
        }
        let rate = if keys.contains("learning_rate") {
            ""
        } else {
            "learning_rate = 0.01\n"
        };
        let text = format!(
            "[EXP]\nroot = .\nname = crash\nepochs = 3\n\
             [DATA]\ndatabases = ['d']\nd = d.csv\nd.type = csv\nd.split_strategy = train\ntarget = label\n\
             [FEATS]\ntype = []\n[MODEL]\ntype = finetune\n\
             [FINETUNE]\npretrained_model = model\nbatch_size = 2\ngradient_accumulation = 2\n\
             drop = 0.1\nwarmup_ratio = 0.1\nweight_decay = 0.01\ncrop = random\nmax_duration = 0.15\n\
             save_minutes = 0.05\ndevice = cpu\n{rate}{keys}"
        );
        let mut checked = config::check(&text, &files, Mode::Run);
        let experiment = checked
            .experiment
            .take()
            .unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
        Self {
            files,
            text,
            checked,
            experiment,
            dataset: dataset(),
            broken: None,
        }
    }

    /// The same with so many runs.
    pub(crate) fn with_runs(mut self, runs: u32) -> Self {
        self.experiment.runs = runs;
        self
    }

    /// The same with a further file in the folder of the model to begin with.
    pub(crate) fn with_model_file(mut self, name: &str, bytes: &[u8]) -> Self {
        self.files.insert(format!("model/{name}"), bytes.to_vec());
        self
    }

    /// The same with other batches.
    pub(crate) fn with_batch(mut self, size: usize, accumulation: usize) -> Self {
        self.experiment.tuning.batch_size = size;
        self.experiment.tuning.gradient_accumulation = accumulation;
        self
    }

    /// The same where recordings of `part` cannot be read in run `run`.
    pub(crate) fn with_broken(mut self, run: u32, part: Part) -> Self {
        self.broken = Some((run, part));
        self
    }

    /// Carries it out, or goes on with it.
    pub(crate) fn run(&self, medium: &Medium) -> Result<(Finished, Vec<Event>), RunError> {
        self.run_until(medium, usize::MAX)
    }

    /// Interrupts it after `steps` steps of this call.
    pub(crate) fn stop_after(&self, medium: &Medium, steps: usize) -> (Finished, Vec<Event>) {
        self.run_until(medium, steps).expect("it ends well")
    }

    fn run_until(&self, medium: &Medium, steps: usize) -> Result<(Finished, Vec<Event>), RunError> {
        let world = World {
            time: Cell::new(0.0),
            steps_left: Cell::new(steps),
            run: Cell::new(None),
            broken: self.broken,
            augmentation: self.experiment.tuning.augmentation.clone(),
            events: RefCell::default(),
        };
        let start = Start::open(&self.experiment, &self.files)?;
        let store = Store::new(
            Room {
                memory: 64 << 20,
                file: 0,
            },
            None,
        );
        let job = Job {
            experiment: &self.experiment,
            text: &self.text,
            dataset: &self.dataset,
            start: &start,
            device: &Device::flex(),
            device_name: "CPU",
            world: &world,
            output: medium,
            settings: &self.checked.settings,
            store: Some(&store),
            force: false,
            only: None,
            fold: None,
        };
        let finished = pollster::block_on(job.run())?;
        Ok((finished, world.events.into_inner()))
    }
}

/// The fixture is for comparisons without noise.
fn noisy(config: &str) -> String {
    let mut config: serde_json::Value = serde_json::from_str(config).expect("JSON");
    for key in [
        "hidden_dropout",
        "attention_dropout",
        "activation_dropout",
        "layerdrop",
    ] {
        config[key] = 0.1.into();
    }
    config["apply_spec_augment"] = true.into();
    config["mask_time_prob"] = 0.2.into();
    config["mask_time_length"] = 2.into();
    config.to_string()
}

/// Classes and lengths of the clips.
fn utterances(part: Part, count: usize) -> (Vec<Utterance>, Vec<f64>) {
    (0..count)
        .map(|index| {
            let name = format!("{}-{index}.wav", part.word());
            let utterance = Utterance {
                file: name.clone(),
                name,
                start: 0.0,
                end: None,
                database: "d".into(),
                speaker: Some(format!("{}{}", part.word(), index % 3)),
                gender: None,
                label: Some(Label::Class(index % 2)),
                columns: Default::default(),
            };
            (utterance, 0.08 + 0.01 * (index % 5) as f64)
        })
        .unzip()
}

fn dataset() -> Dataset {
    let (train, train_seconds) = utterances(Part::Train, 11);
    let (dev, dev_seconds) = utterances(Part::Dev, 6);
    let (test, test_seconds) = utterances(Part::Test, 4);
    Dataset {
        train,
        dev,
        test,
        seconds: Parts {
            train: train_seconds,
            dev: dev_seconds,
            test: test_seconds,
        },
        labels: vec!["high".into(), "low".into()],
        transform: TargetTransform::default(),
        bins: None,
        report: DataReport::default(),
        split_hash: "split".into(),
    }
}

/// Tones; a clock that moves at each look; a wish to stop after some steps.
struct World {
    time: Cell<f64>,
    steps_left: Cell<usize>,
    /// The run that was begun last.
    run: Cell<Option<u32>>,
    broken: Option<(u32, Part)>,
    augmentation: Augmentation,
    events: RefCell<Vec<Event>>,
}

impl Surroundings for World {
    fn clips(&self, part: Part, batches: Vec<Vec<ClipRequest>>) -> Clips<'_> {
        let augmentation = self.augmentation.clone();
        let changed = move |clip: Clip, request: &ClipRequest| -> Clip {
            match request.draw {
                Some(seed) => {
                    assert_eq!(part, Part::Train, "only what is trained on is changed");
                    augmentation.apply(&clip, 2400, seed).into()
                }
                None => clip,
            }
        };
        let clip = move |request: &ClipRequest| -> Clip {
            let index = request.utterance;
            let hertz = [900.0, 220.0][index % 2] * (1.0 + 0.02 * index as f32)
                + [0.0, 20.0, 40.0][part as usize];
            let samples = 1280 + 160 * (index % 5);
            let tone = (0..samples).map(|i| (i as f32 * hertz * TAU / 16_000.0).sin() * 0.4);
            changed(tone.collect(), request)
        };
        let broken = self
            .broken
            .is_some_and(|(run, which)| (Some(run), which) == (self.run.get(), part));
        Box::new(batches.into_iter().map(move |batch| {
            if broken {
                return Err("the recording is broken".into());
            }
            Ok(batch.iter().map(&clip).collect())
        }))
    }

    fn now(&self) -> f64 {
        self.time.set(self.time.get() + 1.0);
        self.time.get()
    }

    fn stopping(&self) -> bool {
        self.run.get().is_some() && self.steps_left.get() == 0
    }

    fn emit(&self, event: Event) {
        if let Event::Started { run, .. } = event {
            self.run.set(Some(run));
        }
        if let Event::Step { .. } = event {
            self.steps_left.set(self.steps_left.get().saturating_sub(1));
        }
        self.events.borrow_mut().push(event);
    }
}
