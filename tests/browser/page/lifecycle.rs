//! The life of a run in a tab: paused, cut off and gone on with, cancelled, struck by a browser that refuses something;
//! nothing is lost beyond the last checkpoint.

use super::in_tab::{INI, TRAINING, prepare, press_button};
use crate::{
    editing::{eventually, within},
    tab::{Tab, in_browser},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Lets `sessionStorage.before` be run in the engine's worker before its own script; what the engine says is in
/// `heard`, with whether the page was seen meanwhile. Then it is the engine of one thread, which is the worker itself; any
/// other page has threads where it may, and the losses are the same.
const HOOK: &str = "(() => {
    const Own = Worker;
    window.heard = [];
    if (sessionStorage.getItem('before')) Object.defineProperty(window, 'crossOriginIsolated', {get: () => false});
    window.Worker = class extends Own {
        constructor(script, options) {
            const address = new URL(script, location.href).href;
            const before = sessionStorage.getItem('before');
            const isEngine = address.includes('/engine/');
            // From the same server, as the page's policy has it.
            const hooked = `/hooked.js?${new URLSearchParams({before, then: address})}`;
            super(isEngine && before ? hooked : script, options);
            if (isEngine) this.addEventListener('message', ({data}) => {
                const message = JSON.parse(typeof data === 'string' ? data : data.text);
                const {kind, event, status, heap} = message;
                heard.push({kind, event, status, heap, hidden: document.hidden, at: performance.now()});
            });
        }
    };
})()";

/// The losses of a job's steps and evaluations, from the browser's file system: what came last counts.
const LOSSES: &str = "
    const done = arguments[arguments.length - 1];
    (async () => {
        let folder = await navigator.storage.getDirectory();
        for (const name of ['voxtune', 'jobs', arguments[0]]) folder = await folder.getDirectoryHandle(name);
        const text = await (await (await folder.getFileHandle('events')).getFile()).text();
        const events = text.split('\\n').filter(line => line).map(line => JSON.parse(line));
        const told = events.filter(one => one.event === 'step' || one.event === 'evaluation');
        return {
            losses: told.map(one => [`${one.event} ${one.part ?? ''} ${one.step}`, one.loss]),
            resumed: events.filter(one => one.event === 'resumed').map(one => one.step),
        };
    })().then(done, error => done({error: String(error)}));";

/// Files in a job's slots that its register doesn't name, and their bytes.
const RUBBISH: &str = "
    const done = arguments[arguments.length - 1];
    (async () => {
        let folder = await navigator.storage.getDirectory();
        for (const name of ['voxtune', 'jobs', arguments[0]]) folder = await folder.getDirectoryHandle(name);
        const register = await (await (await folder.getFileHandle('register')).getFile()).text();
        const slots = await folder.getDirectoryHandle('slots');
        let found = [];
        for await (const [name, handle] of slots.entries()) found.push([Number(name), (await handle.getFile()).size]);
        return {register, found};
    })().then(done, error => done({error: String(error)}));";

async fn asked(tab: &Tab, script: &str, argument: &str) -> Value {
    let answer = tab
        .client
        .execute_async(script, vec![json!(argument)])
        .await;
    let answer = answer.expect("an answer");
    assert_eq!(answer["error"], Value::Null, "{answer}");
    answer
}

pub(super) async fn losses(tab: &Tab, id: &str) -> BTreeMap<String, f64> {
    let told = asked(tab, LOSSES, id).await;
    let told = told["losses"].as_array().expect("losses").iter();
    told.map(|one| {
        let name = one[0].as_str().expect("a name").to_owned();
        (name, one[1].as_f64().expect("a loss"))
    })
    .collect()
}

/// The id of the run that the page shows.
pub(super) async fn shown(tab: &Tab) -> String {
    let own = "return location.hash.startsWith('#/runs/') ? location.hash.split('/').pop() : ''";
    let id = tab.run(own, Value::Null).await;
    id.as_str().expect("an id").to_owned()
}

const STEPS: &str = "return Number(document.querySelector('[data-steps]')?.dataset.steps ?? 0)";

pub(super) async fn at_least(tab: &Tab, steps: u64) {
    let enough = format!("{STEPS} >= {steps}");
    within(tab, TRAINING, &enough, &json!(true)).await;
}

pub(super) async fn state(tab: &Tab, word: &str) {
    let is = format!(
        "return location.hash.startsWith('#/runs/') && document.querySelector('main .badge')?.textContent.includes('{word}')"
    );
    within(tab, TRAINING, &is, &json!(true)).await;
}

/// Begins the run in the editor, and gives its id.
pub(super) async fn train(tab: &Tab) -> String {
    tab.click("#train").await;
    let begun = "return location.hash.startsWith('#/runs/')";
    eventually(tab, begun, &json!(true)).await;
    shown(tab).await
}

/// Begins the run that is shown once more, and gives the id of the new one.
pub(super) async fn again(tab: &Tab, first: &str) -> String {
    press_button(tab, "Run again").await;
    // The curves of the first one are gone then, too.
    let is_new = format!(
        "return location.hash.startsWith('#/runs/') && !location.hash.includes('{first}') && Number(document.querySelector('[data-steps]')?.dataset.steps ?? 99) < 20"
    );
    eventually(tab, &is_new, &json!(true)).await;
    shown(tab).await
}

/// Lets the page note what its engine says, in `heard`.
pub(crate) async fn hook(tab: &Tab) {
    tab.devtools(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({"source": HOOK}),
    )
    .await;
}

pub(super) fn many(epochs: usize) -> String {
    INI.replace("epochs = 2", &format!("epochs = {epochs}"))
}

fn same(undisturbed: &BTreeMap<String, f64>, found: &BTreeMap<String, f64>) {
    assert!(undisturbed.len() > 10, "{undisturbed:?}");
    assert_eq!(undisturbed, found);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_and_a_reload_change_nothing() {
    in_browser(async |tab| {
        hook(&tab).await;
        prepare(&tab, &many(80)).await;
        let first = train(&tab).await;
        state(&tab, "finished").await;
        let undisturbed = losses(&tab, &first).await;

        let id = again(&tab, &first).await;
        at_least(&tab, 3).await;
        tab.click("#pause").await;
        eventually(
            &tab,
            "return document.querySelector('#pause')?.textContent",
            &json!("Go on"),
        )
        .await;
        tab.click("#pause").await;
        eventually(
            &tab,
            "return document.querySelector('#pause')?.textContent",
            &json!("Pause"),
        )
        .await;
        at_least(&tab, 9).await;
        tab.click("#pause").await;
        eventually(
            &tab,
            "return document.querySelector('#pause')?.textContent",
            &json!("Go on"),
        )
        .await;

        // The page goes away with the engine.
        tab.goto("/page/?again#/experiment").await;
        let offer = "return (document.querySelector('.offers .notice')?.textContent ?? '').includes('was cut off')";
        within(&tab, TRAINING, offer, &json!(true)).await;
        press_button(&tab, "Resume").await;
        state(&tab, "finished").await;
        assert_eq!(shown(&tab).await, id);
        eventually(
            &tab,
            "return document.querySelector('.offers').childElementCount",
            &json!(0),
        )
        .await;
        let told = asked(&tab, LOSSES, &id).await;
        assert!(
            told["resumed"][0].as_u64().is_some_and(|step| step >= 3),
            "{told}"
        );
        same(&undisturbed, &losses(&tab, &id).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_can_be_used_and_leaves_no_rubbish() {
    in_browser(async |tab| {
        hook(&tab).await;
        prepare(&tab, &many(200)).await;
        let id = train(&tab).await;
        at_least(&tab, 4).await;
        press_button(&tab, "Cancel").await;
        state(&tab, "cancelled").await;
        // It has been evaluated as far as it is.
        tab.goto(&format!("/page/#/results/{id}")).await;
        tab.find("table.matrix").await;
        let kept = asked(&tab, RUBBISH, &id).await;
        let register = kept["register"].as_str().expect("a register");
        let named: Vec<u64> = register
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter_map(|entry| entry.pointer("/put/1/slot").or(entry.pointer("/Put/1/slot")).and_then(Value::as_u64))
            .collect();
        let bytes_outside: f64 = kept["found"]
            .as_array()
            .expect("slots")
            .iter()
            .filter(|slot| !named.is_empty() && !named.contains(&slot[0].as_u64().unwrap_or_default()))
            .filter_map(|slot| slot[1].as_f64())
            .sum();
        assert_eq!(bytes_outside, 0.0, "{kept}");

        tab.goto(&format!("/page/#/runs/{id}")).await;
        press_button(&tab, "Delete").await;
        press_button(&tab, "Delete for good").await;
        let gone = "const done = arguments[arguments.length - 1];
            (async () => {
                let folder = await navigator.storage.getDirectory();
                for (const name of ['voxtune', 'jobs']) folder = await folder.getDirectoryHandle(name);
                const names = [];
                for await (const name of folder.keys()) names.push(name);
                return {names};
            })().then(done, error => done({error: String(error)}));";
        let started = std::time::Instant::now();
        while asked(&tab, gone, "").await["names"] != json!([]) {
            assert!(started.elapsed() < TRAINING, "the run's folder stays");
        }
    })
    .await;
}

/// Says to the worker's `self.full` when a checkpoint has been told.
const AFTER_A_CHECKPOINT: &str = "
    const say = self.postMessage.bind(self);
    let checkpoints = 0;
    self.postMessage = (message) => {
        say(message);
        const text = typeof message === 'string' ? message : message.text;
        if (text.includes('\"kind\":\"checkpoint\"') && ++checkpoints === 2) strike();
    };";

/// A run whose engine's worker is struck behind its second checkpoint shows `words`, and, resumed by a page that is not
/// struck, has the losses of one that was not disturbed.
async fn struck(tab: &Tab, strike: &str, words: &[&str]) {
    hook(tab).await;
    prepare(tab, &many(8)).await;
    let undisturbed = train(tab).await;
    state(tab, "finished").await;
    let undisturbed = losses(tab, &undisturbed).await;
    let before = format!("{strike} {AFTER_A_CHECKPOINT}");
    tab.run(
        "sessionStorage.setItem('before', arguments[0])",
        json!(before),
    )
    .await;
    // A page with a new engine.
    tab.goto("/page/?struck#/experiment").await;
    eventually(
        tab,
        "return document.querySelector('#train')?.ariaDisabled",
        &json!("false"),
    )
    .await;
    let id = train(tab).await;
    state(tab, "failed").await;
    let said = tab.text(".notice.error").await;
    for word in words {
        assert!(said.contains(word), "{said}");
    }
    tab.run("sessionStorage.removeItem('before')", Value::Null)
        .await;
    tab.goto(&format!("/page/?whole#/runs/{id}")).await;
    state(tab, "failed").await;
    press_button(tab, "Resume").await;
    state(tab, "finished").await;
    let told = asked(tab, LOSSES, &id).await;
    assert!(
        told["resumed"][0].as_u64().is_some_and(|step| step > 0),
        "{told}"
    );
    same(&undisturbed, &losses(tab, &id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_storage_loses_nothing() {
    in_browser(async |tab| {
        let strike = "
            let full = false;
            const write = FileSystemSyncAccessHandle.prototype.write;
            FileSystemSyncAccessHandle.prototype.write = function (...rest) {
                if (full) throw new DOMException('no room', 'QuotaExceededError');
                return write.apply(this, rest);
            };
            const strike = () => { full = true; };";
        struck(
            &tab,
            strike,
            &["storage for this site is full", "delete runs"],
        )
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_the_engine_loses_nothing() {
    in_browser(async |tab| {
        let strike =
            "const strike = () => queueMicrotask(() => { throw new Error('struck by lightning'); });";
        struck(&tab, strike, &["struck by lightning", "last checkpoint"]).await;
    })
    .await;
}

/// Takes the browser's file system away.
const NO_FILES: &str = "
    if (self.StorageManager) StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException('private', 'SecurityError'));";

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_keeps_nothing_trains_all_the_same() {
    in_browser(async |tab| {
        hook(&tab).await;
        tab.devtools(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": NO_FILES}),
        )
        .await;
        // The first engine breaks down behind its second checkpoint, the next one doesn't.
        let before = format!(
            "{NO_FILES} const channel = new BroadcastChannel('struck');
            const strike = () => queueMicrotask(() => {{ throw new Error('struck by lightning'); }}); {AFTER_A_CHECKPOINT}"
        );
        tab.goto("/page/").await;
        tab.run("sessionStorage.setItem('before', arguments[0])", json!(before)).await;
        prepare(&tab, &many(8)).await;
        tab.click("#where").await;
        tab.find("#fleeting").await;
        tab.click("#where").await;
        train(&tab).await;
        state(&tab, "failed").await;
        tab.run("sessionStorage.setItem('before', arguments[0])", json!(NO_FILES)).await;
        press_button(&tab, "Resume").await;
        state(&tab, "finished").await;
        let resumed = "return heard.filter(one => one.event === 'resumed').length";
        assert_eq!(tab.run(resumed, Value::Null).await, 1);
        tab.run("document.querySelector('main a.button.primary').click()", Value::Null).await;
        tab.find("table.matrix").await;
        let shown = "return [...document.querySelectorAll('a')].some(a => a.textContent === 'Download all' && a.href.startsWith('blob:'))";
        eventually(&tab, shown, &json!(true)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_is_not_seen_goes_on() {
    in_browser(async |tab| {
        hook(&tab).await;
        prepare(&tab, &many(80)).await;
        train(&tab).await;
        at_least(&tab, 2).await;
        tab.click("#pause").await;
        eventually(&tab, "return document.querySelector('#pause')?.textContent", &json!("Go on")).await;
        // It goes on when it is not seen any more.
        let go_on = "document.addEventListener('visibilitychange', () => document.querySelector('#pause').click(), {once: true})";
        tab.run(go_on, Value::Null).await;
        let own = tab.client.window().await.expect("a window");
        let other = tab.client.new_window(true).await.expect("another tab");
        tab.client
            .switch_to_window(other.handle)
            .await
            .expect("it is seen");
        let unseen = "return heard.some(one => one.hidden && one.event === 'step')";
        let started = std::time::Instant::now();
        loop {
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            tab.client
                .switch_to_window(own.clone())
                .await
                .expect("the first one is seen");
            if tab.run(unseen, Value::Null).await == true {
                break;
            }
            assert!(
                started.elapsed() < TRAINING,
                "nothing happens in the background: {}",
                tab.run("return heard.slice(-4)", Value::Null).await
            );
            let other = tab.client.new_window(true).await.expect("another tab");
            tab.client
                .switch_to_window(other.handle)
                .await
                .expect("it is seen");
        }
        state(&tab, "finished").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_processor_is_only_taken_by_who_picks_it() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        let where_ = "return (document.querySelector('#where')?.textContent ?? '')";
        eventually(
            &tab,
            &format!("{where_}.includes('pick a device')"),
            &json!(true),
        )
        .await;
        eventually(
            &tab,
            "return document.querySelector('#train')?.ariaDisabled",
            &json!("false"),
        )
        .await;
        // The time that it is told to take is that of what is picked, at once.
        tab.click("#tab-preview").await;
        let time = "const time = document.querySelector('#panel-preview .preview-facts dd:last-of-type')?.textContent ?? '';
            return [time.includes('a rough guess'), time.includes('WebAssembly')]";
        eventually(&tab, time, &json!([true, true])).await;
        tab.click("#train").await;
        // What the browser lacks, and the way on, which is taken by hand.
        tab.find("#lack").await;
        assert!(
            tab.text("#lack").await.contains("graphics"),
            "{}",
            tab.text("#lack").await
        );
        assert_eq!(
            tab.run("return location.hash.startsWith('#/runs/')", Value::Null)
                .await,
            false
        );
        tab.click("#take-cpu").await;
        eventually(&tab, &format!("{where_}.includes('cpu')"), &json!(true)).await;
        eventually(&tab, time, &json!([true, true])).await;
        // The choice is kept.
        tab.goto("/page/?again").await;
        eventually(&tab, &format!("{where_}.includes('cpu')"), &json!(true)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_trains_without_a_runner_and_without_a_network() {
    in_browser(async |tab| {
        hook(&tab).await;
        let demo = crate::site::workspace().join("static/demo/demo.ini");
        let demo = std::fs::read_to_string(demo).expect("the demo");
        tab.goto("/page/").await;
        crate::editing::paste(&tab, &demo.replace("epochs = 30", "epochs = 1")).await;
        tab.click("#where").await;
        tab.click("#take-cpu").await;
        tab.click("#where").await;
        eventually(
            &tab,
            "return document.querySelector('#train')?.ariaDisabled",
            &json!("false"),
        )
        .await;
        train(&tab).await;
        // What it needs is here once it looks at the data.
        within(
            &tab,
            TRAINING,
            "return heard.some(one => one.event === 'data')",
            &json!(true),
        )
        .await;
        tab.offline(true).await;
        state(&tab, "finished").await;
        tab.offline(false).await;
    })
    .await;
}
