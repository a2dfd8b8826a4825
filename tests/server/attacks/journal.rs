//! Text of users in names: nothing is carried out, nothing is taken apart.

use crate::{corpus, runner::Runner};
use serde_json::json;

#[test]
fn a_name_is_a_name() {
    let runner = Runner::new();
    for name in [
        "$(touch /tmp/voxtune-was-here) `id`; id",
        "<img src=x onerror=alert(1)> a\"b'c %s%n",
    ] {
        let text = corpus::ini(&runner.data(), "named", 1);
        let body = json!({ "text": text, "name": name });
        let job = runner
            .ask("POST", "/api/jobs", Some(body))
            .with_status(201)
            .json();
        assert_eq!(job["name"], name);
        let id = job["id"].as_str().expect("an id");
        assert!(
            id.chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'),
            "{id}"
        );
        runner.wait_for(id, &["finished"]);
        let answer = runner.ask("GET", &format!("/api/jobs/{id}"), None);
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    assert!(!std::path::Path::new("/tmp/voxtune-was-here").exists());
    // An address in an experiment is never asked.
    let text = corpus::ini(&runner.data(), "ssrf", 1);
    for key in ["endpoint", "hf_endpoint", "hub_endpoint"] {
        let text = text.replace(
            "seed = 1",
            &format!("seed = 1\n{key} = http://127.0.0.1:1/"),
        );
        let answer = runner.ask("POST", "/api/jobs", Some(json!({ "text": text })));
        assert_eq!(answer.status, 422, "{key}: {}", answer.text());
    }
}
