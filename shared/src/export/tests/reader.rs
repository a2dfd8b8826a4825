//! A reader of the files that are written here.

/// A file of ONNX.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) opset: u64,
    pub(super) nodes: Vec<Node>,
    pub(super) constants: Vec<(String, Tensor)>,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
    pub(super) notes: Vec<(String, String)>,
}

#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) kind: String,
    pub(super) inputs: Vec<String>,
    pub(super) output: String,
    pub(super) attributes: Vec<Attribute>,
}

#[derive(Debug, Default)]
pub(super) struct Attribute {
    name: String,
    float: f32,
    int: i64,
    ints: Vec<i64>,
}

/// Numbers; whole ones are exact up to 2^53.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Tensor {
    pub(super) dims: Vec<usize>,
    pub(super) values: Vec<f64>,
}

impl Node {
    fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|one| one.name == name)
    }

    pub(super) fn ints(&self, name: &str) -> Vec<i64> {
        self.attribute(name)
            .map_or(Vec::new(), |one| one.ints.clone())
    }

    pub(super) fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |one| one.int)
    }

    pub(super) fn float(&self, name: &str) -> f64 {
        f64::from(self.attribute(name).expect(name).float)
    }
}

/// A field's value.
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    fn number(&self) -> u64 {
        match self {
            Self::Number(value) => *value,
            Self::Bytes(_) => panic!("a number"),
        }
    }

    fn bytes(&self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Number(_) => panic!("bytes"),
        }
    }

    fn text(&self) -> String {
        String::from_utf8(self.bytes().to_vec()).unwrap()
    }
}

/// The fields of a message.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Value<'_>)> {
    let varint = |bytes: &mut &[u8]| {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        value
    };
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let value = match key & 7 {
            0 => Value::Number(varint(&mut bytes)),
            2 => {
                let length = usize::try_from(varint(&mut bytes)).unwrap();
                let (value, rest) = bytes.split_at(length);
                bytes = rest;
                Value::Bytes(value)
            }
            5 => {
                let (value, rest) = bytes.split_at(4);
                bytes = rest;
                Value::Number(u32::from_le_bytes(value.try_into().unwrap()).into())
            }
            kind => panic!("kind {kind}"),
        };
        found.push((key >> 3, value));
    }
    found
}

impl Model {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut model = Self::default();
        for (field, value) in fields(bytes) {
            match field {
                7 => model.graph(value.bytes()),
                8 => {
                    let version = fields(value.bytes())
                        .into_iter()
                        .find(|(field, _)| *field == 2);
                    model.opset = version.unwrap().1.number();
                }
                14 => {
                    let pair = fields(value.bytes());
                    model.notes.push((pair[0].1.text(), pair[1].1.text()));
                }
                _ => {}
            }
        }
        model
    }

    fn graph(&mut self, bytes: &[u8]) {
        for (field, value) in fields(bytes) {
            let name = || {
                let name = fields(value.bytes())
                    .into_iter()
                    .find(|(field, _)| *field == 1);
                name.unwrap().1.text()
            };
            match field {
                1 => self.nodes.push(node(value.bytes())),
                5 => self.constants.push(tensor(value.bytes())),
                11 => self.inputs.push(name()),
                12 => self.outputs.push(name()),
                _ => {}
            }
        }
    }
}

fn node(bytes: &[u8]) -> Node {
    let mut node = Node::default();
    for (field, value) in fields(bytes) {
        match field {
            1 => node.inputs.push(value.text()),
            2 => node.output = value.text(),
            4 => node.kind = value.text(),
            5 => node.attributes.push(attribute(value.bytes())),
            _ => {}
        }
    }
    node
}

fn attribute(bytes: &[u8]) -> Attribute {
    let mut attribute = Attribute::default();
    for (field, value) in fields(bytes) {
        match field {
            1 => attribute.name = value.text(),
            2 => attribute.float = f32::from_bits(u32::try_from(value.number()).unwrap()),
            3 => attribute.int = value.number() as i64,
            8 => attribute.ints.push(value.number() as i64),
            _ => {}
        }
    }
    attribute
}

fn tensor(bytes: &[u8]) -> (String, Tensor) {
    let mut tensor = Tensor::default();
    let (mut name, mut kind, mut raw): (_, _, &[u8]) = (String::new(), 0, &[]);
    for (field, value) in fields(bytes) {
        match field {
            1 => tensor.dims.push(usize::try_from(value.number()).unwrap()),
            2 => kind = value.number(),
            8 => name = value.text(),
            9 => raw = value.bytes(),
            _ => {}
        }
    }
    tensor.values = match kind {
        1 => raw
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes(four.try_into().unwrap()).into())
            .collect(),
        7 => raw
            .chunks_exact(8)
            .map(|eight| i64::from_le_bytes(eight.try_into().unwrap()) as f64)
            .collect(),
        kind => panic!("kind {kind}"),
    };
    assert_eq!(
        tensor.values.len(),
        tensor.dims.iter().product::<usize>(),
        "{name}"
    );
    (name, tensor)
}
