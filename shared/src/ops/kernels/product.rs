//! Batched matrix products, alone or with what usually follows them.
//!
//! Operands may have any strides, so that neither transposed views nor heads inside of frames nor
//! overlapping windows are ever copied.

use super::{
    accumulate::accumulate,
    means::Means,
    spread::{Spread, column_of, row_of},
    sums::{Sums, add_to_columns, begin, drop_first_row, of_first_row, row_sum_at},
    tile::tiles,
};
use burn_cubecl::{
    cubecl::{self, ir::ElemType, prelude::*, zspace::metadata::Metadata},
    kernel::into_contiguous,
    ops::numeric::{empty_device_contiguous_dtype, empty_device_dtype},
    tensor::CubeTensor,
};

/// `alpha` times the product of `[A, B, M, K]` and `[A, B, K, N]`, to which `bias` `[N]` is added before where there is one;
/// where `out` is `[A, 1, M, N]`, the products are summed over B first.
#[cube(launch)]
fn product_kernel<F: Float>(
    lhs: &Tensor<F>,
    rhs: &Tensor<F>,
    bias: &Tensor<F>,
    out: &mut Tensor<F>,
    alpha: f32,
    is_biased: u32,
    #[comptime] spread: Spread,
    #[define(F)] _dtype: ElemType,
) {
    let mut sums = begin(spread);
    let mut tiles = tiles::<F>(spread);
    let outer = CUBE_POS_Z as usize / out.shape(1);
    let inner = CUBE_POS_Z as usize % out.shape(1);
    for more in 0..lhs.shape(1) / out.shape(1) {
        let batch = inner + more;
        accumulate::<F>(
            lhs, lhs, lhs, rhs, rhs, rhs, &mut sums, &mut tiles, 0u32, outer, batch, spread,
        );
    }
    if is_biased == 1 {
        add_to_columns::<F>(&mut sums, bias, out.shape(3), spread);
    }
    write::<F>(&mut sums, out, outer, inner, alpha, spread);
}

/// Writes `alpha` times a unit's square; the columns of `out` lie side by side.
#[cube]
pub(super) fn write<F: Float>(
    sums: &mut Sums,
    out: &mut Tensor<F>,
    outer: usize,
    inner: usize,
    alpha: f32,
    #[comptime] spread: Spread,
) {
    let start = outer * out.stride(0) + inner * out.stride(1);
    let (rows, columns, row_stride) = (out.shape(2), out.shape(3), out.stride(2));
    for i in 0..comptime!(spread.own_rows()) {
        let y = row_of(i, spread);
        if y < rows {
            let row = start + y * row_stride;
            #[unroll]
            for j in 0..comptime!(spread.own_columns()) {
                let x = column_of(j, spread);
                if x < columns {
                    out[row + x] = F::cast_from(of_first_row(sums, j, spread) * alpha);
                }
            }
        }
        drop_first_row(sums, spread);
    }
}

/// Writes the sums of the rows of lhs from `start` on.
#[cube]
pub(super) fn write_row_sums(
    sums: &Sums,
    row_sums: &mut Tensor<f32>,
    start: usize,
    rows: usize,
    #[comptime] spread: Spread,
) {
    if CUBE_POS_X == 0 && UNIT_POS_X == 0 {
        #[unroll]
        for i in 0..comptime!(spread.own_rows()) {
            let y = row_of(i, spread);
            if y < rows {
                row_sums[start + y] = row_sum_at(sums, i);
            }
        }
    }
}

/// As `product_kernel`, and the sums of the rows of `lhs`.
#[cube(launch)]
fn weight_grad_kernel(
    lhs: &Tensor<f32>,
    rhs: &Tensor<f32>,
    out: &mut Tensor<f32>,
    row_sums: &mut Tensor<f32>,
    #[comptime] spread: Spread,
) {
    let mut sums = begin(spread);
    let mut tiles = tiles::<f32>(spread);
    accumulate::<f32>(
        lhs, lhs, lhs, rhs, rhs, rhs, &mut sums, &mut tiles, 0u32, 0usize, 0usize, spread,
    );
    write::<f32>(&mut sums, out, 0usize, 0usize, 1.0, spread);
    let rows = row_sums.len();
    write_row_sums(&sums, row_sums, 0usize, rows, spread);
}

/// Shape and strides with sizes of 1 before them, up to four axes.
pub(super) fn four_axes(tensor: &mut CubeTensor) {
    let missing = 4 - tensor.meta.shape().num_dims();
    let mut shape = vec![1; missing];
    let mut strides = vec![0; missing];
    shape.extend(tensor.meta.shape().iter());
    strides.extend(tensor.meta.strides().iter());
    *tensor.meta = Metadata::new(shape, strides);
}

/// The result's place. Of heads that lie inside of frames it lies so, too: then it can be told to have
/// all heads of a frame side by side without a copy.
fn place(rhs: &CubeTensor, shape: &[usize]) -> CubeTensor {
    let (client, device, dtype) = (rhs.client.clone(), rhs.device.clone(), rhs.dtype);
    if let [outer, heads, rows, columns] = *shape {
        let strides = rhs.meta.strides();
        if heads > 1 && rows > 1 && strides[3] == 1 && strides[1] < strides[2] {
            let inside = vec![outer, rows, heads, columns];
            let mut out = empty_device_contiguous_dtype(client, device, inside.into(), dtype);
            out.meta.swap(1, 2);
            return out;
        }
    }
    empty_device_dtype(client, device, shape.to_vec().into(), dtype)
}

fn launch(lhs: CubeTensor, rhs: CubeTensor, bias: Option<CubeTensor>, out: CubeTensor, alpha: f64) {
    let (mut lhs, mut rhs, mut out) = (lhs, rhs, out);
    for tensor in [&mut lhs, &mut rhs, &mut out] {
        four_axes(tensor);
    }
    if out.meta.shape().num_elements() == 0 {
        return;
    }
    let spread = Spread::of(&lhs, &rhs, Means::of(&lhs));
    let (count, dim) = spread.cubes(&out);
    let dtype = burn::backend::cubecl::dtype_to_storage_type(lhs.dtype);
    let is_biased = u32::from(bias.is_some());
    // One kernel for both: without a bias something stands in its place that is not looked at.
    let bias = bias.map_or_else(|| lhs.clone(), into_contiguous);
    product_kernel::launch(
        &lhs.client.clone(),
        count,
        dim,
        lhs.into_tensor_arg(),
        rhs.into_tensor_arg(),
        bias.into_tensor_arg(),
        out.into_tensor_arg(),
        alpha as f32,
        is_biased,
        spread,
        dtype,
    );
}

/// `[.., M, K]` times `[.., K, N]` of two to four axes, the leading ones being equal, times `alpha`.
pub(in crate::ops) fn product(lhs: CubeTensor, rhs: CubeTensor, alpha: f64) -> CubeTensor {
    let mut shape = lhs.meta.shape().to_vec();
    let rank = shape.len();
    shape[rank - 1] = rhs.meta.shape()[rank - 1];
    let out = place(&rhs, &shape);
    launch(lhs, rhs, None, out.clone(), alpha);
    out
}

/// The sum over B of `[A, B, M, K]` times `[A, B, K, N]`: `[A, M, N]`.
pub(super) fn product_over_batches(lhs: CubeTensor, rhs: CubeTensor) -> CubeTensor {
    let (left, right) = (lhs.meta.shape().to_vec(), rhs.meta.shape().to_vec());
    let out = empty_device_contiguous_dtype(
        lhs.client.clone(),
        lhs.device.clone(),
        vec![left[0], 1, left[2], right[3]].into(),
        lhs.dtype,
    );
    launch(lhs, rhs, None, out.clone(), 1.0);
    let mut out = out;
    *out.meta = Metadata::new(
        vec![left[0], left[2], right[3]],
        vec![left[2] * right[3], right[3], 1],
    );
    out
}

pub(super) fn turned(mut matrix: CubeTensor) -> CubeTensor {
    matrix.meta.swap(0, 1);
    matrix
}

/// x wᵀ + b
pub(in crate::ops) fn affine(x: CubeTensor, weight: CubeTensor, bias: CubeTensor) -> CubeTensor {
    let shape = [x.meta.shape()[0], weight.meta.shape()[0]];
    let out = empty_device_contiguous_dtype(
        x.client.clone(),
        x.device.clone(),
        shape.to_vec().into(),
        x.dtype,
    );
    launch(x, turned(weight), Some(bias), out.clone(), 1.0);
    out
}

/// Gradients of w and b: gᵀ x and the columns' sums of g.
pub(in crate::ops) fn affine_weight_grad(
    x: CubeTensor,
    grad: CubeTensor,
) -> (CubeTensor, CubeTensor) {
    let shape = [grad.meta.shape()[1], x.meta.shape()[1]];
    let empty = |shape: Vec<usize>| {
        empty_device_contiguous_dtype(x.client.clone(), x.device.clone(), shape.into(), x.dtype)
    };
    let (weight, bias) = (empty(shape.to_vec()), empty(vec![shape[0]]));
    let (mut grad, mut x, mut place) = (turned(grad), x, weight.clone());
    for tensor in [&mut grad, &mut x, &mut place] {
        four_axes(tensor);
    }
    if place.meta.shape().num_elements() == 0 {
        return (weight, bias);
    }
    let spread = Spread::of(&grad, &x, Means::of(&x)).with_row_sums();
    let (count, dim) = spread.cubes(&place);
    weight_grad_kernel::launch(
        &x.client.clone(),
        count,
        dim,
        grad.into_tensor_arg(),
        x.into_tensor_arg(),
        place.into_tensor_arg(),
        bias.clone().into_tensor_arg(),
        spread,
    );
    (weight, bias)
}
