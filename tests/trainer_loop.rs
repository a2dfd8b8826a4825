//! The training loop against logs of Hugging Face's Trainer with Nkululeko's settings.

use burn::tensor::Device;
use serde_json::Value;
use shared::{
    audio::FeatureExtractor,
    config::{self, Experiment, Mode},
    data::{Label, Part, TargetTransform, Utterance},
    files::{Disk, Files, Memory},
    protocol::Event,
    train::{Clip, ClipRequest, Clips, KeepNothing, Surroundings, Training, train},
};
use std::{cell::RefCell, collections::BTreeMap};
use tests::parity::{Case, Layout};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/parity");

/// The reference's clips, in the order of the log.
struct World {
    clips: Vec<Clip>,
    events: RefCell<Vec<Event>>,
}

impl Surroundings for World {
    fn clips(&self, _: Part, batches: Vec<Vec<ClipRequest>>) -> Clips<'_> {
        let clip = |request: &ClipRequest| self.clips[request.utterance].clone();
        Box::new(
            batches
                .into_iter()
                .map(move |batch| Ok(batch.iter().map(clip).collect())),
        )
    }

    fn now(&self) -> f64 {
        0.0
    }

    fn stopping(&self) -> bool {
        false
    }

    fn emit(&self, event: Event) {
        self.events.borrow_mut().push(event);
    }
}

fn experiment(run: &Value) -> Experiment {
    let (task, loss) = if run["regression"] == true {
        ("regression", "1-ccc")
    } else {
        ("classification", "cross")
    };
    let text = format!(
        "[EXP]\nroot = .\nname = loop\ntype = {task}\nepochs = {}\n\
         [DATA]\ndatabases = ['d']\nd = d.csv\nd.type = csv\nd.split_strategy = train\ntarget = label\n\
         [FEATS]\ntype = []\n[MODEL]\ntype = finetune\n\
         [FINETUNE]\npretrained_model = model\nbatch_size = {}\ngradient_accumulation = {}\n\
         learning_rate = {}\nloss = {loss}\nshuffle = False\nmax_duration = 1000\n",
        run["epochs"], run["micro_batch"], run["accumulation"], run["learning_rate"],
    );
    let mut files = Memory::default();
    files.insert("d.csv", *b"file,label\n");
    files.insert("model/config.json", *b"{}");
    let checked = config::check(&text, &files, Mode::Run);
    checked
        .experiment
        .unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

fn near(what: &str, found: f64, expected: &Value, tolerance: f64) {
    let expected = expected.as_f64().expect("a number");
    assert!(
        (found - expected).abs() <= tolerance,
        "{what}: {found} is not {expected}"
    );
}

#[test]
fn the_loop_equals_the_trainer() {
    let log: Value =
        serde_json::from_slice(&Disk.read(&format!("{ROOT}/trainer_loop.json")).unwrap()).unwrap();
    for run in log["runs"].as_array().unwrap() {
        let name = run["model"].as_str().unwrap();
        let case = Case::open(&Disk, ROOT, name);
        let regression = run["regression"] == true;
        let device = Device::flex();
        let (mut model, _) = case.model(
            &Disk,
            Layout::Model,
            if regression { "reg" } else { "cls" },
            &device,
        );
        model.set_trained(true, 0).unwrap();
        let before = pollster::block_on(model.tensors()).unwrap();

        let order: Vec<usize> = run["order"]
            .as_array()
            .unwrap()
            .iter()
            .map(|i| i.as_u64().unwrap() as usize)
            .collect();
        let waves = case.inputs.values("train.input_values");
        let mask = case.inputs.values("train.attention_mask");
        let samples = case.inputs.shape("train.input_values")[1];
        let clip = |row: usize| -> Clip {
            let length = mask[row * samples..(row + 1) * samples].iter().sum::<f32>() as usize;
            waves[row * samples..row * samples + length].into()
        };
        let label = |row: usize| {
            if regression {
                Label::Value(f64::from(case.inputs.values("train.reg_targets")[row]))
            } else {
                Label::Class(case.inputs.values("train.labels")[row] as usize)
            }
        };
        let utterances: Vec<Utterance> = order
            .iter()
            .map(|&row| Utterance {
                file: format!("{row}.wav"),
                name: format!("{row}.wav"),
                start: 0.0,
                end: None,
                database: "d".into(),
                speaker: None,
                gender: None,
                label: Some(label(row)),
                columns: Default::default(),
            })
            .collect();
        let seconds: Vec<f64> = order
            .iter()
            .map(|&row| clip(row).len() as f64 / 16_000.0)
            .collect();
        let world = World {
            clips: order.iter().map(|&row| clip(row)).collect(),
            events: RefCell::default(),
        };
        let experiment = experiment(run);
        let labels: Vec<String> = if regression {
            Vec::new()
        } else {
            ["a", "b", "c", "d"].map(str::to_owned).to_vec()
        };
        let training = Training {
            experiment: &experiment,
            train: &utterances,
            train_seconds: &seconds,
            dev: &[],
            dev_seconds: &[],
            dev_part: Part::Dev,
            labels: &labels,
            transform: &TargetTransform::default(),
            class_weights: (!regression).then(|| {
                case.inputs
                    .values("train.class_weights")
                    .iter()
                    .map(|w| f64::from(*w))
                    .collect()
            }),
            // The reference's clips are normalised already.
            extractor: FeatureExtractor {
                do_normalize: false,
                ..FeatureExtractor::default()
            },
            device: device.clone(),
            device_name: "CPU".into(),
            run: 0,
            origin: String::new(),
            store: None,
        };
        pollster::block_on(train(&mut model, &training, &world, &mut KeepNothing, None)).unwrap();

        let events = world.events.into_inner();
        let steps: Vec<(f64, f64, f64)> = events
            .iter()
            .filter_map(|event| match event {
                Event::Step {
                    loss,
                    grad_norm,
                    learning_rate,
                    ..
                } => Some((*loss, *grad_norm, *learning_rate)),
                _ => None,
            })
            .collect();
        let expected = run["steps"].as_array().unwrap();
        assert_eq!(steps.len(), expected.len(), "{name}");
        for (i, ((loss, norm, rate), step)) in steps.into_iter().zip(expected).enumerate() {
            // The log rounds losses to four places.
            near(&format!("{name} step {i} loss"), loss, &step["loss"], 1e-4);
            let tolerance = 2e-4 * step["grad_norm"].as_f64().unwrap();
            near(
                &format!("{name} step {i} norm"),
                norm,
                &step["grad_norm"],
                tolerance,
            );
            near(
                &format!("{name} step {i} rate"),
                rate,
                &step["learning_rate"],
                1e-9,
            );
        }
        let after: BTreeMap<String, Vec<f32>> = pollster::block_on(model.tensors())
            .unwrap()
            .into_iter()
            .map(|tensor| (tensor.name, tensor.values))
            .collect();
        let before: BTreeMap<String, Vec<f32>> = before
            .into_iter()
            .map(|tensor| (tensor.name, tensor.values))
            .collect();
        for (parameter, entry) in run["params"].as_object().unwrap() {
            if parameter.ends_with("k_proj.bias") {
                continue;
            }
            let change: f64 = after[parameter]
                .iter()
                .zip(&before[parameter])
                .map(|(a, b)| f64::from(a - b).powi(2))
                .sum::<f64>()
                .sqrt();
            let tolerance = 2e-3 * entry["delta_l2"].as_f64().unwrap();
            near(
                &format!("{name} change of {parameter}"),
                change,
                &entry["delta_l2"],
                tolerance,
            );
        }
    }
}
