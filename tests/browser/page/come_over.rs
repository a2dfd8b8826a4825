//! What a runner has comes into the tab: a run that was begun there goes on here, and the model of one is begun with.

use super::{
    in_tab::{INI, TRAINING, press_button, shows_cores},
    lifecycle::{at_least, losses, shown, state},
    sounds::base64,
};
use crate::{
    editing::{eventually, within},
    runner::{Runner, ask, ended, queue},
    tab::{Tab, in_browser},
    training::{LOSS, make},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};
use tokio::time::sleep;

/// Brings files to the runner and makes a dataset of them, whose path is given back.
const BRING: &str = "const [files, done] = arguments;
    const post = async (path, body) => (await fetch(path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)})).json();
    (async () => {
        const brought = [];
        for (const [path, text] of files) {
            const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
            const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
            const sha256 = [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('');
            const upload = await post('/api/uploads', {name: path, size: bytes.length, sha256, kind: 'file'});
            if (!upload.complete) await fetch(`/api/uploads/${upload.id}?offset=0`, {method: 'PUT', headers: {'Content-Type': 'application/offset+octet-stream'}, body: bytes});
            brought.push({path, sha256});
        }
        return (await post('/api/datasets', {name: 'tiny', files: brought})).path;
    })().then(done, error => done(String(error)));";

/// The SHA-256 of a file of the dataset that was kept last, read from the browser's file system, and what the runner
/// has at an address.
const KEPT: &str = "const [[name, address], done] = arguments;
    const sum = async bytes => [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map(byte => byte.toString(16).padStart(2, '0')).join('');
    (async () => {
        const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('voxtune');
        const lists = await root.getDirectoryHandle('lists');
        const text = await (await (await lists.getFileHandle('datasets.json')).getFile()).text();
        const file = JSON.parse(text).at(-1).files.find(file => file.path === name);
        const kept = await (await (await root.getDirectoryHandle('files')).getFileHandle(file.blob)).getFile();
        const left = [];
        for await (const part of (await root.getDirectoryHandle('parts')).keys()) left.push(part);
        return {kept: await sum(await kept.arrayBuffer()), runner: await sum(await (await fetch(address)).arrayBuffer()), left};
    })().then(done, error => done(String(error)));";

async fn asked(tab: &Tab, script: &str, argument: Value) -> Value {
    let answer = tab.client.execute_async(script, vec![argument]).await;
    answer.expect("an answer")
}

/// Recordings and a model on the runner; an experiment with them, without its number of epochs.
async fn given(tab: &Tab, folder: &Path) -> String {
    make(folder, "");
    let mut files = Vec::new();
    for (place, inner) in [("", ""), ("model/", "model")] {
        for entry in fs::read_dir(folder.join("tiny").join(inner)).expect("a folder") {
            let entry = entry.expect("an entry");
            if entry.path().is_file() {
                let name = format!("{place}{}", entry.file_name().to_string_lossy());
                files.push(json!([
                    name,
                    base64(&fs::read(entry.path()).expect("a file"))
                ]));
            }
        }
    }
    let path = asked(tab, BRING, json!(files)).await;
    let path = path.as_str().expect("a path");
    assert!(path.starts_with("dataset:d"), "{path}");
    let data = format!(
        "[DATA]\ndatabases = ['tones']\ntones = {path}/tones.csv\ntones.type = csv\ntones.absolute_path = False\n\
         tones.split_strategy = speaker_split\ntones.test_size = 25\n"
    );
    let model = format!("[FINETUNE]\npretrained_model = {path}/model\n");
    INI.replace("[DATA]\n", &data)
        .replace("[FINETUNE]\n", &model)
}

/// Picks the processor for runs of this tab; training runs in the tab, or on the runner, then.
async fn pick_processor(tab: &Tab, then: &str) {
    tab.click("#where").await;
    press_button(tab, "This tab").await;
    let pick = "const device = document.querySelector('#where-panel #device');
        if (!device || ![...device.options].some(option => option.value === 'cpu') || !document.querySelector('#model-folder')) return '';
        device.value = 'cpu'; device.dispatchEvent(new Event('change', {bubbles: true})); return device.value";
    eventually(tab, pick, &json!("cpu")).await;
    press_button(tab, then).await;
    tab.click("#where").await;
}

/// The losses of a runner's job; what came last counts.
fn told(runner: &Runner, job: &str) -> BTreeMap<String, f64> {
    let lines = runner.events(job);
    let told = lines
        .iter()
        .filter(|line| matches!(line["event"].as_str(), Some("step" | "evaluation")));
    told.map(|line| {
        let part = line["part"].as_str().unwrap_or_default();
        let event = line["event"].as_str().unwrap_or_default();
        let name = format!("{event} {part} {}", line["step"]);
        (name, line["loss"].as_f64().expect("a loss"))
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_the_runner_goes_on_in_the_tab() {
    in_browser(async |tab| {
        let runner = Runner::start();
        tab.open(&runner.page).await;
        let text = given(&tab, &tab.given).await;
        // One that is cancelled before it has ended by itself, however quick this machine is.
        let mut epochs = 16;
        let (text, begun) = loop {
            let text = text.replace("epochs = 2", &format!("epochs = {epochs}"));
            let job = queue(&tab, &text, "begun").await;
            while runner.steps(&job) < 5 {
                sleep(Duration::from_millis(10)).await;
            }
            let cancel = format!("fetch('/api/jobs/{job}/cancel', {{method: 'POST', headers: {{'Content-Type': 'application/json'}}, body: '{{}}'}})");
            tab.run(&cancel, Value::Null).await;
            if ended(&tab, &job).await == "cancelled" {
                break (text, job);
            }
            epochs *= 2;
            assert!(epochs < 1000, "it is always too late");
        };
        let undisturbed = queue(&tab, &text, "undisturbed").await;
        assert_eq!(ended(&tab, &undisturbed).await, "finished");
        let undisturbed = told(&runner, &undisturbed);
        let before = told(&runner, &begun);
        assert!(before.len() < undisturbed.len(), "it has ended by itself");

        pick_processor(&tab, "Runner").await;
        tab.open(&format!("{}/#/runs/{begun}", runner.address)).await;
        state(&tab, "cancelled").await;
        tab.click("#come-over").await;
        let moved = format!("return location.hash.startsWith('#/runs/') && !location.hash.includes('{begun}')");
        within(&tab, TRAINING, &moved, &json!(true)).await;
        state(&tab, "finished").await;
        shows_cores(&tab).await;
        let found = losses(&tab, &shown(&tab).await).await;
        // One that is cancelled within an epoch is evaluated there, too.
        let expected: BTreeSet<_> = undisturbed.keys().chain(before.keys()).collect();
        assert_eq!(found.keys().collect::<BTreeSet<_>>(), expected);
        for (what, loss) in &undisturbed {
            let difference = (found[what] - loss).abs();
            assert!(difference <= 10.0 * LOSS, "{what}: {} {loss}", found[what]);
        }
        // What the runner has told is told here, and behind it what was made here: one curve.
        for (what, loss) in &before {
            assert!((found[what] - loss).abs() <= 10.0 * LOSS, "{what}");
        }
        let steps = undisturbed.keys().filter(|name| name.starts_with("step"));
        at_least(&tab, steps.count() as u64).await;
        let log = "return document.querySelectorAll('.notice.error').length";
        assert_eq!(tab.run(log, Value::Null).await, 0);
        // On the runner it stays as it was.
        let there = ask(&tab, "GET", &format!("/api/jobs/{begun}"), None).await;
        assert_eq!(there["state"], "cancelled");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_of_a_run_is_begun_with() {
    in_browser(async |tab| {
        let runner = Runner::start();
        tab.open(&runner.page).await;
        let text = given(&tab, &tab.given).await.replace("epochs = 2", "epochs = 1");
        let job = queue(&tab, &text, "its model").await;
        assert_eq!(ended(&tab, &job).await, "finished");

        pick_processor(&tab, "This tab").await;
        tab.open(&format!("{}/#/experiment", runner.address)).await;
        tab.click("#where").await;
        tab.click("#runner-models").await;
        let size = "const button = document.querySelector('#take-model'); return button && !button.disabled && /, [\\d.]+ .?B$/.test(button.textContent)";
        eventually(&tab, size, &json!(true)).await;
        tab.click("#take-model").await;
        let begun = "return /pretrained_model = dataset:d[0-9a-f]{24}/.test(document.querySelector('.cm-content')?.textContent)";
        eventually(&tab, begun, &json!(true)).await;
        tab.screenshot("models-of-the-runner").await;

        let files = ask(&tab, "GET", &format!("/api/jobs/{job}/files"), None).await;
        let files = files["files"].as_array().cloned().expect("files");
        let weights = files
            .iter()
            .filter_map(|file| file["path"].as_str())
            .find(|path| path.ends_with("torch/model.safetensors"))
            .expect("weights");
        let address = format!("/api/jobs/{job}/files/{weights}");
        let sums = asked(&tab, KEPT, json!(["model.safetensors", address])).await;
        assert_eq!(sums["kept"], sums["runner"], "{sums}");
        assert_eq!(sums["kept"].as_str().map(str::len), Some(64), "{sums}");
        // Of the pieces by which it came nothing is left.
        assert_eq!(sums["left"], json!([]), "{sums}");
    })
    .await;
}
