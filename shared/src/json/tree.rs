//! A document as something that types are read from.

use serde::{
    de::{
        self, DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, MapAccess,
        SeqAccess, Unexpected, VariantAccess, Visitor,
    },
    forward_to_deserialize_any,
};
use serde_json::{Error, Number, Value, map};

/// A document.
pub(super) struct Tree(pub(super) Value);

impl Tree {
    fn other_than(&self, expected: &dyn Expected) -> Error {
        other(&self.0, expected)
    }
}

fn other(found: &Value, expected: &dyn Expected) -> Error {
    let found = match found {
        Value::Null => Unexpected::Unit,
        Value::Bool(value) => Unexpected::Bool(*value),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(value), _) => Unexpected::Unsigned(value),
            (_, Some(value)) => Unexpected::Signed(value),
            _ => Unexpected::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Unexpected::Str(text),
        Value::Array(_) => Unexpected::Seq,
        Value::Object(_) => Unexpected::Map,
    };
    Error::invalid_type(found, expected)
}

fn number<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, Error> {
    match (number.as_u64(), number.as_i64()) {
        (Some(value), _) => visitor.visit_u64(value),
        (_, Some(value)) => visitor.visit_i64(value),
        _ => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
    }
}

/// What each type is asked for, and nothing else: each kind of thing that a type is offered is code of that type.
macro_rules! only {
    ($($method:ident($self:ident, $visitor:ident) $pattern:pat => $do:expr;)*) => {
        $(fn $method<V: Visitor<'de>>($self, $visitor: V) -> Result<V::Value, Error> {
            match $self.0 {
                $pattern => $do,
                #[allow(unreachable_patterns, reason = "some take everything")]
                other => Err(Tree(other).other_than(&$visitor)),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for Tree {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(value) => number(&value, visitor),
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => sequence(items, visitor),
            Value::Object(fields) => visitor.visit_map(Fields::new(fields)),
        }
    }

    only! {
        deserialize_bool(self, visitor) Value::Bool(value) => visitor.visit_bool(value);
        deserialize_i8(self, visitor) Value::Number(value) => number(&value, visitor);
        deserialize_i16(self, visitor) Value::Number(value) => number(&value, visitor);
        deserialize_i32(self, visitor) Value::Number(value) => number(&value, visitor);
        deserialize_i64(self, visitor) Value::Number(value) => number(&value, visitor);
        deserialize_i128(self, visitor) Value::Number(value) => number(&value, visitor);
        deserialize_u8(self, visitor) Value::Number(value) => number(&value, visitor);
        deserialize_u16(self, visitor) Value::Number(value) => number(&value, visitor);
        deserialize_u32(self, visitor) Value::Number(value) => number(&value, visitor);
        deserialize_u64(self, visitor) Value::Number(value) => number(&value, visitor);
        deserialize_u128(self, visitor) Value::Number(value) => number(&value, visitor);
        deserialize_f32(self, visitor) Value::Number(value) => number(&value, visitor);
        deserialize_f64(self, visitor) Value::Number(value) => number(&value, visitor);
        deserialize_char(self, visitor) Value::String(text) => visitor.visit_string(text);
        deserialize_str(self, visitor) Value::String(text) => visitor.visit_string(text);
        deserialize_string(self, visitor) Value::String(text) => visitor.visit_string(text);
        deserialize_identifier(self, visitor) Value::String(text) => visitor.visit_str(&text);
        deserialize_unit(self, visitor) Value::Null => visitor.visit_unit();
        deserialize_seq(self, visitor) Value::Array(items) => sequence(items, visitor);
        deserialize_map(self, visitor) Value::Object(fields) => visitor.visit_map(Fields::new(fields));
    }

    forward_to_deserialize_any! { bytes byte_buf }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(_) => visitor.visit_enum(Variant(self.0, Value::Null)),
            Value::Object(fields) if fields.len() == 1 => {
                let (name, content) = fields.into_iter().next().unwrap_or_default();
                visitor.visit_enum(Variant(name.into(), content))
            }
            found => Err(other(&found, &"a word, or an object with one field")),
        }
    }
}

fn sequence<'de, V: Visitor<'de>>(items: Vec<Value>, visitor: V) -> Result<V::Value, Error> {
    let all = items.len();
    let mut items = Items(items.into_iter());
    let read = visitor.visit_seq(&mut items)?;
    match items.0.len() {
        0 => Ok(read),
        left => Err(Error::invalid_length(
            all,
            &(all - left).to_string().as_str(),
        )),
    }
}

struct Items(std::vec::IntoIter<Value>);

impl<'de> SeqAccess<'de> for &mut Items {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let item = self.0.next();
        item.map(|item| seed.deserialize(Tree(item))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Fields {
    left: map::IntoIter,
    value: Value,
}

impl Fields {
    fn new(fields: map::Map<String, Value>) -> Self {
        Self {
            left: fields.into_iter(),
            value: Value::Null,
        }
    }

    /// The next key; its value is kept.
    fn step(&mut self) -> Option<Key> {
        let (key, value) = self.left.next()?;
        self.value = value;
        Some(Key(key))
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        self.step().map(|key| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(Tree(self.value.take()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.len())
    }
}

/// The name of a field. Numbers are written as text there, as JSON has no other keys.
struct Key(String);

impl Key {
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.parse::<Number>() {
            Ok(value) => number(&value, visitor),
            Err(_) => Err(other(&Value::String(self.0), &visitor)),
        }
    }
}

macro_rules! numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.number(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Key {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.0)
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(&self.0)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        Tree(self.0.into()).deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i128 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map struct ignored_any
    }
}

/// A variant's name and what is in it.
struct Variant(Value, Value);

impl<'de> EnumAccess<'de> for Variant {
    type Error = Error;
    type Variant = Tree;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Tree), Error> {
        Ok((seed.deserialize(Tree(self.0))?, Tree(self.1)))
    }
}

impl<'de> VariantAccess<'de> for Tree {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.0 {
            Value::Null => Ok(()),
            _ => Err(self.other_than(&"nothing beside the word")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }
}

/// Where there is no field of that name: only what may be absent can be read from it.
pub(super) struct Absent(pub(super) &'static str);

impl<'de> Deserializer<'de> for Absent {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(de::Error::missing_field(self.0))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
