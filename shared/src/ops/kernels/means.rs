//! What a device can be trusted with.

use burn::backend::DType;
use burn_cubecl::{
    cubecl::{ir::features::Plane, prelude::*, server::CubeCountSelection},
    ops::numeric::empty_device_contiguous_dtype,
    tensor::CubeTensor,
};

/// How kernels are laid out on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ops) struct Means {
    /// Whether matrix products are ours instead of the library's.
    pub(in crate::ops) own_products: bool,
    /// Whether units of a cube may work together.
    pub(super) shared_memory: bool,
    /// Whether a kernel may name eight tensors: WebGPU promises eight buffers, of which the library needs one.
    pub(in crate::ops) eight_tensors: bool,
}

impl Means {
    /// Those of the device that `tensor` lives on.
    ///
    /// The library's products want plane operations, which no browser gives yet, and pick their
    /// tiles by trying, which takes longer there than the work. The software adapter SwiftShader
    /// miscomputes what CubeCL's SPIR-V keeps in shared memory; what the browser makes of our
    /// kernels it computes rightly.
    pub(in crate::ops) fn of(tensor: &CubeTensor) -> Self {
        let properties = tensor.client.properties();
        let software = properties.identity.physical.is_none();
        let native = cfg!(not(target_arch = "wasm32"));
        Self {
            own_products: software || !properties.features.plane.contains(Plane::Ops),
            shared_memory: !(software && native),
            eight_tensors: properties.hardware.max_bindings >= 8,
        }
    }

    /// Units that share a row of `width` elements: a power of two.
    pub(super) fn lanes(self, width: usize) -> usize {
        if self.shared_memory {
            // Sixteen elements or more for each unit, while there are not too many to look at one another.
            width.div_ceil(16).next_power_of_two().min(16)
        } else {
            1
        }
    }
}

/// Whether the kernels take the tensor: they compute in f32.
pub(in crate::ops) fn is_f32(tensor: &CubeTensor) -> bool {
    tensor.dtype == DType::F32
}

/// A tensor of the same kind, laid out row by row, with no values yet.
pub(super) fn empty_like(tensor: &CubeTensor, shape: &[usize]) -> CubeTensor {
    empty_device_contiguous_dtype(
        tensor.client.clone(),
        tensor.device.clone(),
        shape.to_vec().into(),
        tensor.dtype,
    )
}

/// Cubes for `count` pieces of work, one each.
pub(super) fn cubes(tensor: &CubeTensor, count: usize) -> CubeCount {
    CubeCountSelection::new(&tensor.client, count as u32).cube_count()
}
