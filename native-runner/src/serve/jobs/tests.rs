use super::{
    Row,
    advice::{self, Case},
    change::{change, remove, tell},
    row::{ORDER, one, some},
    tail::catch_up,
};
use crate::{
    job::{Exit, JobFolder},
    serve::{settings::Rules, store::Store, time},
};
use indexmap::IndexMap;
use proptest::prelude::*;
use shared::{
    estimate::Estimate,
    protocol::{Change, FailureKind, JobState, Limits, ProblemKind, Progress, Status},
};
use std::{fs, io::Write as _};

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    (folder, store)
}

const RULES: Rules = Rules {
    max_attempts: 3,
    limits: Limits {
        seconds: None,
        memory: None,
        disk: None,
    },
};

fn row(id: &str) -> Row {
    Row {
        number: 0,
        id: id.to_owned(),
        name: id.to_owned(),
        user: "me".to_owned(),
        state: JobState::Queued,
        priority: 0,
        place: 0.0,
        device: "cpu".to_owned(),
        running: None,
        created: time::now(),
        started: None,
        ended: None,
        attempts: 0,
        tries: 0,
        seconds: 0.0,
        signalled: false,
        limits: Limits::default(),
        failure: None,
        progress: None,
        metrics: IndexMap::new(),
        estimate: None,
        tail: 0,
        last: 0,
    }
}

fn put(store: &Store, id: &str) -> Row {
    store
        .write_now(|write| {
            let mut row = row(id);
            row.insert(write)?;
            tell(write, &mut row, RULES)?;
            Ok(row)
        })
        .expect("written")
}

/// The kinds of a job's run events, in order.
fn told(store: &Store, id: &str) -> Vec<String> {
    store
        .read_now(|read| {
            let sql = "SELECT json_extract(data, '$.run.message') FROM events \
                       WHERE job = ? AND json_extract(data, '$.kind') = 'run' ORDER BY id";
            let mut statement = read.prepare(sql)?;
            let kinds = statement.query_map([id], |row| row.get(0))?;
            Ok(kinds.collect::<Result<_, _>>()?)
        })
        .expect("events")
}

fn line(number: usize) -> String {
    format!(
        "{{\"time\":\"2026-01-02T03:04:05.678Z\",\"event\":\"warning\",\"message\":\"{number}\"}}\n"
    )
}

#[test]
fn what_is_not_in_the_table_is_a_conflict_and_changes_nothing() {
    let (_folder, store) = store();
    put(&store, "a");
    for (what, fine) in [
        (Change::Finish, false),
        (Change::Resume, false),
        (Change::Start, true),
        (Change::Start, false),
        (Change::Finish, true),
        (Change::Cancel, false),
        (Change::Resume, false),
    ] {
        let before = store
            .read_now(|read| one(read, "a"))
            .expect("read")
            .expect("a job");
        let changed = store.write_now(|write| change(write, "a", what, RULES, |_| {}));
        match changed {
            Ok(_) => assert!(fine, "{what:?}"),
            Err(problem) => {
                assert!(!fine, "{what:?}: {problem:?}");
                assert_eq!(problem.0.kind, ProblemKind::Conflict);
                let after = store
                    .read_now(|read| one(read, "a"))
                    .expect("read")
                    .expect("a job");
                assert_eq!((after.state, after.last), (before.state, before.last));
            }
        }
    }
}

#[test]
fn a_deleted_job_leaves_only_the_news_of_it() {
    let (_folder, store) = store();
    let row = put(&store, "a");
    store
        .write_now(|write| remove(write, &row))
        .expect("removed");
    let left: Vec<String> = store
        .read_now(|read| {
            let mut statement = read.prepare("SELECT data FROM events")?;
            let left = statement.query_map([], |row| row.get(0))?;
            Ok(left.collect::<Result<_, _>>()?)
        })
        .expect("events");
    assert_eq!(left, ["{\"kind\":\"deleted\",\"job\":\"a\"}"]);
}

#[test]
fn the_queue_is_ordered_by_priority_then_place() {
    let (_folder, store) = store();
    for (id, priority) in [("a", 0), ("b", 5), ("c", 0), ("d", 5)] {
        put(&store, id);
        store
            .write_now(|write| {
                let sql = "UPDATE jobs SET priority = ? WHERE id = ?";
                Ok(write.execute(sql, rusqlite::params![priority, id])?)
            })
            .expect("set");
    }
    let (order, places) = store
        .read_now(|read| {
            let rows = some(read, "state = ?1", "queued", ORDER)?;
            let mut places = Vec::new();
            for row in &rows {
                places.push(row.job(read, RULES)?.position);
            }
            let order: Vec<String> = rows.into_iter().map(|row| row.id).collect();
            Ok((order, places))
        })
        .expect("the queue");
    assert_eq!(order, ["b", "d", "a", "c"]);
    assert_eq!(places, [Some(1), Some(2), Some(3), Some(4)]);
}

#[test]
fn lines_that_are_none_are_passed_over_and_half_ones_wait() {
    let (folder, store) = store();
    let place = JobFolder::new(folder.path());
    put(&store, "a");
    assert!(!catch_up(&store, "a", &place).expect("no file yet"));
    let mut file = fs::File::create(place.events()).expect("a file");
    let half = line(2);
    let (first, second) = half.split_at(20);
    file.write_all(format!("{}rubbish\n\u{0}\n{first}", line(1)).as_bytes())
        .expect("written");
    catch_up(&store, "a", &place).expect("read");
    assert_eq!(told(&store, "a"), ["1"]);
    file.write_all(second.as_bytes()).expect("written");
    catch_up(&store, "a", &place).expect("read");
    catch_up(&store, "a", &place).expect("read");
    assert_eq!(told(&store, "a"), ["1", "2"]);
    // After a failure of the power the file has forgotten something.
    file.set_len(line(1).len() as u64).expect("shorter");
    catch_up(&store, "a", &place).expect("read");
    let mut file = fs::File::options()
        .append(true)
        .open(place.events())
        .expect("a file");
    file.write_all(line(3).as_bytes()).expect("written");
    catch_up(&store, "a", &place).expect("read");
    assert_eq!(told(&store, "a"), ["1", "2", "3"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However the file grows between two looks, each line becomes one event, in order.
    #[test]
    fn each_line_is_told_once(cuts in prop::collection::vec(1..200usize, 1..30)) {
        let (folder, store) = store();
        let place = JobFolder::new(folder.path());
        put(&store, "a");
        let text: String = (0..40).map(line).collect();
        let mut file = fs::File::create(place.events()).expect("a file");
        let mut rest = text.as_bytes();
        for cut in cuts {
            let (piece, more) = rest.split_at(cut.min(rest.len()));
            file.write_all(piece).expect("written");
            rest = more;
            while catch_up(&store, "a", &place).expect("read") {}
        }
        file.write_all(rest).expect("written");
        while catch_up(&store, "a", &place).expect("read") {}
        let expected: Vec<String> = (0..40).map(|number| number.to_string()).collect();
        prop_assert_eq!(told(&store, "a"), expected);
    }
}

#[test]
fn failures_are_told_apart_and_say_what_to_change() {
    let mut row = row("a");
    row.estimate = Some(Estimate {
        parameters: 1,
        trained: 1,
        weights: 400_000_000,
        training: 1_200_000_000,
        activations: 2_400_000_000,
        largest: 0,
        operations: 0,
        later_operations: 0,
    });
    let text = "[FINETUNE]\nbatch_size = 16\n";
    let exit = |message: &str| Exit {
        attempt: 1,
        status: Status::Failed,
        failure: None,
        message: Some(message.to_owned()),
        seconds: 1.0,
    };
    let case = |text: &'static str| Case {
        row: &row,
        text,
        allowed: Limits::default(),
        seconds: 1.0,
    };
    for (message, kind) in [
        ("the run panicked: Out of memory", FailureKind::Memory),
        ("CUDA_ERROR_OUT_OF_MEMORY", FailureKind::Memory),
        ("memory allocation of 123 bytes failed", FailureKind::Memory),
        (
            "cannot write x: No space left on device (os error 28)",
            FailureKind::Disk,
        ),
        ("the loss is not a number", FailureKind::Run),
    ] {
        let failure = advice::told(&case(text), &exit(message));
        assert_eq!(failure.kind, kind, "{message}");
        assert_eq!(failure.message, message);
        assert_eq!(
            failure.advice.is_some(),
            kind != FailureKind::Run,
            "{message}"
        );
    }
    let advice = advice::told(&case(text), &exit("out of memory"))
        .advice
        .expect("advice");
    for part in [
        "batch_size (now 16)",
        "4.13 GB",
        "2.40 GB for a batch",
        "half the batch would need 2.93 GB",
        "precision (now f32) to bf16",
        "max_duration",
    ] {
        assert!(advice.contains(part), "`{part}` in {advice}");
    }
    let smallest = "[FINETUNE]\nbatch_size = 1\nprecision = bf16\n";
    let advice = advice::told(&case(smallest), &exit("out of memory")).advice;
    let advice = advice.expect("advice");
    for part in ["batch_size", "precision"] {
        assert!(!advice.contains(part), "`{part}` in {advice}");
    }
    let silent =
        |killed, log: &str| advice::silent(&case(text), killed, false, "signal: 9", log).kind;
    let full = advice::silent(&case(text), false, true, "exit status: 1", "");
    assert_eq!(full.kind, FailureKind::Disk);
    assert_eq!(silent(false, "No space left on device"), FailureKind::Disk);
    assert_eq!(silent(true, ""), FailureKind::Memory);
    assert_eq!(
        silent(false, "x\nmemory allocation of 9 bytes failed"),
        FailureKind::Memory
    );
    assert_eq!(silent(false, "step 7"), FailureKind::Crash);
}

#[test]
fn a_limit_is_said_to_whoever_set_it() {
    let mut row = row("a");
    let allowed = Limits {
        seconds: Some(7200),
        memory: Some(3_000_000_000),
        disk: Some(5_000_000_000),
    };
    row.estimate = Some(Estimate {
        parameters: 1,
        trained: 1,
        weights: 400_000_000,
        training: 1_200_000_000,
        activations: 2_400_000_000,
        largest: 0,
        operations: 0,
        later_operations: 0,
    });
    row.progress = Some(Progress {
        run: 1,
        runs: 4,
        step: 50,
        steps: 100,
        epoch: 1.0,
        epochs: 2,
        loss: None,
        seconds_left: None,
    });
    let told = |row: &Row, kind| {
        let case = Case {
            row,
            text: "",
            allowed,
            seconds: 7200.0,
        };
        let failure = advice::failure(&case, kind, "x".to_owned());
        failure.advice.expect("advice")
    };
    let expect = |row: &Row, kind, parts: &[&str]| {
        let advice = told(row, kind);
        for part in parts {
            assert!(advice.contains(part), "`{part}` in {advice}");
        }
    };
    let pace = "step 50 of 100 of run 2 of 4 after 2.0 h: all of it would take about 5.3 h";
    expect(&row, FailureKind::Time, &["`job-hours`", pace]);
    expect(
        &row,
        FailureKind::Memory,
        &["`job-memory-gb`", "3.00 GB", "4.13 GB"],
    );
    expect(
        &row,
        FailureKind::Disk,
        &[
            "`job-disk-gb`",
            "up to 1.20 GB",
            "save_total_limit = 1 (now 2)",
        ],
    );
    row.limits = Limits {
        seconds: Some(60),
        memory: Some(1_000_000_000),
        disk: Some(1_000_000_000),
    };
    for (kind, field) in [
        (FailureKind::Time, "seconds"),
        (FailureKind::Memory, "memory"),
        (FailureKind::Disk, "disk"),
    ] {
        let json = format!("{{\"limits\": {{\"{field}\": ...}}}}");
        expect(&row, kind, &["resume it with a larger limit", &json]);
    }
}
