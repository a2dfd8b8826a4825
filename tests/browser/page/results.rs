//! Results that stand side by side.

use super::{
    looks::{accessible, look_at},
    path::enter,
};
use crate::{
    editing::eventually,
    runner::{Runner, demo, ended, queue},
    tab::in_browser,
};
use serde_json::json;

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
