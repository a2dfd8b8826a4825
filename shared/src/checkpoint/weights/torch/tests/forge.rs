//! Assembles pickles and PyTorch files byte by byte, right ones and wrong ones.

use crate::files::Memory;
use std::io::Write;

/// A pickle under construction; each method appends one instruction or a usual group of them.
#[derive(Clone, Default)]
pub(super) struct Pickle(pub(super) Vec<u8>);

impl Pickle {
    pub(super) fn new() -> Self {
        Self(vec![0x80, 2])
    }

    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    pub(super) fn text(self, text: &str) -> Self {
        let length = u32::try_from(text.len()).expect("short");
        self.raw(b"X")
            .raw(&length.to_le_bytes())
            .raw(text.as_bytes())
    }

    pub(super) fn int(self, value: i64) -> Self {
        self.raw(&[0x8a, 8]).raw(&value.to_le_bytes())
    }

    pub(super) fn ints(self, values: &[i64]) -> Self {
        let marked = values
            .iter()
            .fold(self.raw(b"("), |pickle, &value| pickle.int(value));
        marked.raw(b"t")
    }

    pub(super) fn global(self, module: &str, name: &str) -> Self {
        self.raw(format!("c{module}\n{name}\n").as_bytes())
    }

    pub(super) fn storage(self, class: &str, key: &str, count: i64) -> Self {
        self.raw(b"(")
            .text("storage")
            .global("torch", class)
            .text(key)
            .text("cpu")
            .int(count)
            .raw(b"tQ")
    }

    /// A tensor on its own storage, with everything that `torch.save` writes.
    pub(super) fn tensor(self, view: &View<'_>) -> Self {
        self.global("torch._utils", "_rebuild_tensor_v2")
            .raw(b"(")
            .storage(view.class, view.key, view.count)
            .int(view.offset)
            .ints(view.size)
            .ints(view.stride)
            .raw(b"\x89")
            .ordered_dict()
            .raw(b"tR")
    }

    pub(super) fn ordered_dict(self) -> Self {
        self.global("collections", "OrderedDict").raw(b")R")
    }

    pub(super) fn stop(self) -> Vec<u8> {
        self.raw(b".").0
    }

    /// An ordered dictionary of tensors, with the attribute that a module's has.
    pub(super) fn model(tensors: &[(&str, View<'_>)]) -> Vec<u8> {
        let start = Self::new().ordered_dict().raw(b"q\x00(");
        let filled = tensors
            .iter()
            .fold(start, |pickle, (name, view)| pickle.text(name).tensor(view));
        filled
            .raw(b"u}")
            .text("_metadata")
            .ordered_dict()
            .raw(b"sb")
            .stop()
    }
}

/// A tensor's view on a storage.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) class: &'a str,
    pub(super) key: &'a str,
    pub(super) count: i64,
    pub(super) offset: i64,
    pub(super) size: &'a [i64],
    pub(super) stride: &'a [i64],
}

/// Six singles as a matrix of 2 x 3.
pub(super) const MATRIX: View<'_> = View {
    class: "FloatStorage",
    key: "0",
    count: 6,
    offset: 0,
    size: &[2, 3],
    stride: &[3, 1],
};

/// 0, 1, 2 ... as little-endian singles.
pub(super) fn counting(count: u16) -> Vec<u8> {
    (0..count)
        .flat_map(|value| f32::from(value).to_le_bytes())
        .collect()
}

/// A zip archive of stored files.
pub(super) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, content) in files {
        let (mut entry, config) = writer
            .new_file(*name)
            .compression_method(rawzip::CompressionMethod::STORE)
            .start()
            .expect("memory");
        let mut data = config.wrap(&mut entry);
        data.write_all(content).expect("memory");
        let (_, descriptor) = data.finish().expect("memory");
        entry.finish(descriptor).expect("memory");
    }
    writer.finish().expect("memory");
    bytes
}

/// The archive that `torch.save` makes of a dictionary and one storage.
pub(super) fn torch_archive(program: &[u8], storage: &[u8]) -> Vec<u8> {
    archive(&[
        ("archive/data.pkl", program),
        ("archive/byteorder", b"little"),
        ("archive/data/0", storage),
        ("archive/version", b"3\n"),
    ])
}

/// The form before PyTorch 1.6.
pub(super) fn old_file(program: &[u8], storages: &[(&str, u64, &[u8])]) -> Vec<u8> {
    let magic = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
    let mut bytes = Pickle::new().raw(&[0x8a, 10]).raw(&magic).stop();
    bytes.extend(Pickle::new().int(1001).stop());
    let facts = Pickle::new().raw(b"}(").text("protocol_version").int(1001);
    bytes.extend(facts.text("little_endian").raw(b"\x88u").stop());
    bytes.extend(program);
    let keys = Pickle::new().raw(b"](");
    let keys = storages.iter().fold(keys, |keys, (key, ..)| keys.text(key));
    bytes.extend(keys.raw(b"e").stop());
    for (_, count, values) in storages {
        bytes.extend(count.to_le_bytes());
        bytes.extend(*values);
    }
    bytes
}

pub(super) fn in_memory(bytes: Vec<u8>) -> Memory {
    let mut files = Memory::default();
    files.insert("m/pytorch_model.bin", bytes);
    files
}
