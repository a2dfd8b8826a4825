//! Recordings in the page: seen, heard, labelled, kept.

use super::{
    looks::{accessible, look_at},
    sounds::{choose, tone, wav, zip},
};
use crate::{
    editing::{eventually, press},
    site::workspace,
    tab::{Tab, in_browser},
};
use fantoccini::key::Key;
use serde_json::{Value, json};
use std::{fs, time::Duration};
use tokio::time::sleep;

/// Rows of the table with its head.
pub(super) const ROWS: &str =
    "return document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') ?? ''";

/// Whether something was drawn on the spectrogram's canvas.
pub(super) const DRAWN: &str = "const canvas = document.querySelector('.clip-view canvas.spectrum');
    if (!canvas?.width) return false;
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {willReadFrequently: true});
    copy.drawImage(canvas, 0, 0);
    const data = copy.getImageData(0, 0, canvas.width, canvas.height).data;
    const seen = new Set(); for (let i = 0; i < data.length; i += 4) seen.add(data[i]); return seen.size > 50";

async fn says(tab: &Tab, css: &str, text: &str) {
    let script = format!(
        "return (document.querySelector({css:?})?.textContent ?? '').includes(arguments[0]) || document.querySelector({css:?})?.textContent"
    );
    let started = tokio::time::Instant::now();
    loop {
        let found = tab.run(&script, text.into()).await;
        if found == json!(true) {
            return;
        }
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "{css} says {found} instead of {text}"
        );
        sleep(Duration::from_millis(50)).await;
    }
}

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
        tab.find("[role=grid]").await;
        tab.run("document.querySelector('[role=grid]').focus()", Value::Null).await;
        press(&tab, &[Key::Home], "").await;
        tab.find(".clip-view canvas.spectrum").await;
        eventually(&tab, DRAWN, &json!(true)).await;
        says(&tab, ".clip-facts", "16 kHz · mono · flac").await;
        // By keys in the table: the label, written over; then another, taken back.
        press(&tab, &[Key::Right], "").await;
        press(&tab, &[], "j").await;
        tab.find(".in-cell").await;
        press(&tab, &[], "oy").await;
        press(&tab, &[Key::Enter], "").await;
        eventually(&tab, "return document.querySelector('[aria-rowindex=\"2\"]').textContent.includes('joy')", &json!(true)).await;
        press(&tab, &[], "x").await;
        press(&tab, &[Key::Enter], "").await;
        eventually(&tab, "return document.querySelector('[aria-rowindex=\"3\"]').textContent.includes('f02x')", &json!(true)).await;
        press(&tab, &[Key::Control], "z").await;
        eventually(&tab, "return document.querySelector('[aria-rowindex=\"3\"]').textContent.includes('anger')", &json!(true)).await;
        press(&tab, &[Key::Home], "").await;
        eventually(&tab, DRAWN, &json!(true)).await;
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
async fn what_is_done_to_recordings_is_said() {
    in_browser(async |tab| {
        tab.goto("/page/#/data").await;
        let loud = |seconds: f64| tone(seconds) * 4.0;
        let files = [
            ("a-loud.wav", wav(44_100, 2, 44_100, loud)),
            ("b-silent.wav", wav(16_000, 1, 8_000, |_| 0.0)),
            ("c-short.wav", wav(16_000, 1, 160, tone)),
            ("d-good.wav", wav(16_000, 1, 16_000, tone)),
            ("e-broken.wav", b"RIFF no sound at all".to_vec()),
        ];
        choose(&tab, &files).await;
        eventually(&tab, ROWS, &json!("6")).await;
        let sound = |row: usize| format!("[aria-rowindex='{row}'] > span:last-child");
        says(&tab, &sound(2), "▲ clipped · 44.1 kHz · → mono").await;
        says(&tab, &sound(3), "▲ silent").await;
        says(&tab, &sound(4), "▲ too short").await;
        says(&tab, &sound(6), "▲ unreadable").await;
        assert_eq!(tab.text(&sound(5)).await, "");
        tab.run("document.querySelector('[role=grid]').focus()", Value::Null).await;
        press(&tab, &[Key::Home], "").await;
        says(&tab, ".done", "resampled from 44.1 kHz").await;
        says(&tab, ".done", "mixed to mono from 2 channels").await;
        says(&tab, ".done", "clipped").await;
        eventually(&tab, DRAWN, &json!(true)).await;
        look_at(&tab, "data-sound").await;
        accessible(&tab, "data-sound").await;
        // Only those with something wrong.
        tab.run("const field = document.querySelector('[aria-label=\"Sound to filter by\"]'); field.value = 'silent'; field.dispatchEvent(new Event('change', {bubbles: true}))", Value::Null).await;
        eventually(&tab, ROWS, &json!("2")).await;
        // Played, to its end, and again and again.
        tab.run("document.querySelector('[aria-label=\"Sound to filter by\"]').value = ''; document.querySelector('[aria-label=\"Sound to filter by\"]').dispatchEvent(new Event('change', {bubbles: true}))", Value::Null).await;
        eventually(&tab, ROWS, &json!("6")).await;
        tab.run("document.querySelector('.sound').focus()", Value::Null).await;
        let seen = "return document.querySelector('.readout').textContent";
        press(&tab, &[Key::Shift, Key::Right], "").await;
        eventually(&tab, &format!("{} .includes('20 ms')", seen), &json!(true)).await;
        press(&tab, &[Key::Enter], "").await;
        press(&tab, &[Key::Escape], "").await;
        eventually(&tab, seen, &json!("0.50–0.52 s")).await;
        press(&tab, &[], "-").await;
        press(&tab, &[], "0").await;
        eventually(&tab, seen, &json!("0.00–1.00 s")).await;
        press(&tab, &[], "l").await;
        press(&tab, &[], " ").await;
        tab.find(".sound .cursor").await;
        press(&tab, &[], " ").await;
        eventually(&tab, "return document.querySelectorAll('.sound .cursor').length", &json!(0)).await;
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zipped_database_of_audformat_opens() {
    in_browser(async |tab| {
        tab.goto("/page/#/data").await;
        let folder = workspace().join("tests/fixtures/audformat/segments-parquet");
        let mut files = vec![("segments/a/1.wav".to_owned(), wav(16_000, 1, 48_000, tone))];
        for file in fs::read_dir(folder).expect("a database") {
            let file = file.expect("a file");
            let name = file.file_name().to_string_lossy().into_owned();
            files.push((format!("segments/{name}"), fs::read(file.path()).expect("bytes")));
        }
        let files: Vec<(&str, Vec<u8>)> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
        choose(&tab, &[("segments.zip", zip(&files))]).await;
        says(&tab, ".toasts", "the database segments has").await;
        let heads = "return [...document.querySelectorAll('[role=columnheader]')].map(head => head.textContent)";
        let heads = tab.run(heads, Value::Null).await;
        for column in ["file", "start", "end", "arousal", "speaker", "sex", "age", "split"] {
            assert!(heads.as_array().expect("heads").contains(&json!(column)), "{column}: {heads}");
        }
        says(&tab, ".virtual", "train").await;
        // Two stretches of the one recording that is here.
        tab.find(".filters input").await.send_keys("A/1.WAV").await.expect("keys");
        eventually(&tab, ROWS, &json!("3")).await;
        tab.run("document.querySelector('[role=grid]').focus()", Value::Null).await;
        press(&tab, &[Key::Home], "").await;
        says(&tab, ".clip-facts", "the row is").await;
        eventually(&tab, "return document.querySelectorAll('.sound .beyond').length > 0", &json!(true)).await;
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_into_the_microphone_is_kept_with_its_label() {
    in_browser(async |tab| {
        tab.goto("/page/#/data").await;
        let field = tab.find("#record-label").await;
        field.send_keys("joy").await.expect("keys");
        tab.find("#record-speaker").await.send_keys("me").await.expect("keys");
        tab.click("button.record").await;
        let heard = "return Number((document.querySelector('[role=timer]')?.textContent ?? '').split(' ')[0]) >= 1.2";
        eventually(&tab, heard, &json!(true)).await;
        tab.click("button.record").await;
        eventually(&tab, ROWS, &json!("2")).await;
        says(&tab, "[aria-rowindex='2']", "recorded/").await;
        says(&tab, "[aria-rowindex='2']", "joy").await;
        says(&tab, "[aria-rowindex='2']", "me").await;
        eventually(&tab, DRAWN, &json!(true)).await;
        look_at(&tab, "data-recorded").await;
        sleep(Duration::from_millis(1500)).await;
        tab.client.refresh().await.expect("a reload");
        eventually(&tab, ROWS, &json!("2")).await;
        tab.click("[aria-rowindex='2'] > span").await;
        eventually(&tab, DRAWN, &json!(true)).await;
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_any_size_survives_or_says_so() {
    in_browser(async |tab| {
        tab.goto("/page/#/data").await;
        let mut table = "file,speaker,note,emotion\n".to_owned();
        let note = "a remark that makes the table long, ".repeat(8);
        for n in 0..20_000 {
            table += &format!("clip_{n:05}.wav,s{},\"{note}{n}\",joy\n", n % 97);
        }
        assert!(table.len() > 6_000_000);
        choose(&tab, &[("large.csv", table.clone().into_bytes())]).await;
        eventually(&tab, ROWS, &json!("20001")).await;
        let kept = "const done = arguments[arguments.length - 1]; const ask = indexedDB.open('voxtune', 1);
            ask.onsuccess = () => { const get = ask.result.transaction('things').objectStore('things').get('recordings'); get.onsuccess = () => { ask.result.close(); done(JSON.parse(get.result ?? '{}').blocks ?? 0) } }";
        let started = tokio::time::Instant::now();
        while tab.client.execute_async(kept, vec![]).await.expect("a count") != json!(40) {
            assert!(started.elapsed() < Duration::from_secs(30), "it is never written");
            sleep(Duration::from_millis(100)).await;
        }
        // An edit, and the page gone at once.
        tab.run("document.querySelector('[role=grid]').focus()", Value::Null).await;
        press(&tab, &[Key::End], "").await;
        press(&tab, &[], "n").await;
        press(&tab, &[], "ew").await;
        press(&tab, &[Key::Enter], "").await;
        tab.client.refresh().await.expect("a reload");
        eventually(&tab, ROWS, &json!("20001")).await;
        tab.run("document.querySelector('[role=grid]').focus()", Value::Null).await;
        press(&tab, &[Key::End], "").await;
        says(&tab, ".row.chosen", "new").await;
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_without_room_says_so() {
    in_browser(async |tab| {
        tab.goto("/page/#/data").await;
        tab.find("#add-files").await;
        let quota = json!({"origin": tab.site, "quotaSize": 200_000});
        tab.devtools("Storage.overrideQuotaForOrigin", quota).await;
        let mut table = "file,note\n".to_owned();
        for n in 0..20_000 {
            table += &format!("clip_{n:05}.wav,{}{n}\n", "a long remark ".repeat(20));
        }
        choose(&tab, &[("large.csv", table.into_bytes())]).await;
        eventually(&tab, ROWS, &json!("20001")).await;
        says(&tab, ".notice.error", "will not survive a reload").await;
        look_at(&tab, "data-full").await;
        accessible(&tab, "data-full").await;
    })
    .await;
}
