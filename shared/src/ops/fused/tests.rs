//! The CPU's loops against the compositions, and gradients against differences.

use super::{
    SpeechOps, Window, gelu, layer_norm, portable, softmax, time_standard, window, window_product,
};
use burn::{
    backend::{Flex, flex::FlexTensor},
    tensor::{Device, Distribution, Tensor, TensorData},
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn draw(shape: &[usize], seed: u64) -> FlexTensor {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let len = shape.iter().product();
    let values: Vec<f32> = (0..len).map(|_| rng.random_range(-3.0..3.0)).collect();
    FlexTensor::from_data(TensorData::new(values, shape.to_vec()))
}

fn assert_near(a: FlexTensor, b: FlexTensor, what: &str) {
    let (a, b) = (
        a.into_data().try_into_vec::<f32>().unwrap(),
        b.into_data().try_into_vec::<f32>().unwrap(),
    );
    assert_eq!(a.len(), b.len(), "{what}");
    for (a, b) in a.iter().zip(&b) {
        assert!(
            (a - b).abs() <= 2e-6 + 2e-5 * b.abs(),
            "{what}: {a} is not {b}"
        );
    }
}

#[test]
fn loops_equal_compositions() {
    let x = draw(&[3, 5, 37], 1);
    let g = draw(&[3, 5, 37], 2);
    let (w, b) = (draw(&[37], 3), draw(&[37], 4));
    assert_near(
        Flex::exact_gelu(x.clone()),
        portable::gelu::<Flex>(x.clone()),
        "gelu",
    );
    assert_near(
        Flex::exact_gelu_grad(x.clone(), g.clone()),
        portable::gelu_grad::<Flex>(x.clone(), g.clone()),
        "gelu gradient",
    );
    let y = Flex::last_softmax(x.clone());
    assert_near(y.clone(), portable::softmax::<Flex>(x.clone()), "softmax");
    assert_near(
        Flex::last_softmax_grad(y.clone(), g.clone()),
        portable::softmax_grad::<Flex>(y, g.clone()),
        "softmax gradient",
    );
    assert_near(
        Flex::last_norm(x.clone(), w.clone(), b.clone(), 1e-5),
        portable::norm::<Flex>(x.clone(), w.clone(), b, 1e-5),
        "norm",
    );
    assert_near(
        Flex::time_standard(x.clone(), 1e-5),
        portable::time_standard::<Flex>(x.clone(), 1e-5),
        "standard over time",
    );
    assert_near(
        Flex::time_standard_grad(x.clone(), g.clone(), 1e-5),
        portable::time_standard_grad::<Flex>(x.clone(), g.clone(), 1e-5),
        "standard over time, gradient",
    );
    let (a, b) = (
        Flex::last_norm_grad(x.clone(), w.clone(), g.clone(), 1e-5),
        portable::norm_grad::<Flex>(x, w, g, 1e-5),
    );
    assert_near(a.0, b.0, "norm gradient of x");
    assert_near(a.1, b.1, "norm gradient of w");
    assert_near(a.2, b.2, "norm gradient of b");
}

#[test]
fn windows_equal_compositions_on_views_too() {
    for (kernel, stride, time) in [(10, 5, 53), (3, 2, 20), (2, 2, 9), (19, 1, 30), (33, 1, 40)] {
        let window = Window { kernel, stride };
        // A view whose elements do not lie in order.
        let x = draw(&[3, 2, time, 4], 5).transpose(0, 1);
        let w = draw(&[2, kernel * 4, 6], 6);
        let y = Flex::window_product(x.clone(), w.clone(), window);
        assert_near(
            y.clone(),
            window::product::<Flex>(x.clone(), w, window),
            "product",
        );
        let grad = draw(&[2, 3, window.positions(time), 6], 7);
        assert_near(
            Flex::window_weight_grad(x.clone(), grad.clone(), window),
            window::weight_grad::<Flex>(x, grad, window),
            "gradient of the weights",
        );
    }
}

/// (f(x + h) - f(x - h)) / 2h for every element of `x`, against the gradient.
fn check_gradient<const D: usize>(x: Tensor<D>, f: impl Fn(Tensor<D>) -> Tensor<1>, what: &str) {
    let x = x.autodiff().require_grad();
    let grads = f(x.clone()).backward();
    let found = x
        .grad(&grads)
        .unwrap()
        .into_data()
        .try_into_vec::<f32>()
        .unwrap();
    let values = x.clone().inner().into_data().try_into_vec::<f32>().unwrap();
    let h = 1e-2_f32;
    for i in 0..values.len() {
        let at = |change: f32| -> f64 {
            let mut values = values.clone();
            values[i] += change;
            let x = Tensor::<D>::from_data(TensorData::new(values, x.dims()), &Device::flex());
            f64::from(f(x).into_scalar::<f32>())
        };
        let slope = (at(h) - at(-h)) / (2.0 * f64::from(h));
        assert!(
            (f64::from(found[i]) - slope).abs() < 2e-2 * slope.abs().max(1.0),
            "{what} {i}: {} {slope}",
            found[i]
        );
    }
}

#[test]
fn gradients_are_slopes() {
    let device = Device::flex();
    let random =
        |shape: [usize; 3]| Tensor::<3>::random(shape, Distribution::Uniform(-1.0, 1.0), &device);
    let weights = random([1, 3, 5]);
    check_gradient(
        random([1, 3, 5]),
        |x| (gelu(x) * weights.clone()).sum(),
        "gelu",
    );
    check_gradient(
        random([1, 3, 5]),
        |x| (softmax(x) * weights.clone()).sum(),
        "softmax",
    );
    let (w, b) = (
        random([1, 1, 5]).reshape([5]),
        random([1, 1, 5]).reshape([5]),
    );
    let norm = |x, w, b| (layer_norm(x, w, b, 1e-5) * weights.clone()).sum();
    let x = random([1, 3, 5]);
    check_gradient(x.clone(), |x| norm(x, w.clone(), b.clone()), "norm x");
    check_gradient(w.clone(), |w| norm(x.clone(), w, b.clone()), "norm w");
    check_gradient(b.clone(), |b| norm(x.clone(), w.clone(), b), "norm b");
    let standard = |x| (time_standard(x, 1e-2) * weights.clone()).sum();
    check_gradient(x.clone(), standard, "standard over time");
    for (kernel, stride) in [(3, 2), (4, 1), (2, 2)] {
        let window = Window { kernel, stride };
        let x = random([2, 9, 2]).reshape([1, 2, 9, 2]);
        let w = random([1, kernel * 2, 3]);
        let out = random([2, window.positions(9), 3]).unsqueeze::<4>();
        check_gradient(
            x.clone(),
            |x| (window_product(x, w.clone(), window) * out.clone()).sum(),
            "window x",
        );
        check_gradient(
            w.clone(),
            |w| (window_product(x.clone(), w, window) * out.clone()).sum(),
            "window w",
        );
    }
}
