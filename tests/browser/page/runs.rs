//! Training on a runner, and following it.

use super::looks::{accessible, look_at};
use crate::{
    editing::eventually,
    runner::{ATTACK, Runner, TOKEN},
    tab::{Tab, in_browser},
};
use serde_json::json;

/// How many points of the loss have been heard.
const HEARD: &str = "return Number(document.querySelector('main .run')?.dataset.steps ?? -1)";

async fn hash(tab: &Tab, expected: &str) {
    eventually(tab, "return location.hash", &json!(expected)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_trains_and_the_curves_grow() {
    in_browser(async |tab| {
        let runner = Runner::start(false).await;
        tab.open(&runner.address).await;
        eventually(
            &tab,
            "return document.querySelector('#where .dot').className",
            &json!("dot good"),
        )
        .await;
        assert!(tab.text("#where").await.contains("gpu-box"));
        tab.click("#train").await;
        hash(&tab, "#/runs/live").await;
        runner.tell(30);
        eventually(&tab, HEARD, &json!(25)).await;
        look_at(&tab, "run").await;
        accessible(&tab, "run").await;
        runner.tell(runner.all());
        eventually(&tab, HEARD, &json!(78)).await;
        assert!(tab.text(".runfacts").await.contains("UAR, test, run 1"));
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_and_a_lost_runner_leave_no_gap() {
    in_browser(async |tab| {
        let mut runner = Runner::start(false).await;
        tab.open(&format!("{}/#/runs/live", runner.address)).await;
        runner.tell(20);
        eventually(&tab, HEARD, &json!(15)).await;
        tab.client.refresh().await.expect("a reload");
        eventually(&tab, HEARD, &json!(15)).await;
        runner.stop();
        tab.find(".notice.error").await;
        runner.restart().await;
        runner.tell(20);
        eventually(&tab, HEARD, &json!(34)).await;
        eventually(
            &tab,
            "return document.querySelectorAll('.notice.error').length",
            &json!(0),
        )
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_all_and_nothing_in_it_is_run() {
    in_browser(async |tab| {
        let runner = Runner::start(false).await;
        tab.open(&format!("{}/#/runs", runner.address)).await;
        assert!(
            tab.text("table.runs tbody tr:first-child .name")
                .await
                .contains("onerror")
        );
        eventually(
            &tab,
            "return document.querySelectorAll('table.runs tbody tr').length",
            &json!(4),
        )
        .await;
        eventually(
            &tab,
            "return document.querySelectorAll('main img').length",
            &json!(0),
        )
        .await;
        assert!(tab.text("table.runs").await.contains("no memory was left"));
        look_at(&tab, "runs").await;
        accessible(&tab, "runs").await;
        tab.click("table.runs tbody tr:first-child .commands button")
            .await;
        eventually(
            &tab,
            "return document.querySelector('table.runs').textContent.includes('Resume')",
            &json!(true),
        )
        .await;
        assert_eq!(tab.client.title().await.expect("a title"), "Runs – Voxtune");
        assert!(ATTACK.contains("onerror"));
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_said_and_a_right_one_opens() {
    in_browser(async |tab| {
        let runner = Runner::start(true).await;
        tab.open(&format!("{}/#/runs", runner.address)).await;
        eventually(
            &tab,
            "return document.querySelector('#where').textContent.includes('token needed')",
            &json!(true),
        )
        .await;
        assert!(tab.text("main .empty").await.contains("wants a token"));
        look_at(&tab, "locked").await;
        tab.click("#where").await;
        let field = tab.find("#token").await;
        field.send_keys("wrong").await.expect("keys");
        tab.click(".token button[type=submit]").await;
        assert!(tab.text(".token [role=alert]").await.contains("not known"));
        let field = tab.find("#token").await;
        field.clear().await.expect("a clear");
        field.send_keys(TOKEN).await.expect("keys");
        tab.click(".token button[type=submit]").await;
        tab.find("table.runs").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_runner_every_place_says_what_to_do() {
    in_browser(async |tab| {
        for place in ["runs", "results"] {
            tab.goto(&format!("/page/#/{place}")).await;
            eventually(&tab, "return (document.querySelector('main .empty')?.textContent ?? '').includes('voxtune serve')", &json!(true)).await;
            look_at(&tab, &format!("{place}-alone")).await;
            accessible(&tab, &format!("{place}-alone")).await;
        }
    })
    .await;
}
