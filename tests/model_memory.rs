//! Weights come to the device tensor by tensor: what the program holds of them besides is never the file.

mod graphics;

use burn::tensor::Device;
use peak_alloc::PeakAlloc;
use shared::{
    audio::FeatureExtractor,
    checkpoint::{Checkpoint, ModelConfig, TensorView, model_files},
    config::{DeviceChoice, HeadActivation, HeadConfig, HeadStyle, LayerPooling, Pooling},
    files::Disk,
    model::{HeadStart, SpeechModel},
    train::open_device,
};
use std::fs::{self, File};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const SHAPE: &str = r#"{"model_type": "wav2vec2", "hidden_size": 384, "num_hidden_layers": 8,
    "num_attention_heads": 6, "intermediate_size": 1536, "conv_dim": [128, 128, 128, 128, 128, 128, 128]}"#;
/// Bytes besides: what is read at a time, names and shapes, what the driver is told.
const BESIDES: usize = 6 << 20;

fn head() -> HeadConfig {
    HeadConfig {
        style: HeadStyle::Nkululeko,
        layers: None,
        activation: HeadActivation::Tanh,
        pooling: Pooling::Mean,
        layer_pooling: LayerPooling::Last,
        drop: 0.0,
    }
}

fn main() {
    graphics::run([(
        "a_checkpoint_is_never_held_as_a_whole",
        a_checkpoint_is_never_held_as_a_whole,
    )])
}

/// One after the other, since the heap is one.
fn a_checkpoint_is_never_held_as_a_whole() {
    on_the_processor();
    on_a_card();
}

/// A model's tensors lie in the heap themselves.
fn on_the_processor() {
    let (peak, largest, all) = loaded(&Device::flex());
    assert!(
        peak < all + 2 * largest + BESIDES,
        "{peak} bytes for {all}, of which the largest tensor has {largest}"
    );
}

/// A card's memory is not the program's.
fn on_a_card() {
    let (device, _) =
        pollster::block_on(open_device(DeviceChoice::Vulkan(0))).expect("a Vulkan device");
    // What the device needs for its first work is not the checkpoint's.
    device.sync().expect("a device that works");
    let (peak, largest, all) = loaded(&device);
    assert!(
        peak < 2 * largest + BESIDES,
        "{peak} bytes for {all}, of which the largest tensor has {largest}"
    );
}

/// Bytes of the heap at most while a checkpoint is loaded, of its largest tensor, and of all of them.
fn loaded(device: &Device) -> (usize, usize, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("UTF-8").to_owned();
    let config = ModelConfig::from_json(SHAPE, "config.json").expect("a model");
    // The file is of a model that is gone.
    let (largest, all) = {
        let model = SpeechModel::random(&config, &head(), 2, 1, &Device::flex());
        let tensors = pollster::block_on(model.tensors()).expect("readable");
        let views: Vec<TensorView<'_>> = tensors
            .iter()
            .map(|tensor| TensorView {
                name: &tensor.name,
                shape: &tensor.shape,
                values: &tensor.values,
            })
            .collect();
        let extractor = FeatureExtractor::default().to_json();
        for file in model_files(&config, &extractor, &views).expect("a model folder") {
            let mut out = File::create(folder.path().join(file.name)).expect("a new file");
            file.write_to(&mut out).expect("room");
        }
        let sizes = tensors.iter().map(|tensor| tensor.values.len() * 4);
        (sizes.clone().max().unwrap_or(0), sizes.sum::<usize>())
    };
    let file = fs::metadata(folder.path().join("model.safetensors")).expect("weights");
    assert!(file.len() as usize >= all);

    let checkpoint = Checkpoint::open(&Disk, &path).expect("a checkpoint");
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let loaded = SpeechModel::load(
        &checkpoint,
        &config,
        &head(),
        &[0, 1],
        HeadStart::New,
        1,
        device,
    );
    let (model, _) = loaded.expect("readable");
    let peak = HEAP.peak_usage() - before;
    assert!(all > 2 * (2 * largest + BESIDES), "too small to tell");
    // They are there, all the same.
    let tensors = pollster::block_on(model.additions()).expect("readable");
    assert!(tensors.is_empty());
    assert!(model.count().0 * 4 >= all);
    eprintln!("{peak} bytes of the heap for {all}, of which the largest tensor has {largest}");
    (peak, largest, all)
}
