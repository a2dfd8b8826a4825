//! Ranges: what no real model exceeds, and what the computation needs.

use super::{super::CheckpointError, Family, ModelConfig};

/// Widest layer. The widest published model (XLS-R 2B) has 1920, with 7680 in between.
pub(super) const WIDTH: usize = 65_536;
/// Deepest stack. The deepest published model has 48.
const DEPTH: usize = 512;
/// Most parameters. The largest published model (XLS-R 2B) has 2.2 thousand millions.
const PARAMETERS: u64 = 5_000_000_000;
const CONVOLUTIONS: usize = 32;
const KERNEL: usize = 4096;

impl ModelConfig {
    pub(super) fn error(&self, key: &str, reason: impl Into<String>) -> CheckpointError {
        CheckpointError::Config {
            path: self.path.clone(),
            key: key.to_owned(),
            reason: reason.into(),
        }
    }

    pub(super) fn within(
        &self,
        key: &str,
        value: usize,
        most: usize,
    ) -> Result<(), CheckpointError> {
        if (1..=most).contains(&value) {
            Ok(())
        } else {
            Err(self.error(key, format!("is {value}; it should be 1 to {most}")))
        }
    }

    pub(super) fn check(&self) -> Result<(), CheckpointError> {
        self.check_convolutions()?;
        self.check_transformer()?;
        self.check_rates()?;
        self.check_size()
    }

    /// Each size may be in its range and the whole still be beyond any memory.
    fn check_size(&self) -> Result<(), CheckpointError> {
        let values = self.tensors().iter().fold(0_u64, |sum, spec| {
            let count = spec
                .shape
                .iter()
                .fold(1_u64, |n, &side| n.saturating_mul(side as u64));
            sum.saturating_add(count)
        });
        if values > PARAMETERS {
            let reason = format!(
                "and the other sizes make a model of {values} parameters, more than the {PARAMETERS} \
                 that any published one has"
            );
            return Err(self.error("hidden_size", reason));
        }
        Ok(())
    }

    fn check_convolutions(&self) -> Result<(), CheckpointError> {
        self.within("conv_dim", self.conv_dim.len(), CONVOLUTIONS)?;
        for (key, list, most) in [
            ("conv_dim", &self.conv_dim, WIDTH),
            ("conv_kernel", &self.conv_kernel, KERNEL),
            ("conv_stride", &self.conv_stride, KERNEL),
        ] {
            if list.len() != self.conv_dim.len() {
                let reason = format!(
                    "has {} values, but conv_dim has {}",
                    list.len(),
                    self.conv_dim.len()
                );
                return Err(self.error(key, reason));
            }
            list.iter()
                .try_for_each(|&value| self.within(key, value, most))?;
        }
        let hop = self.conv_stride.iter().try_fold(1_usize, |hop, &stride| {
            hop.checked_mul(stride).filter(|&hop| hop <= 1 << 20)
        });
        match hop {
            Some(_) => Ok(()),
            None => Err(self.error("conv_stride", "makes one frame of more than 2^20 samples")),
        }
    }

    fn check_transformer(&self) -> Result<(), CheckpointError> {
        self.within("hidden_size", self.hidden_size, WIDTH)?;
        self.within("num_hidden_layers", self.num_hidden_layers, DEPTH)?;
        self.within(
            "num_attention_heads",
            self.num_attention_heads,
            self.hidden_size,
        )?;
        self.within("intermediate_size", self.intermediate_size, WIDTH)?;
        self.within(
            "num_conv_pos_embeddings",
            self.num_conv_pos_embeddings,
            KERNEL,
        )?;
        self.within(
            "num_conv_pos_embedding_groups",
            self.num_conv_pos_embedding_groups,
            self.hidden_size,
        )?;
        for (key, parts) in [
            ("num_attention_heads", self.num_attention_heads),
            (
                "num_conv_pos_embedding_groups",
                self.num_conv_pos_embedding_groups,
            ),
        ] {
            if !self.hidden_size.is_multiple_of(parts) {
                let reason = format!(
                    "is {parts}, which does not divide hidden_size {}",
                    self.hidden_size
                );
                return Err(self.error(key, reason));
            }
        }
        if self.family == Family::WavLm {
            self.within("num_buckets", self.num_buckets, WIDTH)?;
            if self.num_buckets < 4 || !self.num_buckets.is_multiple_of(2) {
                return Err(self.error(
                    "num_buckets",
                    format!("is {}; it should be even and at least 4", self.num_buckets),
                ));
            }
            // The logarithmic half of the buckets ends at the largest distance: it must lie beyond
            // the exact half.
            if self.max_bucket_distance <= self.num_buckets / 4 {
                let reason = format!(
                    "is {}; it should be more than a quarter of num_buckets {}",
                    self.max_bucket_distance, self.num_buckets
                );
                return Err(self.error("max_bucket_distance", reason));
            }
        }
        Ok(())
    }

    fn check_rates(&self) -> Result<(), CheckpointError> {
        for (key, rate) in [
            ("hidden_dropout", self.hidden_dropout),
            ("attention_dropout", self.attention_dropout),
            ("activation_dropout", self.activation_dropout),
            ("feat_proj_dropout", self.feat_proj_dropout),
            ("layerdrop", self.layerdrop),
            ("mask_time_prob", self.mask_time_prob),
            ("mask_feature_prob", self.mask_feature_prob),
        ] {
            if !(0.0..=1.0).contains(&rate) {
                return Err(self.error(key, format!("is {rate}; it should be 0 to 1")));
            }
        }
        for (key, value) in [
            ("layer_norm_eps", self.layer_norm_eps),
            ("initializer_range", self.initializer_range),
        ] {
            if !(value > 0.0 && value < 1.0) {
                return Err(
                    self.error(key, format!("is {value}; it should be above 0 and below 1"))
                );
            }
        }
        for (key, length, rate) in [
            (
                "mask_time_length",
                self.mask_time_length,
                self.mask_time_prob,
            ),
            (
                "mask_feature_length",
                self.mask_feature_length,
                self.mask_feature_prob,
            ),
        ] {
            // Where nothing is masked any length will do.
            if rate > 0.0 {
                self.within(key, length, WIDTH)?;
            }
        }
        Ok(())
    }
}
