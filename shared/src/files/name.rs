//! Names of files that come from outside: a place in a dataset, in an archive, below a data root.

use std::fmt;

/// Longest name in bytes.
const LONGEST: usize = 1024;
/// Longest step of it, as file systems have it.
const LONGEST_STEP: usize = 255;
/// Most steps.
const DEEPEST: usize = 32;

/// The place of a file below a folder: steps with `/` between them, none of which leads up, out, or
/// to another name for the same place.
///
/// What is percent-encoded stays so: `%2e%2e` is a name like any other, and is never decoded again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(String);

/// Why a text is no [`Place`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// `/a`, `C:a`.
    #[error("it is absolute; names begin at the folder itself")]
    Absolute,
    /// `..`.
    #[error("it leads up with `..`")]
    Up,
    /// `.`, `a//b`, `a/`.
    #[error("it has an empty step or `.`")]
    Step,
    /// A backslash.
    #[error("it has a backslash; folders are parted by `/`")]
    Backslash,
    /// NUL, a line break, and the like.
    #[error("it has a control character")]
    Control,
    /// Longer than file systems take.
    #[error("it is longer than {LONGEST} bytes, or a step of it longer than {LONGEST_STEP}")]
    Long,
    /// Too many folders in folders.
    #[error("it has more than {DEEPEST} steps")]
    Deep,
    /// Spaces or a dot at a step's end, which some systems cut off.
    #[error("a step of it ends with a space or a dot")]
    End,
}

impl Place {
    /// Checks a name.
    ///
    /// # Errors
    /// It is no place below a folder.
    pub fn parse(text: &str) -> Result<Self, PlaceError> {
        let bytes = text.as_bytes();
        if text.is_empty() {
            return Err(PlaceError::Empty);
        }
        if text.len() > LONGEST {
            return Err(PlaceError::Long);
        }
        let drive = bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
        if bytes[0] == b'/' || drive {
            return Err(PlaceError::Absolute);
        }
        if text.contains('\\') {
            return Err(PlaceError::Backslash);
        }
        if text.chars().any(is_control) {
            return Err(PlaceError::Control);
        }
        for (index, step) in text.split('/').enumerate() {
            match step {
                "" | "." => return Err(PlaceError::Step),
                ".." => return Err(PlaceError::Up),
                _ if step.len() > LONGEST_STEP => return Err(PlaceError::Long),
                _ if step.ends_with([' ', '.']) => return Err(PlaceError::End),
                _ if index >= DEEPEST => return Err(PlaceError::Deep),
                _ => {}
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folders above, from the outermost on: `a`, `a/b` of `a/b/c`.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }

    /// The last step.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Control characters, and those that turn the direction of writing around, by which a name can be
/// made to look like another.
fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{Place, PlaceError};

    #[test]
    fn what_leads_out_is_no_place() {
        for (text, wanted) in [
            ("", PlaceError::Empty),
            ("/etc/passwd", PlaceError::Absolute),
            ("C:a.wav", PlaceError::Absolute),
            ("c:/a.wav", PlaceError::Absolute),
            ("..", PlaceError::Up),
            ("a/../b", PlaceError::Up),
            ("a/..", PlaceError::Up),
            ("..\\a", PlaceError::Backslash),
            ("a\\b", PlaceError::Backslash),
            ("\\\\host\\share", PlaceError::Backslash),
            ("a//b", PlaceError::Step),
            ("a/", PlaceError::Step),
            ("./a", PlaceError::Step),
            ("a/./b", PlaceError::Step),
            ("a\0.wav", PlaceError::Control),
            ("a\nb", PlaceError::Control),
            ("a\u{202e}vaw.exe", PlaceError::Control),
            ("a. /b", PlaceError::End),
            ("a./b", PlaceError::End),
            ("...", PlaceError::End),
            (&"a/".repeat(600), PlaceError::Long),
            (&"a".repeat(256), PlaceError::Long),
            (&format!("{}a", "a/".repeat(32)), PlaceError::Deep),
        ] {
            assert_eq!(Place::parse(text), Err(wanted), "{text:?}");
        }
    }

    #[test]
    fn names_are_data() {
        for text in [
            "a.wav",
            "%2e%2e/%252e%252e",
            "wav/03a01Fa.wav",
            "Übung/größer.wav",
            "$(id).wav",
            "<img src=x onerror=alert(1)>.wav",
            ".hidden",
            "..a",
            "a b/c",
        ] {
            assert_eq!(
                Place::parse(text).map(|place| place.to_string()),
                Ok(text.to_owned())
            );
        }
        let place = Place::parse("a/b/c.wav").unwrap();
        assert_eq!(place.folders().collect::<Vec<_>>(), ["a", "a/b"]);
        assert_eq!(place.name(), "c.wav");
    }
}
