//! The messages that TensorBoard reads: `tensorboard/compat/proto/event.proto`, `summary.proto` and
//! `tensorboard/plugins/hparams/{api,plugin_data}.proto`.
//!
//! Fields stand in the order of their numbers, and defaults are left out, so that the bytes are
//! those of any other writer.

use super::record::push_record;
use crate::protobuf::Message;

/// An event file under construction.
#[derive(Debug)]
pub(super) struct EventFile {
    bytes: Vec<u8>,
}

/// A value of a hyper-parameter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Text(String),
    Truth(bool),
}

/// How a session of training ended, by TensorBoard's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Success = 1,
    Failure = 2,
}

impl EventFile {
    /// A file that begins at `time` (Unix seconds).
    pub(super) fn new(time: f64) -> Self {
        let mut file = Self { bytes: Vec::new() };
        let version = Message::new().double(1, time).text(3, "brain.Event:2");
        push_record(&mut file.bytes, &version.finish());
        file
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// One point of a curve.
    pub(super) fn scalar(&mut self, tag: &str, time: f64, step: usize, value: f64) {
        let value = Message::new().text(1, tag).float(2, value as f32);
        self.event(time, step, value);
    }

    /// An image as PNG of `width` x `height` pixels.
    pub(super) fn image(
        &mut self,
        tag: &str,
        time: f64,
        step: usize,
        [width, height]: [u32; 2],
        png: &[u8],
    ) {
        // Three channels: red, green, blue.
        let image = Message::new()
            .number(1, height.into())
            .number(2, width.into())
            .number(3, 3)
            .bytes(4, png);
        let value = Message::new().text(1, tag).message(4, image);
        self.event(time, step, value);
    }

    /// A text in Markdown.
    pub(super) fn text(&mut self, tag: &str, time: f64, text: &str) {
        const DT_STRING: u64 = 7;
        let shape = Message::new().message(2, Message::new().number(1, 1));
        let tensor = Message::new()
            .number(1, DT_STRING)
            .message(2, shape)
            .text(8, text);
        let value = Message::new()
            .text(1, &format!("{tag}/text_summary"))
            .message(8, tensor)
            .message(9, plugin("text", &[]));
        self.event(time, 0, value);
    }

    /// What a session is tried with, and the curves that tell how good that is.
    pub(super) fn hyper_parameters(
        &mut self,
        time: f64,
        name: &str,
        parameters: &[(String, Value)],
        metrics: &[String],
    ) {
        let mut experiment = Message::new().double(3, time);
        for (name, value) in parameters {
            let info = Message::new().text(1, name).number(4, value.kind());
            experiment = experiment.message(4, info);
        }
        for tag in metrics {
            let info = Message::new()
                .message(1, Message::new().text(2, tag))
                .text(3, tag);
            experiment = experiment.message(5, info);
        }
        self.session("_hparams_/experiment", time, 2, experiment);
        let mut start = Message::new();
        for (name, value) in parameters {
            let entry = Message::new().text(1, name).message(2, value.message());
            start = start.message(1, entry);
        }
        let start = start.text(4, name).double(5, time);
        self.session("_hparams_/session_start_info", time, 3, start);
    }

    /// The end of the session that [`Self::hyper_parameters`] began.
    pub(super) fn end(&mut self, time: f64, ending: Ending) {
        let end = Message::new().number(1, ending as u64).double(2, time);
        self.session("_hparams_/session_end_info", time, 4, end);
    }

    fn session(&mut self, tag: &str, time: f64, field: u32, data: Message) {
        const DT_FLOAT: u64 = 1;
        // Version 0 of the plug-in's data, which is the default; its reader wants a tensor beside.
        let content = Message::new().message(field, data).finish();
        let tensor = Message::new()
            .number(1, DT_FLOAT)
            .message(2, Message::new());
        let value = Message::new()
            .text(1, tag)
            .message(8, tensor)
            .message(9, plugin("hparams", &content));
        self.event(time, 0, value);
    }

    fn event(&mut self, time: f64, step: usize, value: Message) {
        let mut event = Message::new().double(1, time);
        if step > 0 {
            event = event.number(2, step as u64);
        }
        let event = event.message(5, Message::new().message(1, value));
        push_record(&mut self.bytes, &event.finish());
    }
}

/// The metadata that hand a value to a plug-in.
fn plugin(name: &str, content: &[u8]) -> Message {
    let mut data = Message::new().text(1, name);
    if !content.is_empty() {
        data = data.bytes(2, content);
    }
    Message::new().message(1, data)
}

impl Value {
    /// The type's number in `api.proto`.
    fn kind(&self) -> u64 {
        match self {
            Self::Text(_) => 1,
            Self::Truth(_) => 2,
            Self::Number(_) => 3,
        }
    }

    /// As `google.protobuf.Value`.
    fn message(&self) -> Message {
        match self {
            Self::Number(value) => Message::new().double(2, *value),
            Self::Text(text) => Message::new().text(3, text),
            Self::Truth(truth) => Message::new().number(4, u64::from(*truth)),
        }
    }
}
