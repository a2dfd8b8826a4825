//! The demo as a user trains it in the page: how long it takes, how soon it begins, and what the page is like meanwhile.

use crate::{
    editing::{eventually, paste, within},
    page::lifecycle::hook,
    site::workspace,
    tab::{Tab, in_browser},
    tasks::Tasks,
};
use serde_json::{Value, json};
use std::{env, fs, time::Duration};

/// A slow adapter needs hours for the whole of it.
const PATIENCE: Duration = Duration::from_secs(3 * 3600);

/// Notes the time between the page's frames.
const FRAMES: &str = "
    window.frames_ = [];
    let last = performance.now();
    const tick = () => {
        const now = performance.now();
        frames_.push(now - last);
        last = now;
        requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);";

/// Trains the demo for `epochs` on `device`, from a press on Train.
async fn trained(tab: &Tab, tasks: &mut Tasks, device: &str, epochs: u32) {
    tab.goto("/page/?again").await;
    let demo = fs::read_to_string(workspace().join("static/demo/demo.ini")).expect("the demo");
    paste(
        tab,
        &demo.replace("epochs = 30", &format!("epochs = {epochs}")),
    )
    .await;
    tab.click("#where").await;
    tab.find("#device").await;
    let pick = "const device = document.querySelector('#device'); device.value = arguments[0]; device.dispatchEvent(new Event('change', {bubbles: true})); return device.value";
    assert_eq!(tab.run(pick, device.into()).await, device);
    tab.click("#where").await;
    eventually(
        tab,
        "return document.querySelector('#train')?.ariaDisabled",
        &json!("false"),
    )
    .await;
    tasks.longest().await;
    tab.run(FRAMES, Value::Null).await;
    let press =
        "const now = performance.now(); document.querySelector('#train').click(); return now";
    let pressed = tab.run(press, Value::Null).await.as_f64().unwrap_or(0.0);
    let ended = "return heard.some(one => one.kind === 'ended' || one.kind === 'broken')";
    within(tab, PATIENCE, ended, &json!(true)).await;
    let longest = tasks.longest().await;
    let heard = tab.run("return heard", Value::Null).await;
    let heard = heard.as_array().cloned().unwrap_or_default();
    let last = heard.iter().find(|one| one["kind"] == "ended");
    let last = last.unwrap_or_else(|| panic!("{:?}", heard.last()));
    assert_eq!(last["status"], "finished", "{last}");
    let at = |one: &Value| (one["at"].as_f64().unwrap_or(0.0) - pressed) / 1e3;
    let steps: Vec<f64> = heard
        .iter()
        .filter(|one| one["event"] == "step")
        .map(at)
        .collect();
    let (first, end) = (steps[0], at(last));
    eprintln!(
        "{device}: {epochs} epochs in {:.1} minutes ({:.2} of all 30), first step {first:.1} s after the click, {:.2} steps a \
         second with evaluation and checkpoints, {} MB of WebAssembly memory at most",
        end / 60.0,
        end / 60.0 * 30.0 / f64::from(epochs),
        (steps.len() - 1) as f64 / (steps[steps.len() - 1] - first),
        last["heap"].as_u64().unwrap_or(0) / 1_000_000
    );
    let frames = "const sorted = frames_.slice().sort((a, b) => a - b); return [sorted[sorted.length >> 1], sorted[Math.floor(sorted.length * 0.95)], sorted.length]";
    let frames = tab.run(frames, Value::Null).await;
    eprintln!(
        "{device}: meanwhile a frame of the page every {} ms in the middle, {} at most for 95 of 100; its longest task took {longest} ms",
        frames[0], frames[1]
    );
}

/// `EPOCHS_CPU` and `EPOCHS_WEBGPU` make less of the thirty; 0 leaves a device out.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a bench, for `make bench-tab`"]
async fn the_demo() {
    in_browser(async |tab| {
        let mut tasks = Tasks::watch(&tab).await;
        hook(&tab).await;
        let epochs = |name: &str, usual: u32| {
            env::var(name).map_or(usual, |text| text.parse().expect("a number of epochs"))
        };
        for (device, epochs) in [
            ("cpu", epochs("EPOCHS_CPU", 30)),
            ("webgpu", epochs("EPOCHS_WEBGPU", 30)),
        ] {
            if epochs > 0 {
                // The engine is compiled and kept by then, as for anybody who trains a second time.
                trained(&tab, &mut tasks, device, 1).await;
                trained(&tab, &mut tasks, device, epochs).await;
            }
        }
    })
    .await;
}
