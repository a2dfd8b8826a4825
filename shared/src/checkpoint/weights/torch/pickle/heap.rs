//! What a pickle has built so far.

use super::{PickleError, rebuild};
use crate::checkpoint::DType;

/// Most objects of one pickle; a tensor takes about ten.
const OBJECTS: usize = 1 << 20;
/// Most entries of all its containers together: one list may be copied again and again.
const ENTRIES: usize = 1 << 22;

/// The place of an object on the heap. Objects refer to each other by it, so a list that holds
/// itself is no danger, and nothing is ever copied or walked into the depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::checkpoint::weights::torch) struct Id(u32);

/// The closed list of names that a pickle may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::checkpoint::weights::torch) enum Global {
    /// `collections.OrderedDict`.
    OrderedDict,
    /// `torch._utils._rebuild_tensor`, of PyTorch before 0.2.
    RebuildTensor,
    /// `torch._utils._rebuild_tensor_v2`.
    RebuildTensorV2,
    /// `torch._utils._rebuild_parameter`.
    RebuildParameter,
    /// `torch.FloatStorage` and its like.
    Storage(DType),
}

impl Global {
    pub(super) fn named(module: &str, name: &str) -> Option<Self> {
        match (module, name) {
            ("collections", "OrderedDict") => Some(Self::OrderedDict),
            ("torch._utils", "_rebuild_tensor") => Some(Self::RebuildTensor),
            ("torch._utils", "_rebuild_tensor_v2") => Some(Self::RebuildTensorV2),
            ("torch._utils", "_rebuild_parameter") => Some(Self::RebuildParameter),
            ("torch", storage) => DType::from_torch(storage).map(Self::Storage),
            _ => None,
        }
    }
}

/// An object.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::checkpoint::weights::torch) enum Value {
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    /// Pairs in the order in which they were set; a later one replaces an earlier one.
    Dict(Vec<(Id, Id)>),
    Global(Global),
    Storage(rebuild::Storage),
    Tensor(rebuild::StridedTensor),
}

impl Value {
    /// The kind of object, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Bool(_) => "a truth value",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a text",
            Self::Tuple(_) => "a tuple",
            Self::List(_) => "a list",
            Self::Dict(_) => "a dictionary",
            Self::Global(_) => "a type or function",
            Self::Storage(_) => "a storage",
            Self::Tensor(_) => "a tensor",
        }
    }
}

/// All objects of a pickle.
#[derive(Debug, Default)]
pub(in crate::checkpoint::weights::torch) struct Heap {
    objects: Vec<Value>,
    entries: usize,
}

impl Heap {
    pub(super) fn add(&mut self, value: Value) -> Result<Id, PickleError> {
        self.charge(match &value {
            Value::Tuple(items) | Value::List(items) => items.len(),
            Value::Dict(pairs) => pairs.len(),
            _ => 0,
        })?;
        if self.objects.len() >= OBJECTS {
            return Err(PickleError::damaged(format!(
                "its pickle has more than {OBJECTS} objects"
            )));
        }
        // At most OBJECTS, which is far below 2^32.
        let id = Id(self.objects.len() as u32);
        self.objects.push(value);
        Ok(id)
    }

    /// Counts entries that a container gets.
    pub(super) fn charge(&mut self, entries: usize) -> Result<(), PickleError> {
        self.entries = self.entries.saturating_add(entries);
        if self.entries > ENTRIES {
            return Err(PickleError::damaged(format!(
                "the containers of its pickle have more than {ENTRIES} entries"
            )));
        }
        Ok(())
    }

    pub(in crate::checkpoint::weights::torch) fn get(&self, id: Id) -> &Value {
        &self.objects[id.0 as usize]
    }

    pub(super) fn get_mut(&mut self, id: Id) -> &mut Value {
        &mut self.objects[id.0 as usize]
    }

    /// All objects in the order in which they were made.
    pub(in crate::checkpoint::weights::torch) fn iter(&self) -> impl Iterator<Item = &Value> {
        self.objects.iter()
    }
}
