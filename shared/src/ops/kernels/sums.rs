//! The square of the result that a unit makes, and what is added to it. Sums are kept in f32 whatever the operands are.

use super::spread::{FOUR, Four, Spread, column_of};
use burn_cubecl::cubecl::{self, prelude::*};

/// What a unit makes.
#[derive(CubeType)]
pub(super) struct Sums {
    /// Its square of the result, row by row.
    square: Array<Four<f32>>,
    /// Of the rows of lhs.
    rows: Array<f32>,
}

#[cube]
pub(super) fn begin(#[comptime] spread: Spread) -> Sums {
    let mut square = Array::<Four<f32>>::new(comptime!(spread.own_rows() * spread.columns));
    #[unroll]
    for i in 0..comptime!(spread.own_rows() * spread.columns) {
        square[i] = Four::<f32>::new(0.0);
    }
    let mut rows = Array::<f32>::new(comptime!(spread.own_rows()));
    #[unroll]
    for i in 0..comptime!(spread.own_rows()) {
        rows[i] = 0.0;
    }
    Sums { square, rows }
}

impl Sums {
    /// Where the number in row `i` and column `j` of a unit's square is kept: its four, and the place in it.
    fn place(i: usize, j: usize, spread: Spread) -> (usize, usize) {
        (i * spread.columns + j / FOUR, j % FOUR)
    }
}

/// The number in the unit's column `j` of the row that is the first of those left.
#[cube]
pub(super) fn of_first_row(
    sums: &mut Sums,
    #[comptime] j: usize,
    #[comptime] spread: Spread,
) -> f32 {
    let four = comptime!(Sums::place(0, j, spread).0);
    sums.square[four].extract(comptime!(Sums::place(0, j, spread).1))
}

/// Lets go of the unit's first row. Results are written row by row in a loop, since a kernel that names each of them is
/// compiled for longer than it runs; and an array of which no place is computed stays in registers.
#[cube]
pub(super) fn drop_first_row(sums: &mut Sums, #[comptime] spread: Spread) {
    #[unroll]
    for at in 0..comptime!((spread.own_rows() - 1) * spread.columns) {
        sums.square[at] = sums.square[comptime!(at + spread.columns)];
    }
}

/// The sum of the unit's row `i` of lhs.
#[cube]
pub(super) fn row_sum_at(sums: &Sums, #[comptime] i: usize) -> f32 {
    sums.rows[i]
}

/// Four numbers from the `first` of `count`, `stride` apart; beyond the last one that one again, since what is made of
/// it is never written.
#[cube]
pub(super) fn four<F: Float>(
    x: &Tensor<F>,
    start: usize,
    first: usize,
    count: usize,
    stride: usize,
) -> Four<F> {
    let mut value = Four::<F>::empty();
    #[unroll]
    for i in 0..FOUR {
        let at = usize::min(first + i, count - 1);
        value.insert(i, x[start + at * stride]);
    }
    value
}

/// Adds each column's `more` to it.
#[cube]
pub(super) fn add_to_columns<F: Float>(
    sums: &mut Sums,
    more: &Tensor<F>,
    columns: usize,
    #[comptime] spread: Spread,
) {
    #[unroll]
    for j in 0..comptime!(spread.columns) {
        let first = column_of(comptime!(j * FOUR), spread);
        let shift = Four::<f32>::cast_from(four::<F>(more, 0usize, first, columns, 1usize));
        #[unroll]
        for i in 0..comptime!(spread.own_rows()) {
            sums.square[comptime!(i * spread.columns + j)] += shift;
        }
    }
}

/// Adds the products of one term.
#[cube]
pub(super) fn add_term(
    sums: &mut Sums,
    left: &Array<Four<f32>>,
    right: &Array<Four<f32>>,
    #[comptime] spread: Spread,
) {
    #[unroll]
    for i in 0..comptime!(spread.own_rows()) {
        let a = left[comptime!(i / FOUR)].extract(comptime!(i % FOUR));
        if comptime!(spread.sums_rows) {
            sums.rows[i] += a;
        }
        let of_row = Four::<f32>::new(a);
        #[unroll]
        for j in 0..comptime!(spread.columns) {
            let at = comptime!(i * spread.columns + j);
            sums.square[at] += of_row * right[j];
        }
    }
}
