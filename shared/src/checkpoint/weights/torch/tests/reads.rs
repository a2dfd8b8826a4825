//! Files that are read.

use super::forge::{MATRIX, Pickle, View, archive, counting, in_memory, old_file, torch_archive};
use crate::{
    checkpoint::{DType, Tensors},
    files::Files,
};

fn values(bytes: Vec<u8>, name: &str) -> (Vec<usize>, Vec<f32>) {
    let files = in_memory(bytes);
    let tensors = Tensors::open(&files, "m").expect("readable");
    let shape = tensors.shape(name).expect("there").to_vec();
    (shape, tensors.read_f32(name).expect("readable"))
}

fn both_forms(view: View<'_>, storage: &[u8]) -> (Vec<usize>, Vec<f32>) {
    let program = Pickle::model(&[("w", view)]);
    let count = u64::try_from(view.count).expect("positive");
    let new = values(torch_archive(&program, storage), "w");
    let old = values(old_file(&program, &[("0", count, storage)]), "w");
    assert_eq!(new, old);
    new
}

#[test]
fn plain_and_strided_views() {
    let storage = counting(6);
    let rows = vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
    assert_eq!(both_forms(MATRIX, &storage), (vec![2, 3], rows));
    let transposed = View {
        size: &[3, 2],
        stride: &[1, 3],
        ..MATRIX
    };
    let columns = vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0];
    assert_eq!(both_forms(transposed, &storage), (vec![3, 2], columns));
    let column = View {
        offset: 1,
        size: &[2],
        stride: &[3],
        ..MATRIX
    };
    assert_eq!(both_forms(column, &storage), (vec![2], vec![1.0, 4.0]));
    let scalar = View {
        offset: 4,
        size: &[],
        stride: &[],
        ..MATRIX
    };
    assert_eq!(both_forms(scalar, &storage), (vec![], vec![4.0]));
    let empty = View {
        offset: 6,
        size: &[0, 9],
        stride: &[9, 1],
        ..MATRIX
    };
    assert_eq!(both_forms(empty, &storage), (vec![0, 9], vec![]));
    // A side of one has no neighbour: PyTorch writes any stride there.
    let single = View {
        size: &[1, 6],
        stride: &[i64::MAX, 1],
        ..MATRIX
    };
    assert_eq!(both_forms(single, &storage).0, vec![1, 6]);
}

#[test]
fn all_types_become_singles() {
    let two = View {
        count: 2,
        size: &[2],
        stride: &[1],
        ..MATRIX
    };
    for (class, bytes, expected) in [
        (
            "FloatStorage",
            [1.5_f32.to_le_bytes(), (-2.0_f32).to_le_bytes()].concat(),
            [1.5, -2.0],
        ),
        (
            "DoubleStorage",
            [0.1_f64.to_le_bytes(), 1e300_f64.to_le_bytes()].concat(),
            [0.1, f32::INFINITY],
        ),
        (
            "HalfStorage",
            vec![0x00, 0x3c, 0x01, 0x00],
            [1.0, 5.960_464_5e-8],
        ),
        (
            "BFloat16Storage",
            vec![0x80, 0x3f, 0x49, 0xc0],
            [1.0, -3.140_625],
        ),
        (
            "LongStorage",
            [7_i64.to_le_bytes(), (-1_i64).to_le_bytes()].concat(),
            [7.0, -1.0],
        ),
        (
            "IntStorage",
            [7_i32.to_le_bytes(), (-1_i32).to_le_bytes()].concat(),
            [7.0, -1.0],
        ),
        ("ShortStorage", vec![7, 0, 0xff, 0xff], [7.0, -1.0]),
        ("CharStorage", vec![7, 0xff], [7.0, -1.0]),
        ("ByteStorage", vec![7, 0xff], [7.0, 255.0]),
        ("BoolStorage", vec![1, 0], [1.0, 0.0]),
    ] {
        let (shape, found) = both_forms(View { class, ..two }, &bytes);
        assert_eq!(
            (shape, found.as_slice()),
            (vec![2], expected.as_slice()),
            "{class}"
        );
    }
}

#[test]
fn tied_storages_and_parameters() {
    let parameter = Pickle::new()
        .raw(b"}(")
        .text("a")
        .global("torch._utils", "_rebuild_parameter")
        .raw(b"(")
        .tensor(&MATRIX)
        .raw(b"\x88")
        .ordered_dict()
        .raw(b"tRq\x05")
        .text("b")
        .raw(b"h\x05")
        .text("c")
        .tensor(&View {
            offset: 3,
            size: &[3],
            stride: &[1],
            ..MATRIX
        })
        .raw(b"u")
        .stop();
    let bytes = torch_archive(&parameter, &counting(6));
    assert_eq!(values(bytes.clone(), "a"), values(bytes.clone(), "b"));
    assert_eq!(values(bytes, "c").1, [3.0, 4.0, 5.0]);
}

#[test]
fn newer_protocols_and_the_oldest_calls() {
    // Protocol 4: frame, short texts, names from the stack, implicit places in the memo.
    let short = |pickle: Pickle, text: &str| {
        let length = u8::try_from(text.len()).expect("short");
        pickle
            .raw(&[0x8c, length])
            .raw(text.as_bytes())
            .raw(b"\x94")
    };
    let pickle = Pickle(vec![0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0]).raw(b"}(");
    let pickle = short(short(short(pickle, "w"), "torch._utils"), "_rebuild_tensor");
    let pickle = pickle.raw(b"\x93\x94((");
    let pickle = short(short(short(pickle, "storage"), "torch"), "HalfStorage").raw(b"\x93\x94");
    let pickle = short(short(pickle, "0"), "cpu").raw(b"K\x02tQM\x00\x00K\x02\x85K\x01\x85tRu");
    let found = values(torch_archive(&pickle.stop(), &[0, 0x3c, 0, 0x40]), "w");
    assert_eq!(found, (vec![2], vec![1.0, 2.0]));

    // Python 2: short byte strings, and a dictionary made of a list of pairs.
    let pickle = Pickle::new()
        .global("collections", "OrderedDict")
        .raw(b"(](]U\x01wa")
        .tensor(&MATRIX)
        .raw(b"aetR")
        .stop();
    assert_eq!(values(torch_archive(&pickle, &counting(6)), "w").0, [2, 3]);
}

#[test]
fn windows_of_old_storages() {
    let program = Pickle::new()
        .raw(b"}")
        .text("w")
        .global("torch._utils", "_rebuild_tensor")
        .raw(b"((")
        .text("storage")
        .global("torch", "FloatStorage")
        .text("root")
        .text("cpu")
        .int(6)
        .raw(b"(")
        .text("view")
        .raw(b"K\x02K\x03ttQK\x01K\x02\x85K\x01\x85tRs")
        .stop();
    let found = values(old_file(&program, &[("root", 6, &counting(6))]), "w");
    assert_eq!(found.1, [3.0, 4.0]);
}

#[test]
fn several_old_storages_in_the_order_of_their_list() {
    let first = View {
        key: "94",
        ..MATRIX
    };
    let second = View {
        key: "17",
        class: "HalfStorage",
        count: 1,
        size: &[1],
        stride: &[1],
        ..MATRIX
    };
    let program = Pickle::model(&[("a", first), ("b", second)]);
    let file = old_file(&program, &[("17", 1, &[0, 0x3c]), ("94", 6, &counting(6))]);
    assert_eq!(values(file.clone(), "b").1, [1.0]);
    assert_eq!(values(file, "a").1[5], 5.0);
}

#[test]
fn types_are_reported_and_shards_are_joined() {
    let part = |name| torch_archive(&Pickle::model(&[(name, MATRIX)]), &counting(6));
    let mut files = crate::files::Memory::default();
    let index = r#"{"weight_map": {"a": "pytorch_model-00001-of-00002.bin", "b": "pytorch_model-00002-of-00002.bin"}}"#;
    files.insert("m/pytorch_model.bin.index.json", index.as_bytes());
    files.insert("m/pytorch_model-00001-of-00002.bin", part("a"));
    files.insert("m/pytorch_model-00002-of-00002.bin", part("b"));
    let tensors = Tensors::open(&files, "m").expect("readable");
    assert_eq!(tensors.names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(tensors.dtype("b"), Some(DType::F32));
    assert_eq!(tensors.read_f32("b").expect("readable")[4], 4.0);
    let plain = archive(&[("pytorch_model/data.pkl", &Pickle::model(&[]))]);
    assert_eq!(
        Tensors::open(&in_memory(plain), "m")
            .expect("empty")
            .names()
            .count(),
        0
    );
}

#[test]
fn files_that_pytorch_wrote() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/checkpoint");
    let disk = crate::files::Disk;
    let expected = Tensors::open_safetensors(&disk, &format!("{folder}/expected.safetensors"));
    let expected = expected.expect("readable");
    for file in ["torch_zip.bin", "torch_old.bin"] {
        let bytes = disk.read(&format!("{folder}/{file}")).expect(file);
        let files = in_memory(bytes);
        let tensors = Tensors::open(&files, "m").expect(file);
        assert_eq!(tensors.names().count(), expected.names().count());
        for name in expected.names() {
            assert_eq!(tensors.shape(name), expected.shape(name), "{file}: {name}");
            let found = tensors.read_f32(name).expect(name);
            assert_eq!(
                found,
                expected.read_f32(name).expect(name),
                "{file}: {name}"
            );
        }
    }
}
