//! All the way in a tab, with nothing behind the page but its files: recordings are dropped, a model is given,
//! it trains, and what is downloaded labels the recordings as the page says.

use super::sounds::{base64, choose};
use crate::{
    editing::{eventually, paste, within},
    tab::{Tab, in_browser},
    training::{has_threads, make, run},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How long training may take on a busy machine.
pub(super) const TRAINING: Duration = Duration::from_secs(300);

/// The experiment without what the page knows: recordings and model.
pub(super) const INI: &str = "[EXP]
root = ./results/
name = tiny
epochs = 2
[DATA]
target = emotion
labels = ['calm', 'tense']
[FEATS]
type = []
[MODEL]
type = finetune
[FINETUNE]
batch_size = 4
gradient_accumulation = 1
max_duration = 1
dev_from_train = 30
seed = 7
";

/// Gives files to the field for a model's folder, as a choice of the folder does.
pub(super) const MODEL: &str = "const data = new DataTransfer();
    for (const [name, bytes] of arguments[0]) {
        const content = Uint8Array.from(atob(bytes), c => c.charCodeAt(0));
        const file = new File([content], name);
        Object.defineProperty(file, 'webkitRelativePath', {value: 'model/' + name});
        data.items.add(file);
    }
    const field = document.querySelector('#model-folder');
    Object.defineProperty(field, 'files', {value: Object.assign([...data.files], {item(at) { return this[at]; }}), configurable: true});
    field.dispatchEvent(new Event('change', {bubbles: true}));";

/// Presses the first button of a text.
pub(super) async fn press_button(tab: &Tab, text: &str) {
    let script = format!(
        "const button = [...document.querySelectorAll('button')].find(b => b.textContent === {text:?} && !b.disabled); button?.click(); return button != null"
    );
    eventually(tab, &script, &json!(true)).await;
}

/// Unpacks a zip whose files are stored as they are.
fn unpack(zip: &[u8], folder: &Path) {
    let number = |at: usize, length: usize| {
        let field = zip[at..at + length].iter().rev();
        field.fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let mut at = 0;
    while zip[at..].starts_with(b"PK\x03\x04") {
        assert_eq!(number(at + 8, 2), 0, "stored");
        let (size, name) = (number(at + 18, 4), number(at + 26, 2));
        let begins = at + 30 + name + number(at + 28, 2);
        let name = std::str::from_utf8(&zip[at + 30..at + 30 + name]).expect("a name");
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, &zip[begins..begins + size]).expect("a file");
        at = begins + size;
    }
    assert!(
        zip[at..].starts_with(b"PK\x01\x02"),
        "no directory at byte {at} of {}",
        zip.len()
    );
}

/// What each file of a table is labelled as.
fn labels(table: &str) -> BTreeMap<String, String> {
    let mut lines = table
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().expect("a head");
    let column = |name: &str| head.iter().position(|one| *one == name).expect("a column");
    let (file, label) = (column("file"), column("predicted"));
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    lines
        .map(|line| (name(line[file]), line[label].to_owned()))
        .collect()
}

/// The one file below `folder` whose name `is_it`.
fn find(folder: &Path, is_it: &dyn Fn(&str) -> bool) -> Option<std::path::PathBuf> {
    for entry in fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if let Some(found) = find(&path, is_it) {
                return Some(found);
            }
        } else if is_it(&path.to_string_lossy()) {
            return Some(path);
        }
    }
    None
}

/// Opens the page, writes the experiment, and gives the tab a model and recordings, as a user does; the processor
/// is picked.
pub(super) async fn prepare(tab: &Tab, ini: &str) {
    let page = format!("{}/page", tab.site);
    prepare_at(tab, &page, ini).await;
}

/// As [`prepare`], for the page at an address.
pub(super) async fn prepare_at(tab: &Tab, page: &str, ini: &str) {
    let folder = tab.given.clone();
    make(&folder, "");
    open_in_tab(tab, page, ini).await;
    // A model's folder.
    tab.click("#where").await;
    tab.find("#model-folder").await;
    let model: Vec<Value> = [
        "config.json",
        "model.safetensors",
        "preprocessor_config.json",
    ]
    .iter()
    .map(|name| {
        let bytes = fs::read(folder.join("tiny/model").join(name)).expect("a file");
        json!([name, base64(&bytes)])
    })
    .collect();
    tab.run(MODEL, json!(model)).await;
    let text = "return document.querySelector('.cm-content')?.textContent";
    eventually(
        tab,
        &format!("{text}.includes('pretrained_model = dataset:')"),
        &json!(true),
    )
    .await;
    pick_processor(tab).await;
    tab.click("#where").await;
    give_recordings(tab, page).await;
}

/// Opens the page, which trains in the tab from then on, and writes the experiment.
pub(super) async fn open_in_tab(tab: &Tab, page: &str, ini: &str) {
    tab.open(&format!("{page}/")).await;
    // A page that comes from a runner begins there.
    tab.click("#where").await;
    press_button(tab, "This tab").await;
    eventually(
        tab,
        "return document.querySelector('#where')?.textContent.includes('This tab')",
        &json!(true),
    )
    .await;
    tab.click("#where").await;
    paste(tab, ini).await;
}

/// Picks the processor, which only somebody who picks it gets; the panel is open.
pub(super) async fn pick_processor(tab: &Tab) {
    tab.find("#device").await;
    let pick = "const device = document.querySelector('#device'); device.value = 'cpu'; device.dispatchEvent(new Event('change', {bubbles: true})); return device.value";
    assert_eq!(tab.run(pick, Value::Null).await, "cpu");
}

/// Gives the tab the recordings below the folder `tiny`, and has the experiment use them.
pub(super) async fn give_recordings(tab: &Tab, page: &str) {
    let tiny = tab.given.join("tiny");
    tab.open(&format!("{page}/#/data")).await;
    let mut given = Vec::new();
    for entry in fs::read_dir(&tiny).expect("a folder").flatten() {
        if entry.path().is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            given.push((name, fs::read(entry.path()).expect("a file")));
        }
    }
    let given: Vec<(&str, Vec<u8>)> = given
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.clone()))
        .collect();
    choose(tab, &given).await;
    press_button(tab, "Keep in this browser").await;
    press_button(tab, "Use in the experiment").await;
    tab.open(&format!("{page}/#/experiment")).await;
    eventually(
        tab,
        "return document.querySelector('#train')?.ariaDisabled",
        &json!("false"),
    )
    .await;
}

/// The page of a run says that all cores of the processor were used, where the engine with threads was built.
pub(super) async fn shows_cores(tab: &Tab) {
    let cores = "return Math.min(navigator.hardwareConcurrency, 16)";
    let cores = tab.run(cores, Value::Null).await;
    if has_threads() && cores.as_u64().is_some_and(|cores| cores > 1) {
        let device = format!(
            "return document.querySelector('main').textContent.includes('CPU (Flex, {cores} threads)')"
        );
        eventually(tab, &device, &json!(true)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_recordings_to_a_model_that_labels_them() {
    in_browser(async |tab| {
        let folder = tab.given.clone();
        // From the second time on that a page is opened it may share memory with its workers.
        tab.goto("/page/").await;
        eventually(&tab, "return !!navigator.serviceWorker.controller", &json!(true)).await;
        prepare(&tab, INI).await;
        assert_eq!(tab.run("return crossOriginIsolated", Value::Null).await, true);

        // Training.
        let before = tab.requests();
        tab.click("#train").await;
        let finished = "return location.hash.startsWith('#/runs/') && document.querySelector('main .badge')?.textContent.includes('finished')";
        within(&tab, TRAINING, finished, &json!(true)).await;
        eprintln!("{} requests for the engine, and none else", tab.requests() - before);
        shows_cores(&tab).await;
        let id = tab.run("return location.hash.split('/').pop()", Value::Null).await;
        let id = id.as_str().expect("an id");

        // A reload loses nothing.
        tab.goto(&format!("/page/?again#/results/{id}")).await;
        let shown = "return [...document.querySelectorAll('a')].some(a => a.textContent === 'Download all' && a.href.startsWith('blob:'))";
        eventually(&tab, shown, &json!(true)).await;
        tab.find("table.matrix").await;
        let downloads = folder.join("downloads");
        tab.download_to(&downloads).await;
        tab.run("[...document.querySelectorAll('a')].find(a => a.textContent === 'Download all').click()", Value::Null).await;
        let started = Instant::now();
        let zip = loop {
            let is_whole = |path: &str| !path.ends_with(".crdownload");
            if let Some(path) = find(&downloads, &is_whole) {
                break fs::read(path).expect("the download");
            }
            assert!(started.elapsed() < TRAINING, "nothing is downloaded");
            sleep(Duration::from_millis(100)).await;
        };
        let unpacked = folder.join("unpacked");
        unpack(&zip, &unpacked);

        // The model labels the recordings of the test as the page does.
        let table = find(&unpacked, &|path| path.ends_with(".csv") && path.contains("_last_")).expect("predictions");
        let table = labels(&fs::read_to_string(table).expect("a table"));
        assert!(table.len() >= 4, "{table:?}");
        let model = find(&unpacked, &|path| path.ends_with("torch/config.json")).expect("a model");
        let model = model.parent().expect("a folder").to_string_lossy().into_owned();
        let recordings: Vec<String> = table.keys().map(|name| format!("tiny/{name}")).collect();
        let mut arguments = vec!["predict", "--model", &model, "--device", "cpu"];
        arguments.extend(recordings.iter().map(String::as_str));
        assert_eq!(labels(&run(&folder, &arguments)), table);
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}
