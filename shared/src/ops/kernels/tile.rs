//! The inner loop of all products: a unit makes a small square of the result, a cube a larger one.
//!
//! What a unit takes comes in fours, one beside the other in memory or not: most of the loop's time goes into reading
//! shared memory, and four numbers cost there what one does. Sums are kept in f32 whatever the operands are.

use super::means::Means;
use burn_cubecl::{
    cubecl::{self, prelude::*},
    tensor::CubeTensor,
};

/// Numbers that are read at once.
const FOUR: usize = 4;
/// Units along a side of a cube.
const SIDE: usize = 8;
/// Terms that a cube keeps in shared memory at a time: at most 8 KiB for both operands, where WebGPU promises 16.
const DEPTH: usize = 16;
/// Results of a unit along an axis of the whole, while a cube has enough of them: two fours.
const WIDE: usize = 2;

type Four<F> = Vector<F, Const<4>>;

/// How a product is spread over cubes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Spread {
    /// Whether the operands pass through shared memory.
    tiled: bool,
    /// Whether neighbours in a row of lhs lie side by side, not those in a column.
    lhs_along: bool,
    /// The same of rhs.
    rhs_along: bool,
    /// Fours of rows that a unit makes.
    rows: usize,
    /// Fours of columns that a unit makes.
    columns: usize,
    /// Whether the rows of lhs are summed, too.
    sums_rows: bool,
}

impl Spread {
    /// For operands of four axes.
    pub(super) fn of(lhs: &CubeTensor, rhs: &CubeTensor, means: Means) -> Self {
        let along = |x: &CubeTensor| x.meta.strides()[3] <= x.meta.strides()[2];
        // A short side would leave half of a wide cube without work.
        let fours = |length: usize| if length > SIDE * FOUR { WIDE } else { 1 };
        Self {
            tiled: means.shared_memory,
            // Without tiles it makes no difference, and one kernel is compiled instead of four.
            lhs_along: means.shared_memory && along(lhs),
            rhs_along: means.shared_memory && along(rhs),
            rows: fours(lhs.meta.shape()[2]),
            columns: fours(rhs.meta.shape()[3]),
            sums_rows: false,
        }
    }

    /// The same with sums of the rows of lhs.
    pub(super) fn with_row_sums(self) -> Self {
        Self {
            sums_rows: true,
            ..self
        }
    }

    /// Rows of the result that a unit makes.
    pub(super) fn own_rows(self) -> usize {
        self.rows * FOUR
    }

    /// Columns of the result that a unit makes.
    pub(super) fn own_columns(self) -> usize {
        self.columns * FOUR
    }

    /// Cubes for a result of four axes, and their size.
    pub(super) fn cubes(self, out: &CubeTensor) -> (CubeCount, CubeDim) {
        let sizes = out.meta.shape();
        let count = CubeCount::Static(
            sizes[3].div_ceil(SIDE * self.own_columns()) as u32,
            sizes[2].div_ceil(SIDE * self.own_rows()) as u32,
            (sizes[0] * sizes[1]) as u32,
        );
        (count, CubeDim::new_2d(SIDE as u32, SIDE as u32))
    }
}

/// What a unit makes.
#[derive(CubeType)]
pub(super) struct Sums {
    /// Its square of the result, row by row.
    square: Array<Four<f32>>,
    /// Of the rows of lhs.
    rows: Array<f32>,
}

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

/// The number in row `i` and column `j` of the unit's square.
#[cube]
pub(super) fn sum_at(
    sums: &Sums,
    #[comptime] i: usize,
    #[comptime] j: usize,
    #[comptime] spread: Spread,
) -> f32 {
    let four = comptime!(Sums::place(i, j, spread).0);
    sums.square[four].extract(comptime!(Sums::place(i, j, spread).1))
}

/// The sum of the unit's row `i` of lhs.
#[cube]
pub(super) fn row_sum_at(sums: &Sums, #[comptime] i: usize) -> f32 {
    sums.rows[i]
}

/// The row of the result that is the unit's `i`th.
#[cube]
pub(super) fn row_of(#[comptime] i: usize, #[comptime] spread: Spread) -> usize {
    let tile = comptime!(SIDE * spread.own_rows());
    let beyond = comptime!(i / FOUR * SIDE * FOUR + i % FOUR);
    CUBE_POS_Y as usize * tile + UNIT_POS_Y as usize * FOUR + beyond
}

/// The column of the result that is the unit's `j`th.
#[cube]
pub(super) fn column_of(#[comptime] j: usize, #[comptime] spread: Spread) -> usize {
    let tile = comptime!(SIDE * spread.own_columns());
    let beyond = comptime!(j / FOUR * SIDE * FOUR + j % FOUR);
    CUBE_POS_X as usize * tile + UNIT_POS_X as usize * FOUR + beyond
}

/// Adds the product of the matrices `[outer, inner]` of both operands.
#[cube]
pub(super) fn accumulate<F: Float>(
    lhs: &Tensor<F>,
    rhs: &Tensor<F>,
    sums: &mut Sums,
    tiles: &mut Tiles<F>,
    outer: usize,
    inner: usize,
    #[comptime] spread: Spread,
) {
    let lhs_start = outer * lhs.stride(0) + inner * lhs.stride(1);
    let rhs_start = outer * rhs.stride(0) + inner * rhs.stride(1);
    if comptime!(spread.tiled) {
        accumulate_tiles::<F>(lhs, rhs, sums, tiles, lhs_start, rhs_start, spread);
    } else {
        accumulate_plainly::<F>(lhs, rhs, sums, lhs_start, rhs_start, spread);
    }
}

/// Four numbers from the `first` of `count`, `stride` apart; beyond the last one that one again, since what is made of
/// it is never written.
#[cube]
fn four<F: Float>(
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
pub(super) fn add_to_columns(
    sums: &mut Sums,
    more: &Tensor<f32>,
    columns: usize,
    #[comptime] spread: Spread,
) {
    #[unroll]
    for j in 0..comptime!(spread.columns) {
        let first = column_of(comptime!(j * FOUR), spread);
        let shift = four::<f32>(more, 0usize, first, columns, 1usize);
        #[unroll]
        for i in 0..comptime!(spread.own_rows()) {
            sums.square[comptime!(i * spread.columns + j)] += shift;
        }
    }
}

/// Adds the products of one term.
#[cube]
fn add_term(
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

#[cube]
fn accumulate_plainly<F: Float>(
    lhs: &Tensor<F>,
    rhs: &Tensor<F>,
    sums: &mut Sums,
    lhs_start: usize,
    rhs_start: usize,
    #[comptime] spread: Spread,
) {
    let (rows, columns) = (lhs.shape(2), rhs.shape(3));
    let (lhs_row, lhs_term) = (lhs.stride(2), lhs.stride(3));
    let (rhs_term, rhs_column) = (rhs.stride(2), rhs.stride(3));
    for t in 0..lhs.shape(3) {
        let mut left = Array::<Four<f32>>::new(comptime!(spread.rows));
        #[unroll]
        for i in 0..comptime!(spread.rows) {
            let first = row_of(comptime!(i * FOUR), spread);
            let value = four::<F>(lhs, lhs_start + t * lhs_term, first, rows, lhs_row);
            left[i] = Four::<f32>::cast_from(value);
        }
        let mut right = Array::<Four<f32>>::new(comptime!(spread.columns));
        #[unroll]
        for j in 0..comptime!(spread.columns) {
            let first = column_of(comptime!(j * FOUR), spread);
            let value = four::<F>(rhs, rhs_start + t * rhs_term, first, columns, rhs_column);
            right[j] = Four::<f32>::cast_from(value);
        }
        add_term(sums, &left, &right, spread);
    }
}

/// Brings a part of an operand into shared memory: terms from `begin` on, each with `fours` fours from the `edge`th row
/// or column on.
#[cube]
fn fetch<F: Float>(
    x: &Tensor<F>,
    tile: &mut Shared<[Four<F>]>,
    start: usize,
    begin: usize,
    edge: usize,
    count: usize,
    terms: usize,
    stride: usize,
    term_stride: usize,
    #[comptime] fours: usize,
    #[comptime] terms_along: bool,
) {
    let unit = UNIT_POS_Y as usize * SIDE + UNIT_POS_X as usize;
    for index in range_stepped(unit, comptime!(fours * DEPTH), comptime!(SIDE * SIDE)) {
        // Units side by side read what lies side by side.
        let (group, term) = if comptime!(terms_along) {
            (index / DEPTH, index % DEPTH)
        } else {
            (index % fours, index / fours)
        };
        let t = begin + term;
        let mut value = Four::<F>::new(F::new(0.0_f32));
        if t < terms {
            value = four::<F>(
                x,
                start + t * term_stride,
                edge + group * FOUR,
                count,
                stride,
            );
        }
        tile[term * fours + group] = value;
    }
}

#[cube]
fn accumulate_tiles<F: Float>(
    lhs: &Tensor<F>,
    rhs: &Tensor<F>,
    sums: &mut Sums,
    tiles: &mut Tiles<F>,
    lhs_start: usize,
    rhs_start: usize,
    #[comptime] spread: Spread,
) {
    let high = comptime!(SIDE * spread.rows);
    let wide = comptime!(SIDE * spread.columns);
    let (rows, columns, terms) = (lhs.shape(2), rhs.shape(3), lhs.shape(3));
    let (lhs_row, lhs_term) = (lhs.stride(2), lhs.stride(3));
    let (rhs_term, rhs_column) = (rhs.stride(2), rhs.stride(3));
    let top = CUBE_POS_Y as usize * comptime!(SIDE * spread.own_rows());
    let leftmost = CUBE_POS_X as usize * comptime!(SIDE * spread.own_columns());
    for begin in range_stepped(0usize, terms, DEPTH) {
        fetch::<F>(
            lhs,
            &mut tiles.left,
            lhs_start,
            begin,
            top,
            rows,
            terms,
            lhs_row,
            lhs_term,
            high,
            spread.lhs_along,
        );
        fetch::<F>(
            rhs,
            &mut tiles.right,
            rhs_start,
            begin,
            leftmost,
            columns,
            terms,
            rhs_column,
            rhs_term,
            wide,
            comptime!(!spread.rhs_along),
        );
        sync_cube();
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
        sync_cube();
    }
}
