//! How long a model takes on a device: the forward pass, and a whole step of training.

use crate::steps::{Training, head};
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use shared::{
    checkpoint::Checkpoint,
    files::Files,
    model::{HeadStart, Noise, SpeechModel, Waves},
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
    let loaded = SpeechModel::load(
        &checkpoint,
        &checkpoint.config,
        &head(),
        &[0, 1, 2, 3],
        HeadStart::New,
        1,
        device,
    );
    let (model, _) = loaded.map_err(|error| error.to_string())?;
    let mut training = Training::of(model, vec![1]);
    let mut figures = Figures::default();

    let evaluation = training.model.evaluation();
    for _ in 0..repetitions {
        let begun = now();
        let logits = evaluation.evaluate(clip(samples, device));
        read(logits.reshape([4])).await?;
        figures.forward.push(now() - begun);
    }
    for micro in 0..repetitions {
        let begun = now();
        let mut noise = Noise::seeded(1, micro as u64);
        let (value, gradients) = training.gradients(clip(samples, device), &mut noise);
        training.update(gradients);
        read(value).await?;
        figures.step.push(now() - begun);
    }
    Ok(figures)
}

async fn read(x: Tensor<1>) -> Result<(), String> {
    let data = x.into_data_async().await;
    data.map(|_| ()).map_err(|error| format!("{error:?}"))
}
