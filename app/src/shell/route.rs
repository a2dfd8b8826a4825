//! Addresses: each place, run and comparison has its own, behind the `#`, so that the page works
//! from any folder of any web server.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// Where the page is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// The editor.
    Experiment,
    /// Recordings and labels.
    Data,
    /// Queue and history.
    Runs,
    /// One run.
    Run(String),
    /// The results of one run, or of several side by side.
    Results(Vec<String>),
    /// A model that hears; without a run the newest.
    Try(Option<String>),
}

impl Route {
    /// The place that the part of an address from `#` on stands for; anything unknown is the editor.
    pub(crate) fn parse(hash: &str) -> Self {
        let path = hash.trim_start_matches('#').trim_start_matches('/');
        let (place, rest) = path.split_once('/').unwrap_or((path, ""));
        let decoded = |text: &str| {
            js_sys::decode_uri_component(text).map_or_else(|_| text.to_owned(), String::from)
        };
        let named = || (!rest.is_empty()).then(|| decoded(rest));
        match place {
            "data" => Self::Data,
            "try" => Self::Try(named()),
            "runs" => named().map_or(Self::Runs, Self::Run),
            "results" => Self::Results(
                rest.split('+')
                    .filter(|id| !id.is_empty())
                    .map(decoded)
                    .collect(),
            ),
            _ => Self::Experiment,
        }
    }

    /// Its address.
    pub(crate) fn href(&self) -> String {
        let encoded = |id: &String| String::from(js_sys::encode_uri_component(id));
        match self {
            Self::Experiment => "#/experiment".to_owned(),
            Self::Data => "#/data".to_owned(),
            Self::Runs => "#/runs".to_owned(),
            Self::Run(id) => format!("#/runs/{}", encoded(id)),
            Self::Try(None) => "#/try".to_owned(),
            Self::Try(Some(id)) => format!("#/try/{}", encoded(id)),
            Self::Results(ids) if ids.is_empty() => "#/results".to_owned(),
            Self::Results(ids) => format!(
                "#/results/{}",
                ids.iter().map(encoded).collect::<Vec<_>>().join("+")
            ),
        }
    }

    /// The place's name.
    pub(crate) fn place(&self) -> &'static str {
        match self {
            Self::Experiment => "Experiment",
            Self::Data => "Data",
            Self::Runs | Self::Run(_) => "Runs",
            Self::Results(_) => "Results",
            Self::Try(_) => "Try",
        }
    }
}

/// Goes to a place, as a link would.
pub(crate) fn go(route: &Route) {
    let _ = window().location().set_hash(&route.href());
}

/// Where the page is, as a signal that follows the address.
pub(super) fn follow() -> RwSignal<Route> {
    let read = || Route::parse(&window().location().hash().unwrap_or_default());
    let route = RwSignal::new(read());
    let handle = window_event_listener_untyped("hashchange", move |_| {
        let next = read();
        if route.get_untracked() != next {
            route.set(next);
        }
    });
    on_cleanup(move || handle.remove());
    // An address without a place gets one, so that a copied address says where it leads.
    if window().location().hash().unwrap_or_default().is_empty()
        && let Ok(history) = window().history()
    {
        let _ =
            history.replace_state_with_url(&JsValue::NULL, "", Some(&route.get_untracked().href()));
    }
    route
}
