//! The factor by which a loss is multiplied so that small gradients are not 0 in half precision
//! (Micikevicius et al. 2018), found while training goes on, as PyTorch's `GradScaler` does.

use crate::config::Precision;

/// Steps without an infinity after which the factor is doubled.
const PATIENCE: u32 = 2000;
/// Below this something else is wrong than the format's range.
const LEAST: f64 = 1.0 / 65_536.0;

/// A factor that is halved where gradients are not finite, and doubled after 2000 good steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossScale {
    /// The factor.
    pub factor: f64,
    /// Good steps since it changed.
    pub good: u32,
}

impl LossScale {
    /// Where a run begins; `None` for formats with the range of single precision.
    #[must_use]
    pub fn start(precision: Precision) -> Option<Self> {
        (precision == Precision::F16).then_some(Self {
            factor: 65_536.0,
            good: 0,
        })
    }

    /// After a step whose gradients were finite.
    pub fn succeed(&mut self) {
        self.good += 1;
        if self.good >= PATIENCE {
            *self = Self {
                factor: self.factor * 2.0,
                good: 0,
            };
        }
    }

    /// After a step whose gradients were not; false if no factor would help.
    #[must_use]
    pub fn fail(&mut self) -> bool {
        *self = Self {
            factor: self.factor / 2.0,
            good: 0,
        };
        self.factor >= LEAST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_falls_at_once_and_rises_slowly() {
        assert!(LossScale::start(Precision::Bf16).is_none());
        let mut scale = LossScale::start(Precision::F16).unwrap();
        assert!(scale.fail());
        assert_eq!(scale.factor, 32_768.0);
        for _ in 0..PATIENCE - 1 {
            scale.succeed();
        }
        assert_eq!(scale.factor, 32_768.0);
        scale.succeed();
        assert_eq!((scale.factor, scale.good), (65_536.0, 0));
        let falls = (0..100).take_while(|_| scale.fail()).count();
        assert_eq!(falls, 32);
    }
}
