//! Sums and maxima over the units of a cube that share a row.
//!
//! Rows are spread over units one after the other, `lanes` units for each: a power of two, so that a cube's units have
//! whole rows. Each of the units looks at what all of them found, which takes one barrier; there are few of them.

use super::means::{Means, cubes};
use burn_cubecl::{
    cubecl::{self, prelude::*},
    tensor::CubeTensor,
};

/// Units of a cube.
const UNITS: usize = 64;

/// The sum of `value` over the units of a row, known to all of them.
#[cube]
pub(super) fn sum_of_lanes(value: f32, #[comptime] lanes: usize) -> f32 {
    if comptime!(lanes == 1) {
        value
    } else {
        let mut parts = Shared::<[f32]>::new_slice(UNITS);
        let unit = UNIT_POS_X as usize;
        parts[unit] = value;
        sync_cube();
        let first = unit / lanes * lanes;
        let mut sum = parts[first];
        #[unroll]
        for i in 1..lanes {
            sum += parts[first + i];
        }
        sum
    }
}

/// The largest `value` of the units of a row, known to all of them.
#[cube]
pub(super) fn max_of_lanes(value: f32, #[comptime] lanes: usize) -> f32 {
    if comptime!(lanes == 1) {
        value
    } else {
        let mut parts = Shared::<[f32]>::new_slice(UNITS);
        let unit = UNIT_POS_X as usize;
        parts[unit] = value;
        sync_cube();
        let first = unit / lanes * lanes;
        let mut largest = parts[first];
        #[unroll]
        for i in 1..lanes {
            largest = f32::max(largest, parts[first + i]);
        }
        largest
    }
}

/// The row that this unit works on.
#[cube]
pub(super) fn own_row(#[comptime] lanes: usize) -> usize {
    ABSOLUTE_POS / lanes
}

/// The first element of the row that this unit takes.
#[cube]
pub(super) fn own_lane(#[comptime] lanes: usize) -> usize {
    ABSOLUTE_POS % lanes
}

/// Width of the last axis, units that share a row, cubes and their size.
pub(super) fn plan(x: &CubeTensor) -> (usize, usize, CubeCount, CubeDim) {
    let shape = x.meta.shape();
    let width = shape[shape.num_dims() - 1].max(1);
    let rows = shape.num_elements() / width;
    let lanes = Means::of(x).lanes(width);
    let count = cubes(x, (rows * lanes).div_ceil(UNITS));
    (width, lanes, count, CubeDim::new_1d(UNITS as u32))
}
