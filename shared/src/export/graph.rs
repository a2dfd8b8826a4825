//! A graph of ONNX under construction, and how it is written (`onnx/onnx.proto`).

use super::{ExportError, INPUT, OUTPUT};
use crate::{checkpoint::Checkpoint, protobuf::Message};
use std::io::Write;

/// Version of the file's form, and of the set of operators.
const IR_VERSION: u64 = 8;
const OPSET: u64 = 17;
/// Numbers of types in `TensorProto`.
const FLOAT: u64 = 1;
const INT64: u64 = 7;
/// Most bytes of a message of Protocol Buffers.
const MOST_BYTES: usize = i32::MAX as usize;

/// An attribute of a node.
#[derive(Debug, Clone, Copy)]
pub(super) enum Attribute<'a> {
    Int(i64),
    Ints(&'a [i64]),
    Float(f32),
}

/// Where the values of a constant come from.
#[derive(Debug)]
enum Source {
    /// These, little-endian.
    Bytes(Vec<u8>),
    /// A tensor of the checkpoint as it is.
    Tensor(String),
    /// A matrix of the checkpoint, rows and columns exchanged.
    Transposed(String),
}

/// A constant of the graph.
#[derive(Debug)]
struct Constant {
    name: String,
    dims: Vec<usize>,
    kind: u64,
    source: Source,
}

/// A graph under construction. Values are known by their names.
#[derive(Debug)]
pub(super) struct Graph {
    nodes: Vec<u8>,
    constants: Vec<Constant>,
    count: usize,
}

impl Graph {
    pub(super) fn new() -> Self {
        Self {
            nodes: Vec::new(),
            constants: Vec::new(),
            count: 0,
        }
    }

    /// Adds a node; gives its output.
    pub(super) fn node(
        &mut self,
        kind: &str,
        inputs: &[&str],
        attributes: &[(&str, Attribute<'_>)],
    ) -> String {
        self.count += 1;
        let output = format!("{}_{}", kind.to_lowercase(), self.count);
        self.named(kind, inputs, attributes, &output);
        output
    }

    /// Gives `value` the name of the graph's output.
    pub(super) fn finish(&mut self, value: &str) {
        self.named("Identity", &[value], &[], OUTPUT);
    }

    fn named(
        &mut self,
        kind: &str,
        inputs: &[&str],
        attributes: &[(&str, Attribute<'_>)],
        output: &str,
    ) {
        let mut node = Message::new();
        for input in inputs {
            node = node.text(1, input);
        }
        node = node.text(2, output).text(3, output).text(4, kind);
        for (name, attribute) in attributes {
            let message = Message::new().text(1, name);
            let message = match attribute {
                Attribute::Float(value) => message.float(2, *value).number(20, 1),
                Attribute::Int(value) => message.number(3, *value as u64).number(20, 2),
                Attribute::Ints(values) => values
                    .iter()
                    .fold(message, |message, value| message.number(8, *value as u64))
                    .number(20, 7),
            };
            node = node.message(5, message);
        }
        self.nodes.extend(Message::new().message(1, node).finish());
    }

    /// A constant with these values.
    pub(super) fn floats(&mut self, dims: &[usize], values: &[f32]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        let source = Source::Bytes(bytes.collect());
        self.constant(dims.to_vec(), FLOAT, source)
    }

    /// A single number.
    pub(super) fn scalar(&mut self, value: f32) -> String {
        self.floats(&[], &[value])
    }

    /// A list of whole numbers.
    pub(super) fn ints(&mut self, values: &[i64]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        let source = Source::Bytes(bytes.collect());
        self.constant(vec![values.len()], INT64, source)
    }

    /// A single whole number.
    pub(super) fn int(&mut self, value: i64) -> String {
        let source = Source::Bytes(value.to_le_bytes().to_vec());
        self.constant(Vec::new(), INT64, source)
    }

    /// A tensor of the checkpoint.
    pub(super) fn tensor(
        &mut self,
        checkpoint: &Checkpoint<'_>,
        name: &str,
    ) -> Result<String, ExportError> {
        let dims = shape(checkpoint, name)?;
        Ok(self.constant(dims, FLOAT, Source::Tensor(name.to_owned())))
    }

    /// x W + b of a linear layer of the checkpoint, for `x` of any number of dimensions.
    pub(super) fn linear(
        &mut self,
        checkpoint: &Checkpoint<'_>,
        name: &str,
        x: &str,
    ) -> Result<String, ExportError> {
        let weight = format!("{name}.weight");
        let mut dims = shape(checkpoint, &weight)?;
        dims.reverse();
        let weight = self.constant(dims, FLOAT, Source::Transposed(weight));
        let bias = self.tensor(checkpoint, &format!("{name}.bias"))?;
        let product = self.node("MatMul", &[x, &weight], &[]);
        Ok(self.node("Add", &[&product, &bias], &[]))
    }

    fn constant(&mut self, dims: Vec<usize>, kind: u64, source: Source) -> String {
        let name = match &source {
            Source::Tensor(name) | Source::Transposed(name) => name.clone(),
            Source::Bytes(_) => {
                self.count += 1;
                format!("constant_{}", self.count)
            }
        };
        self.constants.push(Constant {
            name: name.clone(),
            dims,
            kind,
            source,
        });
        name
    }

    /// Writes the whole file: `ModelProto` with `GraphProto`, whose length has to stand before it.
    pub(super) fn write(
        &self,
        checkpoint: &Checkpoint<'_>,
        outputs: usize,
        notes: &[(&str, String)],
        out: &mut dyn Write,
    ) -> Result<(), ExportError> {
        let heads: Vec<Vec<u8>> = self.constants.iter().map(Constant::head).collect();
        let constants = self.constants.iter().zip(&heads);
        let constants: usize = constants
            .map(|(constant, head)| {
                let length = head.len() + constant.bytes();
                key(5, length).len() + length
            })
            .sum();
        let ends = Message::new()
            .message(11, value_info(INPUT, &[None, None], &["batch", "samples"]))
            .message(
                12,
                value_info(OUTPUT, &[None, Some(outputs)], &["batch", ""]),
            )
            .finish();
        let name = Message::new().text(2, "voxtune").finish();
        let length = self.nodes.len() + name.len() + constants + ends.len();
        if length > MOST_BYTES {
            return Err(ExportError::TooLarge {
                gigabytes: length as f64 / 1e9,
            });
        }
        let first = Message::new()
            .number(1, IR_VERSION)
            .text(2, "voxtune")
            .text(3, env!("CARGO_PKG_VERSION"));
        out.write_all(&first.finish())?;
        out.write_all(&key(7, length))?;
        out.write_all(&self.nodes)?;
        out.write_all(&name)?;
        for (constant, head) in self.constants.iter().zip(&heads) {
            out.write_all(&key(5, head.len() + constant.bytes()))?;
            out.write_all(head)?;
            constant.write(checkpoint, out)?;
        }
        out.write_all(&ends)?;
        let opset = Message::new().text(1, "").number(2, OPSET);
        let mut last = Message::new().message(8, opset);
        for (key, value) in notes {
            last = last.message(14, Message::new().text(1, key).text(2, value));
        }
        out.write_all(&last.finish())?;
        Ok(out.flush()?)
    }
}

impl Constant {
    /// Size of the values.
    fn bytes(&self) -> usize {
        let width = if self.kind == INT64 { 8 } else { 4 };
        self.dims.iter().product::<usize>() * width
    }

    /// Everything of a `TensorProto` but the values, which come last.
    fn head(&self) -> Vec<u8> {
        let dims = self.dims.iter();
        let message = dims.fold(Message::new(), |message, size| {
            message.number(1, *size as u64)
        });
        let message = message.number(2, self.kind).text(8, &self.name);
        let mut head = message.finish();
        head.extend(key(9, self.bytes()));
        head
    }

    fn write(&self, checkpoint: &Checkpoint<'_>, out: &mut dyn Write) -> Result<(), ExportError> {
        let values = match &self.source {
            Source::Bytes(bytes) => return Ok(out.write_all(bytes)?),
            Source::Tensor(name) => checkpoint.read_f32(name)?,
            Source::Transposed(name) => {
                let values = checkpoint.read_f32(name)?;
                // The dimensions are those of the transposed matrix already.
                let (columns, rows) = (self.dims[0], self.dims[1]);
                (0..columns * rows)
                    .map(|at| values[at % rows * columns + at / rows])
                    .collect()
            }
        };
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        Ok(out.write_all(&bytes)?)
    }
}

/// The key of a field of `length` bytes, and the length.
fn key(field: u32, length: usize) -> Vec<u8> {
    Message::length_key(field, length)
}

/// A `ValueInfoProto`: numbers with these sizes, where they are not known before with these names.
fn value_info(name: &str, sizes: &[Option<usize>], names: &[&str]) -> Message {
    let shape = sizes
        .iter()
        .zip(names)
        .fold(Message::new(), |shape, (size, name)| {
            shape.message(
                1,
                match size {
                    Some(size) => Message::new().number(1, *size as u64),
                    None => Message::new().text(2, name),
                },
            )
        });
    let tensor = Message::new().number(1, FLOAT).message(2, shape);
    Message::new()
        .text(1, name)
        .message(2, Message::new().message(1, tensor))
}

/// Sizes of a tensor of the checkpoint.
pub(super) fn shape(checkpoint: &Checkpoint<'_>, name: &str) -> Result<Vec<usize>, ExportError> {
    match checkpoint.shape(name) {
        Some(shape) => Ok(shape.to_vec()),
        // Reading it says what is missing where.
        None => Err(checkpoint
            .read_f32(name)
            .err()
            .map_or_else(|| no_head(checkpoint), ExportError::from)),
    }
}

fn no_head(checkpoint: &Checkpoint<'_>) -> ExportError {
    ExportError::NoHead {
        folder: checkpoint.folder().to_owned(),
    }
}
