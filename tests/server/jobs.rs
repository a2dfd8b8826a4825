//! The life of jobs.

use crate::{
    corpus,
    runner::{Runner, id, signal},
};
use serde_json::{Value, json};
use std::{fs, thread, time::Duration};

#[test]
fn a_request_with_a_key_is_carried_out_once() {
    let runner = Runner::with(&["--jobs-per-device", "1"]);
    let blocker = runner.queue("blocker", 400);
    let token = runner.token();
    let body = json!({ "text": corpus::ini(&runner.data(), "once", 1) });
    let create = |body: &Value| {
        let key = [("Idempotency-Key", "abc")];
        runner.ask_with(&token, "POST", "/api/jobs", &key, Some(body.clone()))
    };
    // All at the same time, and once more.
    let answers: Vec<(u16, String)> = thread::scope(|scope| {
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(|| create(&body))).collect();
        let answers = asked
            .into_iter()
            .map(|asked| asked.join().expect("an answer"));
        answers
            .map(|answer| (answer.status, id(&answer.json())))
            .collect()
    });
    assert_eq!(
        answers.iter().filter(|(status, _)| *status == 201).count(),
        1,
        "{answers:?}"
    );
    assert!(
        answers.iter().all(|(_, id)| *id == answers[0].1),
        "{answers:?}"
    );
    assert_eq!(id(&create(&body).with_status(200).json()), answers[0].1);
    let other = json!({ "text": corpus::ini(&runner.data(), "other", 1) });
    create(&other).with_status(409);
    let jobs = runner.get("/api/jobs");
    assert_eq!(jobs["jobs"].as_array().expect("jobs").len(), 2);
    let folders = std::fs::read_dir(runner.home().join("jobs"))
        .expect("the folder")
        .count();
    assert_eq!(folders, 2, "what came too late left nothing");
    runner
        .ask(
            "POST",
            &format!("/api/jobs/{blocker}/cancel"),
            Some(json!({})),
        )
        .with_status(200);
}

#[test]
fn a_wrong_experiment_is_refused_with_its_place() {
    let runner = Runner::new();
    let text =
        corpus::ini(&runner.data(), "wrong", 1).replace("batch_size = 4", "batch_size = four");
    let body = json!({ "text": text });
    let problem = runner
        .ask("POST", "/api/jobs", Some(body.clone()))
        .with_status(422);
    assert_eq!(
        problem.header("content-type"),
        Some("application/problem+json")
    );
    let problem = problem.json();
    let line = text
        .lines()
        .position(|line| line.starts_with("batch_size"))
        .expect("a line")
        + 1;
    assert_eq!(problem["type"], "invalid-config");
    assert_eq!(
        (&problem["section"], &problem["key"]),
        (&json!("FINETUNE"), &json!("batch_size"))
    );
    assert_eq!(
        (&problem["line"], &problem["column"]),
        (&json!(line), &json!(14))
    );
    let check = runner
        .ask("POST", "/api/check", Some(body))
        .with_status(200)
        .json();
    assert_eq!(check["valid"], false);
    assert!(
        runner.get("/api/jobs")["jobs"]
            .as_array()
            .expect("jobs")
            .is_empty()
    );
    let fine = json!({ "text": corpus::ini(&runner.data(), "fine", 1) });
    let check = runner
        .ask("POST", "/api/check", Some(fine))
        .with_status(200)
        .json();
    assert_eq!(check["valid"], true, "{check:#}");
    assert!(
        check["estimate"]["parameters"]
            .as_u64()
            .is_some_and(|n| n > 1000),
        "{check:#}"
    );
    for (body, key) in [
        (
            json!({ "text": corpus::ini(&runner.data(), "x", 1), "device": "cuda:77" }),
            "device",
        ),
        (
            json!({ "text": corpus::ini(&runner.data(), "x", 1), "priority": 1000 }),
            "priority",
        ),
        (
            json!({ "text": corpus::ini(&runner.data(), "x", 1), "name": "" }),
            "name",
        ),
        (
            json!({ "text": corpus::ini(&runner.data(), "x", 1), "limits": { "seconds": 0 } }),
            "seconds",
        ),
    ] {
        let problem = runner
            .ask("POST", "/api/jobs", Some(body))
            .with_status(422)
            .json();
        assert_eq!(problem["key"], key);
    }
    runner
        .ask("POST", "/api/jobs", Some(json!({ "txt": "" })))
        .with_status(422);
    runner
        .ask("POST", "/api/jobs", Some(json!([])))
        .with_status(422);
}

#[test]
fn cancel_ends_cleanly_and_resume_goes_on() {
    let runner = Runner::new();
    let job = runner.queue("long", 300);
    runner.wait_for_step(&job);
    let path = format!("/api/jobs/{job}");
    runner.ask("DELETE", &path, None).with_status(409);
    runner
        .ask("POST", &format!("{path}/resume"), Some(json!({})))
        .with_status(409);
    runner
        .ask("POST", &format!("{path}/cancel"), Some(json!({})))
        .with_status(200);
    let cancelled = runner.wait_for(&job, &["cancelled"]);
    assert_eq!(cancelled["failure"], Value::Null, "{cancelled:#}");
    let made = cancelled["progress"]["step"].as_u64().expect("a step");
    assert!(made > 0);
    // Twice is as good as once.
    runner
        .ask("POST", &format!("{path}/cancel"), Some(json!({})))
        .with_status(200);
    runner
        .ask("POST", &format!("{path}/resume"), Some(json!({})))
        .with_status(200);
    let since = std::time::Instant::now();
    let resumed = loop {
        let events = stored_events(&runner, &job);
        if let Some(event) = events
            .iter()
            .find(|event| event["run"]["event"] == "resumed")
        {
            break event["run"].clone();
        }
        assert!(since.elapsed() < Duration::from_secs(60), "{events:#?}");
        thread::sleep(Duration::from_millis(100));
    };
    assert!(
        resumed["step"].as_u64().is_some_and(|step| step > 0),
        "{resumed}"
    );
    runner
        .ask("POST", &format!("{path}/cancel"), Some(json!({})))
        .with_status(200);
    runner.wait_for(&job, &["cancelled"]);
    runner.ask("DELETE", &path, None).with_status(204);
    runner.ask("GET", &path, None).with_status(404);
    assert!(!runner.job_folder(&job).exists());
}

/// All events of a job so far.
fn stored_events(runner: &Runner, job: &str) -> Vec<Value> {
    let last = runner.get(&format!("/api/jobs/{job}"))["last_event"]
        .as_u64()
        .expect("an id");
    let mut stream = crate::stream::Stream::open(runner, &format!("/api/jobs/{job}/events"), None);
    let mut events = Vec::new();
    while let Some((id, event)) = stream.next() {
        events.push(event);
        if id >= last {
            break;
        }
    }
    events
}

#[test]
fn the_queue_has_an_order_that_can_be_changed() {
    let runner = Runner::new();
    let blocker = runner.queue("blocker", 400);
    runner.wait_for(&blocker, &["running"]);
    let jobs: Vec<String> = ["a", "b", "c"]
        .iter()
        .map(|name| runner.queue(name, 1))
        .collect();
    let order = || -> Vec<String> {
        let list = runner.get("/api/jobs?state=queued");
        let jobs = list["jobs"].as_array().expect("jobs");
        jobs.iter()
            .map(|job| job["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    let move_to =
        |job: &str, body: Value| runner.ask("POST", &format!("/api/jobs/{job}/move"), Some(body));
    assert_eq!(order(), ["a", "b", "c"]);
    let moved = move_to(&jobs[2], json!({ "before": jobs[0] }))
        .with_status(200)
        .json();
    assert_eq!(moved["position"], 1);
    assert_eq!(order(), ["c", "a", "b"]);
    // So often that halves between two places run out.
    for _ in 0..70 {
        move_to(&jobs[1], json!({ "before": jobs[0] })).with_status(200);
        move_to(&jobs[2], json!({ "before": jobs[0] })).with_status(200);
    }
    assert_eq!(order(), ["b", "c", "a"]);
    move_to(&jobs[0], json!({ "priority": 5 })).with_status(200);
    assert_eq!(order(), ["a", "b", "c"]);
    move_to(&blocker, json!({})).with_status(409);
    move_to(&jobs[0], json!({ "before": "absent" })).with_status(404);
    let copy = runner.ask(
        "POST",
        &format!("/api/jobs/{}/duplicate", jobs[0]),
        Some(json!({ "name": "d", "set": ["EXP.epochs=2"] })),
    );
    let copy = copy.with_status(201).json();
    assert_eq!((&copy["priority"], &copy["name"]), (&json!(5), &json!("d")));
    let text = runner.get(&format!("/api/jobs/{}", id(&copy)))["text"].clone();
    assert!(
        text.as_str()
            .is_some_and(|text| text.contains("epochs = 2")),
        "{text}"
    );
    for job in jobs.iter().chain([&id(&copy)]) {
        runner
            .ask("DELETE", &format!("/api/jobs/{job}"), None)
            .with_status(204);
    }
    runner
        .ask(
            "POST",
            &format!("/api/jobs/{blocker}/cancel"),
            Some(json!({})),
        )
        .with_status(200);
}

#[test]
fn limits_end_a_job_and_say_what_to_change() {
    let runner = Runner::with(&["--jobs-per-device", "2"]);
    let limited = |name: &str, limits: Value| {
        let body = json!({ "text": corpus::ini(&runner.data(), name, 2000), "limits": limits });
        id(&runner
            .ask("POST", "/api/jobs", Some(body))
            .with_status(201)
            .json())
    };
    let memory = limited("memory", json!({ "memory": 1_000_000 }));
    let time = limited("time", json!({ "seconds": 10 }));
    let disk = limited("disk", json!({ "disk": 20_000 }));
    let failed = runner.wait_for(&memory, &["failed"]);
    assert_eq!(failed["failure"]["kind"], "memory", "{failed:#}");
    assert_eq!(failed["attempts"], 1);
    let advice = failed["failure"]["advice"].as_str().expect("advice");
    for word in [
        "batch_size (now 4)",
        "max_duration (now 0.2)",
        "precision (now f32)",
        "half the batch would need",
        "expected to need",
        "limit",
    ] {
        assert!(advice.contains(word), "`{word}` in {advice}");
    }
    let failed = runner.wait_for(&disk, &["failed"]);
    assert_eq!(failed["failure"]["kind"], "disk", "{failed:#}");
    let message = failed["failure"]["message"].as_str().expect("a message");
    assert!(message.contains("its limit is 0 MB"), "{message}");
    let failed = runner.wait_for(&time, &["failed"]);
    assert_eq!(failed["failure"]["kind"], "time", "{failed:#}");
    let advice = failed["failure"]["advice"].as_str().expect("advice");
    assert!(advice.contains("\"seconds\": ..."), "{advice}");
    // It ended cleanly: what there was by then is kept. A busy machine may not have come to a step.
    if failed["progress"]["step"]
        .as_u64()
        .is_some_and(|step| step > 0)
    {
        let records = runner.get(&format!("/api/jobs/{time}/records"));
        let status = &records["records"][0]["status"];
        assert_eq!(status, "interrupted", "{records:#}");
    }
}

#[test]
fn a_limit_of_the_settings_can_be_made_larger_and_the_job_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("runner.toml");
    let settings = |hours: f64| {
        fs::write(&file, format!("job-hours = {hours}\n")).expect("the settings");
    };
    settings(6.0 / 3600.0);
    let path = file.to_str().expect("UTF-8").to_owned();
    let mut runner = Runner::with(&["--settings", &path]);
    let job = runner.queue("long", 5000);
    let failed = runner.wait_for(&job, &["failed"]);
    assert_eq!(failed["failure"]["kind"], "time", "{failed:#}");
    assert_eq!(failed["limits"]["seconds"], 6);
    let advice = failed["failure"]["advice"].as_str().expect("advice");
    assert!(advice.contains("`job-hours`"), "{advice}");
    // Nobody gets around the settings by asking for more.
    let resume = |runner: &Runner, limits: Value| {
        let path = format!("/api/jobs/{job}/resume");
        runner.ask("POST", &path, Some(json!({ "limits": limits })))
    };
    resume(&runner, json!({ "seconds": 0 })).with_status(422);
    let asked = resume(&runner, json!({ "seconds": 80_000 })).with_status(200);
    assert_eq!(asked.json()["limits"]["seconds"], 6);
    runner.wait_for(&job, &["failed"]);
    // What was asked for holds as soon as the settings allow it.
    runner.interrupt();
    settings(10.0);
    runner.start();
    assert_eq!(
        runner.get(&format!("/api/jobs/{job}"))["limits"]["seconds"],
        36_000
    );
    let asked = resume(&runner, json!({ "seconds": 7200 })).with_status(200);
    assert_eq!(asked.json()["limits"]["seconds"], 7200);
    runner.wait_for_step(&job);
    runner
        .ask("POST", &format!("/api/jobs/{job}/cancel"), Some(json!({})))
        .with_status(200);
    runner.wait_for(&job, &["cancelled", "finished"]);
    runner.interrupt();
    for wrong in [
        "job-hours = -1",
        "job-memory-gb = nan",
        "job-disk-gb = 0",
        "free-disk-gb = inf",
    ] {
        fs::write(&file, wrong).expect("the settings");
        let output = runner.command().output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{wrong}: {said}");
        assert!(
            said.contains(wrong.split(' ').next().unwrap_or("")),
            "{said}"
        );
    }
}

#[test]
fn a_crash_is_tried_again_and_given_up_at_last() {
    let runner = Runner::new();
    let job = runner.queue("crashes", 4000);
    let mut killed = Vec::new();
    for attempt in 1..=3u64 {
        let since = std::time::Instant::now();
        loop {
            let now = runner.get(&format!("/api/jobs/{job}"));
            if now["attempts"] == json!(attempt)
                && now["state"] == "running"
                && runner.job_folder(&job).join("process.json").is_file()
                && !killed.contains(&runner.process(&job))
            {
                break;
            }
            assert!(
                since.elapsed() < Duration::from_secs(60),
                "{now:#}\n{}",
                runner.log()
            );
            thread::sleep(Duration::from_millis(30));
        }
        let process = runner.process(&job);
        signal(process, "-KILL");
        killed.push(process);
    }
    let failed = runner.wait_for(&job, &["failed"]);
    assert_eq!(failed["failure"]["kind"], "crash", "{failed:#}");
    assert_eq!(failed["attempts"], 3);
    // Somebody asks for it: it may try as often again.
    runner
        .ask("POST", &format!("/api/jobs/{job}/resume"), Some(json!({})))
        .with_status(200);
    runner.wait_for(&job, &["running"]);
    runner
        .ask("POST", &format!("/api/jobs/{job}/cancel"), Some(json!({})))
        .with_status(200);
    runner.wait_for(&job, &["cancelled"]);
}
