//! Terms that a cube's units read together, into memory that they share.
//!
//! They come in fours, one beside the other in memory or not: most of the loop's time goes into reading shared memory,
//! and four numbers cost there what one does.

use super::{
    accumulate::Lie,
    spread::{FOUR, Four, SIDE, Spread},
    sums::{Sums, add_term, four},
};
use burn_cubecl::cubecl::{self, prelude::*};

/// Terms that a cube keeps in shared memory at a time: at most 8 KiB for both operands, where WebGPU promises 16.
const DEPTH: usize = 16;

/// The operands' parts that a cube works on.
#[derive(CubeType)]
pub(super) struct Tiles<F: Float> {
    left: Shared<[Four<F>]>,
    right: Shared<[Four<F>]>,
}

/// Memory that the units of a cube share, for as many products as a kernel has.
#[cube]
pub(super) fn tiles<F: Float>(#[comptime] spread: Spread) -> Tiles<F> {
    Tiles::<F> {
        left: Shared::<[Four<F>]>::new_slice(comptime!(if spread.tiled {
            SIDE * spread.rows * DEPTH
        } else {
            1
        })),
        right: Shared::<[Four<F>]>::new_slice(comptime!(if spread.tiled {
            SIDE * spread.columns * DEPTH
        } else {
            1
        })),
    }
}

/// Four numbers of one term from the `first` row or column on.
#[cube]
fn four_of_term<F: Float>(
    x0: &Tensor<F>,
    x1: &Tensor<F>,
    x2: &Tensor<F>,
    which: u32,
    lie: &Lie,
    term: usize,
    first: usize,
    #[comptime] choices: usize,
) -> Four<F> {
    let start = lie.start + term * lie.term_stride;
    let mut value = Four::<F>::new(F::new(0.0_f32));
    if comptime!(choices == 1) {
        value = four::<F>(x0, start, first, lie.count, lie.stride);
    } else {
        if which == 0 {
            value = four::<F>(x0, start, first, lie.count, lie.stride);
        } else if which == 1 {
            value = four::<F>(x1, start, first, lie.count, lie.stride);
        } else if which == 2 {
            value = four::<F>(x2, start, first, lie.count, lie.stride);
        }
    }
    value
}

/// Brings a part of an operand into shared memory: terms from `begin` on, each with `fours` fours from the `edge`th row
/// or column on.
#[cube]
fn fetch<F: Float>(
    x0: &Tensor<F>,
    x1: &Tensor<F>,
    x2: &Tensor<F>,
    tile: &mut Shared<[Four<F>]>,
    which: u32,
    lie: &Lie,
    begin: usize,
    edge: usize,
    #[comptime] choices: usize,
    #[comptime] fours: usize,
) {
    let unit = UNIT_POS_Y as usize * SIDE + UNIT_POS_X as usize;
    // Units side by side read what lies side by side.
    let terms_along = lie.term_stride <= lie.stride;
    for index in range_stepped(unit, comptime!(fours * DEPTH), comptime!(SIDE * SIDE)) {
        let group = select(terms_along, index / DEPTH, index % fours);
        let term = select(terms_along, index % DEPTH, index / fours);
        let mut value = Four::<F>::new(F::new(0.0_f32));
        if begin + term < lie.terms {
            let first = edge + group * FOUR;
            value = four_of_term::<F>(x0, x1, x2, which, lie, begin + term, first, choices);
        }
        tile[term * fours + group] = value;
    }
}

/// Adds the products of the terms in shared memory.
#[cube]
fn add_terms<F: Float>(sums: &mut Sums, tiles: &mut Tiles<F>, #[comptime] spread: Spread) {
    let high = comptime!(SIDE * spread.rows);
    let wide = comptime!(SIDE * spread.columns);
    for term in 0..DEPTH {
        // Fours of one unit lie apart, so that those of neighbours lie side by side.
        let mut left = Array::<Four<f32>>::new(comptime!(spread.rows));
        #[unroll]
        for i in 0..comptime!(spread.rows) {
            let at = term * high + UNIT_POS_Y as usize + comptime!(i * SIDE);
            left[i] = Four::<f32>::cast_from(tiles.left[at]);
        }
        let mut right = Array::<Four<f32>>::new(comptime!(spread.columns));
        #[unroll]
        for j in 0..comptime!(spread.columns) {
            let at = term * wide + UNIT_POS_X as usize + comptime!(j * SIDE);
            right[j] = Four::<f32>::cast_from(tiles.right[at]);
        }
        add_term(sums, &left, &right, spread);
    }
}

/// Adds the products of all terms, a part of them at a time.
#[cube]
pub(super) fn add_tiles<F: Float>(
    l0: &Tensor<F>,
    l1: &Tensor<F>,
    l2: &Tensor<F>,
    r0: &Tensor<F>,
    r1: &Tensor<F>,
    r2: &Tensor<F>,
    sums: &mut Sums,
    tiles: &mut Tiles<F>,
    which: u32,
    left: &Lie,
    right: &Lie,
    #[comptime] spread: Spread,
) {
    let top = CUBE_POS_Y as usize * comptime!(SIDE * spread.own_rows());
    let leftmost = CUBE_POS_X as usize * comptime!(SIDE * spread.own_columns());
    let (lefts, high) = comptime!((spread.lefts, SIDE * spread.rows));
    let (rights, wide) = comptime!((spread.rights, SIDE * spread.columns));
    for begin in range_stepped(0usize, left.terms, DEPTH) {
        let (a, b) = (&mut tiles.left, &mut tiles.right);
        fetch::<F>(l0, l1, l2, a, which, left, begin, top, lefts, high);
        fetch::<F>(r0, r1, r2, b, which, right, begin, leftmost, rights, wide);
        sync_cube();
        add_terms::<F>(sums, tiles, spread);
        sync_cube();
    }
}
