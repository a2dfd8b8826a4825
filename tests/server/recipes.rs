//! The pages of documentation say what is so: recipes run as they are written, tests that are named
//! are there.

use crate::{corpus, runner::Runner, stream::Stream};
use fake_hub::{FakeHub, WRITE_TOKEN};
use serde_json::json;
use std::{fs, path::Path, process::Command};

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");

/// The lines of a page that are recipes for `curl`: indented blocks of which one line asks.
fn recipes(page: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in page.lines() {
        let last = blocks.len() - 1;
        match line.strip_prefix("    ") {
            Some(code) => blocks[last] += &format!("{code}\n"),
            None if !line.trim().is_empty() && !blocks[last].is_empty() => {
                blocks.push(String::new());
            }
            None => {}
        }
    }
    blocks.retain(|block| block.contains("ask "));
    blocks
}

#[test]
fn the_recipes_for_curl_do_what_they_say() {
    let page = fs::read_to_string(format!("{DOCS}/server.md")).expect("the page");
    let blocks = recipes(&page);
    let count = blocks
        .iter()
        .map(|block| block.matches("ask ").count())
        .sum::<usize>();
    assert!(count > 20, "{count} recipes");
    let tools = ["curl", "jq", "sha256sum"];
    if tools
        .iter()
        .any(|tool| Command::new(tool).arg("--version").output().is_err())
    {
        return skipped();
    }
    let hub = FakeHub::start().expect("a hub");
    let environment = [
        ("HF_ENDPOINT", hub.endpoint()),
        ("HF_TOKEN", WRITE_TOKEN),
        ("HF_HOME", "/nonexistent"),
    ];
    let runner = Runner::within(&[], &environment);
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let wav = corpus::wav(220.0, 8_000);
    fs::write(runner.data().join("clip.wav"), &wav).expect("a file");
    fs::write(here.join("clip.wav"), &wav).expect("a file");
    fs::write(
        here.join("experiment.ini"),
        corpus::ini(&runner.data(), "recipe", 1),
    )
    .expect("a file");
    let calls = crate::uploads::zip(&[("calls/a.wav", &wav, 0o100_644)]);
    fs::write(here.join("calls.zip"), &calls).expect("a file");
    // What differs from place to place; all else is run as it stands.
    let token = runner.home().join("token");
    let mut script = "set -eu\n".to_owned();
    for block in &blocks {
        script += &block
            .replace(
                "~/.local/share/voxtune/token",
                token.to_str().expect("UTF-8"),
            )
            .replace(
                "http://localhost:8080",
                &format!("http://{}", runner.host()),
            )
            .replace("owner/name", "lab/recipe");
        script += "echo; echo '--- next'\n";
    }
    let done = Command::new("bash")
        .args(["-c", &script])
        .current_dir(here)
        .env_remove("http_proxy")
        .env_remove("HTTP_PROXY")
        .env_remove("all_proxy")
        .output()
        .expect("bash");
    let said = format!(
        "{}\n{}\n{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr),
        runner.log()
    );
    assert!(done.status.success(), "{said}");
    assert!(
        !said.contains("null") || said.contains("\"failure\":null"),
        "{said}"
    );
    // What they were to do is done.
    let jobs = runner.get("/api/jobs");
    let names: Vec<_> = jobs["jobs"].as_array().expect("jobs").iter().collect();
    assert_eq!(names.len(), 1, "the copy is gone: {jobs:#}");
    assert_eq!(names[0]["state"], "finished");
    let datasets = runner.get("/api/datasets");
    assert_eq!(datasets["datasets"][0]["name"], "calls");
    let archive = fs::read(here.join("run.zip")).expect("the archive");
    assert!(archive.starts_with(b"PK") && archive.len() > 10_000);
    assert_eq!(
        fs::read(here.join("head.wav")).expect("a part"),
        wav[..1_000]
    );
    assert!(
        said.contains("\"predictions\":[{\"file\":\"live\""),
        "{said}"
    );
    let job = names[0]["id"].as_str().expect("an id");
    let mut stream = Stream::open(&runner, &format!("/api/jobs/{job}/events"), None);
    while stream.next().expect("an event").1["run"]["event"] != json!("published") {}
    assert!(hub.state().repositories.contains_key("lab/recipe"));
}

#[allow(clippy::print_stderr)]
fn skipped() {
    eprintln!("not tried: curl, jq or sha256sum is missing");
}

#[test]
fn the_tests_that_the_page_of_attacks_names_are_there() {
    let page = fs::read_to_string(format!("{DOCS}/security.md")).expect("the page");
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/server");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.len() > 15, "{}", rows.len());
    for row in &rows[1..] {
        let tried = row
            .trim_end_matches('|')
            .rsplit('|')
            .next()
            .expect("a column");
        let named: Vec<&str> = tried.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "nothing tries: {row}");
        for name in named {
            if let Some((file, test)) = name.split_once("::") {
                let text = fs::read_to_string(tests.join(format!("{file}.rs"))).unwrap_or_default();
                assert!(text.contains(&format!("fn {test}()")), "there is no {name}");
            } else if name.ends_with(".rs") {
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
                assert!(path.is_file(), "there is no {name}");
            } else {
                let path = format!("../shared/fuzz/fuzz_targets/{name}.rs");
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
                assert!(path.is_file(), "there is no {name}");
            }
        }
    }
}
