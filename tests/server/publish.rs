//! Models to the hub, through the server, against a hub on the loopback.

use crate::{runner::Runner, stream::Stream};
use fake_hub::{FakeHub, READ_TOKEN, WRITE_TOKEN};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// A server that is set up for `hub`, and a finished job.
fn world(hub: &FakeHub, token: &str) -> (Runner, String) {
    let environment = [
        ("HF_ENDPOINT", hub.endpoint()),
        ("HF_TOKEN", token),
        ("HF_HOME", "/nonexistent"),
    ];
    let runner = Runner::within(&["--log", "json"], &environment);
    let job = runner.queue("published", 1);
    runner.wait_for(&job, &["finished"]);
    (runner, job)
}

/// The event of a kind that a job tells of next.
fn next(stream: &mut Stream, kind: &str) -> Value {
    loop {
        let (_, event) = stream.next().expect("an event");
        if event["run"]["event"] == kind {
            return event["run"].clone();
        }
    }
}

/// Asserts that `secret` stands in no file of the server, in no answer, and not in its log.
fn hidden(runner: &Runner, job: &str, secret: &str) {
    let mut left = vec![runner.home()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(
                fs::read_dir(&path)
                    .expect("a folder")
                    .flatten()
                    .map(|e| e.path()),
            );
        } else {
            assert!(
                !holds(&fs::read(&path).expect("a file"), secret),
                "{}",
                path.display()
            );
        }
    }
    assert!(!runner.log().contains(secret));
    for path in [
        "/api/session".to_owned(),
        "/api/audit".to_owned(),
        "/metrics".to_owned(),
        format!("/api/jobs/{job}"),
        format!("/api/jobs/{job}/log"),
        format!("/api/jobs/{job}/records"),
        format!("/api/jobs/{job}/archive"),
    ] {
        let answer = runner.ask("GET", &path, None).with_status(200);
        assert!(!holds(&answer.body, secret), "{path}");
    }
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes
        .windows(secret.len())
        .any(|window| window == secret.as_bytes())
}

#[test]
fn a_model_is_published_and_its_events_tell_of_it() {
    let hub = FakeHub::start().expect("a hub");
    let (runner, job) = world(&hub, WRITE_TOKEN);
    assert_eq!(runner.get("/api/session")["can_publish"], json!(true));
    let publish = |body: Value| {
        let path = format!("/api/jobs/{job}/publish");
        runner.ask("POST", &path, Some(body))
    };
    for wrong in [
        "",
        "lab",
        "lab/",
        "a/b/c",
        "lab/x@main",
        "../x",
        "lab/$(id)",
        "https://x/y",
    ] {
        let refused = publish(json!({ "to": wrong })).with_status(422).json();
        assert_eq!(refused["key"], "to", "{wrong}");
    }
    publish(json!({ "to": "lab/tones", "run": 9 })).with_status(404);
    let seen = hub.state().seen.len();
    let mut stream = Stream::open(&runner, &format!("/api/jobs/{job}/events"), None);
    let begun = publish(json!({ "to": "lab/tones" }))
        .with_status(202)
        .json();
    assert_eq!(begun, json!({ "to": "lab/tones", "run": 0 }));
    let told = next(&mut stream, "published");
    assert_eq!(
        (&told["model"], &told["private"]),
        (&json!("lab/tones"), &json!(true)),
        "{told:#}"
    );
    {
        let state = hub.state();
        let repository = &state.repositories["lab/tones"];
        assert!(repository.private);
        assert_eq!(told["revision"], json!(repository.head()));
        let files = repository.files();
        let folder = fs::read_dir(runner.job_folder(&job)).expect("the job");
        assert!(folder.count() > 0);
        for name in ["model.safetensors", "config.json", "README.md"] {
            let own = find(&runner.job_folder(&job), name).expect("the file");
            assert!(files[name] == fs::read(own).expect("its bytes"), "{name}");
        }
        assert!(state.seen.len() > seen);
    }
    // Made for its owner alone: with `public` it stays so, and says so instead of opening it.
    let again = publish(json!({ "to": "lab/open", "public": true }));
    assert_eq!(again.status, 202, "{}", again.text());
    let told = next(&mut stream, "published");
    assert_eq!(
        (&told["model"], &told["private"]),
        (&json!("lab/open"), &json!(false))
    );
    // What lies open already is no place for what is to be private.
    publish(json!({ "to": "lab/open" })).with_status(202);
    let refused = next(&mut stream, "warning");
    let message = refused["message"].as_str().expect("a message");
    assert!(
        message.contains("was not published") && message.contains("lab/open"),
        "{message}"
    );
    // Another user's job is none.
    let other = runner.add_user(&["berta"]);
    let path = format!("/api/jobs/{job}/publish");
    let body = json!({ "to": "lab/tones" });
    runner
        .ask_as(&other, "POST", &path, Some(body))
        .with_status(404);
    hidden(&runner, &job, WRITE_TOKEN);
}

#[test]
fn a_token_that_may_not_write_is_told_in_the_events_and_nowhere_shown() {
    let hub = FakeHub::start().expect("a hub");
    let (runner, job) = world(&hub, READ_TOKEN);
    let mut stream = Stream::open(&runner, &format!("/api/jobs/{job}/events"), None);
    let body = json!({ "to": "lab/tones" });
    let path = format!("/api/jobs/{job}/publish");
    runner.ask("POST", &path, Some(body)).with_status(202);
    let refused = next(&mut stream, "warning");
    let message = refused["message"].as_str().expect("a message");
    assert!(message.contains("not published"), "{message}");
    assert!(hub.state().repositories.is_empty());
    hidden(&runner, &job, READ_TOKEN);
}

#[test]
fn one_at_a_time_and_its_files_stay_meanwhile() {
    let hub = FakeHub::start().expect("a hub");
    let (runner, job) = world(&hub, WRITE_TOKEN);
    let path = format!("/api/jobs/{job}/publish");
    let publish = || runner.ask("POST", &path, Some(json!({ "to": "lab/tones" })));
    let mut stream = Stream::open(&runner, &format!("/api/jobs/{job}/events"), None);
    {
        // Nobody is answered while the hub is looked at.
        let _held = hub.state();
        publish().with_status(202);
        publish().with_status(409);
        let delete = runner.ask("DELETE", &format!("/api/jobs/{job}"), None);
        assert!(delete.with_status(409).text().contains("published"));
    }
    next(&mut stream, "published");
    assert!(hub.state().repositories.contains_key("lab/tones"));
}

/// The first file of a name below `folder`, of a model.
fn find(folder: &Path, name: &str) -> Option<std::path::PathBuf> {
    let mut left = vec![folder.to_owned()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).ok()?.flatten().map(|e| e.path()));
        } else if path.file_name().is_some_and(|found| found == name)
            && path
                .parent()
                .is_some_and(|parent| parent.ends_with("torch"))
        {
            return Some(path);
        }
    }
    None
}
