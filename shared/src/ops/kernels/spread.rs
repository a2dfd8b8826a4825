//! How products are spread over units: each makes a small square of the result, a cube a larger one.

use super::means::Means;
use burn_cubecl::{
    cubecl::{self, prelude::*},
    tensor::CubeTensor,
};

/// Numbers that are read at once.
pub(super) const FOUR: usize = 4;
/// Units along a side of a cube.
pub(super) const SIDE: usize = 8;
/// Results of a unit along an axis of the whole, while a cube has enough of them: two fours.
const WIDE: usize = 2;

pub(super) type Four<F> = Vector<F, Const<4>>;

/// How a product is spread over cubes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Spread {
    /// Whether the operands pass through shared memory.
    pub(super) tiled: bool,
    /// Fours of rows that a unit makes.
    pub(super) rows: usize,
    /// Fours of columns that a unit makes.
    pub(super) columns: usize,
    /// Matrices of which a product's lhs is one: 1 or 3.
    pub(super) lefts: usize,
    /// The same of rhs.
    pub(super) rights: usize,
    /// Whether the rows of lhs are summed, too.
    pub(super) sums_rows: bool,
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
