//! The memory of a graphics card over many steps of ever other lengths: what an allocator keeps for reuse must
//! not grow with each new size.

mod graphics;

use burn::tensor::{Device, Distribution, Tensor};
use shared::{
    checkpoint::Checkpoint,
    config::DeviceChoice,
    files::Disk,
    model::{Noise, SpeechModel, Waves},
    train::open_device,
};
use std::ops::RangeInclusive;
use tests::steps::{Training, head};

/// Clips in a batch.
const BATCH: usize = 2;
/// Samples of the longest clip.
const LONGEST: usize = 8_000;
/// Steps after which all is expected to have been reserved that is ever needed.
const WARM: usize = 50;
/// Steps in all.
const STEPS: usize = 500;

fn main() {
    graphics::run([(
        "it_stays_the_same_over_many_steps",
        it_stays_the_same_over_many_steps,
    )])
}

/// A batch whose longest clip has a length of its own at each step.
fn batch(step: usize, device: &Device) -> Waves {
    // A multiplier of a full period over all lengths, so that hardly any comes twice.
    let shortest = 1_500;
    let spread = LONGEST - shortest;
    let long = shortest + step * 7_919 % spread;
    let longest = if step.is_multiple_of(50) {
        LONGEST
    } else {
        long
    };
    Waves {
        samples: Tensor::random([BATCH, longest], Distribution::Normal(0.0, 1.0), device),
        lengths: Some(vec![longest, longest * 3 / 4]),
    }
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn it_stays_the_same_over_many_steps() {
    let (device, info) =
        pollster::block_on(open_device(DeviceChoice::Vulkan(0))).expect("a Vulkan device");
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/parity/wav2vec2_base/model"
    );
    let config = Checkpoint::open(&Disk, folder).expect("a model").config;
    let model = SpeechModel::random(&config, &head(), 3, 1, &device);
    let mut training = Training::of(model, vec![0, 1]);
    let mut noise = Noise::seeded(1, 1);
    let mut reserved = Vec::with_capacity(STEPS);
    for step in 0..STEPS {
        let waves = batch(step, &device.clone().inner());
        let (value, gradients) = training.gradients(waves, &mut noise);
        training.update(gradients);
        // The one readback of a step.
        let _ = value.into_data();
        let pools = device.memory_pool_usage().expect("a card has pools");
        reserved.push((pools.bytes_reserved, pools.bytes_in_use));
        if step.is_multiple_of(50) {
            eprintln!(
                "step {step}: {:.1} MB reserved, {:.1} MB in use",
                megabytes(pools.bytes_reserved),
                megabytes(pools.bytes_in_use)
            );
        }
    }
    let most = |steps: RangeInclusive<usize>| {
        let steps = &reserved[steps];
        steps
            .iter()
            .map(|(reserved, _)| *reserved)
            .max()
            .unwrap_or(0)
    };
    let (early, late) = (most(0..=WARM - 1), most(WARM..=STEPS - 1));
    eprintln!(
        "reserved on {}: at most {:.1} MB in the first {WARM} steps, {:.1} MB in the next {}; in use after the last {:.1} MB",
        info.name,
        megabytes(early),
        megabytes(late),
        STEPS - WARM,
        megabytes(reserved[STEPS - 1].1)
    );
    let first = reserved[WARM].1;
    let last = reserved[STEPS - 1].1;
    assert!(
        last <= first + first / 20,
        "in use: {first}, then {last} bytes"
    );
    assert!(
        late <= early + early / 10,
        "reserved: {early}, then {late} bytes"
    );
}
