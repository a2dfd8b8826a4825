//! Loss and gradients, with the transformer layers either kept or computed twice (Chen et al. 2016).
//!
//! Computed twice, a layer keeps its input and the random state before it instead of everything
//! that its gradients need. The sums and their order are the same in both ways.

use super::{
    Input, Noise, ParamMut, Parameters, SpeechModel, attention::ScoreBias, layer::EncoderLayer,
};
use crate::with_param;
use burn::tensor::{Gradients, Tensor};

/// A layer that was passed without a record.
struct Passed {
    input: Tensor<3>,
    /// The random state before it; `None` for a layer that was dropped.
    noise: Option<Noise>,
}

impl SpeechModel {
    /// The loss that `loss` makes of the logits, and the gradients of all trained parameters.
    ///
    /// With `recompute` the transformer layers are computed a second time in the backward pass.
    pub fn gradients(
        &mut self,
        input: impl Into<Input>,
        noise: &mut Noise,
        recompute: bool,
        loss: impl FnOnce(Tensor<2>) -> Tensor<1>,
    ) -> (Tensor<1>, Gradients) {
        if recompute {
            return self.recomputed(input.into(), noise, loss);
        }
        let loss = loss(self.forward(input, noise));
        (loss.clone().inner(), loss.backward())
    }

    fn recomputed(
        &mut self,
        input: Input,
        noise: &mut Noise,
        loss: impl FnOnce(Tensor<2>) -> Tensor<1>,
    ) -> (Tensor<1>, Gradients) {
        let encoder = &self.encoder;
        let all = self.head.needs_all_states();
        let below = encoder.begin(input, noise);
        let first = below.first;
        let (x, bias) = (below.x.clone(), below.bias.clone());

        let plain = ScoreBias {
            padding: bias.padding.clone(),
            position: bias.position.clone().map(Tensor::inner),
        };
        let mut passed = Vec::with_capacity(encoder.layers().len());
        let mut top = x.clone().inner();
        for (i, layer) in encoder.layers().iter().enumerate().skip(first) {
            let input = top.clone();
            let before = (!encoder.drops_layer(i, noise)).then(|| noise.clone());
            if before.is_some() {
                let layer = without_record(layer);
                top = encoder.hush(Some(i), noise, |noise| layer.forward(top, &plain, noise));
            }
            passed.push(Passed {
                input,
                noise: before,
            });
        }

        // Above the layers; what stands below is where gradients of their inputs are asked for.
        let leaf = |x: Tensor<3>| x.autodiff().require_grad();
        let mut states: Vec<Tensor<3>> = Vec::new();
        if all {
            states.extend(passed.iter().map(|one| leaf(one.input.clone())));
        }
        let top = leaf(top);
        states.push(top.clone());
        let last = encoder.above(top.clone());
        let hidden = below.hidden(states.clone(), last);
        let loss = loss(self.logits(hidden, noise));
        let mut gradients = loss.backward();
        let value = loss.inner();

        let below_is_trained = x.is_tracked();
        let position_is_trained = bias.position.as_ref().is_some_and(Tensor::is_tracked);
        let lowest = if below_is_trained || position_is_trained {
            first
        } else {
            self.first_trained_layer()
        };
        let mut gradient = top.grad_remove(&mut gradients);
        let mut of_position: Option<Tensor<3>> = None;
        let numbered = (first..).zip(passed).skip(lowest.saturating_sub(first));
        let numbered: Vec<(usize, Passed)> = numbered.collect();
        for (i, Passed { input, noise }) in numbered.into_iter().rev() {
            let Some(above) = gradient.take() else { break };
            let asks = below_is_trained || i > lowest;
            let mut own = above.clone();
            if let Some(mut noise) = noise {
                let input = if asks { leaf(input) } else { input };
                let position = bias.position.clone().map(|position| {
                    let position = position.inner();
                    if position_is_trained {
                        position.autodiff().require_grad()
                    } else {
                        position
                    }
                });
                let bias = ScoreBias {
                    padding: bias.padding.clone(),
                    position: position.clone(),
                };
                let layer = &self.encoder.layers()[i];
                let y = self.encoder.hush(Some(i), &mut noise, |noise| {
                    layer.forward(input.clone(), &bias, noise)
                });
                let mut found = (y * above).sum().backward();
                move_gradients(layer, &mut found, &mut gradients);
                let found_position = position.and_then(|leaf| leaf.grad_remove(&mut found));
                of_position = match (found_position, of_position) {
                    (Some(new), Some(sum)) => Some(new + sum),
                    (new, sum) => new.or(sum),
                };
                if !asks {
                    break;
                }
                match input.grad_remove(&mut found) {
                    Some(found) => own = found,
                    None => break,
                }
            }
            let of_state = all
                .then(|| states[i - first].grad_remove(&mut gradients))
                .flatten();
            gradient = Some(match of_state {
                Some(of_state) => own + of_state,
                None => own,
            });
        }

        let mut ends = Vec::new();
        if let Some(gradient) = gradient.filter(|_| below_is_trained) {
            ends.push((x * gradient).sum());
        }
        if let (Some(position), Some(gradient)) = (bias.position, of_position) {
            ends.push((position * gradient).sum());
        }
        if let Some(end) = ends.into_iter().reduce(|sum, end| sum + end) {
            let mut found = end.backward();
            self.encoder.visit("", &mut |_, param| {
                move_gradient(param, &mut found, &mut gradients);
            });
        }
        (value, gradients)
    }

    fn first_trained_layer(&self) -> usize {
        let is_trained = |layer: &EncoderLayer| {
            let mut trained = false;
            let mut layer = layer.clone();
            layer.visit("", &mut |_, param| trained |= param.is_trained());
            trained
        };
        let layers = self.encoder.layers();
        layers.iter().position(is_trained).unwrap_or(layers.len())
    }
}

/// The same layer on constants: nothing is recorded.
fn without_record(layer: &EncoderLayer) -> EncoderLayer {
    let mut layer = layer.clone();
    layer.visit("", &mut |_, mut param| param.set_trained(false));
    layer
}

fn move_gradients(layer: &EncoderLayer, from: &mut Gradients, to: &mut Gradients) {
    let mut layer = layer.clone();
    layer.visit("", &mut |_, param| move_gradient(param, from, to));
}

fn move_gradient(param: ParamMut<'_>, from: &mut Gradients, to: &mut Gradients) {
    with_param!(param, tensor => {
        if tensor.is_require_grad()
            && let Some(gradient) = tensor.grad_remove(from)
        {
            tensor.grad_replace(to, gradient);
        }
    });
}
