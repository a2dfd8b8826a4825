//! Results that stand side by side.

use super::{
    charts::saved,
    looks::{accessible, look_at},
    path::enter,
};
use crate::{
    editing::{eventually, within},
    runner::{Runner, demo, ended, queue},
    site::workspace,
    tab::in_browser,
};
use fake_hub::{FakeHub, WRITE_TOKEN};
use serde_json::{Value, json};
use std::{fs, time::Duration};

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_compared_with_a_test() {
    in_browser(async |tab| {
        let runner = Runner::start();
        enter(&tab, &runner).await;
        // Three repetitions each, on few clips: only that they are compared counts.
        let text = demo(1)
            .replace("runs = 1", "runs = 3")
            .replace("max_duration = 3", "max_duration = 0.3");
        let mut jobs = Vec::new();
        for (name, rate) in [("demo", "0.0005"), ("demo_slow", "0.00001")] {
            let text = text
                .replace("learning_rate = 0.0005", &format!("learning_rate = {rate}"))
                .replace("name = demo\n", &format!("name = {name}\n"));
            jobs.push(queue(&tab, &text, name).await);
        }
        for job in &jobs {
            assert_eq!(ended(&tab, job).await, "finished");
        }
        tab.open(&format!("{}/#/runs", runner.address)).await;
        tab.find("table.runs").await;
        tab.run(
            "for (const box of document.querySelectorAll('table.runs tr td input')) box.click()",
            json!(null),
        )
        .await;
        tab.click(".bar a.button").await;
        eventually(&tab, "return location.hash.split('+').length", &json!(2)).await;
        eventually(
            &tab,
            "return /Mann-Whitney|too few/.test(document.querySelector('main').textContent)",
            &json!(true),
        )
        .await;
        look_at(&tab, "compare").await;
        accessible(&tab, "compare").await;
        tab.open(&format!("{}/#/results", runner.address)).await;
        eventually(
            &tab,
            "return document.querySelectorAll('.choice-cards a').length",
            &json!(2),
        )
        .await;
        look_at(&tab, "results-choice").await;
        accessible(&tab, "results-choice").await;
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regression_is_seen_saved_and_published() {
    in_browser(async |tab| {
        let hub = FakeHub::start().expect("a hub");
        let settings = [("HF_ENDPOINT", hub.endpoint()), ("HF_TOKEN", WRITE_TOKEN), ("HF_HOME", "/nonexistent")];
        let runner = Runner::within(&[], "", &settings);
        enter(&tab, &runner).await;
        let text = fs::read_to_string(workspace().join("static/demo/arousal.ini")).expect("the demo");
        let text = text.replace("./static/demo/", "dataset:demo/").replace("epochs = 30", "epochs = 1");
        let job = queue(&tab, &text, "arousal").await;
        assert_eq!(ended(&tab, &job).await, "finished");
        tab.open(&format!("{}/#/results/{job}", runner.address)).await;
        let points = "return document.querySelectorAll('.scatter .dot-clip').length";
        eventually(&tab, points, &json!(40)).await;
        look_at(&tab, "regression").await;
        accessible(&tab, "regression").await;
        // A point plays its clip.
        tab.run("document.querySelector('.scatter .dot-clip').dispatchEvent(new MouseEvent('click', {bubbles: true}))", Value::Null).await;
        let heard = "return performance.getEntriesByType('resource').some(r => /preview\\/audio/.test(r.name) && r.responseStatus < 300)";
        eventually(&tab, heard, &json!(true)).await;
        saved(&tab, ".split", "scatter", &["true", "predicted"], 40).await;

        // Away to the hub: a name that is none is said to be none; then the run's course tells when it is there.
        let publish = "[...document.querySelectorAll('main button')].find(button => button.textContent === 'Publish…').click()";
        tab.run(publish, Value::Null).await;
        let field = tab.find("#publish-to").await;
        field.send_keys("no name").await.expect("keys");
        tab.click("dialog[open] button[type=submit]").await;
        tab.find("dialog[open] [role=alert]").await;
        look_at(&tab, "publish").await;
        accessible(&tab, "publish").await;
        // As pasted over what was there.
        let paste = "const field = document.querySelector('#publish-to');
            field.value = 'lab/arousal'; field.dispatchEvent(new Event('input', {bubbles: true}))";
        tab.run(paste, Value::Null).await;
        tab.click("dialog[open] button[type=submit]").await;
        let there = "const alert = document.querySelector('dialog[open] [role=alert]'); if (alert) throw Error(alert.textContent);
            return document.querySelector('.notes')?.textContent.includes('lab/arousal is published')";
        within(&tab, Duration::from_secs(120), there, &json!(true)).await;
        assert!(hub.state().repositories["lab/arousal"].files().contains_key("model.safetensors"));
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}
