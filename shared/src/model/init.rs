//! Where parameters start that no checkpoint gives, by the reference's rules.

use super::config::ModelConfig;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Draws the start of parameter `name`: linear weights and embeddings N(0, `initializer_range`),
/// convolutions He-normal, the position convolution N(0, 2/√(K C)), the projection
/// U(±1/√C), the mask embedding U(0, 1), norms 1 and 0, gates and layer weights as created.
pub(super) fn draw(
    name: &str,
    shape: &[usize],
    config: &ModelConfig,
    rng: &mut ChaCha8Rng,
) -> Option<Vec<f32>> {
    let len: usize = shape.iter().product();
    let fan_in: usize = shape.iter().skip(1).product();
    let mut normal =
        |std: f64| -> Vec<f32> { (0..len).map(|_| (gauss(rng) * std) as f32).collect() };
    let is_weight = name.ends_with(".weight");
    if name.contains("layer_norm") || name == "layer_weights" || name.ends_with("gru_rel_pos_const")
    {
        None
    } else if name.ends_with("masked_spec_embed") {
        Some((0..len).map(|_| rng.random::<f32>()).collect())
    } else if name.ends_with("original1") {
        Some(normal(2.0 / ((shape[2] * shape[1]) as f64).sqrt()))
    } else if name.contains("conv_layers") && is_weight {
        Some(normal((2.0 / fan_in as f64).sqrt()))
    } else if name.contains("feature_projection.projection") || name.contains("conv_layers") {
        let channels = config.conv_dim.last().copied().unwrap_or(1);
        let bound = (channels as f64).sqrt().recip();
        Some(
            (0..len)
                .map(|_| (rng.random_range(-bound..bound)) as f32)
                .collect(),
        )
    } else if is_weight {
        Some(normal(config.initializer_range))
    } else {
        None
    }
}

/// A draw from N(0, 1) by Box and Muller.
fn gauss(rng: &mut ChaCha8Rng) -> f64 {
    let u: f64 = 1.0 - rng.random::<f64>();
    let v: f64 = rng.random();
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}
