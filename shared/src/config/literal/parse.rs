//! Recursive descent over Python's literals.

use super::{
    Literal, LiteralError,
    number::number,
    string::{prefix, string},
};

/// Python's own limit for open brackets.
const DEEPEST: usize = 200;

/// Reads `text` as one literal.
pub(super) fn parse(text: &str) -> Result<Literal, LiteralError> {
    if let Some(at) = text.find('\0') {
        return Err(LiteralError::new(at, "there is a NUL character in it"));
    }
    if text.contains('\r') {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        return Parser {
            text: &text,
            at: 0,
            open: 0,
        }
        .whole();
    }
    Parser {
        text,
        at: 0,
        open: 0,
    }
    .whole()
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// Brackets that are open: inside them a line end is white space.
    open: usize,
}

impl Parser<'_> {
    fn whole(mut self) -> Result<Literal, LiteralError> {
        // literal_eval drops spaces and tabs before the first line only.
        self.at = self.text.len() - self.text.trim_start_matches([' ', '\t']).len();
        self.line_ends(true)?;
        let first = self.value()?;
        self.space()?;
        let value = if self.peek() == Some(',') {
            self.at += 1;
            Literal::Tuple(self.more(vec![first], None)?)
        } else {
            first
        };
        self.line_ends(false)?;
        match self.peek() {
            None => Ok(value),
            Some(other) => {
                Err(self.error(format!("`{other}` cannot stand here, behind the value")))
            }
        }
    }

    /// Blank lines and comments outside brackets; a line that is not blank must not be indented.
    fn line_ends(&mut self, before: bool) -> Result<(), LiteralError> {
        let mut line_start = None;
        loop {
            self.space()?;
            if self.peek() != Some('\n') {
                break;
            }
            self.at += 1;
            line_start = Some(self.at);
        }
        let Some(start) = line_start.filter(|_| before) else {
            return Ok(());
        };
        // A form feed sets the column back to 0.
        let indent = self.text[start..self.at]
            .rsplit('\x0c')
            .next()
            .unwrap_or_default();
        if self.at < self.text.len() && !indent.is_empty() && !indent.contains('\n') {
            return Err(self.error("this line must not be indented"));
        }
        Ok(())
    }

    /// Skips white space and comments; line ends too where a bracket is open.
    fn space(&mut self) -> Result<(), LiteralError> {
        loop {
            let rest = &self.text[self.at..];
            match rest.chars().next() {
                Some(' ' | '\t' | '\x0c') => self.at += 1,
                Some('\n') if self.open > 0 => self.at += 1,
                Some('#') => self.at += rest.find('\n').unwrap_or(rest.len()),
                Some('\\') if rest.starts_with("\\\n") && rest.len() > 2 => self.at += 2,
                Some('\\') => {
                    return Err(self.error("a backslash outside of quotes must end its line"));
                }
                _ => return Ok(()),
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn error(&self, message: impl Into<String>) -> LiteralError {
        LiteralError::new(self.at, message)
    }

    /// A value, with a sign or without.
    fn value(&mut self) -> Result<Literal, LiteralError> {
        self.space()?;
        let minus = match self.peek() {
            Some('-') => true,
            Some('+') => false,
            _ => return Ok(self.atom()?.0),
        };
        let at = self.at;
        self.at += 1;
        self.space()?;
        match self.atom()? {
            (Literal::Int(value), true) => Ok(Literal::Int(if minus { -value } else { value })),
            (Literal::Big(digits), true) if minus => {
                let text = format!("-{digits}");
                // The least number of 128 bits has no positive counterpart.
                Ok(text.parse().map_or(Literal::Big(text), Literal::Int))
            }
            (Literal::Big(digits), true) => Ok(Literal::Big(digits)),
            (Literal::Float(value), true) => Ok(Literal::Float(if minus { -value } else { value })),
            _ => Err(LiteralError::new(at, "a sign must stand before a number")),
        }
    }

    /// A value without a sign, and whether it is one of which a sign may be put before.
    fn atom(&mut self) -> Result<(Literal, bool), LiteralError> {
        let rest = &self.text[self.at..];
        match rest.chars().next() {
            None => Err(self.error("a value is missing at the end")),
            Some('[') => Ok((Literal::List(self.list(']')?), false)),
            Some('(') => self.parentheses(),
            Some('{') => Ok((self.braces()?, false)),
            Some('0'..='9') => self.number(rest),
            Some('.') if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => {
                self.number(rest)
            }
            Some(character)
                if character.is_alphabetic() || matches!(character, '_' | '\'' | '"') =>
            {
                match prefix(rest, self.at)? {
                    Some(_) => Ok((self.strings()?, false)),
                    None => Ok((self.name(rest)?, false)),
                }
            }
            Some(character) => {
                Err(self.error(format!("`{}` begins no value", character.escape_debug())))
            }
        }
    }

    fn number(&mut self, rest: &str) -> Result<(Literal, bool), LiteralError> {
        let (value, length) = number(rest, self.at)?;
        self.at += length;
        Ok((value, true))
    }

    /// Strings that stand side by side are one.
    fn strings(&mut self) -> Result<Literal, LiteralError> {
        let mut joined = String::new();
        while let Some(kind) = prefix(&self.text[self.at..], self.at)? {
            self.at += string(&self.text[self.at..], kind, self.at, &mut joined)?;
            self.space()?;
        }
        Ok(Literal::Str(joined))
    }

    fn name(&mut self, rest: &str) -> Result<Literal, LiteralError> {
        let length = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let name = &rest[..length];
        let value = match name {
            "None" => Literal::None,
            "True" => Literal::Bool(true),
            "False" => Literal::Bool(false),
            "set" => return self.empty_set(),
            _ => {
                return Err(self.error(format!(
                    "`{name}` is no literal; a text needs quotes: '{name}'"
                )));
            }
        };
        self.at += length;
        Ok(value)
    }

    /// `set()`, the only way to write an empty one.
    fn empty_set(&mut self) -> Result<Literal, LiteralError> {
        let error = self.error("only an empty `set()` may be written so; others are {a, b}");
        self.at += "set".len();
        self.space()?;
        if self.peek() != Some('(') || !self.list(')')?.is_empty() {
            return Err(error);
        }
        Ok(Literal::Set(Vec::new()))
    }

    fn enter(&mut self) -> Result<(), LiteralError> {
        if self.open == DEEPEST {
            return Err(self.error(format!("the brackets are nested more than {DEEPEST} deep")));
        }
        self.open += 1;
        self.at += 1;
        Ok(())
    }

    /// Members from the bracket at hand to `close`.
    fn list(&mut self, close: char) -> Result<Vec<Literal>, LiteralError> {
        self.enter()?;
        self.more(Vec::new(), Some(close))
    }

    /// Further members with commas between them, up to `close` or the end of the line.
    fn more(
        &mut self,
        mut items: Vec<Literal>,
        close: Option<char>,
    ) -> Result<Vec<Literal>, LiteralError> {
        loop {
            self.space()?;
            let next = self.peek();
            if next == close || (close.is_none() && next == Some('\n')) {
                self.leave(close);
                return Ok(items);
            }
            items.push(self.value()?);
            self.comma(close)?;
        }
    }

    fn leave(&mut self, close: Option<char>) {
        if close.is_some() {
            self.at += 1;
            self.open -= 1;
        }
    }

    /// The comma after a member; none is needed before `close`.
    fn comma(&mut self, close: Option<char>) -> Result<(), LiteralError> {
        self.space()?;
        match self.peek() {
            Some(',') => {
                self.at += 1;
                Ok(())
            }
            next if next == close || (close.is_none() && next == Some('\n')) => Ok(()),
            None => Err(self.error(format!("the closing `{}` is missing", close.unwrap_or(' ')))),
            Some(_) => Err(self.error("a comma is missing before this")),
        }
    }

    /// `(a)` is a, `(a,)` and `()` are tuples.
    fn parentheses(&mut self) -> Result<(Literal, bool), LiteralError> {
        self.enter()?;
        self.space()?;
        if self.peek() == Some(')') {
            self.leave(Some(')'));
            return Ok((Literal::Tuple(Vec::new()), false));
        }
        let signed = matches!(self.peek(), Some('+' | '-'));
        let first = if signed {
            (self.value()?, false)
        } else {
            self.atom()?
        };
        self.space()?;
        if self.peek() == Some(')') {
            self.leave(Some(')'));
            return Ok(first);
        }
        self.comma(Some(')'))?;
        Ok((Literal::Tuple(self.more(vec![first.0], Some(')'))?), false))
    }

    /// A dict, or a set where no colon follows the first member.
    fn braces(&mut self) -> Result<Literal, LiteralError> {
        self.enter()?;
        let mut set: Vec<Literal> = Vec::new();
        let mut dict: Vec<(Literal, Literal)> = Vec::new();
        loop {
            self.space()?;
            if self.peek() == Some('}') {
                self.leave(Some('}'));
                return Ok(if set.is_empty() {
                    Literal::Dict(dict)
                } else {
                    Literal::Set(set)
                });
            }
            let at = self.at;
            let key = self.value()?;
            if !key.hashable() {
                return Err(LiteralError::new(
                    at,
                    format!("{} cannot be a key or a member of a set", key.kind()),
                ));
            }
            self.space()?;
            if self.peek() == Some(':') && set.is_empty() {
                self.at += 1;
                let value = self.value()?;
                match dict.iter_mut().find(|(known, _)| known.same(&key)) {
                    Some((_, old)) => *old = value,
                    None => dict.push((key, value)),
                }
            } else if dict.is_empty() {
                if !set.iter().any(|known| known.same(&key)) {
                    set.push(key);
                }
            } else {
                return Err(self.error("a `:` and a value are missing after this key"));
            }
            self.comma(Some('}'))?;
        }
    }
}
