//! Runs that are broken off and gone on with, refused, or started over.

use crate::{
    faults::Bench,
    program::{Outcome, voxtune},
};
use std::{
    fs,
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// Steps of an epoch of the corpus: 12 training clips in batches of 4.
const EPOCH: u64 = 3;

fn run(bench: &Bench) -> Outcome {
    voxtune(bench.path(), ["run", "tones.ini"])
}

/// Draws from [0, 1), the same on each machine.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> f64 {
        // Knuth's MMIX.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[test]
fn twenty_kills_at_random_points_change_nothing() {
    // A checkpoint after each step.
    let undisturbed = Bench::new("save_minutes = 0.00001\n");
    let begun = Instant::now();
    run(&undisturbed).with_status(0);
    let whole = begun.elapsed();

    let mut draws = Draws(20);
    let (mut kills, mut rounds, mut resumptions) = (0, 0, 0);
    while kills < 20 {
        let bench = Bench::new("save_minutes = 0.00001\n");
        rounds += 1;
        loop {
            let mut running = bench.start();
            thread::sleep(whole.mul_f64(draws.next()).max(Duration::from_millis(1)));
            if running.has_finished() {
                break;
            }
            running.kill();
            kills += 1;
        }
        // Whatever the last call found: the record is there, and a further call has nothing to do.
        run(&bench).with_status(0);
        bench.assert_equals(&undisturbed, 0);
        let record = bench.record(0);
        resumptions += record["resumptions"].as_array().expect("a list").len();
        assert!(!bench.result("models/run_0/checkpoints").exists());
        assert!(rounds < 100, "only {kills} kills in {rounds} rounds");
    }
    assert!(resumptions > 5, "{resumptions} of {kills} went on");
}

#[test]
fn torn_checkpoints_are_told_of_and_passed_over() {
    let undisturbed = Bench::new("save_minutes = 0\n");
    run(&undisturbed).with_status(0);
    let killed = Bench::new("save_minutes = 0\n");
    killed.killed_at(3 * EPOCH + 1);
    type Tear = fn(&std::path::Path);
    let tear: [(&str, Tear); 3] = [
        ("truncated", |folder| {
            let path = folder.join("optimizer.safetensors");
            let bytes = fs::read(&path).expect("moments");
            fs::write(&path, &bytes[..bytes.len() / 2]).expect("half of it");
        }),
        ("one bit flipped", |folder| {
            let path = folder.join("model.safetensors");
            let mut bytes = fs::read(&path).expect("weights");
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            fs::write(&path, &bytes).expect("a change");
        }),
        ("missing", |folder| {
            fs::remove_file(folder.join("state.json")).expect("gone");
        }),
    ];
    for (what, tear) in tear {
        let bench = killed.copy();
        let checkpoints = bench.result("models/run_0/checkpoints");
        let latest = fs::read_to_string(checkpoints.join("latest")).expect("latest");
        assert_eq!(latest.trim(), format!("ckpt-{}", 3 * EPOCH));
        tear(&checkpoints.join(latest.trim()));
        let outcome = run(&bench).with_status(0);
        let expected = format!("the checkpoint of step {} cannot be used", 3 * EPOCH);
        assert!(
            outcome.stderr.contains(&expected),
            "{what}: {}",
            outcome.stderr
        );
        let resumed = format!("resumed at step {} of {}", 2 * EPOCH, 5 * EPOCH);
        assert!(
            outcome.stderr.contains(&resumed),
            "{what}: {}",
            outcome.stderr
        );
        bench.assert_equals(&undisturbed, 0);
    }
}

#[test]
fn ctrl_c_ends_with_results_and_can_be_gone_on_from() {
    let undisturbed = Bench::new("");
    run(&undisturbed).with_status(0);
    let bench = Bench::new("");
    let mut running = bench.start();
    running.wait_for("step", |event| event["step"] == EPOCH + 1);
    running.interrupt();
    running.wait_for("ended", |event| event["status"] == "interrupted");
    assert_eq!(running.status(), 130);
    assert_eq!(bench.record(0)["status"], "interrupted");
    assert!(bench.record(0)["results"]["test"].is_object());
    assert!(
        bench
            .result("models/run_0/torch/model.safetensors")
            .exists()
    );

    let outcome = run(&bench).with_status(0);
    assert!(
        outcome.stderr.contains("resumed at step"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome
            .stdout
            .contains("The run was broken off and resumed after step"),
        "{}",
        outcome.stdout
    );
    let record = bench.record(0);
    assert_eq!(record["resumptions"].as_array().map(Vec::len), Some(1));
    assert!(record["resumptions"][0]["date"].is_string());
    bench.assert_equals(&undisturbed, 0);
}

#[test]
fn a_finished_run_is_done_at_once_and_another_config_is_refused() {
    let bench = Bench::new("");
    let first = run(&bench).with_status(0);
    let record = fs::read(bench.result("results/run_0/run.json")).expect("run.json");
    let again = run(&bench).with_status(0);
    assert_eq!(again.stdout, first.stdout, "the same table");
    assert!(
        again.stderr.contains("has finished before"),
        "{}",
        again.stderr
    );
    assert_eq!(
        fs::read(bench.result("results/run_0/run.json")).expect("run.json"),
        record
    );

    let changed = [
        "run",
        "tones.ini",
        "--set",
        "FINETUNE.learning_rate=0.001",
        "--set",
        "FINETUNE.patience=3",
        // These may change.
        "--set",
        "FINETUNE.save_total_limit=1",
        "--set",
        "FINETUNE.drop=1e-1",
        "--set",
        "FINETUNE.hub_private_repo=False",
    ];
    let refused = voxtune(bench.path(), changed).with_status(1);
    for words in [
        "FINETUNE.learning_rate: 0.005 -> 0.001",
        "FINETUNE.patience: (not set) -> 3",
        "--force",
        "old-1",
    ] {
        assert!(
            refused.stderr.contains(words),
            "{words}: {}",
            refused.stderr
        );
    }
    for words in ["save_total_limit", "drop", "batch_size", "hub_"] {
        assert!(
            !refused.stderr.contains(words),
            "{words}: {}",
            refused.stderr
        );
    }
    assert_eq!(
        fs::read(bench.result("results/run_0/run.json")).expect("run.json"),
        record
    );

    let forced = changed.into_iter().chain(["--force"]);
    let forced = voxtune(bench.path(), forced).with_status(0);
    assert!(forced.stderr.contains("old-1"), "{}", forced.stderr);
    assert_eq!(
        fs::read(bench.result("old-1/results/run_0/run.json")).expect("the old run.json"),
        record
    );
    assert!(
        bench
            .result("old-1/models/run_0/torch/model.safetensors")
            .exists()
    );
    let config = bench.record(0)["config"]["text"].to_string();
    assert!(config.contains("learning_rate = 0.001"), "{config}");
}

#[test]
fn other_data_or_another_checkpoint_are_refused() {
    let killed = Bench::new("");
    killed.killed_at(EPOCH + 1);

    let bench = killed.copy();
    let table = bench.path().join("tones.csv");
    let text = fs::read_to_string(&table).expect("the table");
    let changed = text.replacen("anna,high", "anna,low", 1);
    fs::write(&table, changed).expect("the table");
    let refused = run(&bench).with_status(1);
    assert!(
        refused.stderr.contains("the data: other"),
        "{}",
        refused.stderr
    );
    let (fewer, _) = text.trim_end().rsplit_once('\n').expect("rows");
    fs::write(&table, fewer).expect("the table");
    let refused = run(&bench).with_status(1);
    assert!(refused.stderr.contains(" clips -> "), "{}", refused.stderr);

    let bench = killed.copy();
    let weights = bench.path().join("model/model.safetensors");
    let mut bytes = fs::read(&weights).expect("the weights");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&weights, bytes).expect("the weights");
    let refused = run(&bench).with_status(1);
    let words = "the checkpoint that training begins from";
    assert!(refused.stderr.contains(words), "{}", refused.stderr);
}

#[test]
fn of_several_runs_the_finished_ones_are_kept() {
    let two = |bench: &Bench| {
        let ini = bench.path().join("tones.ini");
        let text = fs::read_to_string(&ini).expect("the experiment");
        fs::write(&ini, text.replace("epochs = 5", "epochs = 5\nruns = 2")).expect("written");
    };
    let undisturbed = Bench::new("");
    two(&undisturbed);
    run(&undisturbed).with_status(0);

    let bench = Bench::new("");
    two(&bench);
    let mut running = bench.start();
    running.wait_for("step", |event| {
        event["run"] == 1 && event["step"] == EPOCH + 1
    });
    running.kill();
    let first = fs::read(bench.result("results/run_0/run.json")).expect("the first run");
    let outcome = run(&bench).with_status(0);
    assert!(
        outcome.stderr.contains("run 1 of 2 has finished before")
            && outcome.stderr.contains("resumed at step 3"),
        "{}",
        outcome.stderr
    );
    assert_eq!(
        fs::read(bench.result("results/run_0/run.json")).expect("the first run"),
        first
    );
    for run in 0..2 {
        bench.assert_equals(&undisturbed, run);
    }
    assert_eq!(summary(&bench), summary(&undisturbed));
}

/// The table of all runs.
fn summary(bench: &Bench) -> String {
    let names = fs::read_dir(bench.result("results")).expect("results");
    let path = names
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.to_string_lossy().ends_with("_summary.txt"));
    fs::read_to_string(path.expect("a summary")).expect("text")
}

#[test]
fn two_at_once_are_one_too_many() {
    let bench = Bench::new("");
    let mut running = bench.start();
    running.wait_for("step", |_| true);
    running.freeze();
    let refused = run(&bench).with_status(1);
    assert!(
        refused.stderr.contains("another voxtune (process "),
        "{}",
        refused.stderr
    );
    let forced = voxtune(bench.path(), ["run", "tones.ini", "--force"]).with_status(1);
    assert!(
        forced.stderr.contains("another voxtune"),
        "{}",
        forced.stderr
    );
    // The lock ends with its process, however that ends.
    running.kill();
    run(&bench).with_status(0);
}

#[cfg(unix)]
#[test]
fn where_nothing_more_can_be_written_the_last_checkpoint_stays() {
    let undisturbed = Bench::new("save_minutes = 0\n");
    run(&undisturbed).with_status(0);
    let bench = Bench::new("save_minutes = 0\n");
    bench.killed_at(EPOCH + 1);
    // More than the weights have, and less than the moments.
    let script = "trap '' XFSZ; ulimit -f 300; exec \"$0\" run tones.ini";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_voxtune")])
        .current_dir(bench.path())
        .output()
        .expect("it starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    for words in [
        "ckpt-6.tmp/optimizer.safetensors",
        "make room",
        "cannot be saved",
    ] {
        assert!(stderr.contains(words), "{words}: {stderr}");
    }
    let checkpoints = bench.result("models/run_0/checkpoints");
    assert!(checkpoints.join("ckpt-3/SHA256SUMS").exists());
    assert!(!checkpoints.join("ckpt-6.tmp").exists());
    let outcome = run(&bench).with_status(0);
    assert!(
        outcome.stderr.contains("resumed at step 3"),
        "{}",
        outcome.stderr
    );
    bench.assert_equals(&undisturbed, 0);
}

#[test]
fn events_that_nobody_can_read_end_no_run() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let bench = Bench::new("");
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("/dev/full");
    let output = Command::new(env!("CARGO_BIN_EXE_voxtune"))
        .args(["run", "tones.ini", "--json"])
        .current_dir(bench.path())
        .stdout(full)
        .output()
        .expect("it starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("events cannot be written"), "{stderr}");
    assert_eq!(bench.record(0)["status"], "finished");
    // The run is whole; what was asked for on standard output is not.
    assert_eq!(output.status.code(), Some(1), "{stderr}");
}
