//! What is left of jobs.

use crate::{corpus, runner::Runner};
use serde_json::json;

#[test]
fn a_finished_job_has_files_records_and_a_model_that_labels() {
    let runner = Runner::with(&["--jobs-per-device", "2"]);
    let jobs = [runner.queue("first", 2), runner.queue("second", 2)];
    let job = runner.wait_for(&jobs[0], &["finished"]);
    assert!(job["metrics"]["uar"].is_number(), "{job:#}");
    let path = format!("/api/jobs/{}", jobs[0]);

    let files = runner.get(&format!("{path}/files"));
    let files = files["files"].as_array().expect("files");
    let of = |kind: &str| files.iter().filter(|file| file["kind"] == kind).count();
    assert!(
        of("model") >= 3 && of("plot") >= 2 && of("table") >= 1 && of("record") == 1,
        "{files:#?}"
    );
    let record = files
        .iter()
        .find(|file| file["kind"] == "record")
        .expect("a record");
    let place = format!("{path}/files/{}", record["path"].as_str().expect("a path"));
    let whole = runner.ask("GET", &place, None).with_status(200);
    assert_eq!(whole.header("content-type"), Some("application/json"));
    let size = record["size"].as_u64().expect("a size") as usize;
    assert_eq!(whole.body.len(), size);
    let part = |range: &str| {
        let headers = [("Range", range)];
        runner.ask_with(&runner.token(), "GET", &place, &headers, None)
    };
    let some = part("bytes=5-9").with_status(206);
    assert_eq!(some.body, whole.body[5..10]);
    assert_eq!(
        some.header("content-range"),
        Some(format!("bytes 5-9/{size}").as_str())
    );
    assert_eq!(
        part("bytes=-7").with_status(206).body,
        whole.body[size - 7..]
    );
    part(&format!("bytes={size}-")).with_status(416);
    for wrong in [
        "../job.json",
        "%2e%2e/job.json",
        "..%2fjob.json",
        "/etc/passwd",
        "%00",
        "absent",
    ] {
        let answer = runner.ask("GET", &format!("{path}/files/{wrong}"), None);
        assert!(
            [400, 404].contains(&answer.status),
            "{wrong}: {}",
            answer.status
        );
    }

    let zip = runner
        .ask("GET", &format!("{path}/archive"), None)
        .with_status(200);
    let archive = rawzip::ZipArchive::from_slice(&zip.body).expect("a zip");
    let mut names: Vec<String> = Vec::new();
    for entry in archive.entries() {
        let entry = entry.expect("an entry");
        let name = entry.file_path().try_normalize().expect("a name");
        names.push(name.as_ref().to_owned());
        let wayfinder = entry.wayfinder();
        let data = archive
            .get_entry(wayfinder)
            .expect("its data")
            .data()
            .to_vec();
        assert_eq!(data.len() as u64, entry.uncompressed_size_hint());
        if names
            .last()
            .is_some_and(|name| *name == record["path"].as_str().expect("a path"))
        {
            assert_eq!(data, whole.body);
        }
    }
    let mut listed: Vec<&str> = files
        .iter()
        .map(|file| file["path"].as_str().expect("a path"))
        .collect();
    listed.sort_unstable();
    names.sort();
    assert_eq!(names, listed);

    let log = runner
        .ask("GET", &format!("{path}/log"), None)
        .with_status(200);
    assert!(log.text().contains("everything is in"), "{}", log.text());

    runner.wait_for(&jobs[1], &["finished"]);
    let comparison = runner
        .ask("POST", "/api/compare", Some(json!({ "jobs": jobs })))
        .with_status(200)
        .json();
    assert_eq!(
        comparison["groups"].as_array().map(Vec::len),
        Some(2),
        "{comparison:#}"
    );
    runner
        .ask("POST", "/api/compare", Some(json!({ "jobs": [jobs[0]] })))
        .with_status(422);
    runner
        .ask(
            "POST",
            "/api/compare",
            Some(json!({ "jobs": [jobs[0], "absent"] })),
        )
        .with_status(404);

    labels(&runner, &path);
    let publish = runner.ask(
        "POST",
        &format!("{path}/publish"),
        Some(json!({ "to": "lab/tones" })),
    );
    assert!(publish.with_status(503).text().contains("HF_TOKEN"));
}

fn labels(runner: &Runner, path: &str) {
    let request = json!({ "files": [{ "root": "0", "path": "anna-low.wav" }, { "root": "0", "path": "tones.csv" }] });
    let reply = runner
        .ask("POST", &format!("{path}/predict"), Some(request))
        .with_status(200)
        .json();
    let predictions = reply["predictions"].as_array().expect("predictions");
    assert_eq!(predictions.len(), 9, "{reply:#}");
    for predicted in predictions {
        assert_eq!(
            (&predicted["start"], &predicted["end"]),
            (&json!(0.0), &json!(0.2))
        );
        let class = predicted["predicted"].as_str().expect("a class");
        let scores = predicted["scores"].as_object().expect("scores");
        assert_eq!(
            scores.keys().collect::<Vec<_>>(),
            ["high", "low"],
            "{predicted:#}"
        );
        let best = scores[class].as_f64().expect("a number");
        assert!(
            scores
                .values()
                .all(|score| score.as_f64().expect("a number") <= best)
        );
    }
    for (wrong, status) in [("../home/token", 404), ("absent.wav", 422)] {
        let request = json!({ "files": [{ "root": "0", "path": wrong }] });
        runner
            .ask("POST", &format!("{path}/predict"), Some(request))
            .with_status(status);
    }
    let path = format!("{path}/predict/audio");
    let sent = |bytes: &[u8]| runner.send("POST", &path, "application/octet-stream", bytes);
    let reply = sent(&corpus::wav(220.0, 3200)).with_status(200).json();
    assert_eq!(
        reply["predictions"].as_array().map(Vec::len),
        Some(1),
        "{reply:#}"
    );
    // The same clip gets the same scores, whichever way it comes.
    let same = predictions.iter().find(|one| {
        one["file"]
            .as_str()
            .is_some_and(|file| file.contains("anna-low"))
    });
    assert_eq!(
        reply["predictions"][0]["scores"],
        same.expect("it was labelled")["scores"]
    );
    sent(b"no sound at all").with_status(422);
    assert!(
        std::fs::read_dir(runner.home().join("scratch"))
            .expect("the folder")
            .next()
            .is_none()
    );
}
