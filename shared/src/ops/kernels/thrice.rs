//! Queries, keys and values at once: three products of the same matrix in one dispatch.

use super::{
    accumulate::accumulate,
    means::Means,
    product::{four_axes, turned, write, write_row_sums},
    spread::Spread,
    sums::{add_to_columns, begin},
    tile::tiles,
};
use burn_cubecl::{
    cubecl::{self, prelude::*, zspace::metadata::Metadata},
    kernel::into_contiguous,
    ops::numeric::empty_device_contiguous_dtype,
    tensor::CubeTensor,
};

/// Three matrices in one buffer, each where a binding may begin.
struct Packed {
    buffer: CubeTensor,
    shape: [usize; 2],
    /// Elements from one to the next.
    section: usize,
}

impl Packed {
    fn like(x: &CubeTensor, shape: [usize; 2]) -> Self {
        let elements = shape[0] * shape[1];
        let size = x.dtype.size();
        let alignment = (x.client.properties().memory.alignment as usize).max(size);
        let section = (elements * size).next_multiple_of(alignment) / size;
        let buffer = empty_device_contiguous_dtype(
            x.client.clone(),
            x.device.clone(),
            vec![3 * section].into(),
            x.dtype,
        );
        Self {
            buffer,
            shape,
            section,
        }
    }

    /// `[3, 1, rows, columns]`
    fn whole(&self) -> CubeTensor {
        let [rows, columns] = self.shape;
        let mut whole = self.buffer.clone();
        *whole.meta = Metadata::new(
            vec![3, 1, rows, columns],
            vec![self.section, self.section, columns, 1],
        );
        whole
    }

    /// One of them, in the given shape.
    fn part(&self, index: usize, shape: Vec<usize>) -> CubeTensor {
        let size = (self.section * self.buffer.dtype.size()) as u64;
        let mut part = self.buffer.clone();
        part.handle = part
            .handle
            .offset_start(size * index as u64)
            .offset_end(size * (2 - index) as u64);
        let mut strides = vec![1; shape.len()];
        for axis in (1..shape.len()).rev() {
            strides[axis - 1] = strides[axis] * shape[axis];
        }
        *part.meta = Metadata::new(shape, strides);
        part
    }
}

#[cube(launch)]
fn affine_thrice_kernel(
    x: &Tensor<f32>,
    w0: &Tensor<f32>,
    w1: &Tensor<f32>,
    w2: &Tensor<f32>,
    b0: &Tensor<f32>,
    b1: &Tensor<f32>,
    b2: &Tensor<f32>,
    out: &mut Tensor<f32>,
    #[comptime] spread: Spread,
) {
    let mut sums = begin(spread);
    let mut tiles = tiles::<f32>(spread);
    let columns = out.shape(3);
    let which = CUBE_POS_Z;
    accumulate::<f32>(
        x, x, x, w0, w1, w2, &mut sums, &mut tiles, which, 0usize, 0usize, spread,
    );
    if which == 0 {
        add_to_columns::<f32>(&mut sums, b0, columns, spread);
    } else if which == 1 {
        add_to_columns::<f32>(&mut sums, b1, columns, spread);
    } else {
        add_to_columns::<f32>(&mut sums, b2, columns, spread);
    }
    write::<f32>(&mut sums, out, which as usize, 0usize, 1.0, spread);
}

/// `g0`, `g1`, `g2` are turned already.
#[cube(launch)]
fn weight_grad_thrice_kernel(
    g0: &Tensor<f32>,
    g1: &Tensor<f32>,
    g2: &Tensor<f32>,
    x: &Tensor<f32>,
    out: &mut Tensor<f32>,
    row_sums: &mut Tensor<f32>,
    #[comptime] spread: Spread,
) {
    let mut sums = begin(spread);
    let mut tiles = tiles::<f32>(spread);
    accumulate::<f32>(
        g0, g1, g2, x, x, x, &mut sums, &mut tiles, CUBE_POS_Z, 0usize, 0usize, spread,
    );
    let z = CUBE_POS_Z as usize;
    write::<f32>(&mut sums, out, z, 0usize, 1.0, spread);
    let (start, rows) = (z * row_sums.stride(0), row_sums.shape(3));
    write_row_sums(&sums, row_sums, start, rows, spread);
}

#[cube(launch)]
fn sum_of_three_kernel(
    l0: &Tensor<f32>,
    l1: &Tensor<f32>,
    l2: &Tensor<f32>,
    r0: &Tensor<f32>,
    r1: &Tensor<f32>,
    r2: &Tensor<f32>,
    out: &mut Tensor<f32>,
    #[comptime] spread: Spread,
) {
    let mut sums = begin(spread);
    let mut tiles = tiles::<f32>(spread);
    for which in 0u32..3u32 {
        accumulate::<f32>(
            l0, l1, l2, r0, r1, r2, &mut sums, &mut tiles, which, 0usize, 0usize, spread,
        );
    }
    write::<f32>(&mut sums, out, 0usize, 0usize, 1.0, spread);
}

/// Matrices as the kernels take them: all laid out alike, so that one plan suits all three.
fn matrices(x: [CubeTensor; 3], is_turned: bool) -> [CubeTensor; 3] {
    x.map(|x| {
        let x = into_contiguous(x);
        let mut x = if is_turned { turned(x) } else { x };
        four_axes(&mut x);
        x
    })
}

/// x wᵀ + b for three weights and biases.
pub(in crate::ops) fn affine_thrice(
    x: CubeTensor,
    weights: [CubeTensor; 3],
    biases: [CubeTensor; 3],
) -> [CubeTensor; 3] {
    let shape = [x.meta.shape()[0], weights[0].meta.shape()[0]];
    let packed = Packed::like(&x, shape);
    let out = packed.whole();
    if shape[0] * shape[1] > 0 {
        let mut x = x;
        four_axes(&mut x);
        let [w0, w1, w2] = matrices(weights, true);
        let [b0, b1, b2] = biases.map(into_contiguous);
        let spread = Spread::of(&x, &w0, Means::of(&x)).among(1, 3);
        let (count, dim) = spread.cubes(&out);
        affine_thrice_kernel::launch(
            &x.client.clone(),
            count,
            dim,
            x.into_tensor_arg(),
            w0.into_tensor_arg(),
            w1.into_tensor_arg(),
            w2.into_tensor_arg(),
            b0.into_tensor_arg(),
            b1.into_tensor_arg(),
            b2.into_tensor_arg(),
            out.into_tensor_arg(),
            spread,
        );
    }
    [0, 1, 2].map(|index| packed.part(index, shape.to_vec()))
}

/// Gradients of weight and bias for each of the gradients.
pub(in crate::ops) fn affine_thrice_grad(
    x: CubeTensor,
    grads: [CubeTensor; 3],
) -> [(CubeTensor, CubeTensor); 3] {
    let shape = [grads[0].meta.shape()[1], x.meta.shape()[1]];
    let weights = Packed::like(&x, shape);
    let biases = Packed::like(&x, [1, shape[0]]);
    let out = weights.whole();
    if shape[0] * shape[1] > 0 {
        let mut x = x;
        four_axes(&mut x);
        let [g0, g1, g2] = matrices(grads, true);
        let spread = Spread::of(&g0, &x, Means::of(&x))
            .among(3, 1)
            .with_row_sums();
        let (count, dim) = spread.cubes(&out);
        weight_grad_thrice_kernel::launch(
            &x.client.clone(),
            count,
            dim,
            g0.into_tensor_arg(),
            g1.into_tensor_arg(),
            g2.into_tensor_arg(),
            x.into_tensor_arg(),
            out.into_tensor_arg(),
            biases.whole().into_tensor_arg(),
            spread,
        );
    }
    [0, 1, 2].map(|index| {
        (
            weights.part(index, shape.to_vec()),
            biases.part(index, vec![shape[0]]),
        )
    })
}

/// The sum of three products of matrices.
pub(in crate::ops) fn sum_of_three(lhs: [CubeTensor; 3], rhs: [CubeTensor; 3]) -> CubeTensor {
    let shape = vec![lhs[0].meta.shape()[0], rhs[0].meta.shape()[1]];
    let out = empty_device_contiguous_dtype(
        lhs[0].client.clone(),
        lhs[0].device.clone(),
        shape.into(),
        lhs[0].dtype,
    );
    let mut place = out.clone();
    four_axes(&mut place);
    if out.meta.shape().num_elements() == 0 {
        return out;
    }
    let [l0, l1, l2] = matrices(lhs, false);
    let [r0, r1, r2] = matrices(rhs, false);
    let spread = Spread::of(&l0, &r0, Means::of(&l0)).among(3, 3);
    let (count, dim) = spread.cubes(&place);
    sum_of_three_kernel::launch(
        &l0.client.clone(),
        count,
        dim,
        l0.into_tensor_arg(),
        l1.into_tensor_arg(),
        l2.into_tensor_arg(),
        r0.into_tensor_arg(),
        r1.into_tensor_arg(),
        r2.into_tensor_arg(),
        place.into_tensor_arg(),
        spread,
    );
    out
}
