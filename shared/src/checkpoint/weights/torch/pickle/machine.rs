//! The stack machine.

use super::{
    PickleError, Source,
    heap::{Global, Heap, Id, Value},
    opcode as op, rebuild,
};
use std::collections::HashMap;

/// Most open marks, which is how deep containers stand in each other.
const DEPTH: usize = 1000;
/// Most objects that wait on the stack.
const STACK: usize = 1 << 20;
/// Highest protocol (Python 3.8 and later).
const PROTOCOL: u8 = 5;

/// Runs the pickle at the source's position up to its end. Returns all objects, and the result.
pub(in crate::checkpoint::weights::torch) fn load(
    source: &mut Source<'_>,
) -> Result<(Heap, Id), PickleError> {
    let mut machine = Machine::default();
    loop {
        let opcode = source.byte()?;
        if opcode == op::STOP {
            let result = machine.pop()?;
            return Ok((machine.heap, result));
        }
        machine.step(opcode, source)?;
    }
}

#[derive(Default)]
struct Machine {
    heap: Heap,
    stack: Vec<Id>,
    /// Heights of the stack where a container's contents begin.
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

impl Machine {
    fn step(&mut self, opcode: u8, source: &mut Source<'_>) -> Result<(), PickleError> {
        match opcode {
            op::PROTO => {
                let protocol = source.byte()?;
                if protocol > PROTOCOL {
                    return Err(PickleError::damaged(format!(
                        "its pickle has protocol {protocol}; known are those up to {PROTOCOL}"
                    )));
                }
            }
            // Only a hint for reading ahead.
            op::FRAME => drop(source.array::<8>()?),
            op::MARK => {
                if self.marks.len() >= DEPTH {
                    return Err(PickleError::damaged(format!(
                        "its pickle is nested more than {DEPTH} deep"
                    )));
                }
                self.marks.push(self.stack.len());
            }
            op::POP if self.marks.last() == Some(&self.stack.len()) => drop(self.marks.pop()),
            op::POP => drop(self.pop()?),
            op::POP_MARK => drop(self.pop_mark()?),

            op::NONE => self.push(Value::None)?,
            op::NEWTRUE => self.push(Value::Bool(true))?,
            op::NEWFALSE => self.push(Value::Bool(false))?,
            op::BININT => {
                let value = i32::from_le_bytes(source.array()?);
                self.push(Value::Int(value.into()))?;
            }
            op::BININT1 => {
                let value = source.byte()?;
                self.push(Value::Int(value.into()))?;
            }
            op::BININT2 => {
                let value = u16::from_le_bytes(source.array()?);
                self.push(Value::Int(value.into()))?;
            }
            op::LONG1 => {
                let length = source.byte()?;
                let bytes = source.bytes(length.into())?;
                self.push(Value::Int(long(&bytes)?))?;
            }
            op::BINFLOAT => {
                let value = f64::from_be_bytes(source.array()?);
                self.push(Value::Float(value))?;
            }
            op::SHORT_BINSTRING | op::SHORT_BINUNICODE => {
                let length = source.byte()?;
                self.push_text(source, length.into())?;
            }
            op::BINSTRING | op::BINUNICODE => {
                let length = u32::from_le_bytes(source.array()?);
                self.push_text(source, length.into())?;
            }
            op::BINUNICODE8 => {
                let length = u64::from_le_bytes(source.array()?);
                self.push_text(source, length)?;
            }

            op::EMPTY_TUPLE => self.push(Value::Tuple(Vec::new()))?,
            op::EMPTY_LIST => self.push(Value::List(Vec::new()))?,
            op::EMPTY_DICT => self.push(Value::Dict(Vec::new()))?,
            op::TUPLE => {
                let items = self.pop_mark()?;
                self.push(Value::Tuple(items))?;
            }
            op::TUPLE1 | op::TUPLE2 | op::TUPLE3 => {
                let items = self.pop_many(usize::from(opcode - op::TUPLE1) + 1)?;
                self.push(Value::Tuple(items))?;
            }
            op::APPEND => {
                let items = self.pop_many(1)?;
                self.append(items)?;
            }
            op::APPENDS => {
                let items = self.pop_mark()?;
                self.append(items)?;
            }
            op::SETITEM => {
                let items = self.pop_many(2)?;
                self.set_items(&items)?;
            }
            op::SETITEMS => {
                let items = self.pop_mark()?;
                self.set_items(&items)?;
            }

            op::BINPUT => {
                let place = source.byte()?;
                self.remember(place.into())?;
            }
            op::LONG_BINPUT => {
                let place = u32::from_le_bytes(source.array()?);
                self.remember(place)?;
            }
            // The memo has no more entries than there were instructions.
            op::MEMOIZE => self.remember(self.memo.len() as u32)?,
            op::BINGET => {
                let place = source.byte()?;
                self.recall(place.into())?;
            }
            op::LONG_BINGET => {
                let place = u32::from_le_bytes(source.array()?);
                self.recall(place)?;
            }

            op::GLOBAL => {
                let (module, name) = (source.line()?, source.line()?);
                self.push_global(&module, &name)?;
            }
            op::STACK_GLOBAL => {
                let names = self.pop_many(2)?;
                let (Value::Text(module), Value::Text(name)) =
                    (self.heap.get(names[0]), self.heap.get(names[1]))
                else {
                    return Err(PickleError::damaged("a name of its pickle is not a text"));
                };
                let (module, name) = (module.clone(), name.clone());
                self.push_global(&module, &name)?;
            }
            op::REDUCE => {
                let [function, arguments] = self.pop_two()?;
                let value = rebuild::call(&self.heap, function, arguments)?;
                self.push(value)?;
            }
            op::BUILD => {
                let state = self.pop()?;
                self.check_build(state)?;
            }
            op::BINPERSID => {
                let reference = self.pop()?;
                let storage = rebuild::storage(&self.heap, reference)?;
                self.push(Value::Storage(storage))?;
            }
            _ => {
                return Err(PickleError::refused(format!(
                    "its pickle has the instruction 0x{opcode:02x}, {}",
                    op::meaning(opcode)
                )));
            }
        }
        Ok(())
    }

    fn push(&mut self, value: Value) -> Result<(), PickleError> {
        let id = self.heap.add(value)?;
        self.push_id(id)
    }

    fn push_id(&mut self, id: Id) -> Result<(), PickleError> {
        if self.stack.len() >= STACK {
            return Err(PickleError::damaged(format!(
                "its pickle needs a stack of more than {STACK} objects"
            )));
        }
        self.stack.push(id);
        Ok(())
    }

    fn push_text(&mut self, source: &mut Source<'_>, length: u64) -> Result<(), PickleError> {
        let text = source.text(length)?;
        self.push(Value::Text(text))
    }

    fn push_global(&mut self, module: &str, name: &str) -> Result<(), PickleError> {
        let global = Global::named(module, name).ok_or_else(|| {
            let full: String = format!("{module}.{name}").chars().take(200).collect();
            PickleError::refused(format!(
                "it asks for {full:?}, which is not one of the few names that a file of tensors needs"
            ))
        })?;
        self.push(Value::Global(global))
    }

    /// Stack entries above the innermost mark, which are those that the next instruction may take.
    fn available(&self) -> usize {
        self.stack.len() - self.marks.last().copied().unwrap_or(0)
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Id>, PickleError> {
        if self.available() < count {
            return Err(PickleError::damaged(
                "its pickle takes more from the stack than there is",
            ));
        }
        Ok(self.stack.split_off(self.stack.len() - count))
    }

    fn pop(&mut self) -> Result<Id, PickleError> {
        Ok(self.pop_many(1)?[0])
    }

    fn pop_two(&mut self) -> Result<[Id; 2], PickleError> {
        let both = self.pop_many(2)?;
        Ok([both[0], both[1]])
    }

    /// Everything above the innermost mark, and the mark.
    fn pop_mark(&mut self) -> Result<Vec<Id>, PickleError> {
        let mark = self
            .marks
            .pop()
            .ok_or_else(|| PickleError::damaged("its pickle ends a group that it never began"))?;
        Ok(self.stack.split_off(mark))
    }

    /// The object that stays on the stack below what an instruction took.
    fn top(&self) -> Result<Id, PickleError> {
        match self.stack.last() {
            Some(&top) if self.available() > 0 => Ok(top),
            _ => Err(PickleError::damaged("its pickle's stack is empty")),
        }
    }

    fn append(&mut self, items: Vec<Id>) -> Result<(), PickleError> {
        let top = self.top()?;
        self.heap.charge(items.len())?;
        match self.heap.get_mut(top) {
            Value::List(list) => list.extend(items),
            other => {
                let kind = other.kind();
                return Err(PickleError::damaged(format!(
                    "its pickle appends to {kind}"
                )));
            }
        }
        Ok(())
    }

    fn set_items(&mut self, items: &[Id]) -> Result<(), PickleError> {
        let top = self.top()?;
        let (pairs, rest) = items.as_chunks::<2>();
        self.heap.charge(pairs.len())?;
        match self.heap.get_mut(top) {
            Value::Dict(dict) if rest.is_empty() => {
                dict.extend(pairs.iter().map(|&[key, value]| (key, value)));
            }
            Value::Dict(_) => {
                return Err(PickleError::damaged("its pickle has a key without a value"));
            }
            other => {
                let kind = other.kind();
                return Err(PickleError::damaged(format!(
                    "its pickle sets items of {kind}"
                )));
            }
        }
        Ok(())
    }

    fn remember(&mut self, place: u32) -> Result<(), PickleError> {
        let top = self.top()?;
        self.memo.insert(place, top);
        Ok(())
    }

    fn recall(&mut self, place: u32) -> Result<(), PickleError> {
        let id = *self.memo.get(&place).ok_or_else(|| {
            PickleError::damaged(format!(
                "its pickle recalls object {place}, which is not there"
            ))
        })?;
        self.push_id(id)
    }

    /// An ordered dictionary carries the modules' version numbers as an attribute; they say
    /// nothing about the tensors. Nothing else has attributes.
    fn check_build(&self, state: Id) -> Result<(), PickleError> {
        match (self.heap.get(self.top()?), self.heap.get(state)) {
            (Value::Dict(_), Value::Dict(_)) => Ok(()),
            (other, _) => Err(PickleError::refused(format!(
                "its pickle sets the state of {}, which may run code",
                other.kind()
            ))),
        }
    }
}

/// A little-endian number in two's complement.
fn long(bytes: &[u8]) -> Result<i128, PickleError> {
    let Some(&last) = bytes.last() else {
        return Ok(0);
    };
    let mut wide = [if last & 0x80 == 0 { 0 } else { 0xff }; 16];
    wide.get_mut(..bytes.len())
        .ok_or_else(|| PickleError::damaged("a number of its pickle has more than 128 bits"))?
        .copy_from_slice(bytes);
    Ok(i128::from_le_bytes(wide))
}
