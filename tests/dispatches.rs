//! How many kernels a transformer layer needs for a step: in a browser each launch costs more than
//! most of what it computes.

mod graphics;

use burn::tensor::Device;
use burn_cubecl::cubecl::logging::{LaunchObservation, LaunchObserver};
use shared::{
    checkpoint::{Checkpoint, ModelConfig},
    config::DeviceChoice,
    files::Disk,
    model::{Noise, SpeechModel},
    train::open_device,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tests::{
    parity::Case,
    steps::{Training, head},
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/parity");

/// Launches by kernel.
#[derive(Default)]
struct Count(Mutex<BTreeMap<String, i64>>);

impl LaunchObserver for Count {
    fn launched(&self, kernel: &'static str) {
        let mut counts = self.0.lock().expect("nobody panics while counting");
        *counts.entry(kernel.to_owned()).or_default() += 1;
    }
}

type Counts = BTreeMap<String, i64>;

fn counted<R>(work: impl FnOnce() -> R) -> (R, Counts) {
    let count = Arc::new(Count::default());
    let watching = LaunchObservation::new(count.clone());
    let result = work();
    drop(watching);
    let counts = count
        .0
        .lock()
        .expect("nobody panics while counting")
        .clone();
    (result, counts)
}

/// Launches of loss and gradients, and of the optimiser's step, in training with dropout.
fn step(case: &Case, config: &ModelConfig, device: &Device) -> [Counts; 2] {
    let model = SpeechModel::random(config, &head(), 3, 1, device);
    let mut training = Training::of(model, vec![0, 1]);
    let waves = case.inputs.waves("train", &device.clone().inner());
    let mut noise = Noise::seeded(1, 1);
    let ((_, gradients), passes) = counted(|| training.gradients(waves, &mut noise));
    let ((), update) = counted(|| training.update(gradients));
    [passes, update]
}

/// What a third layer adds.
fn of_a_layer(family: &str, dropout: f64, device: &Device) -> [Counts; 2] {
    let case = Case::open(&Disk, ROOT, family);
    let checkpoint = Checkpoint::open(&Disk, &format!("{ROOT}/{family}/model")).expect("a model");
    let mut config = checkpoint.config.clone();
    config.hidden_dropout = dropout;
    config.attention_dropout = dropout;
    config.activation_dropout = dropout;
    let [two, three] = [2, 3].map(|layers| {
        config.num_hidden_layers = layers;
        step(&case, &config, device)
    });
    let [passes, update] = [0, 1].map(|part| {
        let mut more: Counts = three[part].clone();
        for (kernel, count) in &two[part] {
            *more.entry(kernel.clone()).or_default() -= count;
        }
        more.retain(|_, count| *count != 0);
        more
    });
    [passes, update]
}

fn main() {
    graphics::run([("a_layer_takes_few_launches", a_layer_takes_few_launches)])
}

fn a_layer_takes_few_launches() {
    let (device, info) =
        pollster::block_on(open_device(DeviceChoice::Vulkan(0))).expect("a Vulkan device");
    for (family, dropout, most) in [
        ("wav2vec2_base", 0.0, 31),
        ("wav2vec2_base", 0.1, 32),
        ("wav2vec2_large", 0.1, 37),
        ("wavlm_base", 0.1, 39),
    ] {
        let [passes, update] = of_a_layer(family, dropout, &device);
        let sum = |counts: &Counts| counts.values().sum::<i64>();
        eprintln!(
            "{family}, dropout {dropout}, on {}: {} launches a layer forward and backward, {} of the optimiser\n{passes:#?}\n{update:#?}",
            info.name,
            sum(&passes),
            sum(&update),
        );
        assert!(sum(&passes) <= most, "{family}: more than {most}");
        // Two for each of the layer's parameters, and two at the first step, which makes the moments.
        assert!(sum(&update) <= 4 * 19, "{family}");
    }
}
