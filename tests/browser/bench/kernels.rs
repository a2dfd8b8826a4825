//! Where the time goes on a graphics device: every dispatch of a forward pass and of a step of training, one by one.

use super::OURS;
use crate::{site::workspace, tab::in_browser};
use serde_json::{Value, json};
use std::{collections::BTreeMap, env, fs, os::unix::fs::symlink};

/// Of each piece of work; what is timed is the last one, in which nothing is compiled.
const REPETITIONS: usize = 3;
/// Kinds of dispatches that are listed.
const LISTED: usize = 30;

/// Prints what took longest, dispatches of the same kernel and grid together.
fn print(what: &str, measured: f64, found: &[Value]) {
    let mut kinds: BTreeMap<String, (u32, f64)> = BTreeMap::new();
    for one in found {
        let kernel = one["kernel"].as_str().unwrap_or("?");
        let (count, sum) = kinds
            .entry(format!("{kernel} {}", one["grid"]))
            .or_default();
        *count += 1;
        *sum += one["milliseconds"].as_f64().unwrap_or(0.0);
    }
    let all: f64 = kinds.values().map(|(_, sum)| sum).sum();
    eprintln!(
        "{what}: {measured:.1} ms, {} dispatches that take {all:.1} ms one by one",
        found.len()
    );
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by(|(_, (_, a)), (_, (_, b))| b.total_cmp(a));
    for (kind, (count, sum)) in kinds.iter().take(LISTED) {
        eprintln!(
            "{sum:9.2} ms {:5.1} %  {count:4} x {kind}",
            sum / all * 100.0
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a bench, for `make bench-tab`"]
async fn each_kernel() {
    let model = env::var("MODEL").expect("MODEL names a folder");
    let seconds: f64 = env::var("SECONDS_OF_SOUND").map_or(2.0, |text| {
        text.parse().expect("SECONDS_OF_SOUND is a number")
    });
    in_browser(async move |tab| {
        symlink(workspace().join(&model), tab.given.join("model")).expect("a link");
        fs::write(tab.given.join("kernels.js"), include_str!("kernels.js")).expect("a script");
        let names = ["config.json", "model.safetensors", "preprocessor_config.json"];
        let setting = json!({"script": "/given/kernels.js", "device": "webgpu", "samples": (seconds * 16_000.0) as u64,
                             "repetitions": REPETITIONS, "names": names, "stay": true});
        let measured = super::measured(&tab, OURS, &setting).await;
        for (pass, what) in ["forward", "step"].into_iter().enumerate() {
            let piece = (pass + 1) * REPETITIONS - 1;
            let ask = "worker.postMessage({replay: arguments[0], times: 3})";
            tab.run(ask, json!(piece)).await;
            let replayed = super::answer(&tab, "replayed").await;
            let found = replayed["found"].as_array().cloned().unwrap_or_default();
            assert!(!found.is_empty(), "{replayed}");
            print(what, super::median(&measured[what]), &found);
        }
    })
    .await;
}
