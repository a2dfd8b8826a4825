//! Recordings on their way to a real runner, which goes away in the midst of it.

use super::{
    looks::{accessible, look_at},
    path::enter,
    sounds::{choose, wav},
};
use crate::{
    editing::{eventually, within},
    runner::Runner,
    tab::in_browser,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Bytes that the browser sends in a second.
const SPEED: u32 = 2_000_000;
/// How long sending may take on a busy machine.
const SENDING: Duration = Duration::from_secs(120);

/// Presses a button by its text.
const PRESS: &str = "const button = [...document.querySelectorAll('main button')].find(b => b.textContent.trim() === arguments[0] && !b.disabled); button?.click(); return !!button";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cut_off_goes_on_where_it_was() {
    in_browser(async |tab| {
        let mut runner = Runner::start();
        enter(&tab, &runner).await;
        tab.open(&format!("{}/#/data", runner.address)).await;
        tab.find("#add-files").await;
        // Three pieces and a bit; noise, so that no piece is like another.
        let noise = |time: f64| ((time * 16_000.0).round() * 12.9898).sin() * 0.3;
        let long = wav(16_000, 1, 6_500_000, noise);
        let size = long.len();
        let table = "file,speaker,emotion\nlong.wav,f01,joy\n";
        choose(&tab, &[("labels.csv", table.into()), ("long.wav", long)]).await;
        tab.find("[role=grid]").await;
        let slow = json!({"offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": SPEED});
        tab.devtools("Network.enable", json!({})).await;
        tab.devtools("Network.emulateNetworkConditions", slow).await;
        assert_eq!(tab.run(PRESS, "Bring to the runner".into()).await, json!(true));
        let some = "return document.querySelector('.bringing progress')?.value > 0.3";
        within(&tab, SENDING, some, &json!(true)).await;
        runner.kill();
        let waits = "return document.querySelector('.bringing')?.textContent.includes('does not answer')";
        within(&tab, SENDING, waits, &json!(true)).await;
        look_at(&tab, "bring-cut").await;
        accessible(&tab, "bring-cut").await;
        runner.start_again();
        let there = "return [...document.querySelectorAll('.hint')].some(hint => hint.textContent.includes('On the runner as'))";
        within(&tab, SENDING, there, &json!(true)).await;
        // From its beginning each of the two files was sent once only.
        let begun = "return performance.getEntriesByType('resource').filter(r => /api\\/uploads\\/.*offset=0$/.test(r.name)).length";
        eventually(&tab, begun, &json!(2)).await;
        look_at(&tab, "brought").await;
        assert_eq!(tab.run(PRESS, "Use in the experiment".into()).await, json!(true));
        tab.open(&format!("{}/#/experiment", runner.address)).await;
        let text = "return document.querySelector('.cm-content')?.textContent.includes('dataset:')";
        eventually(&tab, text, &json!(true)).await;
        // The runner has the recording to the last byte: it asks for nothing when it is sent again.
        tab.open(&format!("{}/#/data", runner.address)).await;
        let told = "const done = arguments[arguments.length - 1]; fetch('/api/datasets').then(answer => answer.json()).then(list => done(list.datasets.map(one => one.bytes ?? one.size)))";
        let sizes = tab.client.execute_async(told, vec![]).await.expect("sizes");
        let all = sizes.as_array().and_then(|sizes| sizes.first()).and_then(Value::as_u64);
        assert!(all.is_some_and(|all| all >= size as u64), "{sizes}");
    })
    .await;
}
