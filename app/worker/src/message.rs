//! What the page and the engine say to each other.

use js_sys::{Object, Reflect, Uint8Array};
use serde::Serialize;
use shared::{config::DeviceChoice, files::Memory};
use tests::parity::Checks;
use wasm_bindgen::{JsCast, JsValue};

/// `{device: "webgpu" | "flex", case: NAME, files: {PATH: Uint8Array}}`: compare a case.
pub(crate) struct Request {
    /// Where to compute.
    pub(crate) device: DeviceChoice,
    /// The case's folder among the files.
    pub(crate) case: String,
    /// The reference's files.
    pub(crate) files: Memory,
}

impl Request {
    /// Takes a message apart.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(message: &JsValue) -> Result<Self, String> {
        let field = |name: &str| {
            Reflect::get(message, &name.into()).map_err(|_| "the message is no object".to_owned())
        };
        let text = |name: &str| {
            field(name)?
                .as_string()
                .ok_or(format!("`{name}` of the message is no text"))
        };
        let device = match text("device")?.as_str() {
            "webgpu" => DeviceChoice::Auto,
            "flex" => DeviceChoice::Cpu,
            other => return Err(format!("device `{other}` is unknown: use webgpu or flex")),
        };
        let mut files = Memory::default();
        let given: Object = field("files")?
            .dyn_into()
            .map_err(|_| "`files` of the message is no object".to_owned())?;
        for path in Object::keys(&given) {
            let name = path.as_string().unwrap_or_default();
            let bytes: Uint8Array = Reflect::get(&given, &path)
                .and_then(|bytes| bytes.dyn_into())
                .map_err(|_| format!("file `{name}` of the message is no Uint8Array"))?;
            files.insert(name, bytes.to_vec());
        }
        Ok(Self {
            device,
            case: text("case")?,
            files,
        })
    }
}

/// Answers, posted as JSON text.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Reply {
    /// The engine takes messages now; earlier ones would be lost.
    Ready,
    /// One part of the comparison.
    Compared {
        /// Which part.
        what: String,
        /// How many values.
        values: usize,
        /// The largest error: its name, and its share of its tolerance.
        worst: Option<(String, f64)>,
        /// Those that are too far off, one a line.
        failures: String,
    },
    /// Everything was compared.
    Done {
        /// The device's name.
        device: String,
    },
    /// The work failed.
    Failed {
        /// Why.
        message: String,
    },
}

impl Reply {
    /// What `checks` say about the part `what`.
    pub(crate) fn compared(what: impl Into<String>, checks: &Checks) -> Self {
        let worst = checks.worst().map(|(name, share)| (name.to_owned(), share));
        Self::Compared {
            what: what.into(),
            values: checks.0.len(),
            worst,
            failures: checks.failures(),
        }
    }
}

/// Posts `reply` to the page.
pub(crate) fn post(reply: &Reply) {
    // Neither can fail: these are plain numbers and texts, and a text can always be cloned.
    let text = serde_json::to_string(reply).unwrap_or_default();
    let _ = crate::scope().post_message(&text.into());
}
