//! The random state of training: dropout, `LayerDrop` and `SpecAugment` draw from here alone.
//!
//! Everything is drawn on the host from one seeded stream, so that a run is the same on every
//! device, and a resumed run needs nothing but the seed and the number of the micro-batch.

use burn::tensor::{Device, Tensor, TensorData};
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Off in evaluation; a seeded stream in training.
#[derive(Debug, Clone)]
pub struct Noise(Option<ChaCha8Rng>);

impl Noise {
    /// Evaluation: nothing is dropped.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }

    /// Training: the stream of micro-batch `micro` of the run with `seed`.
    #[must_use]
    pub fn seeded(seed: u64, micro: u64) -> Self {
        // Other streams of the seed itself order the clips.
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ u64::from_le_bytes(*b"dropouts"));
        rng.set_stream(micro);
        Self(Some(rng))
    }

    /// Whether the model is in training.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// One draw from [0, 1); `None` in evaluation.
    pub fn uniform(&mut self) -> Option<f64> {
        self.0.as_mut().map(Rng::random)
    }

    /// The stream itself; `None` in evaluation.
    pub fn rng(&mut self) -> Option<&mut impl Rng> {
        self.0.as_mut()
    }

    /// Sets elements to 0 with probability `p` and divides the others by 1 - p (Srivastava et al.
    /// 2014, inverted). `p` is resolved to 1/65536.
    pub fn dropout<const D: usize>(&mut self, x: Tensor<D>, p: f64) -> Tensor<D> {
        match self.kept(x.dims(), p, &x.device().inner()) {
            Some(kept) => x * kept,
            None => x,
        }
    }

    /// The factors by which [`Self::dropout`] multiplies; `None` where nothing is dropped.
    pub fn kept<const D: usize>(
        &mut self,
        shape: [usize; D],
        p: f64,
        device: &Device,
    ) -> Option<Tensor<D>> {
        let rng = self.0.as_mut().filter(|_| p > 0.0)?;
        Some(keep_mask(rng, shape, p, device))
    }
}

fn keep_mask<const D: usize>(
    rng: &mut ChaCha8Rng,
    shape: [usize; D],
    p: f64,
    device: &Device,
) -> Tensor<D> {
    let len: usize = shape.iter().product();
    let mut bytes = vec![0_u8; len * 2];
    rng.fill_bytes(&mut bytes);
    // A draw below the threshold drops, so that p = 1 drops all.
    let threshold = (p * 65536.0).round() as u32;
    let kept = (1.0 / (1.0 - p)) as f32;
    let mask: Vec<f32> = bytes
        .chunks_exact(2)
        .map(|pair| {
            let draw = u32::from(u16::from_le_bytes([pair[0], pair[1]]));
            if draw < threshold { 0.0 } else { kept }
        })
        .collect();
    Tensor::from_data(TensorData::new(mask, shape), device)
}
