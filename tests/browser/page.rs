//! The page: it starts without a complaint, checks what is typed, and mends it.

use crate::tab::{Tab, in_browser};
use fantoccini::key::Key;
use serde_json::Value;

/// Right but for one letter.
const TEXT: &str = "# Ümläute und 🎤 stehen vor dem Fehler
[EXP]
root = ./results/
name = misspelt
epochs = 2
traindevtest = True
[DATA]
databases = ['demo']
demo = ./demo.csv
demo.type = csv
demo.split_strategy = speaker_split
target = emotion
[FEATS]
type = []
[FINETUNE]
pretrained_model = ./model
lerning_rate = 0.0001
[MODEL]
type = finetune
";

/// Something of everything, for the eye.
const BROKEN: &str = "# Emotion from speech
[EXP]
root = ./results/
name = broken
epochs = five
runs = 3

[DATA]
databases = ['demo', 'other']
demo = ./static/demo/demo.csv
demo.split_stratgy = speaker_split
target = emotion
labels = ['anger', 'happiness',
    'neutral', 'sadness']

[FEATS]
type = ['os']

[MODEL]
type = finetune
pretrained_model = microsoft/wavlm-base
lerning_rate = 0.0001
batch_size = -4
duration = 10.5
drop = 1.5
optimizer = adam
";

/// Puts `text` into the editor as a user's typing would.
async fn fill(tab: &Tab, text: &str) {
    let script = "const field = document.getElementById('text'); field.focus(); field.select();
                  document.execCommand('insertText', false, arguments[0]);";
    tab.run(script, text.into()).await;
}

async fn value(tab: &Tab) -> String {
    let value = tab
        .run("return document.getElementById('text').value", Value::Null)
        .await;
    value.as_str().expect("a text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_with_the_example_and_without_complaints() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        assert_eq!(tab.text("#version").await, env!("CARGO_PKG_VERSION"));
        assert!(
            value(&tab).await.contains("type = finetune"),
            "the example is loaded"
        );
        assert_eq!(tab.text("#counts").await, "none", "the example is right");
        assert!(tab.text(".settings").await.contains("learning_rate"));
        let requests = "return performance.getEntriesByType('resource').map(r => r.name)";
        for name in tab
            .run(requests, Value::Null)
            .await
            .as_array()
            .expect("a list")
        {
            assert!(
                name.as_str().expect("an address").starts_with(&tab.site),
                "a foreign request: {name}"
            );
        }
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_key_is_shown_and_mended() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        tab.find("#text").await;
        fill(&tab, TEXT).await;
        let line = TEXT.lines().position(|line| line.starts_with("lerning_rate")).expect("the misspelt line") + 1;

        assert_eq!(tab.text(".problems li .place").await, format!("{line}:1"));
        assert!(tab.text(".problems li .message").await.contains("lerning_rate"));
        assert!(tab.text(".problems li .fix").await.contains("learning_rate"));
        assert_eq!(tab.content(".gutter .error, .gutter .warning").await, format!("▲{line}"));
        assert_eq!(tab.content(".behind mark").await, "lerning_rate");

        tab.find(".problems .jump").await.click().await.expect("a click");
        let selected = "const f = document.activeElement; return f.value.slice(f.selectionStart, f.selectionEnd)";
        assert_eq!(tab.run(selected, Value::Null).await, "lerning_rate", "letters beyond the first plane count right");

        tab.find(".problems .fix").await.click().await.expect("a click");
        assert_eq!(value(&tab).await, TEXT.replace("lerning_rate", "learning_rate"));
        assert_eq!(tab.text("#counts").await, "none");

        tab.run("document.execCommand('undo')", Value::Null).await;
        assert_eq!(value(&tab).await, TEXT, "undo takes the fix back");
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_does_it_all() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        let field = tab.find("#text").await;
        fill(&tab, TEXT).await;
        field.send_keys(&Key::F8.to_string()).await.expect("keys");
        assert!(tab.text("#here").await.contains("lerning_rate"));
        let chord = format!("{}{}{}", Key::Alt, Key::Enter, Key::Null);
        field.send_keys(&chord).await.expect("keys");
        assert!(value(&tab).await.contains("\nlearning_rate = 0.0001\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_stays_text() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        tab.find("#text").await;
        let attack = "<img src=x onerror=\"document.title='run'\">";
        fill(
            &tab,
            &TEXT.replace("lerning_rate = 0.0001", &format!("batch_size = {attack}")),
        )
        .await;
        assert!(
            tab.text(".problems li.error .message")
                .await
                .contains("onerror")
        );
        assert!(tab.content(".behind").await.contains(attack));
        assert_eq!(tab.client.title().await.expect("a title"), "Voxtune");
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_fits_every_window() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        for (name, text) in [("example", None), ("problems", Some(BROKEN))] {
            tab.find("#text").await;
            if let Some(text) = text {
                fill(&tab, text).await;
            }
            for (size, width, height) in [("wide", 1440, 900), ("narrow", 360, 740), ("large", 3840, 2160)] {
                for scheme in ["light", "dark"] {
                    tab.look(width, height, scheme).await;
                    tab.screenshot(&format!("{name}-{size}-{scheme}")).await;
                    let over = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
                    assert_eq!(tab.run(over, Value::Null).await, 0, "{name} {size}: nothing sticks out at the side");
                }
            }
        }
    })
    .await;
}
