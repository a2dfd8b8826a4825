//! Every place by keyboard alone: what can be reached, in which order, under which name, and that
//! nothing holds the focus.

use super::sounds::{choose, tone, wav};
use crate::{
    editing::{eventually, press},
    tab::{Tab, in_browser},
};
use fantoccini::key::Key;
use serde_json::{Value, json};
use std::collections::HashSet;

/// What has the focus: a path to it, its name for assistive programs, whether it is seen, and whether the
/// focus itself is.
const FOCUSED: &str = "const it = document.activeElement;
    const path = it => it && it !== document.body ? path(it.parentElement) + '/' + it.tagName.toLowerCase() + (it.id ? '#' + it.id : '') + [...it.parentElement.children].indexOf(it) : '';
    const by = (it.getAttribute('aria-labelledby') ?? '').split(' ').map(id => document.getElementById(id)?.textContent ?? '').join(' ').trim();
    const name = it.getAttribute('aria-label') || by || [...(it.labels ?? [])].map(label => label.textContent).join(' ').trim() || it.title || it.textContent.trim() || it.placeholder || '';
    const box = (it.closest('label.button') ?? it).getBoundingClientRect();
    const style = getComputedStyle(it), around = getComputedStyle(it.closest('label.button') ?? it);
    const shown = style.outlineStyle !== 'none' || around.outlineStyle !== 'none' || getComputedStyle(it.closest('.panel') ?? it).outlineStyle !== 'none' || style.boxShadow !== 'none' || it.closest('.cm-editor.cm-focused') !== null;
    return [path(it), name, box.width > 0 && box.height > 0, shown, it.tagName];";

/// A key as the browser gets it from a keyboard; the driver's own keys need an element that is seen.
async fn stroke(tab: &Tab, key: &str, code: u32) {
    for kind in ["rawKeyDown", "keyUp"] {
        let event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
        tab.devtools("Input.dispatchKeyEvent", event).await;
    }
}

/// Goes through a place with Tab until the focus leaves the page or begins anew.
async fn walk(tab: &Tab, place: &str, least: usize) {
    tab.run(
        "document.activeElement.blur(); document.querySelector('.skip').focus()",
        Value::Null,
    )
    .await;
    let mut seen = HashSet::new();
    let mut names = Vec::new();
    for _ in 0..150 {
        let found = tab.run(FOCUSED, Value::Null).await;
        let path = found[0].as_str().unwrap_or_default().to_owned();
        // At the end the browser's own controls have it, or the first element again.
        if path.is_empty() || !seen.insert(path.clone()) {
            break;
        }
        let name = found[1].as_str().unwrap_or_default();
        assert!(!name.is_empty(), "{place}: {path} has no name");
        if name != "To the content" {
            assert_eq!(
                found[2],
                json!(true),
                "{place}: {name} ({path}) is not seen"
            );
            // The skip link is seen only while it has the focus, and here a script gave it that.
            assert_eq!(
                found[3],
                json!(true),
                "{place}: the focus on {name} ({path}) is not seen"
            );
        }
        names.push(name.chars().take(24).collect::<String>());
        // The editor takes Tab for itself only after it was asked to; Escape, then Tab leaves it.
        stroke(tab, "Escape", 27).await;
        stroke(tab, "Tab", 9).await;
    }
    eprintln!("{place}: {} stops: {}", names.len(), names.join(" | "));
    assert!(names.len() >= least, "{place}: only {names:?}");
    assert!(names.len() < 150, "{place}: there is no end");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_place_by_keyboard() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        tab.find(".cm-content").await;
        walk(&tab, "experiment", 12).await;
        for place in ["runs", "results", "try"] {
            tab.goto(&format!("/page/#/{place}")).await;
            tab.find("main .empty").await;
            walk(&tab, place, 6).await;
        }
        tab.goto("/page/#/data").await;
        tab.find("main .empty").await;
        walk(&tab, "data, empty", 8).await;
        let files = [("one.wav", wav(16_000, 1, 32_000, tone)), ("two.wav", wav(48_000, 2, 48_000, tone))];
        choose(&tab, &files).await;
        tab.find("[role=grid]").await;
        tab.run("document.querySelector('[role=grid]').focus()", Value::Null).await;
        press(&tab, &[Key::Down], "").await;
        tab.find(".sound").await;
        walk(&tab, "data", 24).await;
        // In the table: the arrows choose, and say so to assistive programs.
        tab.run("document.querySelector('[role=grid]').focus()", Value::Null).await;
        let active = "const grid = document.querySelector('[role=grid]'); return document.getElementById(grid.getAttribute('aria-activedescendant'))?.closest('[role=row]').getAttribute('aria-selected') ?? ''";
        for key in [Key::End, Key::Up, Key::Right, Key::Left, Key::Home] {
            press(&tab, &[key], "").await;
            eventually(&tab, active, &json!("true")).await;
        }
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}
