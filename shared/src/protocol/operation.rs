//! How one thing that the runner can be asked is described.

use schemars::SchemaGenerator;
use std::fmt;

/// Makes the schema of a type, and adds what it refers to.
pub type Schema = fn(&mut SchemaGenerator) -> schemars::Schema;

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// Reads (and takes HEAD as well).
    Get,
    /// Makes or does something.
    Post,
    /// Puts a piece in its place.
    Put,
    /// Removes.
    Delete,
}

impl Method {
    /// The method as it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_safe(self) -> bool {
        self == Self::Get
    }
}

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Anybody: it tells nothing of users and jobs.
    Open,
    /// Users.
    User,
    /// Admins.
    Admin,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum In {
    /// In the path, as `{name}`.
    Path,
    /// Behind the `?`.
    Query,
    /// In a header.
    Header,
}

/// A parameter.
#[derive(Clone, Copy)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub place: In,
    /// Whether it must be there.
    pub required: bool,
    /// What it is.
    pub text: &'static str,
    /// Its type.
    pub schema: Schema,
}

/// A body.
#[derive(Clone, Copy)]
pub enum Body {
    /// None.
    None,
    /// JSON of a type.
    Json(Schema),
    /// Server-sent events, the `data` of each being JSON of a type.
    Events(Schema),
    /// Bytes of a media type.
    Bytes(&'static str),
}

impl Body {
    /// The media type; `None` without a body.
    #[must_use]
    pub fn media_type(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Json(_) => Some("application/json"),
            Self::Events(_) => Some("text/event-stream"),
            Self::Bytes(media) => Some(media),
        }
    }
}

/// An answer that is no problem.
#[derive(Clone, Copy)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// What it means.
    pub text: &'static str,
    /// Its body.
    pub body: Body,
}

/// One thing that the runner can be asked.
#[derive(Clone, Copy)]
pub struct Operation {
    /// A name that never changes.
    pub id: &'static str,
    /// What it belongs to, for people.
    pub topic: &'static str,
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for parameters and `{*name}` for one that takes the rest of it.
    pub path: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Who may ask.
    pub access: Access,
    /// Its parameters, those of the path included.
    pub params: &'static [Param],
    /// The body of a request.
    pub request: Body,
    /// Answers that are no problems.
    pub answers: &'static [Answer],
    /// Kinds of problems besides those that any request may meet.
    pub problems: &'static [super::ProblemKind],
    /// Largest body of a request in bytes; 0 takes none.
    pub body_limit: u64,
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.id, self.method.word(), self.path)
    }
}

impl PartialEq for Operation {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Operation {}

impl Operation {
    /// The path with parameters filled in, each escaped so that it stays one parameter; those of
    /// `{*name}` keep their `/`.
    #[must_use]
    pub fn address(&self, values: &[(&str, &str)]) -> String {
        let mut address = self.path.to_owned();
        for (name, value) in values {
            address = address.replace(&format!("{{{name}}}"), &escaped(value, false));
            address = address.replace(&format!("{{*{name}}}"), &escaped(value, true));
        }
        address
    }
}

/// `text` as it may stand in a path or behind a `?`.
fn escaped(text: &str, slashes: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || slashes && byte == b'/' {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}
