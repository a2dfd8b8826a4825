//! Training in the tab: the same losses as natively, and all the way from recordings to a model that labels
//! them.

use crate::{site::workspace, tab::Tab, tab::in_browser};
use serde_json::{Value, json};
use std::{
    f64::consts::TAU,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// The software adapter compiles and runs shaders on a machine that may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(900);

/// Losses may differ by so much, as `parity` has it; on graphics devices by ten times that.
pub(crate) const LOSS: f64 = 1e-5;

/// Samples a second.
const RATE: usize = 16_000;

pub(crate) const INI: &str = "[EXP]
root = ./results/
name = tiny
epochs = 2
[DATA]
databases = ['tones']
tones = ./tiny/tones.csv
tones.type = csv
tones.absolute_path = False
tones.split_strategy = speaker_split
tones.test_size = 25
target = emotion
labels = ['calm', 'tense']
[FEATS]
type = []
[MODEL]
type = finetune
[FINETUNE]
pretrained_model = ./tiny/model
batch_size = 4
gradient_accumulation = 1
learning_rate = 0.0001
max_duration = 1
dev_from_train = 30
seed = 7
";

/// Instead of a device: the processor, by the engine with [`COUNT`] threads.
pub(crate) const THREADS: &str = "threads";
/// More than some machines have cores, and not so many that they get in one another's way.
pub(crate) const COUNT: usize = 3;

/// Whether the engine with threads could be built here: `scripts/setup-threads.sh` says why not.
pub(crate) fn has_threads() -> bool {
    let has = workspace().join("target/worker/threads").is_dir();
    if !has {
        eprintln!("no engine with threads was built: nothing is tested");
    }
    has
}

/// Where the engine's start script is that computes on a device, and an empty page that can start it.
pub(crate) fn engine_for(device: &str) -> (String, &'static str) {
    match device {
        THREADS => (
            format!("/worker/threads/start.js?threads={COUNT}"),
            "/apart",
        ),
        _ => ("/worker/start.js".to_owned(), "/"),
    }
}

/// Takes `{files: [[path, address]], text, device, id, before, script}`, starts the engine, in whose worker the script
/// `before` is run first, and the job. `again` then starts another one.
const START: &str = "
    const {files, before, script, ...job} = arguments[0];
    window.said = [];
    window.again = (job) => Promise.all(files.map(async ([path, address]) => [path, await (await fetch(address)).blob()]))
        .then(files => engine.postMessage({text: JSON.stringify({kind: 'start', ...job}), files}));
    const whole = `${before}\nawait import('${location.origin}${script}');`;
    const address = before ? URL.createObjectURL(new Blob([whole], {type: 'text/javascript'})) : script;
    window.engine = new Worker(address, {type: 'module'});
    engine.onmessage = ({data}) => {
        const message = JSON.parse(typeof data === 'string' ? data : data.text);
        said.push(message);
        if (message.kind === 'ready') again(job);
    };
    engine.onerror = event => said.push({kind: 'broken', message: event.message});";

/// Sixteen tones of four speakers below `folder`/tiny, with their table and a very small model, and an
/// experiment.
pub(crate) fn make(folder: &Path, text: &str) {
    let tiny = folder.join("tiny");
    fs::create_dir_all(tiny.join("model")).expect("a folder");
    let model = workspace().join("tests/fixtures/parity/wav2vec2_base/model");
    for name in [
        "config.json",
        "model.safetensors",
        "preprocessor_config.json",
    ] {
        fs::copy(model.join(name), tiny.join("model").join(name)).expect("the model");
    }
    let mut table = "file,speaker,emotion\n".to_owned();
    for number in 0..16_usize {
        let (speaker, tense, take) = (number / 4, number / 2 % 2, number % 2);
        let emotion = ["calm", "tense"][tense];
        let name = format!("s{speaker}_{emotion}_{take}.wav");
        let pitch = 180.0 * (1.0 + 0.6 * tense as f64) + (20 * speaker + 5 * take) as f64;
        let samples = RATE * (30 + number * 7 % 5) / 100;
        fs::write(tiny.join(&name), tone(pitch, samples)).expect("a recording");
        table += &format!("{name},s{speaker},{emotion}\n");
    }
    fs::write(tiny.join("tones.csv"), table).expect("the table");
    fs::write(folder.join("tiny.ini"), text).expect("the experiment");
}

/// A WAV file of 16 bits.
fn tone(pitch: f64, samples: usize) -> Vec<u8> {
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + 2 * samples as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend((RATE as u32).to_le_bytes());
    bytes.extend((2 * RATE as u32).to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend((2 * samples as u32).to_le_bytes());
    for at in 0..samples {
        let phase = TAU * pitch * at as f64 / RATE as f64;
        let value = 9000.0 * phase.sin() + 3000.0 * (3.0 * phase).sin();
        bytes.extend((value as i16).to_le_bytes());
    }
    bytes
}

/// The program, which is built beside this test.
fn voxtune() -> PathBuf {
    let own = std::env::current_exe().expect("this test has a place");
    let folder = own.ancestors().nth(2).expect("a folder of builds");
    let program = folder.join(format!("voxtune{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.is_file(),
        "{} is missing: build it",
        program.display()
    );
    program
}

/// What the program prints, run in `folder`.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(voxtune())
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts");
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("text")
}

/// The paths of all files below `folder`, seen from there.
fn files(folder: &Path, inner: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder.join(inner)).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = format!("{inner}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            found.extend(files(folder, &name));
        } else {
            found.push(name);
        }
    }
    found
}

/// The losses of all steps and evaluations among events.
pub(crate) fn losses(events: &[Value]) -> Vec<(String, f64)> {
    let loss = |event: &Value| {
        let what = match event["event"].as_str()? {
            "step" => format!("step {}", event["step"]),
            "evaluation" => format!("{} after step {}", event["part"], event["step"]),
            _ => return None,
        };
        Some((what, event["loss"].as_f64()?))
    };
    events.iter().filter_map(loss).collect()
}

/// What the engine said until the job ended.
pub(crate) async fn wait(tab: &Tab) -> Vec<Value> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let said = tab.run("return window.said", Value::Null).await;
        let said = said.as_array().cloned().unwrap_or_default();
        let is_last =
            |message: &Value| matches!(message["kind"].as_str(), Some("ended" | "broken"));
        if said.iter().any(is_last) {
            return said;
        }
        sleep(Duration::from_millis(200)).await;
    }
    panic!(
        "no end after {PATIENCE:?}: {:?}",
        tab.run("return window.said.slice(-3)", Value::Null).await
    );
}

/// The losses of an experiment by the program.
pub(crate) fn native(folder: &Path, text: &str) -> Vec<(String, f64)> {
    make(folder, text);
    by_program(folder)
}

/// The losses of the experiment that is in the folder.
fn by_program(folder: &Path) -> Vec<(String, f64)> {
    let printed = run(
        folder,
        &[
            "run",
            "tiny.ini",
            "--json",
            "--device",
            "cpu",
            "--set",
            "EXP.root=native",
        ],
    );
    let events: Vec<Value> = printed
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    losses(&events)
}

/// Starts the engine of an empty page with a job, behind the script `before`.
pub(crate) async fn begin(tab: &Tab, text: &str, device: &str, before: &str) {
    make(&tab.given, text);
    start(tab, text, device, before).await;
}

/// As [`begin`], with what is in the tab's folder already.
pub(crate) async fn start(tab: &Tab, text: &str, device: &str, before: &str) {
    let (script, page) = engine_for(device);
    tab.goto(page).await;
    let given: Vec<[String; 2]> = files(&tab.given, "tiny")
        .into_iter()
        .map(|path| {
            let address = format!("/given/{path}");
            [path, address]
        })
        .collect();
    let device = if device == THREADS { "cpu" } else { device };
    let job = json!({"files": given, "text": text, "device": device, "id": "job", "before": before, "script": script});
    tab.run(START, job).await;
}

/// Trains natively and in the tab, and compares.
pub(crate) async fn as_natively(
    tab: Tab,
    device: &str,
    epochs: usize,
    tolerance: f64,
    before: &str,
) {
    let text = INI.replace("epochs = 2", &format!("epochs = {epochs}"));
    let native = native(&tab.given, &text);
    assert_eq!(native.len(), 3 * epochs + 1, "{native:?}");
    compare(tab, &text, &native, device, tolerance, before).await;
}

/// Trains in the tab what is in its folder, and compares with the program's losses.
async fn compare(
    tab: Tab,
    text: &str,
    native: &[(String, f64)],
    device: &str,
    tolerance: f64,
    before: &str,
) {
    start(&tab, text, device, before).await;
    // Once the job has begun, what it needs is here.
    let started = Instant::now();
    while tab
        .run("return said.some(one => one.event === 'data')", Value::Null)
        .await
        != true
    {
        assert!(started.elapsed() < PATIENCE, "the job does not begin");
        sleep(Duration::from_millis(50)).await;
    }
    let before = tab.requests();
    let said = wait(&tab).await;
    // What breaks down says first why.
    let is_last = |one: &&Value| matches!(one["kind"].as_str(), Some("ended" | "broken"));
    let last = said.iter().find(is_last).expect("an end");
    assert_eq!(last["status"], "finished", "{last}");
    let in_tab = losses(&said);
    for (what, loss) in &in_tab {
        eprintln!("{device}: {what}: {loss}");
    }
    assert_eq!(in_tab.len(), native.len());
    for ((what, expected), (same, found)) in native.iter().zip(&in_tab) {
        assert_eq!(what, same);
        assert!(
            (expected - found).abs() <= tolerance,
            "{device}, {what}: {found}, natively {expected}"
        );
    }
    assert_eq!(before, tab.requests(), "training asked for something");
    eprintln!("{device}: {} bytes of WebAssembly memory", last["heap"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn losses_on_flex_are_those_of_the_program() {
    in_browser(async |tab| as_natively(tab, "cpu", 3, LOSS, "").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn losses_with_threads_are_those_of_the_program() {
    if !has_threads() {
        return;
    }
    in_browser(async |tab| {
        as_natively(tab.clone(), THREADS, 3, LOSS, "").await;
        let device = "return said.find(one => one.event === 'started').device";
        let name = format!("CPU (Flex, {COUNT} threads)");
        assert_eq!(tab.run(device, Value::Null).await, json!(name));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn losses_on_webgpu_are_those_of_the_program() {
    in_browser(async |tab| as_natively(tab, "webgpu", 1, 10.0 * LOSS, "").await).await;
}

/// The bundled demo, its checkpoint and recordings, of which a software adapter gets some, and their beginnings.
#[tokio::test(flavor = "multi_thread")]
async fn losses_of_the_demo_on_webgpu_are_those_of_the_program() {
    in_browser(async |tab| {
        let (demo, tiny) = (workspace().join("static/demo"), tab.given.join("tiny"));
        for path in files(&demo, "audio")
            .into_iter()
            .chain(files(&demo, "model"))
            .chain(["demo.csv".to_owned()])
        {
            let to = tiny.join(&path);
            fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
            fs::copy(demo.join(path), to).expect("a file of the demo");
        }
        let text = fs::read_to_string(demo.join("demo.ini"))
            .expect("the demo")
            .replace("./static/demo/", "./tiny/")
            .replace("epochs = 30", "epochs = 1")
            .replace("max_duration = 3", "max_duration = 0.4")
            .replace("[DATA]\n", "[DATA]\ndemo.limit_samples = 40\n");
        fs::write(tab.given.join("tiny.ini"), &text).expect("the experiment");
        let native = by_program(&tab.given);
        assert!(native.len() >= 4, "{native:?}");
        compare(tab, &text, &native, "webgpu", 10.0 * LOSS, "").await;
    })
    .await;
}

/// Products of half-precision numbers where the adapter has `shader-f16`; elsewhere the run says that it does without.
#[tokio::test(flavor = "multi_thread")]
async fn half_precision_is_taken_or_said_to_be_missing() {
    in_browser(async |tab| {
        let text = INI.replace("epochs = 2", "epochs = 1") + "precision = f16\n";
        let native = native(&tab.given, &text);
        begin(&tab, &text, "webgpu", "").await;
        let said = wait(&tab).await;
        let is_last = |one: &&Value| matches!(one["kind"].as_str(), Some("ended" | "broken"));
        let last = said.iter().find(is_last).expect("an end");
        assert_eq!(last["status"], "finished", "{last}");
        let adapter = "return (async () => [...(await navigator.gpu.requestAdapter()).features].includes('shader-f16'))()";
        let has_half = tab.run(adapter, Value::Null).await == true;
        let is_told = said.iter().any(|one| {
            let message = one["message"].as_str().unwrap_or_default();
            one["event"] == "warning" && message.contains("precision = f16")
        });
        assert_eq!(is_told, !has_half, "adapter has shader-f16: {has_half}");
        let in_tab = losses(&said);
        assert_eq!(in_tab.len(), native.len());
        for ((what, expected), (same, found)) in native.iter().zip(&in_tab) {
            eprintln!("shader-f16 {has_half}: {what}: {found}, natively {expected}");
            assert_eq!(what, same);
            // Half precision has 11 bits, and a loss of ln 2 is made of sums of such products.
            assert!((expected - found).abs() <= 2e-3, "{what}: {found}, natively {expected}");
        }
    })
    .await;
}
