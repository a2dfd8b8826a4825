//! The comparison of a small model with the reference: the same checks that run natively. Only tests ask
//! for it.

use crate::message::post;
use js_sys::{Object, Reflect, Uint8Array};
use serde::Serialize;
use shared::{config::DeviceChoice, files::Memory, train::open_device};
use tests::{
    kernels::check_kernels,
    parity::{Case, Checks, Layout, Tolerance, check_forward, check_gradients},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

/// Takes `{device: "webgpu" | "flex", case: NAME, files: {PATH: Uint8Array}}`: compare a case. Says whether
/// it was such a message.
pub(crate) fn hear(message: &JsValue) -> bool {
    if Reflect::has(message, &"case".into()) != Ok(true) {
        return false;
    }
    match Request::read(message) {
        Ok(request) => spawn_local(async move { post(&compare(request).await) }),
        Err(message) => post(&Reply::Failed { message }),
    }
    true
}

struct Request {
    device: DeviceChoice,
    /// The case's folder among the files.
    case: String,
    files: Memory,
}

impl Request {
    fn read(message: &JsValue) -> Result<Self, String> {
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

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Reply {
    /// One part of the comparison.
    Compared {
        what: String,
        /// How many values.
        values: usize,
        /// The largest error: its name, and its share of its tolerance.
        worst: Option<(String, f64)>,
        /// Those that are too far off, one a line.
        failures: String,
    },
    /// Everything was compared on the device of this name.
    Done {
        device: String,
    },
    Failed {
        message: String,
    },
}

fn compared(what: impl Into<String>, checks: &Checks) -> Reply {
    Reply::Compared {
        what: what.into(),
        values: checks.0.len(),
        worst: checks.worst().map(|(name, share)| (name.to_owned(), share)),
        failures: checks.failures(),
    }
}

/// How far operations may be from the processor's, relative to the largest value.
const OPERATIONS: f64 = 1e-5;

/// Compares forward pass and gradients; posts each part as it comes, and gives the last word.
async fn compare(request: Request) -> Reply {
    let Request {
        device,
        case,
        files,
    } = request;
    let tolerance = if device == DeviceChoice::Cpu {
        Tolerance::CPU
    } else {
        Tolerance::GPU
    };
    let (device, info) = match open_device(device).await {
        Ok(opened) => opened,
        Err(error) => {
            return Reply::Failed {
                message: error.to_string(),
            };
        }
    };
    let checks = check_kernels(&device, OPERATIONS).await;
    post(&compared("operations", &checks));
    let case = Case::open(&files, "", &case);
    let checks = check_forward(&case, &files, Layout::Model, tolerance, &device).await;
    post(&compared("forward", &checks));
    for kind in ["ce", "ccc"] {
        let checks = check_gradients(&case, &files, kind, tolerance, &device).await;
        post(&compared(format!("{kind} gradients"), &checks));
    }
    Reply::Done { device: info.name }
}
