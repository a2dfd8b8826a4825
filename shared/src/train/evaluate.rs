//! A model's predictions for a part.

use super::{
    Clip, ClipRequest, Frozen, Loss, Surroundings, Targets, TrainError, Training, collate,
    frozen::Feed,
};
use crate::{
    audio::{FeatureExtractor, Window, window_count},
    data::{Label, Part, Utterance},
    model::{Input, ModelError, SpeechModel, read_back},
    protocol::Event,
    report::{Prediction, PredictionSet, metrics, table_units},
};
use burn::tensor::{Device, Tensor, TensorData};
use indexmap::IndexMap;

/// How clips are put to the model when nothing is trained.
#[derive(Debug, Clone)]
pub struct Evaluator {
    /// Clips in a batch.
    pub batch_size: usize,
    /// Longest stretch that the model sees at once, in seconds.
    pub max_duration: f64,
    /// Windows of a longer clip whose logits are averaged.
    pub windows: usize,
    /// As the checkpoint says.
    pub extractor: FeatureExtractor,
}

impl Evaluator {
    /// Batches of clips of similar length, longest first: a lack of memory shows at once, and
    /// little is padded.
    #[must_use]
    pub fn plan(&self, seconds: &[f64]) -> Vec<Vec<ClipRequest>> {
        let mut requests: Vec<ClipRequest> = Vec::new();
        for (utterance, length) in seconds.iter().enumerate() {
            let count = window_count(*length, self.max_duration, self.windows);
            requests.extend((0..count).map(|index| ClipRequest {
                utterance,
                window: Window::Even { index, count },
                draw: None,
            }));
        }
        requests.sort_by(|a, b| seconds[b.utterance].total_cmp(&seconds[a.utterance]));
        requests
            .chunks(self.batch_size.max(1))
            .map(<[ClipRequest]>::to_vec)
            .collect()
    }

    /// Logits of one batch, row by row; `model` records no gradients.
    pub(crate) async fn batch(
        &self,
        model: &SpeechModel,
        clips: &[Clip],
        device: &Device,
    ) -> Result<Vec<Vec<f32>>, TrainError> {
        let shortest = model.encoder.config().receptive_field();
        let waves = collate(clips, &self.extractor, shortest, device);
        self.logits(model, waves.into()).await
    }

    async fn logits(&self, model: &SpeechModel, input: Input) -> Result<Vec<Vec<f32>>, TrainError> {
        let logits = model.evaluate(input);
        let [_, width] = logits.dims();
        let values = read_back(logits)
            .await
            .map_err(|detail| ModelError::Readback {
                name: "logits".into(),
                detail,
            })?;
        Ok(values.chunks_exact(width).map(<[f32]>::to_vec).collect())
    }
}

/// What a model says of a part, and how right it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// In the order of the part.
    pub predictions: PredictionSet,
    /// As in training; NaN without labels.
    pub loss: f64,
    /// Measures by name, in the units of the table; empty without labels.
    pub metrics: IndexMap<String, Option<f64>>,
    /// The measure that the best state is chosen by, in the units of the table; `None` of
    /// another part than the one that is chosen on.
    pub value: Option<f64>,
}

impl Evaluation {
    /// The event that tells of it, for the run of `training`.
    #[must_use]
    pub fn event(
        &self,
        training: &Training<'_>,
        step: usize,
        epoch: f64,
        part: Part,
        best: bool,
    ) -> Event {
        Event::Evaluation {
            run: training.run,
            step,
            epoch,
            part,
            loss: self.loss,
            metrics: self.metrics.clone(),
            best,
            optimistic: part == Part::Test && part == training.dev_part,
        }
    }
}

/// Predicts the `utterances` of `part`, which are `seconds` long, and measures the predictions. What is
/// `frozen` is computed once a clip.
///
/// # Errors
/// A clip cannot be had, the device failed, or the logits are no numbers.
pub async fn evaluate(
    training: &Training<'_>,
    model: &SpeechModel,
    part: Part,
    utterances: &[Utterance],
    seconds: &[f64],
    world: &dyn Surroundings,
    frozen: Option<&Frozen<'_>>,
) -> Result<Evaluation, TrainError> {
    let evaluator = training.evaluator();
    let logits = predict_with(
        model,
        &evaluator,
        (part, seconds),
        world,
        &training.device,
        frozen,
        &mut |_| {},
    )
    .await?;
    let labelled =
        !utterances.is_empty() && utterances.iter().all(|utterance| utterance.label.is_some());
    let loss = if labelled {
        loss_of(&training.loss(), &logits, &targets(utterances.iter())).await?
    } else {
        f64::NAN
    };
    let predictions = prediction_set(utterances, seconds, logits, training.labels);
    let mut shown = predictions.clone();
    table_units(&mut shown, utterances, training.transform);
    let mut values = IndexMap::new();
    if labelled {
        for &measure in training.measures() {
            values.insert(
                measure.word().to_owned(),
                metrics::measure(&shown, measure)?,
            );
        }
    }
    let value = if part == training.dev_part {
        metrics::measure(&shown, training.experiment.tuning.measure)?
    } else {
        None
    };
    Ok(Evaluation {
        predictions,
        loss,
        metrics: values,
        value,
    })
}

/// Mean logits of every utterance of a part over its windows, in the order of the utterances, whose
/// lengths are `seconds`.
///
/// `tick` is called with the number of clips that are done.
///
/// # Errors
/// A clip cannot be had, or the device failed.
pub async fn predict(
    model: &SpeechModel,
    evaluator: &Evaluator,
    (part, seconds): (Part, &[f64]),
    world: &dyn Surroundings,
    device: &Device,
    tick: &mut dyn FnMut(usize),
) -> Result<Vec<Vec<f32>>, TrainError> {
    predict_with(model, evaluator, (part, seconds), world, device, None, tick).await
}

async fn predict_with(
    model: &SpeechModel,
    evaluator: &Evaluator,
    (part, seconds): (Part, &[f64]),
    world: &dyn Surroundings,
    device: &Device,
    frozen: Option<&Frozen<'_>>,
    tick: &mut dyn FnMut(usize),
) -> Result<Vec<Vec<f32>>, TrainError> {
    let model = model.evaluation();
    let mut sums: Vec<(Vec<f32>, f32)> = vec![(Vec::new(), 0.0); seconds.len()];
    let plan = evaluator.plan(seconds);
    let place = (&evaluator.extractor, device);
    let mut feed = Feed::new(world, frozen, &model, part, plan.clone(), place);
    for requests in plan {
        world.breathe().await;
        let Some(input) = feed.next(&model).await? else {
            break;
        };
        let rows = evaluator.logits(&model, input).await?;
        tick(rows.len());
        for (request, row) in requests.iter().zip(rows) {
            let (sum, count) = &mut sums[request.utterance];
            if sum.is_empty() {
                *sum = row;
            } else {
                sum.iter_mut()
                    .zip(row)
                    .for_each(|(sum, value)| *sum += value);
            }
            *count += 1.0;
        }
    }
    Ok(sums
        .into_iter()
        .map(|(sum, count)| {
            sum.into_iter()
                .map(|value| value / count.max(1.0))
                .collect()
        })
        .collect())
}

/// Logits and utterances, which are `seconds` long, to a set that can be measured.
#[must_use]
pub fn prediction_set(
    utterances: &[Utterance],
    seconds: &[f64],
    logits: Vec<Vec<f32>>,
    labels: &[String],
) -> PredictionSet {
    let predictions = utterances
        .iter()
        .zip(seconds)
        .zip(logits)
        .map(|((utterance, seconds), scores)| Prediction {
            file: utterance.name.clone(),
            start: utterance.start,
            end: Some(utterance.end.unwrap_or(utterance.start + seconds)),
            speaker: utterance.speaker.clone(),
            truth: utterance.label.map(|label| match label {
                Label::Class(class) => class as f64,
                Label::Value(value) => value,
            }),
            scores,
        })
        .collect();
    PredictionSet {
        labels: labels.to_vec(),
        predictions,
    }
}

/// What `utterances` are to be compared with; unlabelled ones have no place here.
#[must_use]
pub fn targets<'a>(utterances: impl Iterator<Item = &'a Utterance>) -> Targets {
    let mut classes = Vec::new();
    let mut values = Vec::new();
    for utterance in utterances {
        match utterance.label {
            Some(Label::Class(class)) => classes.push(class),
            Some(Label::Value(value)) => values.push(value as f32),
            None => {}
        }
    }
    if values.is_empty() {
        Targets::Classes(classes)
    } else {
        Targets::Values(values)
    }
}

/// The training loss over a whole part.
pub(super) async fn loss_of(
    loss: &Loss,
    logits: &[Vec<f32>],
    targets: &Targets,
) -> Result<f64, TrainError> {
    let width = logits.first().map_or(1, Vec::len);
    let data = TensorData::new(logits.concat(), [logits.len(), width]);
    let logits = Tensor::<2>::from_data(data, &Device::flex());
    let value = read_back(loss.forward(logits, targets))
        .await
        .map_err(|detail| ModelError::Readback {
            name: "loss".into(),
            detail,
        })?;
    Ok(f64::from(value[0]))
}
