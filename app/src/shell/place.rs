//! Where training runs: a button that says so, and a panel with all about it.

use super::{model::ModelFolder, models::RunnersModels, stored::StoredList};
use crate::{
    backend::{Link, Place, State},
    store,
    ui::{Words, bytes},
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use shared::protocol::{Device, Devices, Session};
use wasm_bindgen::JsCast;

/// The device that the next run is asked to take, of each place; empty is the experiment's own.
#[derive(Clone, Copy)]
pub(crate) struct PickedDevice {
    runner: RwSignal<String>,
    tab: RwSignal<String>,
    /// Whether the panel is open, in which it is picked.
    open: RwSignal<bool>,
}

impl PickedDevice {
    /// Makes the page's one.
    pub(super) fn provide() -> Self {
        let picked = Self {
            runner: store::kept("device", String::new()),
            tab: store::kept("device-tab", String::new()),
            open: RwSignal::new(false),
        };
        provide_context(picked);
        picked
    }

    /// The page's one.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    fn of(self, place: Place) -> RwSignal<String> {
        match place {
            Place::Runner => self.runner,
            Place::Tab => self.tab,
        }
    }

    /// What was picked where training runs now.
    pub(crate) fn now(self, link: Link) -> Option<String> {
        let picked = self.of(link.place.get_untracked()).get_untracked();
        Some(picked).filter(|device| !device.is_empty())
    }

    /// What was picked for this tab.
    pub(crate) fn in_tab(self) -> Option<String> {
        Some(self.tab.get_untracked()).filter(|device| !device.is_empty())
    }

    /// The device of `devices` that a run takes without naming one: changes when another one is picked.
    pub(crate) fn taken(self, link: Link, devices: &Devices) -> Option<&Device> {
        taken(devices, &self.of(link.place.get_untracked()).get())
    }

    /// Lets the user pick.
    pub(crate) fn ask(self) {
        self.open.set(true);
    }
}

/// The button and its panel.
#[component]
pub(super) fn Where() -> impl IntoView {
    let link = Link::here();
    let device = PickedDevice::here();
    let open = device.open;
    let host = NodeRef::<html::Div>::new();
    let words = move || match link.state.get() {
        State::Asking => match link.place.get() {
            Place::Runner => "Looking for a runner…".to_owned(),
            Place::Tab => "This tab".to_owned(),
        },
        State::Here(session, devices) => {
            here(&session, &devices, &device.of(link.place.get()).get())
        }
        State::Locked => "Runner: token needed".to_owned(),
        State::Lost => "Runner does not answer".to_owned(),
        State::None => "No runner".to_owned(),
    };
    let dot = move || match link.state.get() {
        State::Here(_, devices)
            if taken(&devices, &device.of(link.place.get()).get()).is_none() =>
        {
            "dot"
        }
        State::Here(..) => "dot good",
        State::Asking => "dot",
        _ => "dot bad",
    };
    let keys = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            open.set(false);
            let button = host
                .get_untracked()
                .and_then(|host| host.query_selector("button").ok().flatten());
            if let Some(button) =
                button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok())
            {
                let _ = button.focus();
            }
        }
    };
    let away = window_event_listener(ev::pointerdown, move |event| {
        let inside = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Node>().ok())
            .zip(host.get_untracked())
            .is_some_and(|(target, host)| host.contains(Some(&target)));
        if !inside && open.get_untracked() {
            open.set(false);
        }
    });
    on_cleanup(move || away.remove());
    let panel = move || {
        match link.state.get() {
        State::Here(_, devices) if link.place.get() == Place::Tab => view! { <Tab devices picked=device.tab /> }.into_any(),
        State::Here(session, devices) => view! { <Known session devices picked=device.runner /> }.into_any(),
        State::Locked => view! { <Token /> }.into_any(),
        State::Asking => view! { <div><p>"Asking the server of this page."</p></div> }.into_any(),
        State::Lost | State::None => view! {
            <div>
                <p><strong>{if link.state.get() == State::Lost { "The runner does not answer." } else { "There is no runner behind this page." }}</strong></p>
                <p>"On the machine that trains:"</p>
                <pre class="source">"voxtune serve"</pre>
                <p class="soft">"It prints an address with a token; open that. What is in the editor here can be saved as a file and opened there."</p>
                <button type="button" on:click=move |_| link.ask()>"Try again"</button>
            </div>
        }
        .into_any(),
    }
    };
    view! {
        <div class="where" node_ref=host on:keydown=keys>
            <button
                type="button"
                id="where"
                aria-expanded=move || open.get().to_string()
                aria-controls="where-panel"
                title="Where training runs"
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <span class=dot aria-hidden="true"></span>
                <span class="unseen">"Trains on: "</span>
                <span>{words}</span>
            </button>
            <div id="where-panel" class="popover" hidden=move || !open.get() role="group" aria-label="Where training runs">
                {move || open.get().then(|| view! { <Places link /> })}
                {move || open.get().then(panel)}
            </div>
        </div>
    }
}

/// The two places, of which one is picked.
#[component]
fn Places(link: Link) -> impl IntoView {
    let button = move |(place, name): (Place, &'static str)| {
        view! {
            <button
                type="button"
                class="small"
                aria-pressed=move || (link.place.get() == place).to_string()
                on:click=move |_| link.pick(place)
            >
                {name}
            </button>
        }
    };
    view! {
        <div class="parts" role="group" aria-label="Place">
            {[(Place::Tab, "This tab"), (Place::Runner, "Runner")].map(button)}
        </div>
    }
}

/// What this tab computes on.
#[component]
fn Tab(devices: Devices, picked: RwSignal<String>) -> impl IntoView {
    let link = Link::here();
    let (lack, lasting) = (RwSignal::new(None::<String>), RwSignal::new(true));
    spawn_local(async move {
        let backend = link.tab();
        if let Ok(found) = backend.lack().await {
            let _ = lack.try_set(found);
        }
        if let Ok(found) = backend.is_lasting().await {
            let _ = lasting.try_set(found);
        }
    });
    let option = move |device: &Device| {
        let id = device.id.clone();
        let text = format!("{}: {}", device.id, device.name);
        let (value, own) = (id.clone(), id);
        view! { <option value=value selected=move || picked.get() == own>{text}</option> }
    };
    let of_itself = devices.devices.iter().any(|device| !device.explicit_only);
    let none = if of_itself {
        "the device that the experiment names"
    } else {
        "nothing yet: pick one"
    };
    let offer = move || {
        let lack = lack.get()?;
        let offer = picked.get().is_empty().then(|| view! {
            <p class="hint">"The processor trains small models such as the demo in minutes, and is only taken if you say so. For others take a browser with WebGPU and a card that it supports, or a runner."</p>
            <button type="button" id="take-cpu" on:click=move |_| picked.set("cpu".to_owned())>"Train on the processor"</button>
        });
        Some(view! {
            <div class="notice warning" id="lack"><p><Words text=lack /></p></div>
            {offer}
        })
    };
    view! {
        <div>
            <label class="soft" for="device">"The next run takes"</label>
            <select id="device" on:change=move |event| picked.set(event_target_value(&event))>
                <option value="" selected=move || picked.get().is_empty()>{none}</option>
                {devices.devices.iter().map(option).collect_view()}
            </select>
            {offer}
            <p class="soft">"Recordings stay in this browser: training sends nothing anywhere. The tab must stay open, and may be in the background; a run that was cut off can be resumed."</p>
            {move || (!lasting.get()).then(|| view! {
                <p class="hint warning-text" id="fleeting">"▲ This browser keeps nothing for this page, as in some private windows: runs, models and recordings are gone when the tab is closed or loaded anew. Download what you need before that."</p>
            })}
            <ModelFolder />
            <RunnersModels />
            <StoredList />
        </div>
    }
}

/// The device that a run takes without naming one: what was picked, else the best that need not be.
fn taken<'a>(devices: &'a Devices, picked: &str) -> Option<&'a Device> {
    let mut known = devices.devices.iter();
    if picked.is_empty() {
        known.find(|device| !device.explicit_only)
    } else {
        known.find(|device| device.id == picked)
    }
}

fn here(session: &Session, devices: &Devices, picked: &str) -> String {
    let device = match taken(devices, picked) {
        Some(device) => device.id.as_str(),
        None => "pick a device",
    };
    let queued = if devices.queued > 0 {
        format!(" · {} waiting", devices.queued)
    } else {
        String::new()
    };
    format!("{} · {device}{queued}", session.host)
}

#[component]
fn Known(session: Session, devices: Devices, picked: RwSignal<String>) -> impl IntoView {
    let option = move |device: &Device| {
        let id = device.id.clone();
        let text = format!("{}: {}", device.id, device.name);
        let (value, own) = (id.clone(), id);
        view! { <option value=value selected=move || picked.get() == own>{text}</option> }
    };
    let options = devices.devices.iter().map(option).collect_view();
    let known = devices.devices.clone();
    let facts = move || {
        let picked = picked.get();
        let device = known
            .iter()
            .find(|device| device.id == picked)
            .or(known.first())?
            .clone();
        let memory = device.memory.map(|memory| view! { <dt>"Memory"</dt><dd>{format!("{} free of {}", bytes(memory.total - memory.used.min(memory.total)), bytes(memory.total))}</dd> });
        let load = device
            .load
            .map(|load| view! { <dt>"Load"</dt><dd>{format!("{:.0} %", load * 100.0)}</dd> });
        Some(
            view! { <dt>"Device"</dt><dd>{device.name}</dd>{memory}{load}<dt>"At work"</dt><dd>{device.jobs}" runs"</dd> },
        )
    };
    view! {
        <div>
            <label class="soft" for="device">"The next run takes"</label>
            <select id="device" on:change=move |event| picked.set(event_target_value(&event))>
                <option value="" selected=move || picked.get().is_empty()>"the device that the experiment names"</option>
                {options}
            </select>
            <dl class="facts">
                <dt>"Runner"</dt><dd>{session.host}", version "{session.version}</dd>
                <dt>"You are"</dt><dd>{session.user}{session.admin.then_some(" (administrator)")}</dd>
                {facts}
                <dt>"Waiting"</dt><dd>{devices.queued}" runs"</dd>
            </dl>
        </div>
    }
}

#[component]
fn Token() -> impl IntoView {
    let link = Link::here();
    let token = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<String>);
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let text = token.get_untracked().trim().to_owned();
        spawn_local(async move {
            if let Err(trouble) = link.log_in(text).await {
                let _ = wrong.try_set(Some(trouble.to_string()));
            }
        });
    };
    view! {
        <form class="token" on:submit=send>
            <p>"The runner wants the token that it printed when it started."</p>
            <label class="soft" for="token">"Token"</label>
            <input id="token" type="password" autocomplete="off" bind:value=token />
            {move || wrong.get().map(|text| view! { <p class="error-text" role="alert"><Words text /></p> })}
            <button type="submit" class="primary">"Log in"</button>
        </form>
    }
}
