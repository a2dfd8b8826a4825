//! The engine in the tab: small models equal the reference on WebGPU and on the CPU in wasm.

use crate::{
    faults::AS_A_CARD,
    tab::{Tab, in_browser},
    training::{COUNT, THREADS, engine_for, has_threads},
};
use serde_json::{Value, json};
use std::{
    fs,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Instead of a device: WebGPU by an adapter that says it is a card, for which kernels share memory.
const CARD: &str = "card";

/// The model with the most parts: a gated relative position bias, weight norm, group norm.
const RICHEST: &str = "wavlm_base";
const CASES: [&str; 6] = [
    "wav2vec2_base",
    "wav2vec2_large",
    "hubert_base",
    "hubert_large",
    "wavlm_base",
    "wavlm_large",
];
const FILES: [&str; 5] = [
    "expected.json",
    "expected.safetensors",
    "model/config.json",
    "model/model.safetensors",
    "model/preprocessor_config.json",
];

/// Shaders are compiled and run by a software adapter, on a machine that may be busy.
const PATIENCE: Duration = Duration::from_secs(900);

const START: &str = "
    window.replies = [];
    window.worker = new Worker(arguments[0], {type: 'module'});
    worker.onmessage = event => replies.push(event.data);
    worker.onerror = event => replies.push(JSON.stringify({kind: 'failed', message: event.message || 'the worker did not start'}));";

const ASK: &str = "
    const {device, 'case': name, paths} = arguments[0];
    Promise.all(paths.map(async path => {
        const answer = await fetch('/parity/' + path);
        if (!answer.ok) throw new Error(path + ': ' + answer.status);
        return ['/' + path, new Uint8Array(await answer.arrayBuffer())];
    })).then(files => worker.postMessage({device, 'case': name, files: Object.fromEntries(files)}))
       .catch(error => replies.push(JSON.stringify({kind: 'failed', message: String(error)})));";

/// The next answer of the worker.
async fn reply(tab: &Tab, started: Instant) -> Value {
    while started.elapsed() < PATIENCE {
        if let Some(text) = tab
            .run("return replies.shift() ?? null", Value::Null)
            .await
            .as_str()
        {
            return serde_json::from_str(text).expect("answers are JSON");
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!(
        "no answer from the worker after {PATIENCE:?}: {:?}",
        tab.complaints().await
    );
}

/// Starts the worker of an empty page that computes on a device.
async fn start(tab: &Tab, device: &str) -> Instant {
    let started = Instant::now();
    let (script, page) = if device == CARD {
        let script = format!("{AS_A_CARD} await import('/worker/start.js');");
        fs::write(tab.given.join("card.js"), script).expect("a script");
        ("/given/card.js".to_owned(), "/")
    } else {
        engine_for(device)
    };
    tab.goto(page).await;
    tab.run(START, json!(script)).await;
    assert_eq!(reply(tab, started).await["kind"], "ready");
    started
}

/// Sends the worker a case.
async fn ask(tab: &Tab, device: &str, case: &str, files: &[&str]) {
    let device = match device {
        THREADS => "flex",
        CARD => "webgpu",
        device => device,
    };
    let own = files.iter().map(|file| format!("{case}/{file}"));
    let paths: Vec<String> = own.chain(["inputs.safetensors".to_owned()]).collect();
    tab.run(ASK, json!({"device": device, "case": case, "paths": paths}))
        .await;
}

/// Compares cases, one after the other in the same worker.
async fn compare(tab: Tab, device: &str, cases: &[&str]) {
    let started = start(&tab, device).await;
    for case in cases {
        ask(&tab, device, case, &FILES).await;
        let mut parts = Vec::new();
        loop {
            let reply = reply(&tab, started).await;
            match reply["kind"].as_str() {
                Some("compared") => {
                    let what = reply["what"].as_str().expect("a name").to_owned();
                    eprintln!(
                        "{device}, {case}, {what}: {} values, worst (in units of its tolerance) {}, {:.1} s after the start",
                        reply["values"],
                        reply["worst"],
                        started.elapsed().as_secs_f64(),
                    );
                    assert_eq!(reply["failures"], "", "{device}, {case}, {what}");
                    assert!(reply["values"].as_u64().is_some_and(|values| values > 10));
                    parts.push(what);
                }
                Some("done") => break,
                _ => panic!("{device}, {case}: {reply}\n{:#?}", tab.complaints().await),
            }
        }
        assert_eq!(
            parts,
            ["operations", "forward", "ce gradients", "ccc gradients"]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parity_on_webgpu() {
    in_browser(async |tab| compare(tab, "webgpu", &[RICHEST]).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parity_on_webgpu_with_a_cards_kernels() {
    in_browser(async |tab| compare(tab, CARD, &[RICHEST]).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parity_on_flex() {
    in_browser(async |tab| compare(tab, "flex", &CASES).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parity_with_threads() {
    if has_threads() {
        in_browser(async |tab| compare(tab, THREADS, &[RICHEST]).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn threads_work_together_and_a_broken_one_is_told() {
    if !has_threads() {
        return;
    }
    in_browser(async |tab| {
        let started = start(&tab, THREADS).await;
        let ask = "worker.postMessage({pool: arguments[0]})";
        tab.run(ask, json!("count")).await;
        let counted = json!({"kind": "counted", "threads": COUNT, "together": COUNT});
        assert_eq!(reply(&tab, started).await, counted);
        // The engine's own thread waits for the broken one, and can say nothing.
        tab.run(ask, json!("fault")).await;
        let answer = reply(&tab, started).await;
        assert_eq!(answer["kind"], "broken", "{answer}");
        let message = answer["message"].as_str().unwrap_or_default();
        assert!(message.contains("a helper has a fault"), "{answer}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_may_not_share_memory_has_one_core() {
    if !has_threads() {
        return;
    }
    in_browser(async |tab| {
        let started = Instant::now();
        let (script, _) = engine_for(THREADS);
        tab.goto("/").await;
        tab.run(START, json!(script)).await;
        assert_eq!(reply(&tab, started).await["kind"], "ready");
        // It is the usual engine, which knows of no pool.
        tab.run("worker.postMessage({pool: 'count'})", Value::Null)
            .await;
        assert_eq!(reply(&tab, started).await["kind"], "broken");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_reported() {
    in_browser(async |tab| {
        let started = start(&tab, "flex").await;
        ask(&tab, "abacus", RICHEST, &[]).await;
        let answer = reply(&tab, started).await;
        assert_eq!(answer["kind"], "failed");
        assert!(
            answer["message"]
                .as_str()
                .is_some_and(|text| text.contains("abacus")),
            "{answer}"
        );

        // Without the model's files the comparison panics, and the page hears of that too.
        ask(&tab, "flex", RICHEST, &[]).await;
        let mut answer = reply(&tab, started).await;
        while answer["kind"] == "compared" {
            answer = reply(&tab, started).await;
        }
        assert_eq!(answer["kind"], "broken");
        assert!(
            answer["message"]
                .as_str()
                .is_some_and(|text| text.contains("expected.json")),
            "{answer}"
        );
    })
    .await;
}
