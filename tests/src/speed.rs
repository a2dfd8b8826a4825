//! How long a model takes on a device: the forward pass, and a whole step of training.

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use shared::{
    checkpoint::Checkpoint,
    config::{HeadActivation, HeadConfig, HeadStyle, LayerPooling, LossKind, Pooling},
    files::Files,
    model::{HeadStart, Noise, SpeechModel, Waves},
    train::{AdamW, Loss, Optimizer, Rates, Targets},
};

/// Milliseconds of each repetition, the first ones with whatever is compiled and allocated in them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Samples to logits.
    pub forward: Vec<f64>,
    /// Loss, gradients of all but the convolutional encoder, and the parameters changed.
    pub step: Vec<f64>,
}

/// Numbers between -1 and 1, as a normalised clip has them.
fn clip(samples: usize, device: &Device) -> Waves {
    let values = (0..samples).map(|i| (i as f32 * 0.37).sin() * (i as f32 * 0.011).cos());
    let data = TensorData::new(values.collect::<Vec<f32>>(), [1, samples]);
    Waves {
        samples: Tensor::from_data(data, device),
        lengths: None,
    }
}

/// Measures the model in `folder`, with a new head of four outputs, on one clip of `samples` samples; `now` gives
/// milliseconds. Each repetition ends when its result can be read.
///
/// # Errors
/// The model cannot be read, or the device failed.
pub async fn measure(
    files: &dyn Files,
    folder: &str,
    (samples, repetitions): (usize, usize),
    device: &Device,
    now: &dyn Fn() -> f64,
) -> Result<Figures, String> {
    let checkpoint = Checkpoint::open(files, folder).map_err(|error| error.to_string())?;
    let head = HeadConfig {
        style: HeadStyle::Nkululeko,
        layers: None,
        activation: HeadActivation::Tanh,
        pooling: Pooling::Mean,
        layer_pooling: LayerPooling::Last,
        drop: 0.1,
    };
    let loaded = SpeechModel::load(
        &checkpoint,
        &checkpoint.config,
        &head,
        &[0, 1, 2, 3],
        HeadStart::New,
        1,
        device,
    );
    let (mut model, _) = loaded.map_err(|error| error.to_string())?;
    model
        .set_trained(true, 0)
        .map_err(|error| error.to_string())?;
    let mut figures = Figures::default();

    let evaluation = model.evaluation();
    for _ in 0..repetitions {
        let begun = now();
        let logits = evaluation.evaluate(clip(samples, device));
        read(logits.reshape([4])).await?;
        figures.forward.push(now() - begun);
    }
    let loss = Loss::new(LossKind::Cross, None, 0.0);
    let targets = Targets::Classes(vec![1]);
    let mut optimizer = Optimizer::new(AdamW::default());
    for micro in 0..repetitions {
        let begun = now();
        let mut noise = Noise::seeded(1, micro as u64);
        let (value, gradients) =
            model.gradients(clip(samples, device), &mut noise, false, |logits| {
                loss.forward(logits, &targets)
            });
        optimizer.accumulate(&mut model, gradients);
        let norm = optimizer.gradient_norm();
        let rates = Rates {
            encoder: 1e-5,
            head: 1e-5,
        };
        optimizer.step(&mut model, rates, norm);
        read(value).await?;
        figures.step.push(now() - begun);
    }
    Ok(figures)
}

async fn read(x: Tensor<1>) -> Result<(), String> {
    let data = x.into_data_async().await;
    data.map(|_| ()).map_err(|error| format!("{error:?}"))
}
