//! How fast the in-tab engine is beside onnxruntime-web, in the same browser on the same adapter and model. `make
//! bench-tab` runs it, and prints a table.

mod demo;
mod kernels;
mod large;

use crate::{
    site::workspace,
    tab::{Tab, in_browser},
    training::has_threads,
};
use serde_json::{Value, json};
use std::{
    env, fs,
    os::unix::fs::symlink,
    time::{Duration, Instant},
};
use tokio::time::sleep;

const PATIENCE: Duration = Duration::from_secs(1800);

const OURS: &str = "
    window.replies = [];
    const {script, device, samples, repetitions, names, stay} = arguments[0];
    window.worker = new Worker(script, {type: 'module'});
    worker.onerror = event => replies.push(JSON.stringify({kind: 'failed', message: event.message || 'no worker'}));
    worker.onmessage = async event => {
        const reply = JSON.parse(event.data);
        if (reply.kind !== 'ready') { replies.push(event.data); if (!stay) worker.terminate(); return; }
        const files = await Promise.all(names.map(async name =>
            ['/' + name, new Uint8Array(await (await fetch('/given/model/' + name)).arrayBuffer())]));
        worker.postMessage({device, samples, repetitions, files: Object.fromEntries(files)});
    };";

const THEIRS: &str = "
    window.replies = [];
    const {device, threads, samples, repetitions} = arguments[0];
    (async () => {
        const ort = await import('/given/ort/ort.webgpu.min.mjs');
        ort.env.wasm.wasmPaths = '/given/ort/';
        ort.env.wasm.numThreads = threads;
        const session = await ort.InferenceSession.create('/given/model.onnx', {executionProviders: [device]});
        const clip = Float32Array.from({length: samples}, (_, i) => Math.sin(i * 0.37) * Math.cos(i * 0.011));
        const forward = [];
        for (let i = 0; i < repetitions; i++) {
            const begun = performance.now();
            const input = new ort.Tensor('float32', clip, [1, samples]);
            const result = await session.run({[session.inputNames[0]]: input});
            await result[session.outputNames[0]].getData();
            forward.push(performance.now() - begun);
        }
        replies.push(JSON.stringify({kind: 'measured', forward}));
    })().catch(error => replies.push(JSON.stringify({kind: 'failed', message: String(error)})));";

/// Runs one of the scripts, and gives what it measured.
async fn measured(tab: &Tab, script: &str, setting: &Value) -> Value {
    tab.goto("/apart").await;
    tab.run(script, setting.clone()).await;
    answer(tab, "measured").await
}

/// Waits for an answer of that kind.
async fn answer(tab: &Tab, kind: &str) -> Value {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let reply = tab.run("return replies.shift() ?? null", Value::Null).await;
        if let Some(text) = reply.as_str() {
            let reply: Value = serde_json::from_str(text).expect("answers are JSON");
            assert_eq!(reply["kind"], kind, "{reply}");
            return reply;
        }
        sleep(Duration::from_millis(200)).await;
    }
    panic!("no answer after {PATIENCE:?}: {:?}", tab.complaints().await);
}

/// The median of all but the first repetition, in which everything is compiled.
fn median(times: &Value) -> f64 {
    let times = times.as_array().expect("times");
    let mut times: Vec<f64> = times.iter().skip(1).filter_map(Value::as_f64).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a bench, for `make bench-tab`"]
async fn beside_onnxruntime() {
    let folder = |name: &str| env::var(name).unwrap_or_else(|_| panic!("{name} names a folder"));
    let (model, peer, onnx) = (folder("MODEL"), folder("ORT"), folder("ONNX"));
    let seconds: f64 = env::var("SECONDS_OF_SOUND").map_or(2.0, |text| {
        text.parse().expect("SECONDS_OF_SOUND is a number")
    });
    let repetitions = 4;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    in_browser(async move |tab| {
        let root = workspace();
        symlink(root.join(&model), tab.given.join("model")).expect("a link");
        symlink(&peer, tab.given.join("ort")).expect("a link");
        fs::copy(&onnx, tab.given.join("model.onnx")).expect("the exported model");
        let names = ["config.json", "model.safetensors", "preprocessor_config.json"];
        println!("{model}, {seconds} s of sound, median of {} after the first", repetitions - 1);
        let threaded = format!("/worker/threads/start.js?threads={cores}");
        let several = has_threads().then_some(("flex", "wasm", cores, threaded.as_str()));
        let usual = "/worker/start.js";
        let all = [("webgpu", "webgpu", 1, usual), ("flex", "wasm", 1, usual)];
        for (device, theirs, threads, script) in all.into_iter().chain(several) {
            let setting = |device: &str| {
                json!({"script": script, "threads": threads, "device": device, "samples": (seconds * 16_000.0) as u64,
                       "repetitions": repetitions, "names": names})
            };
            let ours = measured(&tab, OURS, &setting(device)).await;
            let peer = measured(&tab, THEIRS, &setting(theirs)).await;
            let (forward, step) = (median(&ours["forward"]), median(&ours["step"]));
            let peer = median(&peer["forward"]);
            println!(
                "{theirs}, {threads} thread(s): forward {forward:.0} ms ({:.2} s of sound a second), step {step:.0} ms ({:.2}); \
                 onnxruntime-web forward {peer:.0} ms; ours takes {:.2} of its time",
                seconds * 1e3 / forward,
                seconds * 1e3 / step,
                forward / peer,
            );
        }
    })
    .await;
}
