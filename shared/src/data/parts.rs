//! Something for each part of the split.

use super::Part;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One value a part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Parts<T> {
    /// Train.
    pub train: T,
    /// Development.
    pub dev: T,
    /// Test.
    pub test: T,
}

impl<T> Parts<T> {
    /// The value of a part.
    #[must_use]
    pub fn get(&self, part: Part) -> &T {
        match part {
            Part::Train => &self.train,
            Part::Dev => &self.dev,
            Part::Test => &self.test,
        }
    }

    /// The value of a part, to change it.
    pub fn get_mut(&mut self, part: Part) -> &mut T {
        match part {
            Part::Train => &mut self.train,
            Part::Dev => &mut self.dev,
            Part::Test => &mut self.test,
        }
    }

    /// Each part with its value.
    pub fn iter(&self) -> impl Iterator<Item = (Part, &T)> {
        Part::ALL.into_iter().map(|part| (part, self.get(part)))
    }

    /// Another value for each part.
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> Parts<U> {
        Parts {
            train: change(self.train),
            dev: change(self.dev),
            test: change(self.test),
        }
    }
}
