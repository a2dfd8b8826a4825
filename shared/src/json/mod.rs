//! Reading JSON by code that takes little room in a program: what derives `Deserialize` is compiled anew for each reader
//! that it is asked by, and serde_json's and serde's own for enums with a tag each ask for more than JSON can be. Here is
//! one reader for all, over a document that is read as a whole first.

mod tagged;
mod tree;

pub(crate) use tagged::{read_fields, tagged};

use serde::de::DeserializeOwned;
use serde_json::{Error, Value};
use tree::Tree;

/// Reads a text. Of a key that stands in an object twice the last counts.
///
/// # Errors
/// It is no JSON, or says something else than a `T`.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    of(serde_json::from_str(text)?)
}

/// Reads a document.
///
/// # Errors
/// It says something else than a `T`.
pub fn of<T: DeserializeOwned>(document: Value) -> Result<T, Error> {
    T::deserialize(Tree(document))
}

#[cfg(test)]
mod tests;
