//! What the steps of a check share.

use super::{Mode, Setting};
use crate::{
    config::{
        diagnostics::{Code, Diagnostic, Fix, Severity},
        ini::{Document, Edit, EditError},
        literal::{self, Literal},
        span::Span,
    },
    files::Files,
};

/// A check under way.
pub(super) struct Checker<'a> {
    /// The text.
    pub(super) document: &'a Document,
    /// Where the INI lies; empty where that is not known.
    pub(super) folder: &'a str,
    /// Asked for paths, unless the mode is [`Mode::Text`].
    pub(super) files: &'a dyn Files,
    pub(super) mode: Mode,
    /// The INI of `root_folders`.
    pub(super) roots: Option<Document>,
    /// Whether `[MODEL] type` is `finetune`.
    pub(super) finetune: bool,
    findings: Vec<Diagnostic>,
    settings: Vec<Setting>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(
        document: &'a Document,
        folder: &'a str,
        files: &'a dyn Files,
        mode: Mode,
    ) -> Self {
        let model = document
            .entry("MODEL", "type")
            .and_then(|entry| document.value("MODEL", entry).ok());
        let finetune = model.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("finetune"));
        Self {
            document,
            folder,
            files,
            mode,
            roots: None,
            finetune,
            findings: Vec::new(),
            settings: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> (Vec<Diagnostic>, Vec<Setting>) {
        (self.findings, self.settings)
    }

    pub(super) fn setting(&mut self, setting: Setting) {
        self.settings.push(setting);
    }

    /// Adds a finding; the result takes a fix.
    pub(super) fn find(
        &mut self,
        severity: Severity,
        code: Code,
        span: Span,
        message: impl Into<String>,
    ) -> Finding<'_> {
        self.findings.push(Diagnostic {
            span,
            start: self.document.position(span.start),
            end: self.document.position(span.end),
            severity,
            code,
            message: message.into(),
            fix: None,
        });
        Finding {
            findings: &mut self.findings,
        }
    }

    pub(super) fn error(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
    ) -> Finding<'_> {
        self.find(Severity::Error, code, span, message)
    }

    pub(super) fn warn(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
    ) -> Finding<'_> {
        self.find(Severity::Warning, code, span, message)
    }

    pub(super) fn info(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
    ) -> Finding<'_> {
        self.find(Severity::Info, code, span, message)
    }

    /// An error before a run or, outside of the sections of the model, before data are read; else a
    /// warning.
    pub(super) fn refuse(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
    ) -> Finding<'_> {
        let sections = self.document.sections().iter();
        let section = sections
            .filter(|section| section.header.start <= span.start)
            .max_by_key(|section| section.header.start);
        let severity = self.refusal(section.map_or("", |section| section.name.as_str()));
        self.find(severity, code, span, message)
    }

    /// How grave it is that a key of `section` cannot be followed.
    pub(super) fn refusal(&self, section: &str) -> Severity {
        let of_model = matches!(section, "MODEL" | "FINETUNE");
        match self.mode {
            Mode::Run => Severity::Error,
            Mode::Data if !of_model => Severity::Error,
            Mode::Data | Mode::Text | Mode::Check => Severity::Warning,
        }
    }

    /// What to do about the last finding; without edits where one cannot be made.
    pub(super) fn amend(
        &mut self,
        message: impl Into<String>,
        edits: Vec<Result<Edit, EditError>>,
    ) {
        Finding {
            findings: &mut self.findings,
        }
        .fix(message, edits);
    }

    /// Where something that is missing in `section` is pointed out: its header, or the start.
    pub(super) fn place(&self, section: &str) -> Span {
        self.document
            .section(section)
            .map_or(Span::at(0), |found| found.name_span)
    }

    /// The members of a list that is written at `section` and `key`, for looking around; what is
    /// wrong with it is reported where it is read.
    pub(super) fn peek_list(&self, section: &str, key: &str) -> Vec<String> {
        let value = self
            .document
            .entry(section, key)
            .and_then(|entry| self.document.value(section, entry).ok());
        let literal = value.and_then(|value| literal::parse(&value).ok());
        let items = literal
            .as_ref()
            .and_then(Literal::items)
            .unwrap_or_default();
        items.iter().map(Literal::text).collect()
    }
}

/// The last finding.
pub(super) struct Finding<'f> {
    findings: &'f mut Vec<Diagnostic>,
}

impl Finding<'_> {
    /// Says what to do.
    pub(super) fn advise(self, message: impl Into<String>) {
        self.fix(message, Vec::new());
    }

    /// Says what to do, and how the text changes by it; without edits where one cannot be made.
    pub(super) fn fix(self, message: impl Into<String>, edits: Vec<Result<Edit, EditError>>) {
        let edits = edits
            .into_iter()
            .collect::<Result<_, _>>()
            .unwrap_or_default();
        if let Some(last) = self.findings.last_mut() {
            last.fix = Some(Fix {
                message: message.into(),
                edits,
            });
        }
    }

    /// Replaces the stretch `span` by `text`.
    pub(super) fn replace(self, message: impl Into<String>, span: Span, text: impl Into<String>) {
        self.fix(
            message,
            vec![Ok(Edit {
                span,
                text: text.into(),
            })],
        );
    }
}
