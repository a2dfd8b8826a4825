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
    /// Whether three products that belong together have a kernel of their own. A browser compiles for a software adapter
    /// anew at each start, and for longer than a step takes: there a launch more is better than a kernel more.
    pub(in crate::ops) fuses: bool,
}

impl Means {
    /// Those of the device that `tensor` lives on.
    ///
    /// The library's products want plane operations, which no browser gives yet, and pick their
    /// tiles by trying, which takes longer there than the work.
    ///
    /// Shared memory gains nothing on a processor, and the software adapter SwiftShader fares ill with it: it miscomputes
    /// what CubeCL's SPIR-V keeps there, and of a browser's kernels, which begin by clearing it, it compiles a store for
    /// each number, so that a product of 8 KiB takes it a second and a half to compile, and a sixth of that without.
    pub(in crate::ops) fn of(tensor: &CubeTensor) -> Self {
        let properties = tensor.client.properties();
        let software = properties.identity.physical.is_none();
        Self {
            own_products: software || !properties.features.plane.contains(Plane::Ops),
            shared_memory: !software,
            eight_tensors: properties.hardware.max_bindings >= 8,
            fuses: !(software && cfg!(target_arch = "wasm32")),
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
