//! A model of the hub comes into the browser: piece by piece, gone on with where it broke off, and trained by its name.

use super::{
    in_tab::{INI, TRAINING, give_recordings, open_in_tab, pick_processor},
    lifecycle::state,
};
use crate::{
    editing::{eventually, within},
    site::workspace,
    tab::{Tab, in_browser},
    training::make,
};
use fake_hub::FakeHub;
use serde_json::{Map, Value, json};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Bytes that are asked for at once.
const PIECE: usize = 4 << 20;

/// Makes the weights of a model longer than two pieces, by a tensor that nothing asks for.
fn lengthen(weights: &Path) {
    let bytes = fs::read(weights).expect("weights");
    let length = u64::from_le_bytes(bytes[..8].try_into().expect("a length")) as usize;
    let mut header: Value = serde_json::from_slice(&bytes[8..8 + length]).expect("a header");
    let values = &bytes[8 + length..];
    let count = (2 * PIECE + 100_000) / 4;
    header["unused.weight"] = json!({
        "dtype": "F32",
        "shape": [count],
        "data_offsets": [values.len(), values.len() + 4 * count],
    });
    let mut header = header.to_string();
    header += &" ".repeat((8 - header.len() % 8) % 8);
    let mut longer = (header.len() as u64).to_le_bytes().to_vec();
    longer.extend(header.as_bytes());
    longer.extend(values);
    longer.resize(longer.len() + 4 * count, 0);
    fs::write(weights, longer).expect("weights");
}

/// Splits the weights of a model into two files with an index, as the hub has those of large ones.
fn shard(model: &Path) {
    let path = model.join("model.safetensors");
    let bytes = fs::read(&path).expect("weights");
    let length = u64::from_le_bytes(bytes[..8].try_into().expect("a length")) as usize;
    let header: Map<String, Value> =
        serde_json::from_slice(&bytes[8..8 + length]).expect("a header");
    let values = &bytes[8 + length..];
    let mut index = Map::new();
    for number in 0..2 {
        let name = format!("model-{:05}-of-00002.safetensors", number + 1);
        let (mut own, mut content) = (Map::new(), Vec::new());
        let tensors = header.iter().filter(|(name, _)| *name != "__metadata__");
        for (tensor, entry) in tensors.skip(number).step_by(2) {
            let place = |at: usize| entry["data_offsets"][at].as_u64().expect("a place") as usize;
            let begin = content.len();
            content.extend(&values[place(0)..place(1)]);
            let mut entry = entry.clone();
            entry["data_offsets"] = json!([begin, content.len()]);
            own.insert(tensor.clone(), entry);
            index.insert(tensor.clone(), json!(name));
        }
        let mut head = Value::Object(own).to_string();
        head += &" ".repeat((8 - head.len() % 8) % 8);
        let file = [
            &(head.len() as u64).to_le_bytes(),
            head.as_bytes(),
            &content,
        ]
        .concat();
        fs::write(model.join(name), file).expect("a shard");
    }
    fs::remove_file(path).expect("no other weights");
    let index = json!({"metadata": {}, "weight_map": index});
    fs::write(
        model.join("model.safetensors.index.json"),
        index.to_string(),
    )
    .expect("an index");
}

/// Asks for a model by its name.
async fn get(tab: &Tab, name: &str) {
    let script = "const name = document.querySelector('#name'); name.value = arguments[0]; document.querySelector('#wrong').textContent = ''; document.querySelector('#get').click()";
    let ready = "return document.querySelector('#get')?.disabled";
    eventually(tab, ready, &json!(false)).await;
    tab.run(script, json!(name)).await;
}

/// Asks for a model, and waits until it is here.
async fn come(tab: &Tab, name: &str) {
    get(tab, name).await;
    let here = "const said = document.querySelector('#said').textContent; return said.includes(`${arguments[0]}\\u0060 is in this browser now`) || document.querySelector('#wrong').textContent";
    let started = Instant::now();
    loop {
        let said = tab.run(here, json!(name)).await;
        if said == json!(true) {
            return;
        }
        assert!(
            said == json!("") && started.elapsed() < TRAINING,
            "{name}: {said}"
        );
        sleep(Duration::from_millis(50)).await;
    }
}

/// What is said of why there is none, once it is.
async fn refused(tab: &Tab, name: &str, word: &str) {
    get(tab, name).await;
    let said = format!(
        "const said = document.querySelector('#wrong').textContent; return said.includes({word:?}) || said"
    );
    within(tab, TRAINING, &said, &json!(true)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_of_the_hub_is_fetched_and_trained() {
    in_browser(async |tab| {
        let hub = FakeHub::start().expect("a hub");
        make(&tab.given, "");
        let model = tab.given.join("tiny/model");
        lengthen(&model.join("model.safetensors"));
        let pickled = tab.given.join("pickled");
        fs::create_dir(&pickled).expect("a folder");
        fs::copy(model.join("config.json"), pickled.join("config.json")).expect("a file");
        fs::write(pickled.join("tf_model.h5"), "no weights").expect("a file");
        {
            let mut state = hub.state();
            for (name, folder) in [("lab/tiny", &model), ("lab/gated", &model), ("lab/other", &pickled)] {
                state.add(name, folder).expect("a repository");
            }
            state.repositories.get_mut("lab/gated").expect("it").gated = true;
            // The first piece comes; of the second never all.
            state.cuts = [vec![usize::MAX], vec![1000; 6]].concat();
        }
        // The site is told of another hub as who hosts it would.
        fs::write(tab.given.join("hub"), hub.endpoint()).expect("a note");

        let page = format!("{}/page", tab.site);
        open_in_tab(&tab, &page, INI).await;
        tab.click("#where").await;
        pick_processor(&tab).await;
        assert_eq!(tab.run("return document.querySelectorAll('#stored [data-model]').length", Value::Null).await, 0);
        let own = tab.client.window().await.expect("a window");
        let other = tab.client.new_window(true).await.expect("a tab").handle;
        tab.client.switch_to_window(other).await.expect("a tab");
        tab.open(&format!("{page}/hub.html")).await;
        refused(&tab, "wav2vec2-base", "facebook/wav2vec2-base").await;
        refused(&tab, "lab/absent", "no model `lab/absent`").await;
        refused(&tab, "lab/gated", "`lab/gated` is gated").await;
        refused(&tab, "lab/other", "it has none of model.safetensors").await;
        refused(&tab, "lab/tiny@v9", "no branch, tag or commit `v9`").await;
        refused(&tab, "lab/tiny", "it goes on from there").await;
        come(&tab, "lab/tiny").await;
        tab.screenshot("a-model-from-the-hub").await;
        {
            let state = hub.state();
            let asked = |range: String| {
                let of_it = |seen: &&fake_hub::Seen| seen.path.contains("/blob/") && seen.range.as_ref() == Some(&range);
                state.seen.iter().filter(of_it).count()
            };
            assert_eq!(asked(format!("bytes=0-{}", PIECE - 1)), 1, "it came, and is not asked for again");
            assert_eq!(asked(format!("bytes={PIECE}-{}", 2 * PIECE - 1)), 7, "six times in vain");
            // Nothing is sent.
            assert!(state.seen.iter().all(|seen| seen.method == "GET" && seen.authorization.is_none()));
        }

        // The other document has heard of it, and the run finds it by its name.
        tab.client.close_window().await.expect("it closes");
        tab.client.switch_to_window(own).await.expect("a tab");
        tab.click("#stored [data-model='lab/tiny']").await;
        let begun = "return document.querySelector('.cm-content')?.textContent.includes('pretrained_model = lab/tiny')";
        eventually(&tab, begun, &json!(true)).await;
        tab.click("#where").await;
        let asked = hub.state().seen.len();
        give_recordings(&tab, &page).await;
        tab.click("#train").await;
        state(&tab, "finished").await;
        assert_eq!(hub.state().seen.len(), asked, "training asks nobody");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shards_and_pickles_of_the_hub_are_trained() {
    in_browser(async |tab| {
        let hub = FakeHub::start().expect("a hub");
        make(&tab.given, "");
        let sharded = tab.given.join("tiny/model");
        let pickled = tab.given.join("pickled");
        fs::create_dir(&pickled).expect("a folder");
        for name in ["config.json", "preprocessor_config.json"] {
            fs::copy(sharded.join(name), pickled.join(name)).expect("a file");
        }
        let pickle = "tests/fixtures/parity/wav2vec2_base/legacy/pytorch_model.bin";
        fs::copy(workspace().join(pickle), pickled.join("pytorch_model.bin")).expect("weights");
        shard(&sharded);
        let models = [("lab/sharded", &sharded), ("lab/pickled", &pickled)];
        for (name, folder) in models {
            hub.state().add(name, folder).expect("a repository");
        }
        fs::write(tab.given.join("hub"), hub.endpoint()).expect("a note");

        let page = format!("{}/page", tab.site);
        tab.open(&format!("{page}/hub.html")).await;
        for (name, _) in models {
            come(&tab, name).await;
        }
        open_in_tab(&tab, &page, &INI.replace("epochs = 2", "epochs = 1")).await;
        tab.click("#where").await;
        pick_processor(&tab).await;
        tab.click("#where").await;
        give_recordings(&tab, &page).await;
        let asked = hub.state().seen.len();
        for (name, _) in models {
            tab.open(&format!("{page}/#/experiment")).await;
            tab.click("#where").await;
            tab.click(&format!("#stored [data-model='{name}']")).await;
            let begun = format!("return document.querySelector('.cm-content')?.textContent.includes('pretrained_model = {name}')");
            eventually(&tab, &begun, &json!(true)).await;
            tab.click("#where").await;
            let ready = "return document.querySelector('#train')?.ariaDisabled";
            eventually(&tab, ready, &json!("false")).await;
            tab.click("#train").await;
            state(&tab, "finished").await;
        }
        assert_eq!(hub.state().seen.len(), asked, "training asks nobody");
    })
    .await;
}
