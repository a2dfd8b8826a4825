//! Recordings in the page: many of them, seen, heard, labelled.

use super::looks::{accessible, look_at};
use crate::{
    editing::{eventually, press},
    site::workspace,
    tab::{Tab, in_browser},
};
use fantoccini::key::Key;
use serde_json::{Value, json};
use std::fs;

/// Gives files to the page as a choice in its field does: name and base64.
const CHOOSE: &str = "const data = new DataTransfer();
    for (const [name, bytes] of arguments[0]) {
        const content = Uint8Array.from(atob(bytes), c => c.charCodeAt(0));
        data.items.add(new File([content], name));
    }
    const field = document.querySelector('#add-files');
    field.files = data.files;
    field.dispatchEvent(new Event('change', {bubbles: true}));";

pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let word = three
            .iter()
            .fold(0u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for at in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= three.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    out
}

pub(super) async fn choose(tab: &Tab, files: &[(&str, Vec<u8>)]) {
    tab.find("#add-files").await;
    let files: Vec<Value> = files
        .iter()
        .map(|(name, bytes)| json!([name, base64(bytes)]))
        .collect();
    tab.run(CHOOSE, json!(files)).await;
}

const ROWS: &str = "return document.querySelector('[role=table]')?.ariaRowCount ?? document.querySelector('[role=table]')?.getAttribute('aria-rowcount') ?? ''";

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_is_seen_heard_and_labelled() {
    in_browser(async |tab| {
        tab.goto("/page/#/data").await;
        tab.find("main .empty").await;
        look_at(&tab, "data-empty").await;
        accessible(&tab, "data-empty").await;
        let table = "file,speaker,emotion\nصوت 🎤.flac,f01,<img src=x onerror=document.title='run'>\ngone.flac,f02,anger\n";
        let sound = fs::read(workspace().join("static/demo/audio/f01_anger_00.flac")).expect("a clip");
        choose(&tab, &[("labels.csv", table.into()), ("صوت 🎤.flac", sound)]).await;
        eventually(&tab, ROWS, &json!("3")).await;
        tab.click("[role=table]").await;
        press(&tab, &[Key::Home], "").await;
        tab.find(".clip-view canvas.spectrum").await;
        let drawn = "const canvas = document.querySelector('.clip-view canvas.spectrum');
            const data = canvas.width ? canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data : [];
            const seen = new Set(); for (let i = 0; i < data.length; i += 4) seen.add(data[i]); return seen.size > 50";
        eventually(&tab, drawn, &json!(true)).await;
        tab.run("const field = document.querySelector('#cell-2'); field.value = 'joy'; field.dispatchEvent(new Event('change', {bubbles: true}))", Value::Null).await;
        eventually(&tab, "return document.querySelector('.row.chosen').textContent.includes('joy')", &json!(true)).await;
        look_at(&tab, "data").await;
        accessible(&tab, "data").await;
        tab.client.refresh().await.expect("a reload");
        eventually(&tab, ROWS, &json!("3")).await;
        eventually(&tab, "return document.querySelector('.virtual').textContent.includes('joy')", &json!(true)).await;
        eventually(&tab, "return document.querySelectorAll('main img').length", &json!(0)).await;
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_rows_stay_smooth() {
    in_browser(async |tab| {
        tab.goto("/page/#/data").await;
        let mut table = "file,speaker,emotion\n".to_owned();
        for n in 0..10_000 {
            table += &format!("clip_{n:05}.wav,s{},{}\n", n % 97, ["anger", "joy", "neutral"][n % 3]);
        }
        choose(&tab, &[("many.csv", table.into_bytes())]).await;
        eventually(&tab, ROWS, &json!("10001")).await;
        let few = "return document.querySelectorAll('[role=row]').length < 120";
        eventually(&tab, few, &json!(true)).await;
        let walk = "const done = arguments[arguments.length - 1]; const list = document.querySelector('.virtual'); const times = []; let last = performance.now(); let n = 0;
            const step = () => { const now = performance.now(); times.push(now - last); last = now; list.scrollTop += 2000; n++ < 60 ? requestAnimationFrame(step) : done(times.sort((a, b) => a - b)); };
            requestAnimationFrame(step);";
        let times = tab.client.execute_async(walk, vec![]).await.expect("a walk");
        let median = times[30].as_f64().expect("a time");
        eprintln!("10,000 rows: a frame while scrolling takes {median} ms in the middle, {} at most", times[60]);
        assert!(median < 50.0, "{times}");
        eventually(&tab, few, &json!(true)).await;
        look_at(&tab, "data-many").await;
    })
    .await;
}
