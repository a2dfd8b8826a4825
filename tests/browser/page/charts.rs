//! What charts are saved as, each of them in one way.

use crate::{site::workspace, tab::Tab};
use serde_json::json;
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Presses a button among those that save the chart.
const SAVE: &str = "const [scope, kind] = arguments[0];
    const button = [...document.querySelectorAll(scope + ' .exports button')].find(button => button.textContent === kind);
    button?.click(); return !!button";

/// What an SVG says, if it is one by itself: without the page's style sheet, in colours that every program reads.
const READ: &str = "const found = new DOMParser().parseFromString(arguments[0], 'image/svg+xml');
    if (found.querySelector('parsererror')) return found.querySelector('parsererror').textContent;
    if (/class=|style=|var\\(|oklab|color-mix|NaN/.test(arguments[0])) return 'of the page: ' + arguments[0].slice(0, 2000);
    const root = found.documentElement;
    return [Number(root.getAttribute('width')), Number(root.getAttribute('height')), [...found.querySelectorAll('text')].map(text => text.textContent)];";

/// Saves the chart in `scope` in all forms and looks at them; `says` stands in the picture, and `lines` are in the table.
pub(super) async fn saved(tab: &Tab, scope: &str, name: &str, says: &[&str], lines: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    tab.download_to(folder.path()).await;
    for kind in ["SVG", "PNG", "CSV"] {
        let pressed = tab.run(SAVE, json!([scope, kind])).await;
        assert_eq!(pressed, json!(true), "{scope}: {kind}");
    }
    let svg = file(folder.path(), &format!("{name}.svg")).await;
    let svg = String::from_utf8(svg).expect("a text");
    let read = tab.run(READ, svg.into()).await;
    let words = read[2]
        .as_array()
        .unwrap_or_else(|| panic!("{name}: {read}"));
    for word in says {
        assert!(words.contains(&json!(word)), "{name}: {word} in {read}");
    }
    let png = file(folder.path(), &format!("{name}.png")).await;
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"), "{name}");
    let side = |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
    for (at, of) in [(16, &read[0]), (20, &read[1])] {
        let twice = 2.0 * of.as_f64().unwrap_or_default();
        assert!((f64::from(side(at)) - twice).abs() < 2.0, "{name}: {twice}");
    }
    let shown = workspace().join(format!("target/screenshots/saved-{name}.png"));
    fs::write(shown, &png).expect("a picture to look at");
    let csv = file(folder.path(), &format!("{name}.csv")).await;
    let csv = String::from_utf8(csv).expect("a text");
    assert!(csv.lines().count() > lines, "{name}: {csv}");
}

/// A download, as soon as it is there.
async fn file(folder: &Path, name: &str) -> Vec<u8> {
    let since = Instant::now();
    loop {
        if let Ok(bytes) = fs::read(folder.join(name))
            && !bytes.is_empty()
        {
            return bytes;
        }
        assert!(
            since.elapsed() < Duration::from_secs(30),
            "no {name} among {:?}",
            fs::read_dir(folder)
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
        );
        sleep(Duration::from_millis(50)).await;
    }
}
