//! Working with the page's text editor as a user does.

use crate::tab::Tab;
use fantoccini::{elements::Element, key::Key};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long the page may take for what it does at once.
const PATIENCE: Duration = Duration::from_secs(20);

/// The editor's field.
pub(crate) async fn field(tab: &Tab) -> Element {
    tab.find(".cm-content").await
}

/// Puts `text` in place of what is in the editor, by the clipboard's way.
pub(crate) async fn fill(tab: &Tab, text: &str) {
    paste(tab, text).await;
    eventually(tab, SHOWN, &json!(text)).await;
}

/// As [`fill`], for texts of any length.
pub(crate) async fn paste(tab: &Tab, text: &str) {
    let field = field(tab).await;
    field.click().await.expect("a click");
    press(tab, &[Key::Control], "a").await;
    let paste = "const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', arguments[0]);
        document.querySelector('.cm-content').dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));";
    tab.run(paste, text.into()).await;
}

/// The lines that the editor shows.
pub(crate) const SHOWN: &str =
    "return [...document.querySelectorAll('.cm-line')].map(line => line.textContent).join('\\n')";

/// The text in the editor, which must be short enough to be shown as a whole.
pub(crate) async fn text(tab: &Tab) -> String {
    let text = tab.run(SHOWN, Value::Null).await;
    text.as_str().expect("a text").to_owned()
}

/// Waits until a script returns `expected`.
pub(crate) async fn eventually(tab: &Tab, script: &str, expected: &Value) {
    within(tab, PATIENCE, script, expected).await;
}

/// As [`eventually`], for what takes longer.
pub(crate) async fn within(tab: &Tab, patience: Duration, script: &str, expected: &Value) {
    let started = Instant::now();
    loop {
        let found = tab.run(script, Value::Null).await;
        if found == *expected {
            return;
        }
        assert!(
            started.elapsed() < patience,
            "{script}\ngave {found}\ninstead of {expected}\n{:#?}",
            tab.complaints().await
        );
        sleep(Duration::from_millis(50)).await;
    }
}

/// Presses keys, the first of them held, and types letters with them.
pub(crate) async fn press(tab: &Tab, keys: &[Key], letters: &str) {
    let chord: String = keys.iter().map(|key| char::from(*key)).collect();
    let active = tab.client.active_element().await.expect("a focus");
    active
        .send_keys(&format!("{chord}{letters}{}", char::from(Key::Null)))
        .await
        .expect("keys");
}
