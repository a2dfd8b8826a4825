//! How a server starts and ends.

use crate::{
    client::send,
    runner::{Runner, program},
};
use std::fs;

#[test]
fn it_says_where_it_is_and_what_it_has() {
    let mut runner = Runner::new();
    let port = runner.address.port();
    for part in [
        format!("http://localhost:{port}/login?token="),
        format!("ssh -L {port}:localhost:{port} tester@"),
        "cpu".to_owned(),
        runner
            .data()
            .canonicalize()
            .expect("a folder")
            .display()
            .to_string(),
    ] {
        assert!(
            runner.greeting.contains(&part),
            "{part} in {}",
            runner.greeting
        );
    }
    let health = send(
        runner.address,
        "GET",
        "/healthz",
        &[("Host", &runner.host())],
        b"",
    );
    assert_eq!(
        health.expect("an answer").with_status(200).json()["healthy"],
        true
    );
    assert_eq!(runner.interrupt(), Some(0), "{}", runner.log());
}

#[test]
fn a_second_server_on_one_folder_is_refused() {
    let mut runner = Runner::new();
    let second = runner.command().output().expect("the program starts");
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("another `voxtune serve`"), "{said}");
    assert_eq!(runner.get("/api/session")["user"], "tester");
    // A server that was killed leaves no lock behind.
    runner.kill();
    runner.start();
    assert_eq!(runner.get("/api/session")["user"], "tester");
}

#[test]
fn it_is_not_open_to_the_network_by_accident() {
    let folder = tempfile::tempdir().expect("a folder");
    let start = |arguments: &[&str]| {
        let output = program()
            .args(["serve", "--folder"])
            .arg(folder.path().join("home"))
            .args(arguments)
            .output()
            .expect("the program starts");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    for (arguments, reason) in [
        (&["--host", "0.0.0.0"][..], "--tls-self-signed"),
        (&["--host", "::"], "--tls-self-signed"),
        (&["--tls-cert", "a.pem"], "--tls-key"),
        (&["--data", "absent"], "no such folder"),
        (&["--jobs-per-device", "0"], "1 or more"),
    ] {
        let (status, said) = start(arguments);
        assert_eq!(status, Some(1), "{arguments:?}: {said}");
        assert!(said.contains(reason), "{arguments:?}: {said}");
    }
    assert!(
        !folder.path().join("home/token").exists(),
        "nothing was begun"
    );
}

#[test]
fn flags_win_over_the_settings_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("runner.toml");
    fs::create_dir(folder.path().join("recordings")).expect("a folder");
    fs::write(
        &file,
        "data = [\"recordings\"]\njobs-per-device = 0\nhost = \"127.0.0.1\"\n",
    )
    .expect("the file");
    let file = file.to_str().expect("UTF-8");
    // The file's 0 would be refused.
    let runner = Runner::with(&["--settings", file, "--jobs-per-device", "2"]);
    assert!(
        !runner.greeting.contains("recordings"),
        "--data wins: {}",
        runner.greeting
    );
    fs::write(file, "jobs-per-devise = 1\n").expect("the file");
    let output = program()
        .args(["serve", "--settings", file])
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("jobs-per-devise"), "{said}");
}
