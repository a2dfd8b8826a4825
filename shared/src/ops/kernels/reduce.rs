//! Sums and maxima over the units of a cube.

use burn_cubecl::cubecl::{self, prelude::*};

/// The sum of `value` over the cube's `lanes` units, known to all of them.
#[cube]
pub(super) fn sum_of_lanes(value: f32, #[comptime] lanes: usize) -> f32 {
    if comptime!(lanes == 1) {
        value
    } else {
        let mut parts = Shared::<[f32]>::new_slice(lanes);
        let unit = UNIT_POS_X as usize;
        parts[unit] = value;
        sync_cube();
        #[unroll]
        for i in 0..comptime!(lanes.trailing_zeros() as usize) {
            let half = comptime!(lanes >> (i + 1));
            if unit < half {
                let sum = parts[unit] + parts[unit + half];
                parts[unit] = sum;
            }
            sync_cube();
        }
        parts[0]
    }
}

/// The largest `value` of the cube's `lanes` units, known to all of them.
#[cube]
pub(super) fn max_of_lanes(value: f32, #[comptime] lanes: usize) -> f32 {
    if comptime!(lanes == 1) {
        value
    } else {
        let mut parts = Shared::<[f32]>::new_slice(lanes);
        let unit = UNIT_POS_X as usize;
        parts[unit] = value;
        sync_cube();
        #[unroll]
        for i in 0..comptime!(lanes.trailing_zeros() as usize) {
            let half = comptime!(lanes >> (i + 1));
            if unit < half {
                let larger = f32::max(parts[unit], parts[unit + half]);
                parts[unit] = larger;
            }
            sync_cube();
        }
        parts[0]
    }
}

/// The row that this unit works on: with several lanes a cube has one row, else each unit has one.
#[cube]
pub(super) fn own_row(#[comptime] lanes: usize) -> usize {
    if comptime!(lanes == 1) {
        ABSOLUTE_POS
    } else {
        CUBE_POS
    }
}

/// The first element of the row that this unit takes.
#[cube]
pub(super) fn own_lane(#[comptime] lanes: usize) -> usize {
    UNIT_POS_X as usize * comptime!(usize::from(lanes > 1))
}
