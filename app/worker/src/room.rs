//! What there is room for in a tab.

use crate::browser::{get, scope};
use js_sys::{Function, Object, Promise, Reflect};
use shared::{config::DeviceChoice, estimate::Limits};
use std::cell::Cell;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// Bytes that a program can have in a tab: 4 GB of addresses, less what the engine itself takes.
const ADDRESSES: u64 = 3_800_000_000;
/// Bytes that training may take of a graphics card: browsers do not say what there is, and a card of 4 GB
/// draws the screen as well.
const CARD: u64 = 3_600_000_000;

thread_local! {
    /// Bytes of the largest buffer that the adapter gives to a kernel, once it was asked.
    static BUFFER: Cell<Option<Option<u64>>> = const { Cell::new(None) };
}

/// Asks the adapter for its limits, once.
pub(crate) async fn ask() {
    if BUFFER.get().is_none() {
        BUFFER.set(Some(buffer().await));
    }
}

async fn buffer() -> Option<u64> {
    let gpu = get(&get(&scope(), "navigator"), "gpu");
    let options = Object::new();
    // Setting a property of a plain object cannot fail.
    let _ = Reflect::set(
        &options,
        &"powerPreference".into(),
        &"high-performance".into(),
    );
    let ask: Function = Reflect::get(&gpu, &"requestAdapter".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let asked = ask.call1(&gpu, &options).ok()?;
    let adapter = JsFuture::from(Promise::resolve(&asked)).await.ok()?;
    let limits = get(&adapter, "limits");
    let limit = |name: &str| get(&limits, name).as_f64().map(|bytes| bytes as u64);
    let (whole, bound) = (
        limit("maxBufferSize")?,
        limit("maxStorageBufferBindingSize")?,
    );
    Some(whole.min(bound))
}

/// What there is on a device.
pub(crate) fn limits(device: DeviceChoice) -> Limits {
    match device {
        DeviceChoice::Cpu => Limits {
            memory: Some(ADDRESSES),
            buffer: None,
        },
        DeviceChoice::Auto | DeviceChoice::Vulkan(_) | DeviceChoice::Cuda(_) => Limits {
            memory: Some(CARD),
            buffer: BUFFER.get().flatten(),
        },
    }
}
