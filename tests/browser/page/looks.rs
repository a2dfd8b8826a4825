//! How it looks: nothing sticks out in any window, nothing serious for assistive programs.

use crate::{
    editing::fill,
    site,
    tab::{Tab, in_browser},
};
use serde_json::{Value, json};
use std::fs;

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

/// Windows in which each place is looked at.
const WINDOWS: [(&str, u32, u32); 3] = [
    ("wide", 1440, 900),
    ("narrow", 360, 740),
    ("large", 3840, 2160),
];

/// Takes pictures of what is open, in all windows, light and dark, and checks that nothing sticks out.
pub(super) async fn look_at(tab: &Tab, name: &str) {
    for (size, width, height) in WINDOWS {
        for scheme in ["light", "dark"] {
            tab.look(width, height, scheme).await;
            tab.screenshot(&format!("{name}-{size}-{scheme}")).await;
            let over = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
            assert_eq!(
                tab.run(over, Value::Null).await,
                0,
                "{name} {size}: nothing sticks out at the side"
            );
        }
    }
    tab.look(1440, 900, "light").await;
}

/// Lets axe-core look at what is open, light and dark; nothing serious may be found.
pub(super) async fn accessible(tab: &Tab, name: &str) {
    let axe = site::workspace().join("app/editor/node_modules/axe-core/axe.min.js");
    let axe = fs::read_to_string(&axe).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; `scripts/setup-tools.sh editor` installs it",
            axe.display()
        )
    });
    for scheme in ["light", "dark"] {
        tab.look(1440, 900, scheme).await;
        tab.run(&format!("if (!window.axe) {{ {axe} }}"), Value::Null)
            .await;
        let script = "const done = arguments[arguments.length - 1];
            axe.run(document, {resultTypes: ['violations']}).then(found => done(found.violations
                .filter(it => ['serious', 'critical'].includes(it.impact))
                .map(it => `${it.id}: ${it.help}: ${it.nodes.map(node => node.target.join(' ') + ' ' + node.failureSummary).join('; ')}`)),
                error => done([String(error)]));";
        let found = tab
            .client
            .execute_async(script, vec![])
            .await
            .expect("axe-core runs");
        assert_eq!(found, json!([]), "{name}, {scheme}");
    }
    tab.look(1440, 900, "light").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_experiment_fits_and_is_accessible() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        tab.find(".cm-content").await;
        look_at(&tab, "experiment").await;
        accessible(&tab, "experiment").await;
        fill(&tab, BROKEN).await;
        look_at(&tab, "problems").await;
        accessible(&tab, "problems").await;
        for button in tab
            .client
            .find_all(fantoccini::Locator::Css(".text .bar button"))
            .await
            .expect("buttons")
        {
            if button.text().await.expect("a text") == "Templates" {
                button.click().await.expect("a click");
            }
        }
        tab.find("dialog[open]").await;
        look_at(&tab, "templates").await;
        accessible(&tab, "templates").await;
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}
