//! Files that are refused, with what the message names.

use super::forge::{MATRIX, Pickle, View, archive, counting, in_memory, old_file, torch_archive};
use crate::checkpoint::{CheckpointError, Tensors};

fn error(bytes: Vec<u8>) -> CheckpointError {
    Tensors::open(&in_memory(bytes), "m")
        .err()
        .expect("should be refused")
}

/// The message for a program inside of both kinds of files.
fn message(program: &[u8]) -> String {
    let new = error(torch_archive(program, &counting(6))).to_string();
    let old = error(old_file(program, &[("0", 6, &counting(6))])).to_string();
    assert!(new.starts_with("m/pytorch_model.bin"), "{new}");
    assert_eq!(new, old);
    new
}

#[test]
fn calls_of_anything_else_name_what_they_ask_for() {
    for (module, name) in [
        ("os", "system"),
        ("posix", "system"),
        ("builtins", "eval"),
        ("builtins", "getattr"),
        ("torch", "load"),
        ("torch.storage", "_load_from_bytes"),
        ("torch", "QInt8Storage"),
        ("torch._utils", "_rebuild_qtensor"),
        ("collections", "OrderedDict.update"),
        ("__torch__.M", "Module"),
    ] {
        let program = Pickle::new()
            .global(module, name)
            .raw(b"(")
            .text("touch /tmp/x")
            .raw(b"tR");
        let found = message(&program.stop());
        assert!(found.contains(&format!("\"{module}.{name}\"")), "{found}");
        assert!(
            found.contains("is refused") && found.contains("safetensors"),
            "{found}"
        );
        let program = Pickle::new().text(module).text(name).raw(b"\x93)R");
        assert!(message(&program.stop()).contains(&format!("{module}.{name}")));
    }
}

#[test]
fn instructions_that_make_objects_are_refused() {
    let dictionary = Pickle::new().global("collections", "OrderedDict");
    for (program, words) in [
        (
            dictionary.clone().raw(b")\x81"),
            "creates an object of any class",
        ),
        (
            dictionary.clone().raw(b")}\x92"),
            "creates an object of any class",
        ),
        (
            Pickle::new().raw(b"(ios\nsystem\n"),
            "creates an object of any class",
        ),
        (Pickle::new().raw(b"(o"), "creates an object of any class"),
        (Pickle::new().raw(b"\x82\x01"), "registry"),
        (Pickle::new().raw(b"P1\n"), "outside of the file"),
        (Pickle::new().raw(b"I1\n"), "protocol 0 or 1"),
        (Pickle::new().raw(b"\xff"), "not an instruction"),
        (dictionary.clone().raw(b"}b"), "sets the state of a type"),
        (
            Pickle::new().tensor(&MATRIX).raw(b"}b"),
            "sets the state of a tensor",
        ),
        (Pickle::new().raw(b"K\x01)R"), "calls a number"),
        (
            Pickle::new().global("torch", "FloatStorage").raw(b")R"),
            "creates a storage",
        ),
        (
            Pickle::new()
                .global("torch._utils", "_rebuild_tensor_v2")
                .raw(b"(")
                .storage("FloatStorage", "0", 6)
                .raw(b"K\x00K\x06\x85K\x01\x85\x89N}")
                .text("neg")
                .raw(b"\x88stR"),
            "flags",
        ),
    ] {
        let found = message(&program.stop());
        assert!(
            found.contains("is refused") && found.contains(words),
            "{words}: {found}"
        );
    }
}

#[test]
fn malformed_programs() {
    let deep = Pickle::new().raw(&[b'('; 5000]);
    let lists = Pickle::new().raw(&[b']'; 1 << 20]).raw(b"]");
    let recalls = Pickle::new().raw(b"Nq\x00").raw(&b"h\x00".repeat(1 << 20));
    for (program, words) in [
        (deep, "nested more than 1000 deep"),
        (lists, "more than 1048576 objects"),
        (recalls, "a stack of more than"),
        (Pickle::new(), "takes more from the stack"),
        (Pickle::new().raw(b"N(a"), "takes more from the stack"),
        (Pickle::new().raw(b"t"), "ends a group"),
        (Pickle::new().raw(b"h\x07"), "recalls object 7"),
        (Pickle::new().raw(b"q\x07"), "stack is empty"),
        (Pickle::new().raw(b"NNa"), "appends to None"),
        (Pickle::new().raw(b"](NNu"), "sets items of a list"),
        (Pickle::new().raw(b"}(Nu"), "a key without a value"),
        (Pickle::new().raw(b"X\xff\xff\xff\xff"), "longer than"),
        (Pickle::new().raw(b"X\xff\xff\xff\x00"), "cut off"),
        (
            Pickle::new().raw(b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff"),
            "longer than",
        ),
        (Pickle::new().raw(b"X\x01\0\0\0\xff"), "not UTF-8"),
        (Pickle::new().raw(&[0x8a, 17]).raw(&[1; 17]), "128 bits"),
        (Pickle(vec![0x80, 9]), "protocol 9"),
        (
            Pickle::new().raw(b"c").raw(&[b'a'; 300]),
            "name of its pickle is too long",
        ),
        (Pickle::new().raw(b"NQ"), "names no storage"),
        (
            Pickle::new().raw(b"(").text("module").raw(b"NNNNtQ"),
            "names no storage",
        ),
        (
            Pickle::new()
                .global("torch._utils", "_rebuild_tensor_v2")
                .raw(b")R"),
            "0 arguments",
        ),
        (Pickle::new().raw(b"N"), "no dictionary of tensors"),
        (Pickle::new().raw(b"}NNs"), "no text"),
        (
            Pickle::new().raw(b"}").text("epoch").raw(b"K\x05s"),
            "tensor epoch: is not a tensor",
        ),
    ] {
        let found = message(&program.stop());
        assert!(found.contains(words), "{words}: {found}");
    }
}

#[test]
fn an_object_that_holds_itself_is_no_danger() {
    let program = Pickle::new().raw(b"}q\x00").text("self").raw(b"h\x00s");
    assert!(message(&program.stop()).contains("is not a tensor"));
    let program = Pickle::new().raw(b"]q\x00h\x00a");
    assert!(message(&program.stop()).contains("no dictionary"));
}

#[test]
fn views_beyond_their_storage() {
    let huge = i64::MAX;
    for (view, words) in [
        (
            View {
                offset: 1,
                ..MATRIX
            },
            "goes beyond the 6 values",
        ),
        (
            View {
                size: &[3, 3],
                ..MATRIX
            },
            "goes beyond",
        ),
        (
            View {
                stride: &[4, 1],
                ..MATRIX
            },
            "goes beyond",
        ),
        (
            View {
                offset: huge,
                ..MATRIX
            },
            "goes beyond",
        ),
        (
            View {
                size: &[0],
                stride: &[1],
                offset: 7,
                ..MATRIX
            },
            "goes beyond",
        ),
        (
            View {
                size: &[huge, huge, huge],
                stride: &[1, 1, 1],
                ..MATRIX
            },
            "too large",
        ),
        (
            View {
                size: &[2, 2],
                stride: &[huge, huge],
                ..MATRIX
            },
            "goes beyond",
        ),
        (
            View {
                size: &[1_000_000_000_000],
                stride: &[0],
                ..MATRIX
            },
            "several times",
        ),
        (
            View {
                size: &[6, 6],
                stride: &[0, 1],
                ..MATRIX
            },
            "several times",
        ),
        (
            View {
                size: &[2, -3],
                ..MATRIX
            },
            "is -3",
        ),
        (
            View {
                offset: -1,
                ..MATRIX
            },
            "is -1",
        ),
        (
            View {
                size: &[2],
                ..MATRIX
            },
            "1 sizes and 2 strides",
        ),
        (
            View {
                size: &[1; 17],
                stride: &[1; 17],
                ..MATRIX
            },
            "no list of 16 numbers",
        ),
    ] {
        let found = message(&Pickle::model(&[("w", view)]));
        assert!(found.contains(words), "{words}: {found}");
    }
}

#[test]
fn storages_that_are_not_what_the_dictionary_says() {
    let program = |view| Pickle::model(&[("w", view)]);
    let six = counting(6);
    for (view, in_new, in_old) in [
        (
            View { key: "1", ..MATRIX },
            "storage 1 is not in the archive",
            "of which type storage \"0\"",
        ),
        (
            View { count: 7, ..MATRIX },
            "7 values, but the archive has 24",
            "the dictionary says 7",
        ),
        (
            View {
                class: "DoubleStorage",
                ..MATRIX
            },
            "6 values, but",
            "cut off within storage",
        ),
        (
            View {
                count: i64::MAX,
                ..MATRIX
            },
            "values, but",
            "the dictionary says",
        ),
        (
            View {
                key: "../../etc/passwd",
                ..MATRIX
            },
            "is not in the archive",
            "of which type",
        ),
        (
            View { key: "", ..MATRIX },
            "names no storage",
            "names no storage",
        ),
    ] {
        let found = error(torch_archive(&program(view), &six)).to_string();
        assert!(found.contains(in_new), "{in_new}: {found}");
        let found = error(old_file(&program(view), &[("0", 6, &six)])).to_string();
        assert!(found.contains(in_old), "{in_old}: {found}");
    }
    let found = error(old_file(&program(MATRIX), &[])).to_string();
    assert!(found.contains("storage 0 is not in the file"), "{found}");
    let twice = old_file(&program(MATRIX), &[("0", 6, &six), ("0", 6, &six)]);
    assert!(error(twice).to_string().contains("there twice"));
}

#[test]
fn other_files_under_the_same_name() {
    let pkl = Pickle::model(&[("w", MATRIX)]);
    let six = counting(6);
    let big: &[(&str, &[u8])] = &[
        ("a/data.pkl", &pkl),
        ("a/byteorder", b"big"),
        ("a/data/0", &six),
    ];
    let mut damaged = torch_archive(&pkl, &six);
    let at = damaged
        .windows(9)
        .position(|part| part == b"_metadata")
        .expect("there");
    damaged[at] ^= 1;
    for (bytes, words) in [
        (Vec::new(), "neither a zip archive nor a pickle"),
        (
            b"<!DOCTYPE html>".to_vec(),
            "neither a zip archive nor a pickle",
        ),
        (
            b"version https://git-lfs.github.com/spec/v1\n".to_vec(),
            "git lfs pull",
        ),
        (archive(&[("a/readme", b"hello")]), "without the data.pkl"),
        (
            archive(&[("a/data.pkl", &pkl), ("b/data.pkl", &pkl)]),
            "two files \"data.pkl\"",
        ),
        (archive(big), "big-endian"),
        (damaged, "\"data.pkl\" in the archive"),
        (Pickle::new().int(5).stop(), "without the magic number"),
        (b"PK\x03\x04".to_vec(), "as a zip archive"),
    ] {
        let found = error(bytes).to_string();
        assert!(found.contains(words), "{words}: {found}");
    }
}
