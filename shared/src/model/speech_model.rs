//! Encoder and head as one: loaded from a checkpoint, frozen in parts, saved again.

use super::{
    Encoder, Head, Hidden, Input, ModelError, Noise, Parameters, Visitor,
    config::{Checkpoint, ModelConfig},
    init,
    low_rank::is_addition,
};
use crate::{
    config::{HeadConfig, Lora, Precision},
    with_param,
};
use burn::tensor::{Device, Tensor};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The prefix of the encoder's names beside a head, whatever the family (Nkululeko's).
const ENCODER: &str = "wav2vec2";

/// What loading did besides copying.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Encoder parameters that the checkpoint lacks and that start from a draw.
    pub drawn: Vec<String>,
    /// What of the head is the checkpoint's.
    pub head: HeadStart,
}

/// How much of a head begins as the checkpoint's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HeadStart {
    /// Nothing: it is drawn.
    #[default]
    New,
    /// All but the output layer, which is drawn.
    Hidden,
    /// All of it.
    Whole,
}

/// A parameter's name, shape and values.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Nkululeko's name.
    pub name: String,
    /// Sizes, outermost first.
    pub shape: Vec<usize>,
    /// Row by row.
    pub values: Vec<f32>,
}

/// An encoder with a head.
#[derive(Debug, Clone)]
pub struct SpeechModel {
    /// The speech encoder.
    pub encoder: Encoder,
    /// The head.
    pub head: Head,
}

impl SpeechModel {
    /// Loads the encoder from `checkpoint`, and its head as far as it fits and `wanted` says; what is
    /// new of a head is drawn from `seed`.
    ///
    /// Of a whole head `order` says which of the checkpoint's outputs each output is.
    ///
    /// # Errors
    /// Missing encoder tensors, shapes that disagree with `config.json`, unreadable files.
    #[allow(
        clippy::too_many_arguments,
        reason = "each is something else, and callers name them all"
    )]
    pub fn load(
        checkpoint: &Checkpoint<'_>,
        config: &ModelConfig,
        head: &HeadConfig,
        order: &[usize],
        wanted: HeadStart,
        seed: u64,
        device: &Device,
    ) -> Result<(Self, LoadReport), ModelError> {
        let mut model = Self::zeros(config, head, order.len(), device);
        let head = model.clone().head;
        let start = model.fitting(checkpoint, order, wanted);
        let mut report = LoadReport {
            head: start,
            ..LoadReport::default()
        };
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut failure = None;
        model.visit("", &mut |name, param| {
            if failure.is_some() {
                return;
            }
            let shape = param.shape();
            let (key, is_head) = match name.strip_prefix("wav2vec2.") {
                Some(key) => (key, false),
                None => (name, true),
            };
            let is_output = is_head && head.is_output(name);
            let is_new = is_head
                && match start {
                    HeadStart::New => true,
                    HeadStart::Hidden => is_output,
                    HeadStart::Whole => false,
                };
            // The checkpoint has seen to it that nothing of the encoder is missing but what the
            // reference draws as well.
            if checkpoint.shape(key).is_none() || is_new {
                if let Some(values) = init::draw(name, &shape, config, &mut rng) {
                    param.fill(values);
                }
                if !is_head {
                    report.drawn.push(key.to_owned());
                }
                return;
            }
            match checkpoint.read_f32(key) {
                Ok(values) if is_output => {
                    let width = shape.iter().skip(1).product::<usize>();
                    let row = |&index: &usize| &values[index * width..][..width];
                    param.fill(order.iter().flat_map(row).copied().collect());
                }
                Ok(values) => param.fill(values),
                Err(error) => failure = Some(error.into()),
            }
        });
        match failure {
            Some(error) => Err(error),
            None => Ok((model, report)),
        }
    }

    /// How much of the head of `wanted` has the shapes of the checkpoint's.
    fn fitting(
        &mut self,
        checkpoint: &Checkpoint<'_>,
        order: &[usize],
        wanted: HeadStart,
    ) -> HeadStart {
        let head = self.head.clone();
        let (mut hidden, mut output) = (true, true);
        self.head.visit("head", &mut |name, param| {
            let found = checkpoint.shape(name);
            if head.is_output(name) {
                output &= found.is_some_and(|found| {
                    let rows = found.first().copied().unwrap_or(0);
                    found.get(1..) == param.shape().get(1..)
                        && order.iter().all(|&index| index < rows)
                });
            } else {
                hidden &= found.is_some_and(|found| found == param.shape());
            }
        });
        match wanted {
            HeadStart::Whole if hidden && output => HeadStart::Whole,
            HeadStart::Whole | HeadStart::Hidden if hidden => HeadStart::Hidden,
            _ => HeadStart::New,
        }
    }

    /// A model whose every parameter is drawn from `seed` by the reference's rules.
    #[must_use]
    pub fn random(
        config: &ModelConfig,
        head: &HeadConfig,
        outputs: usize,
        seed: u64,
        device: &Device,
    ) -> Self {
        let mut model = Self::zeros(config, head, outputs, device);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        model.visit("", &mut |name, param| {
            if let Some(values) = init::draw(name, &param.shape(), config, &mut rng) {
                param.fill(values);
            }
        });
        model
    }

    fn zeros(config: &ModelConfig, head: &HeadConfig, outputs: usize, device: &Device) -> Self {
        Self {
            encoder: Encoder::new(config, device),
            head: Head::new(
                head,
                config.hidden_size,
                config.num_hidden_layers,
                outputs,
                device,
            ),
        }
    }

    /// Freezes the encoder, and gives the transformer layers from `freeze_layers` on low-rank
    /// additions to train, whose start is drawn from `seed`. The head is trained.
    ///
    /// # Errors
    /// `freeze_layers` leaves no layer.
    pub fn add_low_rank(
        &mut self,
        config: &Lora,
        freeze_layers: usize,
        seed: u64,
    ) -> Result<(), ModelError> {
        self.check_freeze(freeze_layers)?;
        // Another stream than that of a new head.
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ u64::from_le_bytes(*b"low rank"));
        self.encoder.add_low_rank(config, freeze_layers, &mut rng);
        self.visit("", &mut |name, mut param| {
            let frozen = name.starts_with("wav2vec2.") && !is_addition(name);
            param.set_trained(!frozen);
        });
        Ok(())
    }

    /// The same model with all low-rank additions added to their weights, without gradients.
    #[must_use]
    pub fn merged(&self) -> Self {
        let mut model = self.evaluation();
        model.encoder.merge();
        model
    }

    /// The parameters of the low-rank additions, by the names that [`Self::tensors`] would have;
    /// empty without any.
    ///
    /// # Errors
    /// The device failed.
    pub async fn additions(&self) -> Result<Vec<Stored>, ModelError> {
        self.read(is_addition).await
    }

    /// Freezes all that stands below layer `first`, and has it run as in evaluation, also in training: its
    /// output is then the same each time. Of as many layers as there are, only the head is trained.
    ///
    /// What is above, and low-rank additions, stay as they are.
    ///
    /// # Errors
    /// There are not so many layers.
    pub fn freeze_below(&mut self, first: usize) -> Result<(), ModelError> {
        let config = self.encoder.config();
        let (depth, stable) = (config.num_hidden_layers, config.do_stable_layer_norm);
        if first > depth {
            return Err(ModelError::Freeze {
                asked: first,
                depth: depth + 1,
            });
        }
        self.visit("", &mut |name, mut param| {
            let Some(name) = name.strip_prefix("wav2vec2.") else {
                return;
            };
            let frozen = match layer_of(name) {
                Some(layer) => layer < first,
                // The norm of the stable kind stands above the layers.
                None => !(stable && name.starts_with("encoder.layer_norm.")),
            };
            if frozen {
                param.set_trained(false);
            }
        });
        self.encoder.set_still(first);
        Ok(())
    }

    fn check_freeze(&self, asked: usize) -> Result<(), ModelError> {
        let depth = self.encoder.config().num_hidden_layers;
        if asked >= depth {
            return Err(ModelError::Freeze { asked, depth });
        }
        Ok(())
    }

    /// Chooses what is trained: everything, but for the convolutional encoder if `freeze_cnn` and
    /// the first `freeze_layers` transformer layers.
    ///
    /// # Errors
    /// `freeze_layers` leaves no layer.
    pub fn set_trained(
        &mut self,
        freeze_cnn: bool,
        freeze_layers: usize,
    ) -> Result<(), ModelError> {
        self.check_freeze(freeze_layers)?;
        self.visit("", &mut |name, mut param| {
            let layer = name.strip_prefix("wav2vec2.").and_then(layer_of);
            let frozen = (freeze_cnn && name.starts_with("wav2vec2.feature_extractor."))
                || layer.is_some_and(|index| index < freeze_layers);
            param.set_trained(!frozen);
        });
        Ok(())
    }

    /// Sets the format of the encoder's products in training; weights stay in single precision.
    pub fn set_precision(&mut self, precision: Precision) {
        self.encoder.set_precision(precision);
    }

    /// The model without any record for gradients and with products in single precision, for
    /// evaluation. Tensors are shared, not copied.
    #[must_use]
    pub fn evaluation(&self) -> Self {
        let mut model = self.clone();
        model.set_precision(Precision::F32);
        model.visit("", &mut |_, mut param| param.set_trained(false));
        model
    }

    /// Waves, or what was kept of them, to logits `[B, K]`.
    pub fn forward(&self, input: impl Into<Input>, noise: &mut Noise) -> Tensor<2> {
        let hidden = self
            .encoder
            .forward(input, self.head.needs_all_states(), noise);
        self.logits(hidden, noise)
    }

    /// Waves, or what was kept of them, to logits `[B, K]` for evaluation: those of a row are the same in
    /// every batch.
    #[must_use]
    pub fn evaluate(&self, input: impl Into<Input>) -> Tensor<2> {
        let all = self.head.needs_all_states();
        let hidden = match input.into() {
            Input::Waves(waves) => self.encoder.evaluate(waves, all),
            kept => self.encoder.forward(kept, all, &mut Noise::off()),
        };
        self.logits(hidden, &mut Noise::off())
    }

    /// Hidden states to logits `[B, K]`.
    pub fn logits(&self, hidden: Hidden, noise: &mut Noise) -> Tensor<2> {
        let frames = hidden.frames;
        let pooled = self.head.pool_layers(&hidden.states, hidden.last);
        self.head
            .forward(self.head.pool_time(pooled, frames.as_deref()), noise)
    }

    /// Numbers of all and of trained parameters.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        let (mut all, mut trained) = (0, 0);
        self.clone().visit("", &mut |_, param| {
            all += param.len();
            trained += if param.is_trained() { param.len() } else { 0 };
        });
        (all, trained)
    }

    /// Every parameter by the names that Nkululeko and Hugging Face use.
    ///
    /// # Errors
    /// The device failed.
    pub async fn tensors(&self) -> Result<Vec<Stored>, ModelError> {
        self.read(|_| true).await
    }

    /// The head's parameters by their names.
    ///
    /// # Errors
    /// The device failed.
    pub async fn head_tensors(&self) -> Result<Vec<Stored>, ModelError> {
        self.read(|name| !name.starts_with(ENCODER)).await
    }

    async fn read(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<Stored>, ModelError> {
        let mut pending = Vec::new();
        self.clone().visit("", &mut |name, param| {
            if !wanted(name) {
                return;
            }
            let shape = param.shape();
            let read = with_param!(param, tensor => {
                let flat: Tensor<1> = tensor.clone().inner().reshape([shape.iter().product::<usize>()]);
                flat
            });
            pending.push((name.to_owned(), shape, read));
        });
        let mut tensors = Vec::with_capacity(pending.len());
        for (name, shape, tensor) in pending {
            let values = read_back(tensor)
                .await
                .map_err(|detail| ModelError::Readback {
                    name: name.clone(),
                    detail,
                })?;
            tensors.push(Stored {
                name,
                shape,
                values,
            });
        }
        Ok(tensors)
    }
}

/// The layer that a parameter of the encoder belongs to.
pub(super) fn layer_of(name: &str) -> Option<usize> {
    let rest = name.strip_prefix("encoder.layers.")?;
    rest.split('.').next()?.parse().ok()
}

impl Parameters for SpeechModel {
    fn visit(&mut self, prefix: &str, visit: &mut Visitor<'_>) {
        self.encoder
            .visit(&super::params::join(prefix, ENCODER), visit);
        self.head.visit(&super::params::join(prefix, "head"), visit);
    }
}

/// The elements of a tensor, row by row.
pub(crate) async fn read_back<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, String> {
    let data = tensor
        .into_data_async()
        .await
        .map_err(|error| error.to_string())?;
    data.try_into_vec::<f32>()
        .map_err(|error| format!("{error:?}"))
}
