//! Clips to logits, in batches of similar length.

use crate::{
    model::SpeechModel,
    train::{Clip, Evaluator, TrainError},
};
use burn::tensor::Device;

/// Mean logits over the clips of each row, in the order of `rows`. `None` if `go_on`, which is called
/// with the number of clips of each batch that is done, says so.
///
/// `model` is [`SpeechModel::evaluation`]'s.
///
/// # Errors
/// The device failed.
pub async fn logits(
    model: &SpeechModel,
    evaluator: &Evaluator,
    rows: &[Vec<Clip>],
    device: &Device,
    go_on: &mut dyn FnMut(usize) -> bool,
) -> Result<Option<Vec<Vec<f32>>>, TrainError> {
    let mut clips: Vec<(usize, &Clip)> = rows
        .iter()
        .enumerate()
        .flat_map(|(row, clips)| clips.iter().map(move |clip| (row, clip)))
        .collect();
    // The longest first: a lack of memory shows at once, and little is padded.
    clips.sort_by_key(|(_, clip)| std::cmp::Reverse(clip.len()));
    let mut sums: Vec<Vec<f32>> = vec![Vec::new(); rows.len()];
    for batch in clips.chunks(evaluator.batch_size.max(1)) {
        let waves: Vec<Clip> = batch.iter().map(|(_, clip)| Clip::clone(clip)).collect();
        let found = evaluator.batch(model, &waves, device).await?;
        for ((row, _), values) in batch.iter().zip(found) {
            let sum = &mut sums[*row];
            sum.resize(values.len(), 0.0);
            sum.iter_mut().zip(values).for_each(|(sum, x)| *sum += x);
        }
        if !go_on(batch.len()) {
            return Ok(None);
        }
    }
    for (sum, clips) in sums.iter_mut().zip(rows) {
        let count = clips.len().max(1) as f32;
        sum.iter_mut().for_each(|value| *value /= count);
    }
    Ok(Some(sums))
}
