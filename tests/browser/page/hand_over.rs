//! A run that was begun in a tab goes on on the runner behind the page.

use super::{
    in_tab::{prepare_at, press_button},
    lifecycle::{again, at_least, losses, many, shown, state, train},
};
use crate::{runner::Runner, tab::in_browser, training::LOSS};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_the_tab_goes_on_on_the_runner() {
    in_browser(async |tab| {
        let runner = Runner::start();
        tab.open(&runner.page).await;
        prepare_at(&tab, &runner.address, &many(40)).await;
        let first = train(&tab).await;
        state(&tab, "finished").await;
        let undisturbed = losses(&tab, &first).await;

        let begun = again(&tab, &first).await;
        at_least(&tab, 5).await;
        press_button(&tab, "Cancel").await;
        state(&tab, "cancelled").await;
        let before = losses(&tab, &begun).await;
        assert!(before.len() < undisturbed.len(), "it has ended by itself");
        tab.click("#hand-over").await;
        let moved = format!(
            "return location.hash.startsWith('#/runs/') && !location.hash.includes('{begun}')"
        );
        crate::editing::within(&tab, super::in_tab::TRAINING, &moved, &json!(true)).await;
        state(&tab, "finished").await;

        let lines = runner.events(&shown(&tab).await);
        let told = lines
            .iter()
            .filter(|line| matches!(line["event"].as_str(), Some("step" | "evaluation")));
        let found: BTreeMap<String, f64> = told
            .map(|line| {
                let name = format!(
                    "{} {} {}",
                    line["event"].as_str().unwrap_or_default(),
                    line["part"].as_str().unwrap_or_default(),
                    line["step"]
                );
                (name, line["loss"].as_f64().expect("a loss"))
            })
            .collect();
        assert!(
            lines
                .iter()
                .any(|line| line["event"] == "resumed" && line["step"].as_u64() > Some(0)),
            "{lines:?}"
        );
        // One that is cancelled within an epoch is evaluated there, too.
        let expected: BTreeSet<_> = undisturbed.keys().chain(before.keys()).collect();
        assert_eq!(found.keys().collect::<BTreeSet<_>>(), expected);
        for (what, loss) in &undisturbed {
            assert!(
                (found[what] - loss).abs() <= 10.0 * LOSS,
                "{what}: {} {loss}",
                found[what]
            );
        }
        // The page shows one curve from the first step on.
        let steps = undisturbed
            .keys()
            .filter(|name| name.starts_with("step"))
            .count();
        at_least(&tab, steps as u64).await;
        assert_eq!(
            tab.run(
                "return document.querySelectorAll('.notice.error').length",
                Value::Null
            )
            .await,
            0
        );
    })
    .await;
}
