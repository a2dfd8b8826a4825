//! The microphone, heard by an audio worklet (`static/recorder.js`).

use crate::browser;
use between::words;
use js_sys::{Float32Array, Object, Reflect};
use leptos::prelude::window;
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AudioContext, AudioWorkletNode, MediaStream, MediaStreamConstraints, MediaStreamTrack,
    MessageEvent,
};

/// Milliseconds in which the worklet hands on what it has.
const LAST: u32 = 100;

/// An open microphone; closed when this goes away.
pub(crate) struct Microphone {
    context: AudioContext,
    stream: MediaStream,
    node: AudioWorkletNode,
    muted: Rc<Cell<bool>>,
    _listener: Closure<dyn Fn(MessageEvent)>,
}

impl Microphone {
    /// Opens it, after the browser has asked the user. `heard` gets its samples, one channel, block by
    /// block, at [`Microphone::rate`].
    ///
    /// # Errors
    /// There is none, it is not allowed, or the browser has no worklets; in words for the user.
    pub(crate) async fn open(heard: impl Fn(&[f32]) + 'static) -> Result<Self, String> {
        let open = async || -> Result<Self, JsValue> {
            let stream: MediaStream = JsFuture::from(asked()?).await?.unchecked_into();
            let context = AudioContext::new()?;
            let ready = async || -> Result<AudioWorkletNode, JsValue> {
                JsFuture::from(context.audio_worklet()?.add_module("./recorder.js")?).await?;
                let node = AudioWorkletNode::new(&context, "recorder")?;
                let source = context.create_media_stream_source(&stream)?;
                source.connect_with_audio_node(&node)?;
                // What comes out of it is silence; without an end nothing is computed in some browsers.
                node.connect_with_audio_node(&context.destination())?;
                JsFuture::from(context.resume()?).await?;
                Ok(node)
            };
            let node = match ready().await {
                Ok(node) => node,
                Err(error) => {
                    release(&stream);
                    let _ = context.close();
                    return Err(error);
                }
            };
            let muted = Rc::new(Cell::new(false));
            let own = Rc::clone(&muted);
            let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                if !own.get() {
                    heard(&event.data().unchecked_into::<Float32Array>().to_vec());
                }
            });
            node.port()?
                .set_onmessage(Some(listener.as_ref().unchecked_ref()));
            Ok(Self {
                context,
                stream,
                node,
                muted,
                _listener: listener,
            })
        };
        open().await.map_err(|error| in_words(&error))
    }

    /// Samples a second.
    pub(crate) fn rate(&self) -> f32 {
        self.context.sample_rate()
    }

    /// Waits for the last samples, then closes it.
    pub(crate) async fn close(self) {
        if let Ok(port) = self.node.port() {
            let _ = port.post_message(&JsValue::NULL);
            browser::pause(LAST).await;
        }
    }
}

impl Drop for Microphone {
    fn drop(&mut self) {
        self.muted.set(true);
        if let Ok(port) = self.node.port() {
            port.set_onmessage(None);
        }
        release(&self.stream);
        let _ = self.context.close();
    }
}

/// Asks for it: as it sounds, not as telephones make it sound.
fn asked() -> Result<js_sys::Promise, JsValue> {
    let wishes = Object::new();
    for wish in ["echoCancellation", "noiseSuppression", "autoGainControl"] {
        Reflect::set(&wishes, &wish.into(), &false.into())?;
    }
    Reflect::set(&wishes, &"channelCount".into(), &1.into())?;
    let constraints = MediaStreamConstraints::new();
    constraints.set_audio(&wishes);
    window()
        .navigator()
        .media_devices()?
        .get_user_media_with_constraints(&constraints)
}

fn release(stream: &MediaStream) {
    for track in stream.get_tracks().iter() {
        track.unchecked_into::<MediaStreamTrack>().stop();
    }
}

fn in_words(error: &JsValue) -> String {
    if !window().is_secure_context() {
        return "Browsers lend the microphone only to pages from this machine (127.0.0.1) or over https: open the page by its ssh tunnel.".to_owned();
    }
    let name = between::message::text(error, "name");
    match name.as_str() {
        "NotAllowedError" => "The browser does not lend the microphone to this page; allow it in the address bar, and try again.".to_owned(),
        "NotFoundError" => "No microphone was found; plug one in, and try again.".to_owned(),
        "NotReadableError" => "The microphone cannot be used; perhaps another program has it.".to_owned(),
        _ => format!("The microphone could not be opened: {}", words(error)),
    }
}
