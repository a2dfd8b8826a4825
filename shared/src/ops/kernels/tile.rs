//! The inner loop of all products: a unit makes a small square of the result, a cube a larger one.

use super::means::Means;
use burn_cubecl::{
    cubecl::{self, prelude::*},
    tensor::CubeTensor,
};

/// Rows and columns of the result that a unit makes.
pub(super) const EACH: usize = 4;
/// Terms that a cube keeps in shared memory at a time, in a kernel of one product: 8 KiB for both operands.
const DEPTH: usize = 16;
/// The same in a kernel that names three products, each of which has memory of its own: 12 KiB, where no more than
/// 16 KiB are promised by WebGPU.
const DEPTH_OF_THREE: usize = 8;

/// How a product is spread over cubes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Spread {
    /// Whether the operands pass through shared memory.
    tiled: bool,
    /// Whether neighbours in a row of lhs lie side by side, not those in a column.
    lhs_along: bool,
    /// The same of rhs.
    rhs_along: bool,
    /// Terms in shared memory at a time.
    depth: usize,
}

impl Spread {
    /// For operands of four axes.
    pub(super) fn of(lhs: &CubeTensor, rhs: &CubeTensor, means: Means) -> Self {
        let along = |x: &CubeTensor| x.meta.strides()[3] <= x.meta.strides()[2];
        Self {
            tiled: means.shared_memory,
            // Without tiles it makes no difference, and one kernel is compiled instead of four.
            lhs_along: means.shared_memory && along(lhs),
            rhs_along: means.shared_memory && along(rhs),
            depth: DEPTH,
        }
    }

    /// The same for a kernel with three products.
    pub(super) fn of_three(self) -> Self {
        Self {
            depth: DEPTH_OF_THREE,
            ..self
        }
    }

    /// Units along a side of a cube.
    pub(super) fn side(self) -> usize {
        if self.tiled { 16 } else { 8 }
    }
}

/// Sums of the result's square, then sums of the rows of lhs.
#[cube]
pub(super) fn begin<F: Float>() -> Array<F> {
    let mut sums = Array::<F>::new(comptime!(EACH * EACH + EACH));
    #[unroll]
    for i in 0..comptime!(EACH * EACH + EACH) {
        sums[i] = F::new(0.0_f32);
    }
    sums
}

/// Adds the product of the matrices `[outer, inner]` of both operands.
#[cube]
pub(super) fn accumulate<F: Float>(
    lhs: &Tensor<F>,
    rhs: &Tensor<F>,
    sums: &mut Array<F>,
    outer: usize,
    inner: usize,
    #[comptime] spread: Spread,
) {
    let lhs_start = outer * lhs.stride(0) + inner * lhs.stride(1);
    let rhs_start = outer * rhs.stride(0) + inner * rhs.stride(1);
    if comptime!(spread.tiled) {
        accumulate_tiles::<F>(lhs, rhs, sums, lhs_start, rhs_start, spread);
    } else {
        accumulate_plainly::<F>(lhs, rhs, sums, lhs_start, rhs_start, spread);
    }
}

#[cube]
fn accumulate_plainly<F: Float>(
    lhs: &Tensor<F>,
    rhs: &Tensor<F>,
    sums: &mut Array<F>,
    lhs_start: usize,
    rhs_start: usize,
    #[comptime] spread: Spread,
) {
    let side = comptime!(spread.side());
    let (rows, columns) = (lhs.shape(2), rhs.shape(3));
    let first_row = (CUBE_POS_Y as usize * side + UNIT_POS_Y as usize) * EACH;
    let first_column = (CUBE_POS_X as usize * side + UNIT_POS_X as usize) * EACH;
    for t in 0..lhs.shape(3) {
        let mut left = Array::<F>::new(EACH);
        #[unroll]
        for i in 0..EACH {
            left[i] = F::new(0.0_f32);
            if first_row + i < rows {
                left[i] = lhs[lhs_start + (first_row + i) * lhs.stride(2) + t * lhs.stride(3)];
            }
            sums[EACH * EACH + i] += left[i];
        }
        #[unroll]
        for j in 0..EACH {
            if first_column + j < columns {
                let right = rhs[rhs_start + t * rhs.stride(2) + (first_column + j) * rhs.stride(3)];
                #[unroll]
                for i in 0..EACH {
                    sums[i * EACH + j] += left[i] * right;
                }
            }
        }
    }
}

#[cube]
fn accumulate_tiles<F: Float>(
    lhs: &Tensor<F>,
    rhs: &Tensor<F>,
    sums: &mut Array<F>,
    lhs_start: usize,
    rhs_start: usize,
    #[comptime] spread: Spread,
) {
    let side = comptime!(spread.side());
    let tile = comptime!(spread.side() * EACH);
    let depth = comptime!(spread.depth);
    let units = comptime!(spread.side() * spread.side());
    // Each unit brings as many values of either operand.
    let share = comptime!(spread.side() * EACH * spread.depth / (spread.side() * spread.side()));
    let (rows, columns, terms) = (lhs.shape(2), rhs.shape(3), lhs.shape(3));
    let unit = UNIT_POS_Y as usize * side + UNIT_POS_X as usize;
    let (top, leftmost) = (CUBE_POS_Y as usize * tile, CUBE_POS_X as usize * tile);
    let own_row = UNIT_POS_Y as usize * EACH;
    let own_column = UNIT_POS_X as usize * EACH;

    let mut left = Shared::<[F]>::new_slice(comptime!(spread.side() * EACH * spread.depth));
    let mut right = Shared::<[F]>::new_slice(comptime!(spread.side() * EACH * spread.depth));
    for begin in range_stepped(0usize, terms, depth) {
        #[unroll]
        for i in 0..share {
            let index = unit + i * units;
            let (row, term) = if comptime!(spread.lhs_along) {
                (index / depth, index % depth)
            } else {
                (index % tile, index / tile)
            };
            let (y, t) = (top + row, begin + term);
            let mut value = F::new(0.0_f32);
            if y < rows && t < terms {
                value = lhs[lhs_start + y * lhs.stride(2) + t * lhs.stride(3)];
            }
            left[term * tile + row] = value;
        }
        #[unroll]
        for i in 0..share {
            let index = unit + i * units;
            let (term, column) = if comptime!(spread.rhs_along) {
                (index / tile, index % tile)
            } else {
                (index % depth, index / depth)
            };
            let (t, x) = (begin + term, leftmost + column);
            let mut value = F::new(0.0_f32);
            if x < columns && t < terms {
                value = rhs[rhs_start + t * rhs.stride(2) + x * rhs.stride(3)];
            }
            right[term * tile + column] = value;
        }
        sync_cube();
        for term in 0..depth {
            #[unroll]
            for i in 0..EACH {
                let a = left[term * tile + own_row + i];
                sums[EACH * EACH + i] += a;
                #[unroll]
                for j in 0..EACH {
                    sums[i * EACH + j] += a * right[term * tile + own_column + j];
                }
            }
        }
        sync_cube();
    }
}
