//! Terms that each unit reads for itself, where units do not share memory.

use super::{
    accumulate::Lie,
    spread::{FOUR, Four, Spread, column_of, row_of},
    sums::{Sums, add_term},
};
use burn_cubecl::cubecl::{self, prelude::*};

/// Where each of the unit's rows of lhs begins.
#[cube]
fn own_rows(left: &Lie, #[comptime] spread: Spread) -> Array<usize> {
    let mut places = Array::<usize>::new(comptime!(spread.own_rows()));
    #[unroll]
    for i in 0..comptime!(spread.own_rows()) {
        let row = usize::min(row_of(i, spread), left.count - 1);
        places[i] = left.start + row * left.stride;
    }
    places
}

/// Where each of the unit's columns of rhs begins.
#[cube]
fn own_columns(right: &Lie, #[comptime] spread: Spread) -> Array<usize> {
    let mut places = Array::<usize>::new(comptime!(spread.own_columns()));
    #[unroll]
    for j in 0..comptime!(spread.own_columns()) {
        let column = usize::min(column_of(j, spread), right.count - 1);
        places[j] = right.start + column * right.stride;
    }
    places
}

/// Reads one term of each of the unit's rows or columns, which lies `beyond` their beginnings.
#[cube]
fn read<F: Float>(
    x0: &Tensor<F>,
    x1: &Tensor<F>,
    x2: &Tensor<F>,
    which: u32,
    places: &Array<usize>,
    beyond: usize,
    values: &mut Array<Four<f32>>,
    #[comptime] choices: usize,
    #[comptime] fours: usize,
) {
    if comptime!(choices == 1) {
        gather::<F>(x0, places, beyond, values, fours);
    } else {
        if which == 0 {
            gather::<F>(x0, places, beyond, values, fours);
        } else if which == 1 {
            gather::<F>(x1, places, beyond, values, fours);
        } else {
            gather::<F>(x2, places, beyond, values, fours);
        }
    }
}

#[cube]
fn gather<F: Float>(
    x: &Tensor<F>,
    places: &Array<usize>,
    beyond: usize,
    values: &mut Array<Four<f32>>,
    #[comptime] fours: usize,
) {
    #[unroll]
    for i in 0..fours {
        let mut value = Four::<f32>::empty();
        #[unroll]
        for k in 0..FOUR {
            let at = places[comptime!(i * FOUR + k)] + beyond;
            value.insert(k, f32::cast_from(x[at]));
        }
        values[i] = value;
    }
}

/// Adds the products of all terms, one after the other.
#[cube]
pub(super) fn add_plainly<F: Float>(
    l0: &Tensor<F>,
    l1: &Tensor<F>,
    l2: &Tensor<F>,
    r0: &Tensor<F>,
    r1: &Tensor<F>,
    r2: &Tensor<F>,
    sums: &mut Sums,
    which: u32,
    left: &Lie,
    right: &Lie,
    #[comptime] spread: Spread,
) {
    let (row_fours, lefts) = comptime!((spread.rows, spread.lefts));
    let (column_fours, rights) = comptime!((spread.columns, spread.rights));
    let rows = own_rows(left, spread);
    let columns = own_columns(right, spread);
    for term in 0..left.terms {
        let mut of_rows = Array::<Four<f32>>::new(row_fours);
        let beyond = term * left.term_stride;
        read::<F>(
            l0,
            l1,
            l2,
            which,
            &rows,
            beyond,
            &mut of_rows,
            lefts,
            row_fours,
        );
        let mut of_columns = Array::<Four<f32>>::new(column_fours);
        let beyond = term * right.term_stride;
        read::<F>(
            r0,
            r1,
            r2,
            which,
            &columns,
            beyond,
            &mut of_columns,
            rights,
            column_fours,
        );
        add_term(sums, &of_rows, &of_columns, spread);
    }
}
