//! What is heard.

use crate::browser;
use js_sys::{Array, Float32Array};
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{AudioBufferSourceNode, AudioContext, AudioScheduledSourceNode};

thread_local! {
    static CONTEXT: RefCell<Option<AudioContext>> = const { RefCell::new(None) };
    static NODE: RefCell<Option<AudioBufferSourceNode>> = const { RefCell::new(None) };
}

/// The page's way to sound; browsers open it only after somebody has touched the page.
pub(super) fn context() -> Result<AudioContext, JsValue> {
    CONTEXT.with_borrow_mut(|own| match own {
        Some(context) => Ok(context.clone()),
        None => Ok(own.insert(AudioContext::new()?).clone()),
    })
}

/// Plays samples, an array for each channel, over and over if `again`. `ended` is called when it is
/// over; the time at which it began is given back, in milliseconds.
pub(super) fn play(
    planes: &Array,
    rate: f32,
    again: bool,
    ended: impl FnOnce() + 'static,
) -> Result<f64, JsValue> {
    stop();
    let context = context()?;
    // Browsers let a page make no sound before somebody has touched it; then it has to be told.
    let _ = context.resume()?;
    let length = planes.get(0).unchecked_into::<Float32Array>().length();
    let buffer = context.create_buffer(planes.length().max(1), length.max(1), rate)?;
    for (channel, plane) in planes.iter().enumerate() {
        let samples = plane.unchecked_into::<Float32Array>().to_vec();
        buffer.copy_to_channel(&samples, channel as i32)?;
    }
    let node = context.create_buffer_source()?;
    node.set_buffer(Some(&buffer));
    node.connect_with_audio_node(&context.destination())?;
    node.set_loop(again);
    node.start()?;
    let scheduled: &AudioScheduledSourceNode = node.unchecked_ref();
    scheduled.set_onended(Some(Closure::once_into_js(ended).unchecked_ref()));
    NODE.set(Some(node));
    Ok(browser::now())
}

/// Ends what is heard.
pub(super) fn stop() {
    if let Some(node) = NODE.take() {
        let scheduled: &AudioScheduledSourceNode = node.unchecked_ref();
        scheduled.set_onended(None);
        let _ = scheduled.stop();
    }
}

/// Calls `step` before each picture until it says that it is enough.
pub(super) fn each_frame(step: impl FnMut() -> bool + 'static) {
    fn next(mut step: impl FnMut() -> bool + 'static) {
        request_animation_frame(move || {
            if step() {
                next(step);
            }
        });
    }
    next(step);
}
