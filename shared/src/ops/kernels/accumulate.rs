//! What all products share: the terms of two matrices are gone through, and what they make is added up.

use super::{
    plain::add_plainly,
    spread::Spread,
    sums::Sums,
    tile::{Tiles, add_tiles},
};
use burn_cubecl::cubecl::{self, prelude::*};

/// Where a matrix lies, seen from its side: the rows of lhs, the columns of rhs.
#[derive(CubeType)]
pub(super) struct Lie {
    pub(super) start: usize,
    /// Rows or columns.
    pub(super) count: usize,
    /// From one of them to the next.
    pub(super) stride: usize,
    /// Of each of them.
    pub(super) terms: usize,
    pub(super) term_stride: usize,
}

/// Adds the product of the matrices `[outer, inner]` of both operands: of the one that `which` says, where a side has three.
#[cube]
pub(super) fn accumulate<F: Float>(
    l0: &Tensor<F>,
    l1: &Tensor<F>,
    l2: &Tensor<F>,
    r0: &Tensor<F>,
    r1: &Tensor<F>,
    r2: &Tensor<F>,
    sums: &mut Sums,
    tiles: &mut Tiles<F>,
    which: u32,
    outer: usize,
    inner: usize,
    #[comptime] spread: Spread,
) {
    let terms = l0.shape(3);
    let left = Lie {
        start: outer * l0.stride(0) + inner * l0.stride(1),
        count: l0.shape(2),
        stride: l0.stride(2),
        terms,
        term_stride: l0.stride(3),
    };
    let right = Lie {
        start: outer * r0.stride(0) + inner * r0.stride(1),
        count: r0.shape(3),
        stride: r0.stride(3),
        terms,
        term_stride: r0.stride(2),
    };
    if comptime!(spread.tiled) {
        add_tiles::<F>(
            l0, l1, l2, r0, r1, r2, sums, tiles, which, &left, &right, spread,
        );
    } else {
        add_plainly::<F>(l0, l1, l2, r0, r1, r2, sums, which, &left, &right, spread);
    }
}
