//! Parameters by name: one walk over the model serves loading, saving, freezing and the optimiser.

use burn::tensor::{Device, Tensor, TensorData};

/// Values from which on a tensor is handed to the device at once.
const LARGE: usize = 32 << 10;

/// A parameter of some rank, borrowed for a change.
pub enum ParamMut<'a> {
    /// `[N]`
    D1(&'a mut Tensor<1>),
    /// `[N, M]`
    D2(&'a mut Tensor<2>),
    /// `[N, M, K]`
    D3(&'a mut Tensor<3>),
    /// `[N, M, K, L]`
    D4(&'a mut Tensor<4>),
}

/// Calls `$body` with the tensor of whatever rank as `$tensor`.
#[macro_export]
#[doc(hidden)]
macro_rules! with_param {
    ($param:expr, $tensor:ident => $body:expr) => {
        match $param {
            $crate::model::ParamMut::D1($tensor) => $body,
            $crate::model::ParamMut::D2($tensor) => $body,
            $crate::model::ParamMut::D3($tensor) => $body,
            $crate::model::ParamMut::D4($tensor) => $body,
        }
    };
}

/// A tensor of the device.
///
/// A device takes what it is given when a number of calls have come together: until then the program holds it, so that of
/// a model a good part would wait. Small tensors may.
pub(crate) fn on_device<const D: usize>(
    values: Vec<f32>,
    shape: [usize; D],
    device: &Device,
) -> Tensor<D> {
    let is_large = values.len() >= LARGE;
    let tensor = Tensor::from_data(TensorData::new(values, shape), device);
    if is_large {
        // A device that fails here says so to whoever reads from it next.
        let _ = device.flush();
    }
    tensor
}

impl ParamMut<'_> {
    /// The tensor's shape.
    #[must_use]
    pub fn shape(&self) -> Vec<usize> {
        with_param!(self, tensor => tensor.dims().to_vec())
    }

    /// Number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape().iter().product()
    }

    /// Whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether gradients are kept for it.
    #[must_use]
    pub fn is_trained(&self) -> bool {
        with_param!(self, tensor => tensor.is_require_grad())
    }

    /// Replaces the values, which are as many as before, row by row. Gradients are not kept.
    pub fn fill(self, values: Vec<f32>) {
        with_param!(self, tensor => {
            let device = tensor.device().inner();
            *tensor = on_device(values, tensor.dims(), &device);
        });
    }

    /// As [`Self::fill`], but gradients are kept as before.
    pub fn refill(self, values: Vec<f32>) {
        with_param!(self, tensor => {
            let device = tensor.device().inner();
            let trained = tensor.is_require_grad();
            let new = on_device(values, tensor.dims(), &device);
            *tensor = if trained { new.autodiff().require_grad() } else { new };
        });
    }

    /// Starts or stops keeping gradients. A parameter without them is a plain constant, so that
    /// nothing is recorded for operations on constants alone.
    pub fn set_trained(&mut self, trained: bool) {
        with_param!(self, tensor => tensor.inplace(|t| {
            let t = t.inner();
            if trained { t.autodiff().require_grad() } else { t }
        }));
    }
}

/// What a walk over the parameters calls with each name (the reference's) and parameter.
pub type Visitor<'a> = dyn FnMut(&str, ParamMut<'_>) + 'a;

/// Something that has parameters.
pub trait Parameters {
    /// Calls `visit` with every parameter in a fixed order; names start with `prefix`.
    fn visit(&mut self, prefix: &str, visit: &mut Visitor<'_>);
}

/// `prefix.name`, or `name` at the root.
#[must_use]
pub(super) fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}
