//! The editor: it starts without a complaint, checks what is typed, mends it, and loses nothing.

use crate::{
    editing::{SHOWN, eventually, field, fill, paste, press, text},
    tab::{Tab, in_browser},
};
use fantoccini::key::Key;
use serde_json::{Value, json};

/// Right but for one letter.
pub(super) const TEXT: &str = "# Ümläute und 🎤 stehen vor dem Fehler
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

async fn counts(tab: &Tab, expected: &str) {
    let script = "return document.querySelector('#counts').textContent";
    eventually(tab, script, &expected.into()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_with_the_demo_and_without_complaints() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        assert_eq!(tab.text("#version").await, env!("CARGO_PKG_VERSION"));
        assert!(
            text(&tab).await.contains("dataset:demo/demo.csv"),
            "the demo is loaded"
        );
        assert_eq!(tab.text("#counts").await, "1 info", "the demo is right");
        let requests = "return performance.getEntriesByType('resource').map(r => r.name)";
        for name in tab
            .run(requests, Value::Null)
            .await
            .as_array()
            .expect("a list")
        {
            let name = name.as_str().expect("an address");
            assert!(name.starts_with(&tab.site), "a foreign request: {name}");
        }
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_key_is_shown_and_mended() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        fill(&tab, TEXT).await;
        counts(&tab, "1 warning").await;
        let line = TEXT
            .lines()
            .position(|line| line.starts_with("lerning_rate"))
            .expect("the misspelt line")
            + 1;
        assert_eq!(tab.text(".problems li .place").await, format!("{line}:1"));
        assert!(
            tab.text(".problems li .message")
                .await
                .contains("lerning_rate")
        );
        eventually(
            &tab,
            "return document.querySelectorAll('.cm-lint-marker-warning').length",
            &json!(1),
        )
        .await;
        eventually(
            &tab,
            "return document.querySelector('.cm-lintRange-warning').textContent",
            &json!("lerning_rate"),
        )
        .await;

        tab.find(".problems .jump")
            .await
            .click()
            .await
            .expect("a click");
        let selected = "return document.getSelection().toString()";
        eventually(&tab, selected, &json!("lerning_rate")).await;

        tab.find(".problems .fix")
            .await
            .click()
            .await
            .expect("a click");
        eventually(
            &tab,
            SHOWN,
            &json!(TEXT.replace("lerning_rate", "learning_rate")),
        )
        .await;
        counts(&tab, "none").await;
        field(&tab).await.click().await.expect("a click");
        press(&tab, &[Key::Control], "z").await;
        eventually(&tab, SHOWN, &json!(TEXT)).await;
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_does_it_all() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        fill(&tab, TEXT).await;
        counts(&tab, "1 warning").await;
        press(&tab, &[Key::F8], "").await;
        eventually(
            &tab,
            "return document.getSelection().toString()",
            &json!("lerning_rate"),
        )
        .await;
        press(&tab, &[Key::Alt, Key::Enter], "").await;
        counts(&tab, "none").await;
        assert!(text(&tab).await.contains("\nlearning_rate = 0.0001\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_completed_with_their_meaning() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        fill(&tab, "[FINETUNE]\n").await;
        press(&tab, &[], "warm").await;
        let label = "return document.querySelector('.cm-tooltip-autocomplete li[aria-selected] .cm-completionLabel')?.textContent ?? ''";
        eventually(&tab, label, &json!("warmup_ratio")).await;
        assert!(tab.text(".cm-completionInfo").await.contains("learning rate rises"));
        // The list takes a key only when it has stood for a moment, so that fast typing isn't caught by it.
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        press(&tab, &[Key::Enter], "").await;
        eventually(&tab, SHOWN, &json!("[FINETUNE]\nwarmup_ratio = ")).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_changes_its_key_and_nothing_else() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        let text = TEXT.replace("lerning_rate = 0.0001", "; kept\nlearning_rate : 0.0001");
        fill(&tab, &text).await;
        counts(&tab, "none").await;
        let set = "const [id, value] = arguments[0]; const field = document.getElementById(id);
            field.value = value; field.dispatchEvent(new Event('change', {bubbles: true}));";
        tab.run(set, json!(["field-FINETUNE-learning_rate", "0.002"]))
            .await;
        let changed = text.replace("learning_rate : 0.0001", "learning_rate : 0.002");
        eventually(&tab, SHOWN, &json!(changed)).await;
        tab.run(set, json!(["field-FINETUNE-batch_size", "4"]))
            .await;
        let changed = changed.replace("0.002\n", "0.002\nbatch_size = 4\n");
        eventually(&tab, SHOWN, &json!(changed)).await;
        tab.run(set, json!(["field-FINETUNE-batch_size", ""])).await;
        let changed = changed.replace("batch_size = 4\n", "");
        eventually(&tab, SHOWN, &json!(changed)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_loses_nothing() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        fill(&tab, TEXT).await;
        fill(&tab, "[EXP]\nname = second\n").await;
        tab.client.refresh().await.expect("a reload");
        eventually(&tab, SHOWN, &json!("[EXP]\nname = second\n")).await;
        field(&tab).await.click().await.expect("a click");
        press(&tab, &[Key::Control], "z").await;
        eventually(&tab, SHOWN, &json!(TEXT)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_stays_text() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        let attack = "<img src=x onerror=\"document.title='run'\">";
        fill(
            &tab,
            &TEXT.replace("lerning_rate = 0.0001", &format!("batch_size = {attack}")),
        )
        .await;
        counts(&tab, "1 error").await;
        assert!(
            tab.text(".problems li.error .message")
                .await
                .contains("onerror")
        );
        assert!(text(&tab).await.contains(attack));
        tab.find("[role=tab]#tab-in-effect")
            .await
            .click()
            .await
            .expect("a click");
        let images = "return document.querySelectorAll('main img').length";
        assert_eq!(tab.run(images, Value::Null).await, 0);
        assert_eq!(
            tab.client.title().await.expect("a title"),
            "Experiment – Voxtune"
        );
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn checking_is_quicker_than_a_picture() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        let many: String = (0..180).map(|n| format!("# line {n}\n")).collect();
        paste(&tab, &format!("{many}{TEXT}")).await;
        counts(&tab, "1 warning").await;
        let mut worst: Vec<f64> = Vec::new();
        for letter in "abcdefghij".chars() {
            press(&tab, &[], &letter.to_string()).await;
            let time = tab
                .run(
                    "return document.querySelector('.problems').dataset.checkMs",
                    Value::Null,
                )
                .await;
            worst.push(
                time.as_str()
                    .and_then(|time| time.parse().ok())
                    .expect("milliseconds"),
            );
        }
        worst.sort_by(f64::total_cmp);
        eprintln!(
            "a check of 200 lines: shortest {} ms, median {} ms, longest {} ms",
            worst[0], worst[5], worst[9]
        );
        // The shortest: all are checks of as much, and other programs may take the processor away in between.
        assert!(worst[0] < 16.0, "{worst:?}");
    })
    .await;
}
