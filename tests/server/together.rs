//! Two browsers on one job, and whatever else happens at the same moment.

use crate::{
    client::{Answer, send},
    corpus,
    runner::{Runner, id},
    stream::Stream,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, thread};

/// A browser that has logged in.
struct Browser<'a> {
    runner: &'a Runner,
    cookie: String,
}

impl<'a> Browser<'a> {
    fn open(runner: &'a Runner) -> Self {
        let login = json!({ "token": runner.token() }).to_string();
        let host = runner.host();
        let origin = format!("http://{host}");
        let headers = [
            ("Host", host.as_str()),
            ("Origin", &origin),
            ("Content-Type", "application/json"),
        ];
        let answer = send(
            runner.address,
            "POST",
            "/api/login",
            &headers,
            login.as_bytes(),
        )
        .expect("an answer")
        .with_status(200);
        let cookie = answer.header("set-cookie").expect("a cookie");
        Self {
            runner,
            cookie: cookie.split(';').next().expect("a value").to_owned(),
        }
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let host = self.runner.host();
        let origin = format!("http://{host}");
        let mut all = vec![
            ("Host", host.as_str()),
            ("Origin", origin.as_str()),
            ("Cookie", self.cookie.as_str()),
            ("Content-Type", "application/json"),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        all.extend(headers);
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        send(self.runner.address, method, path, &all, body.as_bytes()).expect("an answer")
    }
}

/// The statuses of what both ask at the same moment.
fn both(browsers: &[Browser<'_>; 2], ask: impl Fn(&Browser<'_>) -> Answer + Sync) -> Vec<Answer> {
    thread::scope(|scope| {
        let asked: Vec<_> = browsers
            .iter()
            .map(|browser| scope.spawn(|| ask(browser)))
            .collect();
        asked
            .into_iter()
            .map(|one| one.join().expect("an answer"))
            .collect()
    })
}

#[test]
fn two_browsers_on_one_job_agree() {
    let runner = Runner::new();
    let browsers = [Browser::open(&runner), Browser::open(&runner)];
    assert_ne!(browsers[0].cookie, browsers[1].cookie);
    // The same click in both makes one job.
    let body = json!({ "text": corpus::ini(&runner.data(), "shared", 5_000) });
    let key = [("Idempotency-Key", "the-same")];
    let made = both(&browsers, |browser| {
        browser.ask("POST", "/api/jobs", &key, &body)
    });
    let ids: BTreeSet<String> = made.iter().map(|answer| id(&answer.json())).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let statuses: BTreeSet<u16> = made.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, BTreeSet::from([200, 201]));
    let job = ids.into_iter().next().expect("an id");
    let path = format!("/api/jobs/{job}");
    // What one does the other hears, and both hear the same.
    let mut streams = [0, 1].map(|_| Stream::open(&runner, &format!("{path}/events"), None));
    runner.wait_for_step(&job);
    let cancelled = both(&browsers, |browser| {
        browser.ask("POST", &format!("{path}/cancel"), &[], &json!({}))
    });
    for answer in cancelled {
        answer.with_status(200);
    }
    let mut heard: Vec<Vec<u64>> = Vec::new();
    for stream in &mut streams {
        let (mut ids, mut ends) = (Vec::new(), 0);
        while ends == 0 {
            let (id, event) = stream.next().expect("an event");
            ids.push(id);
            ends += usize::from(event["job"]["state"] == "cancelled");
        }
        heard.push(ids);
    }
    assert_eq!(heard[0], heard[1]);
    // Resumed by both, it is at work once.
    let resumed = both(&browsers, |browser| {
        browser.ask("POST", &format!("{path}/resume"), &[], &json!({}))
    });
    assert!(
        resumed.iter().any(|answer| answer.status == 200)
            && resumed
                .iter()
                .all(|answer| matches!(answer.status, 200 | 409)),
        "{resumed:?}"
    );
    runner.wait_for(&job, &["running"]);
    assert_eq!(runner.get(&path)["attempts"], 2);
    for browser in &browsers {
        let shown = browser
            .ask("GET", &path, &[], &Value::Null)
            .with_status(200);
        assert_eq!(shown.json()["state"], "running");
    }
    // While it is at work nobody deletes it; afterwards one does.
    browsers[1]
        .ask("DELETE", &path, &[], &Value::Null)
        .with_status(409);
    browsers[0]
        .ask("POST", &format!("{path}/cancel"), &[], &json!({}))
        .with_status(200);
    runner.wait_for(&job, &["cancelled"]);
    let deleted = both(&browsers, |browser| {
        browser.ask("DELETE", &path, &[], &Value::Null)
    });
    let mut statuses: Vec<u16> = deleted.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 404]);
    // One logs out, the other stays.
    browsers[0]
        .ask("POST", "/api/logout", &[], &json!({}))
        .with_status(204);
    browsers[0]
        .ask("GET", "/api/session", &[], &Value::Null)
        .with_status(401);
    browsers[1]
        .ask("GET", "/api/session", &[], &Value::Null)
        .with_status(200);
}

#[test]
fn the_queue_keeps_its_order_whoever_moves_what() {
    let runner = Runner::new();
    let blocker = runner.queue("blocker", 5_000);
    runner.wait_for(&blocker, &["running"]);
    let jobs: Vec<String> = (0..8)
        .map(|number| runner.queue(&format!("moved-{number}"), 1))
        .collect();
    // Everybody moves everything to the front of everything, all at once.
    thread::scope(|scope| {
        for own in &jobs {
            let (runner, jobs) = (&runner, &jobs);
            scope.spawn(move || {
                for before in jobs.iter().rev() {
                    let body = json!({ "before": before });
                    let path = format!("/api/jobs/{own}/move");
                    let moved = runner.ask("POST", &path, Some(body));
                    assert_eq!(moved.status, 200, "{}", moved.text());
                }
            });
        }
    });
    let listed = runner.get("/api/jobs?state=queued");
    let order: Vec<String> = listed["jobs"]
        .as_array()
        .expect("jobs")
        .iter()
        .map(id)
        .collect();
    assert_eq!(
        order.iter().collect::<BTreeSet<_>>(),
        jobs.iter().collect::<BTreeSet<_>>()
    );
    assert_eq!(order.len(), jobs.len(), "none twice");
    // The last one first, and so it stays.
    let last = order.last().expect("a job");
    let body = json!({ "before": order[0] });
    let path = format!("/api/jobs/{last}/move");
    runner.ask("POST", &path, Some(body)).with_status(200);
    let listed = runner.get("/api/jobs?state=queued");
    assert_eq!(id(&listed["jobs"][0]), *last);
}
