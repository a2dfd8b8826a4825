//! What a browser keeps for experiments: listed, deleted after a question, and shared by tabs that add to it at once.

use super::{
    in_tab::{INI, MODEL, open_in_tab, prepare, press_button},
    lifecycle::state,
    looks::{accessible, look_at},
    sounds::base64,
};
use crate::{
    editing::eventually,
    tab::{Tab, in_browser},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How many there are, without the demo: it comes where its experiment is open for a moment.
const COUNT: &str =
    "return document.querySelectorAll('#stored li:not([data-path=\"dataset:demo\"])').length";

/// The files of all other datasets, by name, in the browser's file system.
const FILES: &str = "const done = arguments[arguments.length - 1];
    (async () => {
        let folder = await navigator.storage.getDirectory();
        for (const name of ['voxtune', 'files']) folder = await folder.getDirectoryHandle(name);
        const names = [];
        for await (const name of folder.keys()) if (!name.startsWith('demo_')) names.push(name);
        return names;
    })().then(done, error => done(String(error)));";

async fn files(tab: &Tab) -> usize {
    let names = tab.client.execute_async(FILES, vec![]).await;
    let names = names.expect("an answer");
    names.as_array().unwrap_or_else(|| panic!("{names}")).len()
}

/// Waits until so many are left: they go after the list has been written.
async fn left(tab: &Tab, count: usize) {
    let started = Instant::now();
    while files(tab).await != count {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{} instead of {count}",
            files(tab).await
        );
        sleep(Duration::from_millis(50)).await;
    }
}

/// Asks to delete the model, or the recordings, and presses a button below the question. The panel is made anew where there is
/// news of the devices, and the question is put again then.
async fn answer(tab: &Tab, is_model: bool, button: &str) {
    let script = format!(
        "const item = [...document.querySelectorAll('#stored li:not([data-path=\"dataset:demo\"])')].find(item => (item.querySelector('[data-model]') != null) === {is_model});
         const question = item?.querySelector('.question');
         if (!question) item?.querySelector('[aria-expanded=false]')?.click();
         const button = [...question?.querySelectorAll('button') ?? []].find(own => own.textContent === {button:?});
         button?.click(); return button != null"
    );
    eventually(tab, &script, &json!(true)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_listed_and_deleted_after_a_question() {
    in_browser(async |tab| {
        prepare(&tab, INI).await;
        tab.click("#train").await;
        press_button(&tab, "Cancel").await;
        state(&tab, "cancelled").await;
        tab.click("#where").await;
        eventually(&tab, COUNT, &json!(2)).await;
        let all = files(&tab).await;
        let said = tab.text("#stored").await;
        assert!(
            said.contains("model, ") && said.contains("recordings, ") && said.contains(" kB"),
            "{said}"
        );

        // Whoever is asked may think better of it.
        let question = "const item = document.querySelector('#stored li:has([data-model])');
            if (!item.querySelector('.question')) item.querySelector('[aria-expanded=false]')?.click();
            const said = item.querySelector('.question')?.textContent ?? '';
            return ['for good?', 'tiny', 'cannot go on'].every(word => said.includes(word))";
        eventually(&tab, question, &json!(true)).await;
        look_at(&tab, "stored").await;
        eventually(&tab, question, &json!(true)).await;
        accessible(&tab, "stored").await;
        answer(&tab, true, "Keep it").await;
        let asked = "return document.querySelectorAll('#stored .question').length";
        eventually(&tab, asked, &json!(0)).await;
        eventually(&tab, COUNT, &json!(2)).await;

        answer(&tab, true, "Delete for good").await;
        eventually(&tab, COUNT, &json!(1)).await;
        // Its own files go, and those of the recordings do not.
        left(&tab, all - 3).await;
        answer(&tab, false, "Delete for good").await;
        eventually(&tab, COUNT, &json!(0)).await;
        left(&tab, 0).await;
        tab.client.refresh().await.expect("a reload");
        tab.click("#where").await;
        tab.find("#model-folder").await;
        eventually(&tab, COUNT, &json!(0)).await;
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

/// Models that each of two tabs is given at once.
const EACH: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_that_add_at_once_lose_nothing() {
    in_browser(async |tab| {
        let page = format!("{}/page", tab.site);
        open_in_tab(&tab, &page, INI).await;
        tab.click("#where").await;
        let first = tab.client.window().await.expect("a window");
        let second = tab.client.new_window(true).await.expect("a tab").handle;
        tab.client
            .switch_to_window(second.clone())
            .await
            .expect("a tab");
        tab.open(&format!("{page}/")).await;
        tab.click("#where").await;
        for (name, window) in [("a", &first), ("b", &second)] {
            tab.client
                .switch_to_window(window.clone())
                .await
                .expect("a tab");
            tab.find("#model-folder").await;
            // Both have their lists by now, and begin on one signal.
            eventually(&tab, COUNT, &json!(0)).await;
            let models: Vec<Value> = (0..EACH)
                .map(|number| {
                    json!([[
                        "config.json",
                        base64(format!("{{\"{name}\": {number}}}").as_bytes())
                    ]])
                })
                .collect();
            let wait = format!(
                "const all = arguments[0]; function give() {{ {MODEL} }}
                window.signal = new BroadcastChannel('begin');
                signal.onmessage = () => all.forEach(files => give(files));"
            );
            tab.run(&wait, json!(models)).await;
        }
        tab.run("signal.postMessage(0); signal.onmessage()", Value::Null)
            .await;
        for window in [&first, &second] {
            tab.client
                .switch_to_window(window.clone())
                .await
                .expect("a tab");
            eventually(&tab, COUNT, &json!(2 * EACH)).await;
        }
        tab.client.refresh().await.expect("a reload");
        tab.click("#where").await;
        eventually(&tab, COUNT, &json!(2 * EACH)).await;
        assert_eq!(files(&tab).await, 2 * EACH);
    })
    .await;
}
