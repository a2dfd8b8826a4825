//! Following runs on a real runner: reloads, a runner that goes and comes, lists, tokens.

use super::{
    looks::{accessible, look_at},
    path::{HEARD, TRAINING, enter},
};
use crate::{
    editing::{eventually, within},
    runner::{ATTACK, Runner, ask, demo, ended, hostile, queue},
    tab::in_browser,
};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_and_a_lost_runner_leave_no_gap() {
    in_browser(async |tab| {
        let mut runner = Runner::start();
        enter(&tab, &runner).await;
        let job = queue(&tab, &demo(4), "long").await;
        tab.open(&format!("{}/#/runs/{job}", runner.address)).await;
        let some = format!("{HEARD} >= 3")
            .replacen("return ", "return (", 1)
            .replacen(" >=", ") >=", 1);
        within(&tab, TRAINING, &some, &json!(true)).await;
        tab.client.refresh().await.expect("a reload");
        eventually(&tab, &some, &json!(true)).await;
        runner.kill();
        tab.find(".notice.error").await;
        look_at(&tab, "lost").await;
        accessible(&tab, "lost").await;
        // The job's process goes on without its server.
        let before = runner.steps(&job);
        while runner.steps(&job) == before {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        runner.start_again();
        let notices = "return document.querySelectorAll('.notice.error').length";
        eventually(&tab, notices, &json!(0)).await;
        within(
            &tab,
            TRAINING,
            "return document.querySelector('.head .badge')?.textContent.includes('finished')",
            &json!(true),
        )
        .await;
        eventually(&tab, HEARD, &json!(runner.steps(&job))).await;
        // And again, from nothing.
        tab.client.refresh().await.expect("a reload");
        eventually(&tab, HEARD, &json!(runner.steps(&job))).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_labels_are_nothing_but_text() {
    in_browser(async |tab| {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().canonicalize().expect("a path");
        let runner = Runner::with(&["--data", &data.display().to_string()], "");
        enter(&tab, &runner).await;
        let job = queue(&tab, &hostile(&data), ATTACK).await;
        assert_eq!(ended(&tab, &job).await, "finished");
        let images = "return document.querySelectorAll('main img, main svg[onload], main b').length";
        for (place, name) in [
            ("runs".to_owned(), "hostile-runs"),
            (format!("runs/{job}"), "hostile-run"),
            (format!("results/{job}"), "hostile-results"),
        ] {
            tab.open(&format!("{}/#/{place}", runner.address)).await;
            let shown = "return document.querySelector('main').textContent.includes('onerror')";
            eventually(&tab, shown, &json!(true)).await;
            eventually(&tab, images, &json!(0)).await;
            look_at(&tab, name).await;
            let title = tab.client.title().await.expect("a title");
            assert!(title.ends_with("– Voxtune"), "{title}");
        }
        // Every clip can be heard, whatever its name is.
        tab.find("table.matrix").await;
        let cell = "const cell = [...document.querySelectorAll('.matrix .cell')].find(cell => Number(cell.textContent) > 0); cell.click(); return cell.ariaLabel";
        let label = tab.run(cell, Value::Null).await;
        assert!(label.to_string().contains("onerror") || label.to_string().contains("حزن"), "{label}");
        tab.click(".cliplist li .play").await;
        let heard = "return performance.getEntriesByType('resource').some(r => /preview\\/audio/.test(r.name) && r.responseStatus < 300)";
        eventually(&tab, heard, &json!(true)).await;
        tab.click("#tab-groups").await;
        eventually(&tab, "return document.querySelector('.grouptables').textContent.includes('svg onload')", &json!(true)).await;
        eventually(&tab, images, &json!(0)).await;
        look_at(&tab, "hostile-groups").await;
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_all_states_and_moves_what_waits() {
    in_browser(async |tab| {
        let runner = Runner::start();
        enter(&tab, &runner).await;
        let failed = ask(&tab, "POST", "/api/jobs", Some(json!({"text": demo(1), "name": "too large", "limits": {"memory": 1_000_000}}))).await;
        assert_eq!(ended(&tab, failed["id"].as_str().expect("an id")).await, "failed");
        queue(&tab, &demo(30), "at work").await;
        queue(&tab, &demo(1), "waits").await;
        let last = queue(&tab, &demo(1), "waits longer").await;
        tab.open(&format!("{}/#/runs", runner.address)).await;
        let names = "return [...document.querySelectorAll('table.runs tbody .name a')].map(a => a.textContent)";
        eventually(&tab, names, &json!(["at work", "waits", "waits longer", "too large"])).await;
        assert!(tab.text("table.runs").await.contains("memory"));
        look_at(&tab, "runs").await;
        accessible(&tab, "runs").await;
        tab.click("button[aria-label='Move waits longer up']").await;
        eventually(&tab, names, &json!(["at work", "waits longer", "waits", "too large"])).await;
        let list = ask(&tab, "GET", "/api/jobs?state=queued", None).await;
        assert_eq!(list["jobs"][0]["id"], json!(last));
        tab.click("button[aria-label='Cancel at work']").await;
        within(&tab, TRAINING, "return document.querySelector('table.runs').textContent.includes('Resume')", &json!(true)).await;
        assert_eq!(tab.client.title().await.expect("a title"), "Runs – Voxtune");
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_said_and_a_right_one_opens() {
    in_browser(async |tab| {
        let runner = Runner::start();
        tab.open(&format!("{}/#/runs", runner.address)).await;
        eventually(
            &tab,
            "return document.querySelector('#where')?.textContent.includes('token needed')",
            &json!(true),
        )
        .await;
        assert!(tab.text("main .empty").await.contains("wants a token"));
        look_at(&tab, "locked").await;
        tab.click("#where").await;
        let field = tab.find("#token").await;
        field.send_keys("wrong").await.expect("keys");
        tab.click(".token button[type=submit]").await;
        assert!(tab.text(".token [role=alert]").await.contains("token"));
        accessible(&tab, "token").await;
        let paste = "const field = document.querySelector('#token');
            field.value = arguments[0]; field.dispatchEvent(new Event('input', {bubbles: true}))";
        tab.run(paste, json!(runner.token())).await;
        tab.click(".token button[type=submit]").await;
        eventually(
            &tab,
            "return document.querySelector('main .empty')?.textContent.includes('No runs yet')",
            &json!(true),
        )
        .await;
        look_at(&tab, "runs-empty").await;
        accessible(&tab, "runs-empty").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_says_what_to_do() {
    in_browser(async |tab| {
        let runner = Runner::with(&[], "free-disk-gb = 1e9\n");
        enter(&tab, &runner).await;
        tab.click("#train").await;
        let said = tab.text(".toast.error").await;
        assert!(
            said.contains("GB free") && said.contains("delete"),
            "{said}"
        );
        look_at(&tab, "disk-full").await;
        // Nothing is lost: what was to be trained is still there.
        assert!(crate::editing::text(&tab).await.contains("dataset:demo"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_runner_every_place_says_what_to_do() {
    in_browser(async |tab| {
        for place in ["runs", "results", "try"] {
            tab.goto(&format!("/page/#/{place}")).await;
            // Without a runner the tab is where things are trained: each place says where that begins.
            let words = "return [...document.querySelectorAll('main .empty a, main .empty button')].some(way => way.textContent.includes('To the experiment'))";
            eventually(&tab, words, &json!(true)).await;
            look_at(&tab, &format!("{place}-alone")).await;
            accessible(&tab, &format!("{place}-alone")).await;
        }
    })
    .await;
}
