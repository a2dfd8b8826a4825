//! What the table says about a key.

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A file or a folder.
    Path,
    /// One of [`Key::choices`].
    Word,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or False.
    Boolean,
    /// A list of texts.
    Texts,
    /// A list of numbers.
    Numbers,
    /// A list of whole numbers.
    Integers,
    /// A dict.
    Dict,
    /// Any Python literal.
    Literal,
}

impl Kind {
    /// Whether values are Python literals with brackets.
    #[must_use]
    pub fn is_literal(self) -> bool {
        matches!(
            self,
            Self::Texts | Self::Numbers | Self::Integers | Self::Dict | Self::Literal
        )
    }

    /// The name in the documentation.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Path => "path",
            Self::Word => "word",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Texts => "list of texts",
            Self::Numbers => "list of numbers",
            Self::Integers => "list of integers",
            Self::Dict => "dict",
            Self::Literal => "literal",
        }
    }
}

/// Numbers that a key may have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
    /// Whether `min` itself is allowed.
    pub with_min: bool,
    /// Whether `max` itself is allowed.
    pub with_max: bool,
}

impl Range {
    /// Whether `value` lies in it; NaN never does.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        let above = if self.with_min {
            value >= self.min
        } else {
            value > self.min
        };
        let below = if self.with_max {
            value <= self.max
        } else {
            value < self.max
        };
        above && below && value.is_finite()
    }

    /// What to say about a value outside of it.
    #[must_use]
    pub fn outside(&self, value: &impl std::fmt::Display) -> String {
        format!("it must be {}, and is {value}", self.words())
    }

    /// In words, for instance `0 to below 1`.
    #[must_use]
    pub fn words(&self) -> String {
        let Self {
            min,
            max,
            with_min,
            with_max,
        } = *self;
        match (max.is_finite(), with_min) {
            (false, true) => format!("{min} or more"),
            (false, false) => format!("above {min}"),
            (true, _) => {
                let from = if with_min {
                    String::new()
                } else {
                    "above ".to_owned()
                };
                let to = if with_max { "" } else { "below " };
                format!("{from}{min} to {to}{max}")
            }
        }
    }
}

/// Whether a key does anything here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It acts.
    Acts,
    /// Nkululeko reads it for other models, and fine-tuning does not.
    NoEffect,
    /// It belongs to a part of Nkululeko that is not here.
    OriginalOnly,
}

impl Status {
    /// The words of the documentation.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Acts => "acts",
            Self::NoEffect => "no effect on fine-tuning",
            Self::OriginalOnly => "in the original only",
        }
    }
}

/// A key of the INI.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The section; keys of fine-tuning stand in `FINETUNE` and are read from `MODEL` too.
    pub section: &'static str,
    /// The name; `<db>` stands for a database, any other `<..>` and `*` for any text.
    pub name: &'static str,
    /// What the value looks like.
    pub kind: Kind,
    /// The value that is taken where there is none, as it would be written; empty is none.
    pub default: &'static str,
    /// The words that may be chosen; empty is any.
    pub choices: &'static [&'static str],
    /// The numbers that are allowed.
    pub range: Option<Range>,
    /// Whether it does anything here.
    pub status: Status,
    /// What it does, in one sentence.
    pub doc: &'static str,
}

/// A key that acts.
pub(super) const fn key(
    section: &'static str,
    name: &'static str,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
) -> Key {
    Key {
        section,
        name,
        kind,
        default,
        choices: &[],
        range: None,
        status: Status::Acts,
        doc,
    }
}

impl Key {
    /// With the words that may be chosen.
    pub(super) const fn choices(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }

    /// From `min` on.
    pub(super) const fn from(self, min: f64) -> Self {
        self.range(Range {
            min,
            max: f64::INFINITY,
            with_min: true,
            with_max: false,
        })
    }

    /// Above `min`.
    pub(super) const fn above(self, min: f64) -> Self {
        self.range(Range {
            min,
            max: f64::INFINITY,
            with_min: false,
            with_max: false,
        })
    }

    /// From `min` to `max`, both included.
    pub(super) const fn within(self, min: f64, max: f64) -> Self {
        self.range(Range {
            min,
            max,
            with_min: true,
            with_max: true,
        })
    }

    /// From `min` to below `max`.
    pub(super) const fn below(self, min: f64, max: f64) -> Self {
        self.range(Range {
            min,
            max,
            with_min: true,
            with_max: false,
        })
    }

    const fn range(mut self, range: Range) -> Self {
        self.range = Some(range);
        self
    }

    /// Has no effect on fine-tuning.
    pub(super) const fn idle(mut self) -> Self {
        self.status = Status::NoEffect;
        self
    }

    /// Belongs to the original only.
    pub(super) const fn original(mut self) -> Self {
        self.status = Status::OriginalOnly;
        self
    }

    /// Whether `name` (in lower case) is this key; a pattern stands for any text.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.capture(name).is_some()
    }

    /// What stands for the pattern in `name` (in lower case); empty for a key without one.
    #[must_use]
    pub fn capture<'n>(&self, name: &'n str) -> Option<&'n str> {
        let Some((before, after)) = self.pattern() else {
            return self.name.eq_ignore_ascii_case(name).then_some("");
        };
        let (start, end) = (before.len(), name.len().checked_sub(after.len())?);
        let around = name.get(..start)?.eq_ignore_ascii_case(before)
            && name.get(end..)?.eq_ignore_ascii_case(after);
        let inner = name.get(start..end).filter(|_| around)?;
        (!inner.is_empty()).then_some(inner)
    }

    /// Whether the name is a pattern.
    #[must_use]
    pub fn is_pattern(&self) -> bool {
        self.pattern().is_some()
    }

    fn pattern(&self) -> Option<(&'static str, &'static str)> {
        if let Some(before) = self.name.strip_suffix('*') {
            return Some((before, ""));
        }
        let (before, rest) = self.name.split_once('<')?;
        Some((before, rest.split_once('>')?.1))
    }
}
