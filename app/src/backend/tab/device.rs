//! What this browser computes on.

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::window;
use shared::{
    config::DeviceChoice,
    protocol::{Device, Problem, ProblemKind},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Words in the name of an adapter that computes on the processor.
const SOFTWARE: [&str; 5] = [
    "swiftshader",
    "llvmpipe",
    "lavapipe",
    "software",
    "basic render",
];

/// Threads that the engine takes at most: small products are not shared by more, and each has a stack of its own.
const MOST: u32 = 16;

/// How many cores the processor's engine uses: several where the engine with threads was built, and the page may share
/// memory with its workers, for which its server has to send two headers.
pub(crate) fn cores() -> u32 {
    let built = window()
        .document()
        .and_then(|document| document.document_element())
        .is_some_and(|root| root.has_attribute("data-threads"));
    if !built || !get(&window(), "crossOriginIsolated").is_truthy() {
        return 1;
    }
    let cores = window().navigator().hardware_concurrency();
    (cores as u32).clamp(1, MOST)
}

/// What the browser offers over WebGPU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Graphics {
    /// It has no WebGPU.
    Missing,
    /// It has, and gives no adapter.
    NoAdapter,
    /// An adapter that computes on the processor.
    Software(String),
    /// A graphics processor.
    Adapter(String),
}

impl Graphics {
    /// Asks the browser.
    pub(super) async fn ask() -> Self {
        let gpu = get(&window().navigator(), "gpu");
        if gpu.is_undefined() || gpu.is_null() {
            return Self::Missing;
        }
        let options = Object::new();
        let _ = Reflect::set(
            &options,
            &"powerPreference".into(),
            &"high-performance".into(),
        );
        let ask = get(&gpu, "requestAdapter").dyn_into::<Function>();
        let asked = ask.and_then(|ask| ask.call1(&gpu, &options));
        let adapter = match asked {
            Ok(promise) => JsFuture::from(Promise::resolve(&promise)).await,
            Err(error) => Err(error),
        };
        let Some(adapter) = adapter
            .ok()
            .filter(|adapter| !adapter.is_null() && !adapter.is_undefined())
        else {
            return Self::NoAdapter;
        };
        let info = get(&adapter, "info");
        let word = |name: &str| get(&info, name).as_string().unwrap_or_default();
        let words: Vec<String> = ["vendor", "architecture", "device", "description"]
            .map(word)
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect();
        let name = if words.is_empty() {
            "adapter without a name".to_owned()
        } else {
            words.join(" ")
        };
        let lower = name.to_lowercase();
        let is_software = get(&info, "isFallbackAdapter").is_truthy()
            || get(&adapter, "isFallbackAdapter").is_truthy()
            || SOFTWARE.iter().any(|word| lower.contains(word));
        if is_software {
            Self::Software(name)
        } else {
            Self::Adapter(name)
        }
    }

    /// The devices. The processor is only ever taken by who picks it.
    pub(super) fn devices(&self) -> Vec<Device> {
        let device = |id: &str, name: String, explicit_only| Device {
            id: id.to_owned(),
            name,
            explicit_only,
            memory: None,
            load: None,
            jobs: 0,
        };
        let cores = match cores() {
            1 => "one core".to_owned(),
            cores => format!("{cores} cores"),
        };
        let cpu = format!("this machine's processor, {cores}, in WebAssembly");
        let cpu = device("cpu", cpu, true);
        match self {
            Self::Missing | Self::NoAdapter => vec![cpu],
            Self::Software(name) => vec![
                cpu,
                device(
                    "webgpu",
                    format!("{name} (WebGPU on the processor, very slow)"),
                    true,
                ),
            ],
            Self::Adapter(name) => vec![device("webgpu", format!("{name} (WebGPU)"), false), cpu],
        }
    }

    /// What keeps this browser from training on the graphics card, and what it would need.
    pub(super) fn lack(&self) -> Option<&'static str> {
        Some(match self {
            Self::Missing => {
                "This browser has no WebGPU, by which a page reaches the graphics card. Current versions of Chrome, Edge, Safari \
                 and Firefox have it, on pages that come over https or from this machine."
            }
            Self::NoAdapter => {
                "This browser has WebGPU, and finds no graphics card that it can use: its driver may be too old or blocked \
                 (`chrome://gpu` says more), or the browser's setting \u{201c}use graphics acceleration\u{201d} is off."
            }
            Self::Software(_) => {
                "This browser reaches no graphics card: its WebGPU computes on the processor, tens of times slower than the \
                 processor would by itself. A driver for the card, or the browser's setting \u{201c}use graphics \
                 acceleration\u{201d}, may mend that."
            }
            Self::Adapter(_) => return None,
        })
    }

    /// The device for a job: what was picked, else what the experiment names.
    ///
    /// # Errors
    /// It is not there, with what the browser would need; the processor never takes its place by itself.
    pub(super) fn pick(
        &self,
        picked: Option<&str>,
        named: DeviceChoice,
    ) -> Result<&'static str, Problem> {
        let is_asked = match (picked, named) {
            (Some("cpu"), _) | (None, DeviceChoice::Cpu) => return Ok("cpu"),
            (Some("webgpu"), _) => true,
            (Some("auto"), _) | (None, _) => false,
            (Some(other), _) => {
                let detail = format!(
                    "there is no device `{other}` in this tab: pick WebGPU or the processor at the top"
                );
                return Err(Problem::new(ProblemKind::Unprocessable, detail));
            }
        };
        match (self, self.lack()) {
            // Slow, and what was asked for.
            (Self::Software(_), _) if is_asked => Ok("webgpu"),
            (_, None) => Ok("webgpu"),
            (_, Some(lack)) => {
                let detail = format!(
                    "{lack} To train on the processor instead, pick it at the top, under where training runs; or train on a \
                     runner."
                );
                Err(Problem::new(ProblemKind::Unavailable, detail))
            }
        }
    }
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}
