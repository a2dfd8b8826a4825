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
    /// Fours of rows that a unit makes.
    rows: usize,
    /// Fours of columns that a unit makes.
    columns: usize,
    /// Matrices of which a product's lhs is one: 1 or 3.
    lefts: usize,
    /// The same of rhs.
    rights: usize,
    /// Whether the rows of lhs are summed, too.
    sums_rows: bool,
}

impl Spread {
    /// For operands of four axes.
    pub(super) fn of(lhs: &CubeTensor, rhs: &CubeTensor, means: Means) -> Self {
        // A short side would leave half of a wide cube without work.
        let fours = |length: usize| if length > SIDE * FOUR { WIDE } else { 1 };
        Self {
            tiled: means.shared_memory,
            rows: fours(lhs.meta.shape()[2]),
            columns: fours(rhs.meta.shape()[3]),
            lefts: 1,
            rights: 1,
            sums_rows: false,
        }
    }

    /// The same for products of one of `lefts` matrices with one of `rights`: 1 or 3, those of a side laid out alike.
    pub(super) fn among(self, lefts: usize, rights: usize) -> Self {
        Self {
            lefts,
            rights,
            ..self
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

/// The row of the result that is the unit's `i`th.
#[cube]
pub(super) fn row_of(i: usize, #[comptime] spread: Spread) -> usize {
    let tile = comptime!(SIDE * spread.own_rows());
    let beyond = i / FOUR * comptime!(SIDE * FOUR) + i % FOUR;
    CUBE_POS_Y as usize * tile + UNIT_POS_Y as usize * FOUR + beyond
}

/// The column of the result that is the unit's `j`th.
#[cube]
pub(super) fn column_of(#[comptime] j: usize, #[comptime] spread: Spread) -> usize {
    let tile = comptime!(SIDE * spread.own_columns());
    let beyond = comptime!(j / FOUR * SIDE * FOUR + j % FOUR);
    CUBE_POS_X as usize * tile + UNIT_POS_X as usize * FOUR + beyond
}

/// Where a matrix lies, seen from its side: the rows of lhs, the columns of rhs.
#[derive(CubeType)]
struct Lie {
    start: usize,
    /// Rows or columns.
    count: usize,
    /// From one of them to the next.
    stride: usize,
    /// Of each of them.
    terms: usize,
    term_stride: usize,
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
        let top = CUBE_POS_Y as usize * comptime!(SIDE * spread.own_rows());
        let leftmost = CUBE_POS_X as usize * comptime!(SIDE * spread.own_columns());
        let (lefts, high) = comptime!((spread.lefts, SIDE * spread.rows));
        let (rights, wide) = comptime!((spread.rights, SIDE * spread.columns));
        for begin in range_stepped(0usize, terms, DEPTH) {
            let (a, b) = (&mut tiles.left, &mut tiles.right);
            fetch::<F>(l0, l1, l2, a, which, &left, begin, top, lefts, high);
            fetch::<F>(r0, r1, r2, b, which, &right, begin, leftmost, rights, wide);
            sync_cube();
            add_terms::<F>(sums, tiles, spread);
            sync_cube();
        }
    } else {
        let rows = own_rows(&left, spread);
        let columns = own_columns(&right, spread);
        for term in 0..terms {
            let mut of_rows = Array::<Four<f32>>::new(comptime!(spread.rows));
            read::<F>(
                l0,
                l1,
                l2,
                which,
                &rows,
                term * left.term_stride,
                &mut of_rows,
                comptime!(spread.lefts),
                comptime!(spread.rows),
            );
            let mut of_columns = Array::<Four<f32>>::new(comptime!(spread.columns));
            read::<F>(
                r0,
                r1,
                r2,
                which,
                &columns,
                term * right.term_stride,
                &mut of_columns,
                comptime!(spread.rights),
                comptime!(spread.columns),
            );
            add_term(sums, &of_rows, &of_columns, spread);
        }
    }
}

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
