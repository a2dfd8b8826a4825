//! A recording, decoded by the browser: once as it is, to be heard, and once at 16 kHz, as a model sees it.

use super::collect;
use js_sys::{Array, Float32Array, Function, Reflect};
use shared::audio::RATE;
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AudioBuffer, AudioBufferSourceNode, AudioContext, AudioScheduledSourceNode, BaseAudioContext,
    File,
};

/// A decoded recording.
#[derive(Clone)]
pub(super) struct Sound {
    pub(super) buffer: AudioBuffer,
    /// One channel at 16 kHz.
    pub(super) samples: Float32Array,
    /// Largest magnitude.
    pub(super) peak: f32,
}

thread_local! {
    static CONTEXT: RefCell<Option<AudioContext>> = const { RefCell::new(None) };
    static NODE: RefCell<Option<AudioBufferSourceNode>> = const { RefCell::new(None) };
}

fn context() -> Result<AudioContext, JsValue> {
    CONTEXT.with_borrow_mut(|own| match own {
        Some(context) => Ok(context.clone()),
        None => Ok(own.insert(AudioContext::new()?).clone()),
    })
}

/// Decodes a file.
pub(super) async fn decode(file: &File) -> Result<Sound, JsValue> {
    let bytes = collect::bytes(file).await?;
    let copy = bytes.slice(0);
    let buffer: AudioBuffer = JsFuture::from(context()?.decode_audio_data(&bytes)?)
        .await?
        .unchecked_into();
    // A context that renders nothing, only for its rate: the browser resamples to it.
    let kind: Function =
        Reflect::get(&js_sys::global(), &"OfflineAudioContext".into())?.unchecked_into();
    let at_rate = Reflect::construct(&kind, &Array::of3(&1.into(), &1.into(), &RATE.into()))?;
    let at_rate: BaseAudioContext = at_rate.unchecked_into();
    let seen: AudioBuffer = JsFuture::from(at_rate.decode_audio_data(&copy)?)
        .await?
        .unchecked_into();
    let mut mono = vec![0.0f32; seen.length() as usize];
    let channels = seen.number_of_channels();
    for channel in 0..channels {
        for (sum, sample) in mono.iter_mut().zip(seen.get_channel_data(channel)?) {
            *sum += sample / channels as f32;
        }
    }
    let peak = mono
        .iter()
        .fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    Ok(Sound {
        buffer,
        samples: Float32Array::from(&mono[..]),
        peak,
    })
}

/// Plays a stretch in seconds, over and over if `again`; `ended` is called when it is over.
pub(super) fn play(
    sound: &Sound,
    from: f64,
    to: f64,
    again: bool,
    ended: impl FnOnce() + 'static,
) -> Result<(), JsValue> {
    stop();
    let context = context()?;
    // Browsers let a page make no sound before somebody has touched it; then it has to be told.
    let _ = context.resume()?;
    let node = context.create_buffer_source()?;
    node.set_buffer(Some(&sound.buffer));
    node.connect_with_audio_node(&context.destination())?;
    node.set_loop(again);
    if again {
        node.set_loop_start(from);
        node.set_loop_end(to);
        node.start_with_when_and_grain_offset(0.0, from)?;
    } else {
        node.start_with_when_and_grain_offset_and_grain_duration(0.0, from, to - from)?;
    }
    let ended = Rc::new(RefCell::new(Some(ended)));
    let over = wasm_bindgen::prelude::Closure::once_into_js(move || {
        if let Some(ended) = ended.borrow_mut().take() {
            ended();
        }
    });
    let scheduled: &AudioScheduledSourceNode = node.unchecked_ref();
    scheduled.set_onended(Some(over.unchecked_ref()));
    NODE.set(Some(node));
    Ok(())
}

/// Ends what is heard.
pub(super) fn stop() {
    if let Some(node) = NODE.take() {
        let scheduled: &AudioScheduledSourceNode = node.unchecked_ref();
        scheduled.set_onended(None);
        let _ = scheduled.stop();
    }
}
