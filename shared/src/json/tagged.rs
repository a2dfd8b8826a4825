//! Objects in which one field, the tag, says what the others are. What serde derives for them holds each object as a
//! tree of its own and compiles all that is in them once more for that.

use super::tree::{Absent, Tree};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::{Error, Map, Value};

/// The fields of an object, which are taken out one by one; those that nobody asks for are left.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// The value of a field.
    ///
    /// # Errors
    /// It is something else than a `T`, or there is none and a `T` may not be absent.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, Error> {
        match self.0.remove(name) {
            Some(value) => T::deserialize(Tree(value)),
            None => T::deserialize(Absent(name)),
        }
    }

    /// The value of a field that may be absent.
    ///
    /// # Errors
    /// It is something else than a `T`.
    pub(crate) fn take_or_default<T: DeserializeOwned + Default>(
        &mut self,
        name: &str,
    ) -> Result<T, Error> {
        let value = self.0.remove(name);
        value.map_or_else(|| Ok(T::default()), |value| T::deserialize(Tree(value)))
    }

    /// What the fields that are left say together.
    ///
    /// # Errors
    /// It is something else than a `T`.
    pub(crate) fn rest<T: DeserializeOwned>(self) -> Result<T, Error> {
        T::deserialize(Tree(Value::Object(self.0)))
    }
}

/// Reads an object, of which `make` makes something.
///
/// # Errors
/// It is no object, or those of `make`.
pub(crate) fn read_fields<'de, T, D: Deserializer<'de>>(
    from: D,
    make: fn(Fields) -> Result<T, Error>,
) -> Result<T, D::Error> {
    make(Fields(Map::deserialize(from)?)).map_err(D::Error::custom)
}

/// Implements `Deserialize` for an enum whose `Serialize` has a tag: each variant by its name with its fields, behind a
/// `;` those that have a default, or with what the other fields say together in brackets.
macro_rules! tagged {
    ($type:ident by $tag:literal { $($name:literal => $variant:ident
        $({ $($field:ident),* $(; $($default:ident),+)? })? $(($rest:ident))?,)+ }) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                crate::json::read_fields(from, |mut fields| {
                    let kind: String = fields.take($tag)?;
                    Ok(match kind.as_str() {
                        $($name => {
                            $(let $rest = fields.rest()?;)?
                            Self::$variant
                            $({
                                $($field: fields.take(stringify!($field))?,)*
                                $($($default: fields.take_or_default(stringify!($default))?,)+)?
                            })?
                            $(($rest))?
                        })+
                        other => return Err(serde::de::Error::unknown_variant(other, &[$($name),+])),
                    })
                })
            }
        }
    };
}
pub(crate) use tagged;
