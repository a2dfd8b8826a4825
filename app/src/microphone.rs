//! The microphone, as samples that come while it is on.

use js_sys::{Float32Array, Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AudioContext, AudioWorkletNode, DomException, MediaStream, MediaStreamConstraints,
    MediaStreamTrack, MessageEvent,
};

/// A microphone that is on; it is off once this is dropped.
pub(crate) struct Microphone {
    context: AudioContext,
    stream: MediaStream,
    node: AudioWorkletNode,
    _heard: Closure<dyn Fn(MessageEvent)>,
}

impl Microphone {
    /// Asks the user for the microphone, and hands its samples, from -1 to 1, to `heard` as they come.
    ///
    /// # Errors
    /// In words: there is none, or the user or the browser does not allow it.
    pub(crate) async fn start(heard: impl Fn(Vec<f32>) + 'static) -> Result<Self, String> {
        let devices = window().navigator().media_devices().map_err(|_| {
            "Browsers give a page the microphone only over `https`, or on the machine itself (`localhost`)."
                .to_owned()
        })?;
        let stream = open(&devices).await.map_err(|error| refusal(&error))?;
        let context = AudioContext::new().map_err(|error| refusal(&error))?;
        let made = attach(&context, &stream, heard).await;
        match made {
            Ok((node, heard)) => Ok(Self {
                context,
                stream,
                node,
                _heard: heard,
            }),
            Err(error) => {
                end(&stream);
                let _ = context.close();
                Err(refusal(&error))
            }
        }
    }

    /// Samples a second.
    pub(crate) fn rate(&self) -> u32 {
        self.context.sample_rate() as u32
    }
}

impl Drop for Microphone {
    fn drop(&mut self) {
        if let Ok(port) = self.node.port() {
            port.set_onmessage(None);
        }
        let _ = self.node.disconnect();
        end(&self.stream);
        let _ = self.context.close();
    }
}

/// What browsers do to voices for telephone calls would change what is measured.
async fn open(devices: &web_sys::MediaDevices) -> Result<MediaStream, JsValue> {
    let wishes = Object::new();
    for name in ["echoCancellation", "noiseSuppression", "autoGainControl"] {
        Reflect::set(&wishes, &name.into(), &false.into())?;
    }
    let constraints = MediaStreamConstraints::new();
    constraints.set_audio(&wishes);
    let stream = JsFuture::from(devices.get_user_media_with_constraints(&constraints)?).await?;
    Ok(stream.unchecked_into())
}

async fn attach(
    context: &AudioContext,
    stream: &MediaStream,
    heard: impl Fn(Vec<f32>) + 'static,
) -> Result<(AudioWorkletNode, Closure<dyn Fn(MessageEvent)>), JsValue> {
    JsFuture::from(context.audio_worklet()?.add_module("./listen.js")?).await?;
    let node = AudioWorkletNode::new(context, "listen")?;
    let take = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        heard(event.data().unchecked_into::<Float32Array>().to_vec());
    });
    node.port()?
        .set_onmessage(Some(take.as_ref().unchecked_ref()));
    context
        .create_media_stream_source(stream)?
        .connect_with_audio_node(&node)?;
    JsFuture::from(context.resume()?).await?;
    Ok((node, take))
}

fn end(stream: &MediaStream) {
    for track in stream.get_tracks() {
        track.unchecked_into::<MediaStreamTrack>().stop();
    }
}

fn refusal(error: &JsValue) -> String {
    let name = error.dyn_ref::<DomException>().map(DomException::name);
    match name.as_deref() {
        Some("NotAllowedError" | "SecurityError") => {
            "The microphone is not allowed here. Allow it for this page in the browser's address bar, and try again.".to_owned()
        }
        Some("NotFoundError") => "This machine has no microphone that the browser knows.".to_owned(),
        Some("NotReadableError") => "Another program holds the microphone. Close it, and try again.".to_owned(),
        _ => format!("The microphone cannot be used: {error:?}"),
    }
}
