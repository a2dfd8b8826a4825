//! A trained model hears a recording, and the microphone.

use super::{
    looks::{accessible, look_at},
    path::{TRAINING, enter},
    sounds::base64,
};
use crate::{
    editing::{eventually, within},
    runner::{Runner, demo, ended, queue},
    site::workspace,
    tab::in_browser,
};
use serde_json::{Value, json};
use std::fs;

/// Gives the field of the place a file, as a choice does: name and base64.
const CHOOSE: &str = "const [name, bytes] = arguments[0]; const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], name));
    const field = document.querySelector('#try-file');
    field.files = data.files;
    field.dispatchEvent(new Event('change', {bubbles: true}));";

/// Seconds of 16-bit sound at 16 kHz, as a WAV file: a voice, over and over.
fn long(seconds: u32) -> Vec<u8> {
    let samples = seconds * 16_000;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + 2 * samples).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16u32.to_le_bytes());
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(16_000u32.to_le_bytes());
    bytes.extend(32_000u32.to_le_bytes());
    bytes.extend([2, 0, 16, 0]);
    bytes.extend(b"data");
    bytes.extend((2 * samples).to_le_bytes());
    for at in 0..samples {
        let time = at as f32 / 16_000.0;
        // Pitch and loudness change every four seconds.
        let high = (time / 4.0) as u32 % 2 == 1;
        let (pitch, loud) = if high {
            (320.0, 14_000.0)
        } else {
            (110.0, 3_000.0)
        };
        let phase = time * pitch % 1.0;
        bytes.extend((((2.0 * phase - 1.0) * loud) as i16).to_le_bytes());
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_hears_files_and_the_microphone() {
    in_browser(async |tab| {
        let runner = Runner::start();
        enter(&tab, &runner).await;
        tab.open(&format!("{}/#/try", runner.address)).await;
        eventually(&tab, "return document.querySelector('main .empty')?.textContent.includes('No trained model yet')", &json!(true)).await;
        look_at(&tab, "try-empty").await;
        accessible(&tab, "try-empty").await;
        let job = queue(&tab, &demo(1), "heard").await;
        assert_eq!(ended(&tab, &job).await, "finished");
        tab.find("#try-file").await;

        // A clip: every class has a probability, and together they are one.
        let clip = fs::read(workspace().join("static/demo/audio/f01_anger_00.flac")).expect("a clip");
        tab.run(CHOOSE, json!(["صوت <b>🎤.flac", base64(&clip)])).await;
        let sum = "return Math.round(100 * [...document.querySelectorAll('.recording .scores progress')].reduce((sum, bar) => sum + bar.value, 0))";
        within(&tab, TRAINING, sum, &json!(100)).await;
        assert!(tab.text(".heard .name").await.contains("<b>"));

        // A longer one has a time line, whose passages can be played.
        tab.run(CHOOSE, json!(["long.wav", base64(&long(16))])).await;
        within(&tab, TRAINING, "return document.querySelectorAll('.recording .linechart').length", &json!(1)).await;
        eventually(&tab, "return document.querySelectorAll('.recording .cliplist li .play').length > 0", &json!(true)).await;
        tab.click(".recording .cliplist li .play").await;
        eventually(&tab, "return document.querySelectorAll('.toast.error').length", &json!(0)).await;
        look_at(&tab, "try").await;
        accessible(&tab, "try").await;

        // What is no recording is said to be none.
        tab.run(CHOOSE, json!(["text.wav", base64(b"no sound at all")])).await;
        within(&tab, TRAINING, "return !!document.querySelector('.recording .error-text, .recording .warning-text')", &json!(true)).await;

        tab.click("#listen").await;
        let live = "return Math.round(100 * [...document.querySelectorAll('.microphone .scores progress')].reduce((sum, bar) => sum + bar.value, 0))";
        within(&tab, TRAINING, live, &json!(100)).await;
        within(&tab, TRAINING, "return document.querySelectorAll('.microphone .linechart').length", &json!(1)).await;
        look_at(&tab, "try-live").await;
        accessible(&tab, "try-live").await;
        tab.click("#listen").await;
        eventually(&tab, "return document.querySelector('#listen').textContent.trim()", &json!("Listen")).await;
        // The runner is free again.
        let sessions = "const done = arguments[arguments.length - 1]; fetch('/api/live').then(answer => answer.json()).then(list => done(list.sessions.length))";
        let mut left = Value::Null;
        for _ in 0..100 {
            left = tab.client.execute_async(sessions, vec![]).await.expect("a number");
            if left == json!(0) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(left, json!(0));
        // The browser tells of the file that could not be read, as the page does.
        let mut complaints = tab.complaints().await;
        complaints.retain(|text| !text.contains("/predict/audio - ") || !text.contains("422"));
        assert_eq!(complaints, Vec::<String>::new());
    })
    .await;
}
