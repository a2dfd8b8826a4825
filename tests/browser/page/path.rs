//! The way of a new user, on a real runner: open, train, see, hear a mistake.

use super::{
    charts::saved,
    looks::{accessible, look_at},
};
use crate::{
    editing::{eventually, text, within},
    runner::Runner,
    tab::{Tab, in_browser},
};
use serde_json::{Value, json};
use std::time::Duration;

/// How long a short training may take where other programs are at work too.
pub(super) const TRAINING: Duration = Duration::from_secs(600);

/// Opens the page as the address that the runner printed does, and waits until it is connected.
pub(super) async fn enter(tab: &Tab, runner: &Runner) {
    tab.open(&runner.page).await;
    let good = "return document.querySelector('#where .dot')?.className";
    eventually(tab, good, &json!("dot good")).await;
}

/// Gives a field of the form a value, as typing does.
async fn set(tab: &Tab, field: &str, value: &str) {
    tab.find(&format!("[id='{field}']")).await;
    let script = "const [id, value] = arguments[0]; const field = document.getElementById(id);
        field.value = value; field.dispatchEvent(new Event('change', {bubbles: true}))";
    tab.run(script, json!([field, value])).await;
}

/// How many points of the loss the page has drawn.
pub(super) const HEARD: &str =
    "return Number(document.querySelector('main .run')?.dataset.steps ?? -1)";

#[tokio::test(flavor = "multi_thread")]
async fn from_opening_to_hearing_a_mistake() {
    in_browser(async |tab| {
        let runner = Runner::start();
        enter(&tab, &runner).await;
        let demo = text(&tab).await;
        assert!(demo.contains("demo = dataset:demo/demo.csv\n"), "{demo}");
        // So that the test is over soon; a user need not do it.
        set(&tab, "field-EXP-epochs", "2").await;
        eventually(&tab, "return document.querySelector('#train').ariaDisabled", &json!("false")).await;
        look_at(&tab, "path-experiment").await;
        tab.click("#tab-preview").await;
        let split = "return /clips/.test(document.querySelector('#panel-preview table.dense')?.textContent)";
        eventually(&tab, split, &json!(true)).await;
        look_at(&tab, "path-preview").await;
        accessible(&tab, "path-preview").await;

        tab.click("#train").await;
        let run = "return /^#\\/runs\\/\\w+$/.test(location.hash)";
        eventually(&tab, run, &json!(true)).await;
        within(&tab, TRAINING, "if (document.querySelector('.badge.bad')) throw Error(document.querySelector('main').textContent); return Number(document.querySelector('main .run')?.dataset.steps) >= 5", &json!(true)).await;
        look_at(&tab, "path-run").await;
        accessible(&tab, "path-run").await;
        let curve = "return document.querySelector('.linechart svg.chart path')?.getAttribute('d').split('L').length > 3";
        eventually(&tab, curve, &json!(true)).await;
        within(&tab, TRAINING, "if (document.querySelector('.badge.bad')) throw Error(document.querySelector('main').textContent); return document.querySelector('.head .badge')?.textContent.includes('finished')", &json!(true)).await;
        eventually(&tab, "return document.querySelector('.runfacts')?.textContent.includes('UAR')", &json!(true)).await;
        saved(&tab, ".linechart", "demo-loss", &["Loss", "train", "epoch"], 5).await;

        tab.click(".head a.primary").await;
        tab.find("table.matrix").await;
        // A mistake: the first cell off the diagonal that has clips.
        let mistake = "const cells = [...document.querySelectorAll('.matrix .cell:not(.right)')].filter(cell => Number(cell.textContent) > 0);
            cells.at(-1).click(); return cells.at(-1).ariaLabel";
        let label = tab.run(mistake, Value::Null).await;
        let (pair, clips) = label.as_str().and_then(|label| label.split_once(": ")).expect("a cell");
        let title = format!("{pair}: {}", clips.split(',').next().unwrap_or_default());
        eventually(&tab, "return document.querySelector('#clips-title').textContent", &json!(title)).await;
        tab.click(".cliplist li .play").await;
        let heard = "return performance.getEntriesByType('resource').some(r => /preview\\/audio\\?root=demo&path=audio%2F[fm]0/.test(r.name))";
        eventually(&tab, heard, &json!(true)).await;
        eventually(&tab, "return document.querySelectorAll('.toast.error').length", &json!(0)).await;
        saved(&tab, "#panel-mistakes", "confusion", &["true", "predicted", "anger", "sadness"], 4).await;
        look_at(&tab, "path-results").await;
        accessible(&tab, "path-results").await;
        for place in ["reliability", "groups", "files"] {
            if tab.run(&format!("return !!document.querySelector('#tab-{place}')"), Value::Null).await == true {
                tab.click(&format!("#tab-{place}")).await;
                if place == "reliability" {
                    saved(&tab, "#panel-reliability", "reliability", &["0.2", "share that was right"], 1).await;
                }
                look_at(&tab, &format!("path-{place}")).await;
                accessible(&tab, &format!("path-{place}")).await;
            }
        }
        assert!(tab.text(".files").await.contains("model.safetensors"));
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn relative_paths_are_mended_by_a_click() {
    in_browser(async |tab| {
        let runner = Runner::start();
        enter(&tab, &runner).await;
        let demo = text(&tab).await;
        let relative = demo.replace("dataset:demo/", "./static/demo/");
        crate::editing::fill(&tab, relative.trim_end()).await;
        let fixes = "return document.querySelectorAll('.problems .fix').length";
        eventually(&tab, fixes, &json!(2)).await;
        let off = "return document.querySelector('#train').ariaDisabled";
        eventually(&tab, off, &json!("true")).await;
        look_at(&tab, "relative-paths").await;
        for left in [1, 0] {
            tab.click(".problems .fix").await;
            eventually(&tab, fixes, &json!(left)).await;
        }
        assert_eq!(text(&tab).await.trim_end(), demo.trim_end());
        eventually(&tab, off, &json!("false")).await;
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}
