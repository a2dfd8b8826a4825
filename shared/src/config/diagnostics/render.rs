//! Findings as compilers print them.

use super::{Diagnostic, Severity};
use codespan_reporting::{
    diagnostic::{self, Label, LabelStyle},
    files::SimpleFile,
    term,
};

/// The findings with the lines that they are about; `path` is the name of the text.
#[must_use]
pub fn render(text: &str, path: &str, findings: &[Diagnostic]) -> String {
    let file = SimpleFile::new(path, text);
    let config = term::Config::default();
    let mut out = String::new();
    for finding in findings {
        let severity = match finding.severity {
            Severity::Error => diagnostic::Severity::Error,
            Severity::Warning => diagnostic::Severity::Warning,
            Severity::Info => diagnostic::Severity::Note,
        };
        let label = Label::new(
            LabelStyle::Primary,
            (),
            finding.span.start..finding.span.end,
        );
        let printed = diagnostic::Diagnostic::new(severity)
            .with_code(finding.code.word())
            .with_message(&finding.message)
            .with_labels(vec![label])
            .with_notes(
                finding
                    .fix
                    .iter()
                    .map(|fix| format!("fix: {}", fix.message))
                    .collect(),
            );
        // A place outside of the text is the only error; the message still counts.
        if term::emit_to_string(&mut out, &config, &file, &printed).is_err() {
            out.push_str(&format!(
                "{}: {}\n",
                finding.severity.word(),
                finding.message
            ));
        }
    }
    out
}
