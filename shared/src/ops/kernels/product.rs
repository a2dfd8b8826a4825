//! Batched matrix product without shared memory.
//!
//! The software adapter SwiftShader miscomputes whatever CubeCL's SPIR-V keeps in shared memory, and all of
//! the library's own products keep their tiles there. Real cards take the library's.

use burn_cubecl::{
    cubecl::{self, ir::ElemType, prelude::*, zspace::metadata::Metadata},
    ops::numeric::empty_device_dtype,
    tensor::CubeTensor,
};

/// Units along a side of a cube.
const SIDE: usize = 8;
/// Rows and columns of the result that a unit makes.
const EACH: usize = 4;
/// Rows and columns of the result that a cube makes.
const TILE: usize = SIDE * EACH;

/// `[A, B, M, K]` times `[A, B, K, N]`, with whatever strides.
#[cube(launch)]
fn product_kernel<F: Float>(
    lhs: &Tensor<F>,
    rhs: &Tensor<F>,
    out: &mut Tensor<F>,
    #[define(F)] _dtype: ElemType,
) {
    let terms = lhs.shape(3);
    let rows = out.shape(2);
    let columns = out.shape(3);
    let outer = CUBE_POS_Z as usize / out.shape(1);
    let inner = CUBE_POS_Z as usize % out.shape(1);
    let lhs_start = outer * lhs.stride(0) + inner * lhs.stride(1);
    let rhs_start = outer * rhs.stride(0) + inner * rhs.stride(1);

    let first_row = CUBE_POS_Y as usize * TILE + UNIT_POS_Y as usize * EACH;
    let first_column = CUBE_POS_X as usize * TILE + UNIT_POS_X as usize * EACH;

    let mut sums = Array::<F>::new(EACH * EACH);
    #[unroll]
    for i in 0..EACH * EACH {
        sums[i] = F::new(0.0_f32);
    }
    for t in 0..terms {
        #[unroll]
        for i in 0..EACH {
            let y = first_row + i;
            if y < rows {
                let left = lhs[lhs_start + y * lhs.stride(2) + t * lhs.stride(3)];
                #[unroll]
                for j in 0..EACH {
                    let x = first_column + j;
                    if x < columns {
                        sums[i * EACH + j] +=
                            left * rhs[rhs_start + t * rhs.stride(2) + x * rhs.stride(3)];
                    }
                }
            }
        }
    }

    let out_start = outer * out.stride(0) + inner * out.stride(1);
    let (row_stride, column_stride) = (out.stride(2), out.stride(3));
    #[unroll]
    for i in 0..EACH {
        #[unroll]
        for j in 0..EACH {
            let (y, x) = (first_row + i, first_column + j);
            if y < rows && x < columns {
                out[out_start + y * row_stride + x * column_stride] = sums[i * EACH + j];
            }
        }
    }
}

/// Whether `tensor` lives on a software adapter.
pub(in crate::ops) fn is_software(tensor: &CubeTensor) -> bool {
    tensor.client.properties().identity.physical.is_none()
}

/// Shape and strides with sizes of 1 before them, up to four axes.
fn four_axes(tensor: &mut CubeTensor) {
    let missing = 4 - tensor.meta.shape().num_dims();
    let mut shape = vec![1; missing];
    let mut strides = vec![0; missing];
    shape.extend(tensor.meta.shape().iter());
    strides.extend(tensor.meta.strides().iter());
    *tensor.meta = Metadata::new(shape, strides);
}

/// `[.., M, K]` times `[.., K, N]` of two to four axes, the leading ones being equal; any strides.
pub(in crate::ops) fn product(lhs: CubeTensor, rhs: CubeTensor) -> CubeTensor {
    let (mut lhs, mut rhs) = (lhs, rhs);
    let mut shape = lhs.meta.shape().clone();
    let rank = shape.num_dims();
    shape[rank - 1] = rhs.meta.shape()[rank - 1];
    let out = empty_device_dtype(
        lhs.client.clone(),
        lhs.device.clone(),
        shape.clone(),
        lhs.dtype,
    );
    let result = out.clone();
    let mut out = out;
    for tensor in [&mut lhs, &mut rhs, &mut out] {
        four_axes(tensor);
    }
    let sizes = out.meta.shape().clone();
    if sizes.num_elements() == 0 {
        return result;
    }
    let count = CubeCount::Static(
        sizes[3].div_ceil(TILE) as u32,
        sizes[2].div_ceil(TILE) as u32,
        (sizes[0] * sizes[1]) as u32,
    );
    let client = lhs.client.clone();
    let dtype = burn::backend::cubecl::dtype_to_storage_type(lhs.dtype);
    product_kernel::launch(
        &client,
        count,
        CubeDim::new_2d(SIDE as u32, SIDE as u32),
        lhs.into_tensor_arg(),
        rhs.into_tensor_arg(),
        out.into_tensor_arg(),
        dtype,
    );
    result
}
