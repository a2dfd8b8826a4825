//! Whatever happens to a file, it is read or refused: no panic, no memory out of proportion.

use super::forge::{MATRIX, Pickle, View, counting, in_memory, old_file, torch_archive};
use crate::checkpoint::Tensors;
use proptest::prelude::*;

fn two_tensors() -> Vec<u8> {
    let column = View {
        offset: 1,
        size: &[2],
        stride: &[3],
        ..MATRIX
    };
    Pickle::model(&[("encoder.weight", MATRIX), ("encoder.bias", column)])
}

fn new_form() -> Vec<u8> {
    torch_archive(&two_tensors(), &counting(6))
}

fn old_form() -> Vec<u8> {
    old_file(&two_tensors(), &[("0", 6, &counting(6))])
}

/// Opens the file, and reads what it lists.
fn survive(bytes: Vec<u8>) -> bool {
    let files = in_memory(bytes);
    let Ok(tensors) = Tensors::open(&files, "m") else {
        return false;
    };
    tensors.names().all(|name| {
        tensors
            .read_f32(name)
            .is_ok_and(|values| values.len() <= 6 * 8)
    })
}

#[test]
fn every_cut_is_refused() {
    for whole in [new_form(), old_form()] {
        assert!(survive(whole.clone()));
        for length in 0..whole.len() {
            assert!(!survive(whole[..length].to_vec()), "cut at {length}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn changed_bytes(
        old in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = if old { old_form() } else { new_form() };
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        survive(bytes);
    }

    #[test]
    fn changed_programs(
        old in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        // The archive's checksum would hide the program's own checks.
        let mut program = two_tensors();
        for (place, value) in changes {
            let place = place.index(program.len());
            program[place] = value;
        }
        let six = counting(6);
        survive(if old { old_file(&program, &[("0", 6, &six)]) } else { torch_archive(&program, &six) });
    }

    #[test]
    fn any_program(program in prop::collection::vec(any::<u8>(), 0..200)) {
        survive(torch_archive(&[&[0x80, 2], program.as_slice(), b"."].concat(), &counting(6)));
    }

    #[test]
    fn any_instructions(
        program in prop::collection::vec(
            prop::sample::select(b"(.01N\x88\x89K]})tae\x85\x86\x87suhq\x94RbQ".to_vec()),
            0..200,
        ),
    ) {
        let start = Pickle::new().tensor(&MATRIX).raw(b"q\x00").ordered_dict().raw(b"q\x01");
        survive(torch_archive(&start.raw(&program).stop(), &counting(6)));
    }
}
