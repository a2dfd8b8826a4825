//! What is computed once a clip changes nothing but the time that training takes.

use burn::tensor::Device;
use shared::{
    audio::{FeatureExtractor, Window},
    checkpoint::{Checkpoint, ModelConfig},
    config::{self, Experiment, Lora, LoraTarget, Mode},
    data::{Label, Part, TargetTransform, Utterance},
    files::{Disk, Memory},
    model::{Cut, HeadStart, SpeechModel},
    protocol::Event,
    report::FrozenRecord,
    train::{
        Clip, ClipRequest, Clips, KeepNothing, Room, Store, Surroundings, Trained, Training, train,
    },
};
use std::{
    cell::{Cell, RefCell},
    f32::consts::TAU,
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/parity");
const ROOM: Room = Room {
    memory: 1 << 20,
    file: 0,
};
/// Clips that are trained on, and chosen on.
const CLIPS: [usize; 2] = [7, 3];

/// Tones of different lengths.
struct World {
    /// Samples that each clip is longer than the one before.
    more: usize,
    decoded: Cell<usize>,
    events: RefCell<Vec<Event>>,
    mark: String,
}

impl World {
    fn samples(&self, clip: usize) -> usize {
        1600 + self.more * clip
    }

    fn tone(&self, part: Part, request: &ClipRequest) -> Clip {
        let begin = match request.window {
            Window::Random(position) => (position * 1e4) as usize,
            _ => 0,
        };
        let hertz = [700.0, 230.0][request.utterance % 2] * (1.0 + 0.03 * request.utterance as f32)
            + 20.0 * part as usize as f32;
        let sample = |i| ((begin + i) as f32 * hertz * TAU / 16_000.0).sin() * 0.4;
        (0..self.samples(request.utterance)).map(sample).collect()
    }
}

impl Surroundings for World {
    fn clips(&self, part: Part, batches: Vec<Vec<ClipRequest>>) -> Clips<'_> {
        Box::new(batches.into_iter().map(move |batch| {
            self.decoded.set(self.decoded.get() + batch.len());
            Ok(batch.iter().map(|one| self.tone(part, one)).collect())
        }))
    }

    fn mark(&self, _: Part, _: usize) -> Option<String> {
        Some(self.mark.clone())
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

/// A training of three epochs.
struct Case {
    model: &'static str,
    /// Of `[FINETUNE]`.
    keys: String,
    more: usize,
    change: fn(&mut ModelConfig),
    train: fn(&mut SpeechModel),
    mark: &'static str,
    origin: &'static str,
}

/// What came of it.
struct Came {
    losses: Vec<f64>,
    trained: Trained,
    decoded: usize,
    /// Hits and misses of each epoch.
    epochs: Vec<(usize, usize)>,
}

impl Came {
    fn frozen(&self) -> &FrozenRecord {
        self.trained.frozen.as_ref().expect("something is frozen")
    }
}

fn noisy(config: &mut ModelConfig) {
    config.hidden_dropout = 0.1;
    config.attention_dropout = 0.1;
    config.activation_dropout = 0.1;
    config.feat_proj_dropout = 0.1;
    config.layerdrop = 0.2;
    config.apply_spec_augment = true;
    config.mask_time_prob = 0.3;
    config.mask_time_length = 2;
}

fn quiet(config: &mut ModelConfig) {
    config.hidden_dropout = 0.0;
    config.attention_dropout = 0.0;
    config.activation_dropout = 0.0;
    config.feat_proj_dropout = 0.0;
    config.layerdrop = 0.0;
    config.apply_spec_augment = false;
}

fn case(model: &'static str, train: fn(&mut SpeechModel)) -> Case {
    Case {
        model,
        keys: String::new(),
        more: 320,
        change: noisy,
        train,
        mark: "",
        origin: "weights",
    }
}

fn lora(model: &mut SpeechModel) {
    let lora = Lora {
        rank: 2,
        alpha: 2.0,
        targets: LoraTarget::ALL.to_vec(),
        dropout: 0.1,
    };
    model.add_low_rank(&lora, 1, 1).expect("a layer");
}

fn experiment(keys: &str) -> Experiment {
    let text = format!(
        "[EXP]\nroot = .\nname = once\nepochs = 3\n[DATA]\ndatabases = ['d']\nd = d.csv\nd.type = csv\n\
         target = label\n[FEATS]\ntype = []\n[MODEL]\ntype = finetune\n[FINETUNE]\npretrained_model = model\n\
         batch_size = 3\ngradient_accumulation = 1\nlearning_rate = 0.01\n{keys}"
    );
    let checked = config::check(&text, &Memory::default(), Mode::Text);
    let valid = checked.experiment;
    valid.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

impl Case {
    fn model(&self, experiment: &Experiment) -> SpeechModel {
        let checkpoint = Checkpoint::open(&Disk, &format!("{ROOT}/{}/model", self.model));
        let checkpoint = checkpoint.expect("a model");
        let mut config = checkpoint.config.clone();
        (self.change)(&mut config);
        let head = experiment.tuning.head.over(None);
        let loaded = SpeechModel::load(
            &checkpoint,
            &config,
            &head,
            &[0, 1],
            HeadStart::New,
            3,
            &Device::flex(),
        );
        let mut model = loaded.expect("readable").0;
        (self.train)(&mut model);
        model
    }

    fn cut(&self) -> Option<Cut> {
        self.model(&experiment(&self.keys)).cut()
    }

    fn run(&self, store: Option<&Store<'_>>) -> Came {
        let experiment = experiment(&self.keys);
        let mut model = self.model(&experiment);
        let world = World {
            more: self.more,
            decoded: Cell::new(0),
            events: RefCell::default(),
            mark: self.mark.to_owned(),
        };
        let utterances = |part: &str, count: usize| -> Vec<Utterance> {
            let utterance = |index: usize| Utterance {
                file: format!("{part}{index}.wav"),
                name: format!("{part}{index}.wav"),
                start: 0.0,
                end: None,
                database: "d".into(),
                speaker: None,
                gender: None,
                label: Some(Label::Class(index % 2)),
                columns: Default::default(),
            };
            (0..count).map(utterance).collect()
        };
        let seconds = |count: usize| -> Vec<f64> {
            let seconds = |clip| world.samples(clip) as f64 / 16_000.0;
            (0..count).map(seconds).collect()
        };
        let labels = ["a".to_owned(), "b".to_owned()];
        let (clips, chosen) = (utterances("train", CLIPS[0]), utterances("dev", CLIPS[1]));
        let (clip_seconds, chosen_seconds) = (seconds(CLIPS[0]), seconds(CLIPS[1]));
        let transform = TargetTransform::default();
        let training = Training {
            experiment: &experiment,
            train: &clips,
            train_seconds: &clip_seconds,
            dev: &chosen,
            dev_seconds: &chosen_seconds,
            dev_part: Part::Dev,
            labels: &labels,
            transform: &transform,
            class_weights: None,
            extractor: FeatureExtractor::default(),
            device: Device::flex(),
            device_name: "CPU".into(),
            run: 0,
            origin: self.origin.to_owned(),
            store,
        };
        let mut keep = KeepNothing;
        let done = train(&mut model, &training, &world, &mut keep, None);
        let trained = pollster::block_on(done).expect("it trains");
        let decoded = world.decoded.get();
        let events = world.events.into_inner();
        let losses = events.iter().filter_map(|event| match event {
            Event::Step { loss, .. } | Event::Evaluation { loss, .. } => Some(*loss),
            _ => None,
        });
        let epochs = events.iter().filter_map(|event| match event {
            Event::Frozen { hits, misses, .. } => Some((*hits, *misses)),
            _ => None,
        });
        Came {
            losses: losses.collect(),
            epochs: epochs.collect(),
            trained,
            decoded,
        }
    }
}

/// The greatest difference of two rows of losses, as a share of a loss.
fn difference(one: &Came, other: &Came) -> f64 {
    assert_eq!(one.losses.len(), other.losses.len());
    // Three steps and an evaluation in each of three epochs.
    assert_eq!(one.losses.len(), 12);
    let pairs = one.losses.iter().zip(&other.losses);
    pairs.fold(0.0, |most, (a, b)| most.max((a - b).abs() / b.abs()))
}

#[test]
fn losses_are_the_same_and_later_epochs_compute_nothing_below_the_cut() {
    let all: usize = CLIPS.iter().sum();
    let cases = [
        // Padding in the batch, which the norm of this kind doesn't see.
        (
            case("wav2vec2_large", |model| {
                model.set_trained(true, 1).expect("layers")
            }),
            Cut::Features,
        ),
        // Clips of one length: the norm over time sees padding.
        (
            Case {
                more: 0,
                ..case("wav2vec2_base", |model| {
                    model.set_trained(true, 0).expect("layers")
                })
            },
            Cut::Features,
        ),
        (
            Case {
                keys: "recompute = True\n".to_owned(),
                ..case("wavlm_large", |model| {
                    model.set_trained(true, 0).expect("layers");
                    model.freeze_below(1).expect("layers");
                })
            },
            Cut::Layer(1),
        ),
        (
            case("hubert_large", |model| {
                lora(model);
                model.freeze_below(1).expect("layers");
            }),
            Cut::Layer(1),
        ),
        // Nothing is random, so that nothing need be hushed.
        (
            Case {
                change: quiet,
                ..case("wav2vec2_large", lora)
            },
            Cut::Layer(1),
        ),
        // The head alone.
        (
            Case {
                more: 0,
                ..case("wavlm_base", |model| {
                    model.set_trained(true, 0).expect("layers");
                    model.freeze_below(2).expect("layers");
                })
            },
            Cut::Layer(2),
        ),
        // A head that sees all layers.
        (
            Case {
                keys: "layer_pooling = weighted\n".to_owned(),
                change: quiet,
                ..case("wav2vec2_large", lora)
            },
            Cut::Layer(0),
        ),
    ];
    for (case, cut) in cases {
        let what = format!("{} {}", case.model, case.keys);
        assert_eq!(case.cut(), Some(cut), "{what}");
        let plain = case.run(None);
        let store = Store::new(ROOM, None);
        let kept = case.run(Some(&store));
        let most = difference(&kept, &plain);
        assert!(most < 2e-5, "{what}: losses differ by {most:.1e} of them");
        assert_eq!(kept.epochs, [(0, all), (all, 0), (all, 0)], "{what}");
        assert_eq!((plain.decoded, kept.decoded), (3 * all, all), "{what}");
        let frozen = kept.frozen();
        assert_eq!(
            (frozen.bits, frozen.hits, frozen.misses),
            (32, 2 * all, all)
        );
        assert!(frozen.memory > 0 && frozen.memory <= ROOM.memory);
        // Another run finds all of it.
        assert_eq!(case.run(Some(&store)).frozen().misses, 0, "{what}");
        let scores = |came: &Came| came.trained.best.predictions.predictions.len();
        assert_eq!(scores(&plain), scores(&kept));
    }
}

#[test]
fn half_precision_stays_near_and_is_the_same_however_much_of_it_is_kept() {
    for train in [
        (|model| model.set_trained(true, 0).expect("layers")) as fn(&mut SpeechModel),
        |model| {
            model.set_trained(true, 0).expect("layers");
            model.freeze_below(1).expect("layers");
        },
    ] {
        let case = Case {
            keys: "cache = f16\n".to_owned(),
            ..case("wav2vec2_large", train)
        };
        let plain = case.run(None);
        let whole = case.run(Some(&Store::new(ROOM, None)));
        assert_eq!(whole.frozen().bits, 16);
        let most = difference(&whole, &plain);
        assert!(most > 0.0 && most < 5e-3, "{most:.1e}");
        // Room for about half of the clips, as `auto` sees it.
        let auto = Case {
            keys: "cache = auto\n".to_owned(),
            ..case
        };
        let room = Room {
            memory: whole.frozen().memory / 2,
            file: 0,
        };
        let part = auto.run(Some(&Store::new(room, None)));
        assert_eq!(part.frozen().bits, 16);
        assert!(part.frozen().memory <= room.memory && part.frozen().memory > 0);
        assert!(part.frozen().hits > 0 && part.frozen().misses > whole.frozen().misses);
        assert_eq!(part.losses, whole.losses);
    }
}

#[test]
fn what_the_numbers_depend_on_is_in_their_keys() {
    let frozen: fn(&mut SpeechModel) = |model| model.set_trained(true, 0).expect("layers");
    let usual = || case("wav2vec2_large", frozen);
    let store = Store::new(ROOM, None);
    usual().run(Some(&store));
    let all: usize = CLIPS.iter().sum();
    let misses = |case: Case| case.run(Some(&store)).frozen().misses;
    assert_eq!(misses(usual()), 0);
    for (what, other) in [
        (
            "weights",
            Case {
                origin: "other weights",
                ..usual()
            },
        ),
        (
            "files",
            Case {
                mark: "changed",
                ..usual()
            },
        ),
        (
            "the model's shape",
            Case {
                change: |config| config.layer_norm_eps = 1e-4,
                ..usual()
            },
        ),
        (
            "what is frozen",
            Case {
                train: |model| {
                    model.set_trained(true, 0).expect("layers");
                    model.freeze_below(0).expect("layers");
                },
                ..usual()
            },
        ),
        (
            "half precision",
            Case {
                keys: "cache = f16\n".to_owned(),
                ..usual()
            },
        ),
        (
            "the longest stretch",
            Case {
                keys: "max_duration = 4\n".to_owned(),
                ..usual()
            },
        ),
    ] {
        assert_eq!(misses(other), all, "{what}");
    }
}

#[test]
fn what_is_other_each_time_is_not_kept() {
    let frozen: fn(&mut SpeechModel) = |model| model.set_trained(true, 0).expect("layers");
    let usual = || case("wav2vec2_large", frozen);
    // Clips of 0.1 s and more, and the limit lies between them: the longer ones are cropped anew.
    let cropped = Case {
        keys: "crop = random\nmax_duration = 0.15\n".to_owned(),
        ..usual()
    };
    let long = (0..CLIPS[0])
        .filter(|clip| 1600 + 320 * clip > 2400)
        .count();
    assert!(long > 0 && long < CLIPS[0]);
    let all: usize = CLIPS.iter().sum();
    let came = cropped.run(Some(&Store::new(ROOM, None)));
    let later = (all - long, long);
    assert_eq!(came.epochs, [(0, all), later, later]);

    // With changes only what is chosen on is the same each time.
    let changed = Case {
        keys: "augment_noise = [10, 30]\n".to_owned(),
        ..usual()
    };
    let came = changed.run(Some(&Store::new(ROOM, None)));
    let later = (CLIPS[1], 0);
    assert_eq!(came.epochs, [(0, CLIPS[1]), later, later]);

    // Nothing is frozen, or nothing is to be kept.
    let trained: fn(&mut SpeechModel) = |model| model.set_trained(false, 0).expect("layers");
    assert_eq!(case("wav2vec2_large", trained).cut(), None);
    for case in [
        case("wav2vec2_large", trained),
        Case {
            keys: "cache = off\n".to_owned(),
            ..usual()
        },
    ] {
        let came = case.run(Some(&Store::new(ROOM, None)));
        assert!(came.trained.frozen.is_none());
        assert_eq!(came.decoded, 3 * all);
    }
}
