//! A model of the size that is used in earnest: what memory it takes in a tab, of the program and of the graphics device.

use crate::{
    faults::BUFFERS,
    site::workspace,
    tab::in_browser,
    training::{INI, make, start, wait},
};
use std::{env, fs};

/// What is trained of it: additions of the two uppermost layers.
const TRAINED: &str = "lora_rank = 8\nfreeze_layers = 10\nfreeze_below = True\n";

/// `LARGE` names the folder of a checkpoint.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a bench, for `make bench-tab`"]
async fn a_large_model() {
    let Ok(folder) = env::var("LARGE") else {
        println!("LARGE= names no checkpoint: the memory of a large model is not measured");
        return;
    };
    in_browser(async move |tab| {
        let text = INI.replace("epochs = 2", "epochs = 1").replace("max_duration = 1", "max_duration = 0.3") + TRAINED;
        make(&tab.given, &text);
        for file in fs::read_dir(workspace().join(&folder)).expect("the checkpoint's folder").flatten() {
            fs::copy(file.path(), tab.given.join("tiny/model").join(file.file_name())).expect("room for the checkpoint");
        }
        start(&tab, &text, "webgpu", BUFFERS).await;
        let said = wait(&tab).await;
        let last = said.iter().find(|one| one["kind"] == "ended");
        let last = last.unwrap_or_else(|| panic!("{:?}", said.last()));
        assert_eq!(last["status"], "finished", "{last}");
        let told = said.iter().filter(|one| one["kind"] == "buffers");
        let most = told.clone().filter_map(|one| one["bytes"].as_u64()).max();
        let loaded = told.clone().find_map(|one| one["heap"].as_u64());
        println!(
            "{folder}: WebAssembly memory {} MB behind the first step, {} MB at the end; {} MB of buffers on the graphics device",
            loaded.unwrap_or(0) / 1_000_000,
            last["heap"].as_u64().unwrap_or(0) / 1_000_000,
            most.unwrap_or(0) / 1_000_000
        );
    })
    .await;
}
