//! The hyperbolic tangent on every device.

use burn::tensor::Tensor;

/// Beyond this tanh is 1 in f32.
const FLAT: f64 = 15.0;

/// tanh(x), element by element.
///
/// Some graphics devices compute it by exponentials, which are infinite from 88 on, and give NaN.
#[must_use]
pub fn tanh<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    x.clamp(-FLAT, FLAT).tanh()
}

#[cfg(test)]
mod tests {
    use super::tanh;
    use burn::tensor::{Device, Tensor};

    #[test]
    fn large_arguments_are_flat() {
        let device = Device::flex();
        let x = Tensor::<1>::from_floats([-300.0, -1.0, 0.5, 20.0, 300.0], &device)
            .autodiff()
            .require_grad();
        let y = tanh(x.clone());
        let grads = y.clone().sum().backward();
        let values: Vec<f32> = y.into_data().try_into_vec().unwrap();
        let slopes: Vec<f32> = x.grad(&grads).unwrap().into_data().try_into_vec().unwrap();
        for (i, x) in [-300.0_f64, -1.0, 0.5, 20.0, 300.0].into_iter().enumerate() {
            assert!((f64::from(values[i]) - x.tanh()).abs() < 1e-6, "tanh({x})");
            let slope = 1.0 - x.tanh().powi(2);
            assert!((f64::from(slopes[i]) - slope).abs() < 1e-6, "slope at {x}");
        }
    }
}
