//! Any text can be checked and shown, and an experiment comes of it unless there are errors.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::{
    config::{Mode, check, diagnostics::render},
    files::Memory,
};

fuzz_target!(|text: &str| {
    for mode in [Mode::Text, Mode::Check, Mode::Run, Mode::Data] {
        let checked = check(text, &Memory::default(), mode);
        assert_eq!(checked.experiment.is_none(), checked.has_errors());
        let _ = render(text, "fuzz.ini", &checked.diagnostics);
        let _ = checked.to_json().to_string();
        for fix in checked.diagnostics.iter().filter_map(|finding| finding.fix.as_ref()) {
            let _ = checked.document.apply(&fix.edits);
        }
    }
});
