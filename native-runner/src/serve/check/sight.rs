//! Paths that are not in sight: why not, and what was perhaps meant.

use crate::serve::Sight;
use shared::{
    config::{
        Checked,
        diagnostics::{Code, Diagnostic, Fix},
        ini::{Edit, escaped},
    },
    files::Files,
};

/// Folders directly below each root that are looked into for what was meant.
const FOLDERS: usize = 200;
/// Beginnings of paths that are named as advice.
const NAMED: usize = 6;

/// What is out of sight is said to be so: that it does not exist would send people looking for it.
/// Where a root or dataset has a file of that name, the finding gets a fix that names it.
pub(crate) fn explain(checked: &mut Checked, files: &Sight) {
    let text = checked.document.text().to_owned();
    for finding in &mut checked.diagnostics {
        let Some(path) = missing(finding) else {
            continue;
        };
        let hidden = files.covers(&path).err();
        if let Some(reason) = &hidden {
            finding.message = format!("`{path}`: {reason}");
            finding.fix = None;
        }
        if let Some(meant) = meant(&path, files) {
            finding.fix = Some(fix(finding, &text, &path, &meant));
        } else if hidden.is_some() {
            finding.fix = Some(advice(files));
        }
    }
}

/// The path that a finding is about, if it is about one that is not there.
fn missing(finding: &Diagnostic) -> Option<String> {
    let named = finding.message.strip_suffix("` does not exist")?;
    let path = named.rsplit('`').next()?;
    (finding.code == Code::MissingPath).then(|| path.to_owned())
}

/// The first path in sight that ends as `path` does, with as many steps alike as can be.
fn meant(path: &str, files: &Sight) -> Option<String> {
    // What a checkout of a dataset that is gone was called is no part of its files' names.
    let path = path.strip_prefix("dataset:").map_or(path, |rest| {
        rest.split_once('/').map_or("", |(_, rest)| rest)
    });
    let steps: Vec<&str> = path
        .split(['/', '\\'])
        .filter(|step| !matches!(*step, "" | "." | ".." | "~") && !step.ends_with(':'))
        .collect();
    let mut places = files.beginnings();
    for root in files.beginnings() {
        let inner = files.entries(&root, FOLDERS).map(|(entries, _)| entries);
        let folders = inner.into_iter().flatten().filter(|entry| entry.is_folder);
        places.extend(folders.map(|folder| below(&root, &folder.name)));
    }
    let ends = (0..steps.len()).map(|from| steps[from..].join("/"));
    ends.flat_map(|end| places.iter().map(move |place| below(place, &end)))
        .find(|candidate| files.exists(candidate))
}

fn below(folder: &str, path: &str) -> String {
    format!("{}/{path}", folder.trim_end_matches('/'))
}

/// A fix that puts `meant` in the place of `path`, where the text has it as it is.
fn fix(finding: &Diagnostic, text: &str, path: &str, meant: &str) -> Fix {
    let span = finding.span;
    let written = text.get(span.start..span.end) == Some(escaped(path).as_str());
    let edit = Edit {
        span,
        text: escaped(meant),
    };
    Fix {
        message: format!("the runner has `{meant}`: write that"),
        edits: if written { vec![edit] } else { Vec::new() },
    }
}

/// What paths can begin with.
fn advice(files: &Sight) -> Fix {
    let all = files.beginnings();
    let named: Vec<String> = all
        .iter()
        .take(NAMED)
        .map(|path| format!("`{path}`"))
        .collect();
    let more = if all.len() > NAMED { ", ..." } else { "" };
    Fix {
        message: format!(
            "begin it with one of {}{more}; `voxtune serve --data DIR` shows it a folder, and the page's place Data uploads one",
            named.join(", ")
        ),
        edits: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::SightSpec;
    use shared::config::{Mode, check_in};
    use std::fs;

    /// The findings about paths of an experiment: message, advice, what the text becomes.
    fn findings(paths: [&str; 2], roots: &[&std::path::Path]) -> Vec<(String, String, String)> {
        let spec = SightSpec {
            roots: roots.iter().map(|root| root.to_path_buf()).collect(),
            datasets: Vec::new(),
        };
        let files = Sight::open(&spec).expect("roots");
        let text = format!(
            "[EXP]\nroot = ./r\nname = n\n[DATA]\ndatabases = ['d']\nd = {}\nd.type = csv\ntarget = emotion\n\
             [FEATS]\ntype = []\n[MODEL]\ntype = finetune\n[FINETUNE]\npretrained_model = {}\n",
            paths[0], paths[1]
        );
        let mut checked = check_in(&text, "", &files, Mode::Check);
        explain(&mut checked, &files);
        let found = checked.diagnostics.iter();
        found
            .filter(|finding| finding.code == Code::MissingPath)
            .map(|finding| {
                let fix = finding.fix.clone().expect("a way on");
                let mut after = text.clone();
                for edit in &fix.edits {
                    after.replace_range(edit.span.start..edit.span.end, &edit.text);
                }
                (finding.message.clone(), fix.message, after)
            })
            .collect()
    }

    #[test]
    fn relative_paths_of_the_demo_are_found_in_it() {
        let found = findings(["./static/demo/demo.csv", "./static/demo/model"], &[]);
        let [table, model] = found.as_slice() else {
            panic!("{found:#?}");
        };
        assert!(
            table.0.contains("relative paths begin nowhere"),
            "{table:?}"
        );
        assert!(
            table.2.contains("\nd = dataset:demo/demo.csv\n"),
            "{table:?}"
        );
        assert!(
            model
                .2
                .contains("\npretrained_model = dataset:demo/model\n")
        );
    }

    #[test]
    fn a_file_below_a_folder_of_a_root_is_found_by_the_longest_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a path");
        for name in ["b/100%.csv", "a/deep/100%.csv"] {
            fs::create_dir_all(root.join(name).parent().expect("a parent")).expect("a folder");
            fs::write(root.join(name), "file\n").expect("a file");
        }
        let found = findings(["../deep/100%%.csv", "dataset:demo/model"], &[&root]);
        let meant = format!("d = {}/a/deep/100%%.csv\n", root.display());
        assert!(found[0].2.contains(&meant), "{found:#?}");
        let elsewhere = findings(["/elsewhere/b/100%%.csv", "dataset:demo/model"], &[&root]);
        assert!(
            elsewhere[0].2.contains("/b/100%%.csv\nd.type"),
            "{elsewhere:#?}"
        );
    }

    #[test]
    fn where_nothing_is_alike_the_beginnings_are_named() {
        let found = findings(["./calls.csv", "dataset:dead/nothing"], &[]);
        for (_, advice, _) in &found {
            assert!(
                advice.contains("begin it with one of `dataset:demo`"),
                "{found:#?}"
            );
        }
        assert_eq!(found.len(), 2, "{found:#?}");
    }
}
