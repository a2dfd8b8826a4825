//! What a run would do, as the machine that trains sees it: its data, and what it would need.

use super::document::Document;
use crate::{
    backend::{Link, Trouble, cores_of_tab},
    shell::PickedDevice,
    ui::{Words, bytes, count, duration},
};
use indexmap::IndexMap;
use leptos::{prelude::*, task::spawn_local};
use shared::{
    config::DeviceChoice,
    data::{DataReport, PartReport},
    estimate::{Fit, Speed},
    protocol::{CheckReply, CheckRequest, DataRequest, Device},
};

/// Of a runner's machine, as long as nobody says how many it has.
const CORES: usize = 4;
/// Classes and speakers that are listed; the others are counted.
const LISTED: usize = 12;

/// What was found out about a text.
#[derive(Clone)]
struct Outlook {
    text: String,
    check: CheckReply,
    data: Result<DataReport, Trouble>,
}

/// The panel.
#[component]
pub(super) fn Preview(document: Document) -> impl IntoView {
    let link = Link::here();
    let found = RwSignal::new(None::<Result<Outlook, Trouble>>);
    let busy = RwSignal::new(false);
    let look = move || {
        let text = document.text.get_untracked();
        busy.set(true);
        spawn_local(async move {
            let backend = link.backend();
            let outlook = match backend
                .check(CheckRequest {
                    text: text.clone(),
                    set: Vec::new(),
                })
                .await
            {
                Ok(check) => {
                    let data = backend
                        .data(DataRequest {
                            text: text.clone(),
                            ..DataRequest::default()
                        })
                        .await;
                    Ok(Outlook { text, check, data })
                }
                Err(trouble) => Err(trouble),
            };
            let _ = found.try_set(Some(outlook));
            let _ = busy.try_set(false);
        });
    };
    // Once by itself, then when it is asked for: it reads all tables and the heads of all recordings.
    Effect::new(move |done: Option<bool>| {
        if done == Some(true) {
            return true;
        }
        let ready = link.is_open() && document.is_complete();
        if ready {
            look();
        }
        ready
    });
    let stale = move || {
        found.with(|found| matches!(found, Some(Ok(outlook)) if document.text.with(|text| *text != outlook.text)))
    };
    let content = move || {
        match found.get() {
        None if busy.get() => view! { <p class="hint" role="status">"The data is being looked at…"</p> }.into_any(),
        None if !link.is_open() => {
            view! { <p class="hint">"With a runner, here stand the sizes of the split, the parameters, and the memory that a run needs."</p> }.into_any()
        }
        None => view! { <p class="hint">"Mend the errors first; then the data is looked at."</p> }.into_any(),
        Some(Err(trouble)) => view! { <p class="hint error-text"><Words text=trouble.to_string() /></p> }.into_any(),
        Some(Ok(outlook)) => view! { <Found outlook /> }.into_any(),
    }
    };
    view! {
        <div>
            <div class="bar">
                <p class="soft grow">{move || if stale() { "The text has changed since." } else { "As the machine that trains sees it." }}</p>
                <button type="button" class="small" disabled=move || busy.get() || !link.is_open() on:click=move |_| look()>"Look again"</button>
            </div>
            <div class="scroll" tabindex="0" role="region" aria-label="Preview">{content}</div>
        </div>
    }
}

#[component]
fn Found(outlook: Outlook) -> impl IntoView {
    let Outlook { check, data, .. } = outlook;
    let picked = PickedDevice::here();
    let link = Link::here();
    let seconds = data.as_ref().ok().map(|report| report.parts.train.seconds);
    // Told anew when another device is picked.
    let estimate = move || {
        let devices = &check.devices;
        // Of one that nobody has picked so far, what it would be is told.
        let device = picked.taken(link, devices).or(devices.devices.first());
        check.estimate.map(|estimate| {
            let unfit = check.fit.as_ref().map(Fit::advice).filter(|advice| !advice.is_empty());
            let memory = device.and_then(|device| device.memory);
            let tight = memory.is_some_and(|memory| memory.total - memory.used.min(memory.total) < estimate.memory());
            let time = seconds.zip(device).and_then(|(seconds, device)| time(&check, seconds, device));
            view! {
                <dl class="facts preview-facts">
                    <dt>"Parameters"</dt>
                    <dd>{count(estimate.parameters)}", "{count(estimate.trained)}" of them trained"</dd>
                    <dt>"Memory"</dt>
                    <dd>
                        {bytes(estimate.memory())}" estimated"
                        {unfit.clone().map(|advice| view! { <span class="error-text">" ▲ "<Words text=advice /></span> })}
                        {(tight && unfit.is_none()).then(|| view! { <span class="warning-text">" ▲ more than is free; a smaller batch_size or max_duration needs less"</span> })}
                    </dd>
                    {time.map(|time| view! { <dt>"Time"</dt><dd>{time}</dd> })}
                </dl>
            }
        })
    };
    let data = match data {
        Ok(report) => view! { <Split report /> }.into_any(),
        Err(trouble) => {
            view! { <p class="hint error-text"><Words text=trouble.to_string() /></p> }.into_any()
        }
    };
    view! { {estimate} {data} }
}

/// How long training on `audio` seconds takes on a device, to a factor of three or so.
fn time(check: &CheckReply, audio: f64, device: &Device) -> Option<String> {
    let estimate = check.estimate.filter(|estimate| estimate.operations > 0)?;
    let epochs = check
        .settings
        .iter()
        .find(|setting| setting.section == "EXP" && setting.key == "epochs")
        .and_then(|setting| setting.value.trim().parse::<u32>().ok())?;
    let speed = match device.id.as_str() {
        "cpu" if device.name.contains("WebAssembly") => Speed::wasm(cores_of_tab() as usize),
        "cpu" => Speed::guess(DeviceChoice::Cpu, CORES),
        "webgpu" if device.explicit_only => Speed::software(cores_of_tab() as usize),
        _ => Speed::guess(DeviceChoice::Auto, 1),
    };
    Some(format!(
        "about {} for {epochs} epochs on {}, a rough guess",
        duration(estimate.seconds(audio, epochs, speed)),
        device.name
    ))
}

#[component]
fn Split(report: DataReport) -> impl IntoView {
    let parts: Vec<(&'static str, PartReport)> = report
        .parts
        .iter()
        .filter(|(_, part)| part.rows > 0)
        .map(|(part, report)| (part.word(), report.clone()))
        .collect();
    let head = parts
        .iter()
        .map(|(name, _)| view! { <th scope="col" class="number">{*name}</th> })
        .collect_view();
    let row = |name: &str, read: &dyn Fn(&PartReport) -> String| {
        let cells = parts
            .iter()
            .map(|(_, part)| view! { <td class="number">{read(part)}</td> })
            .collect_view();
        view! { <tr><th scope="row">{name.to_owned()}</th>{cells}</tr> }
    };
    let group = |title: &'static str, read: fn(&PartReport) -> &IndexMap<String, usize>| {
        let mut names: Vec<String> = Vec::new();
        for name in parts.iter().flat_map(|(_, part)| read(part).keys()) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let more = names.len().saturating_sub(LISTED);
        let rows: Vec<_> = names
            .iter()
            .take(LISTED)
            .map(|name| {
                row(name, &|part| {
                    read(part)
                        .get(name)
                        .map_or_else(|| "–".to_owned(), |n| count(*n as u64))
                })
            })
            .collect();
        let columns = parts.len() + 1;
        (!rows.is_empty()).then(|| {
            let more = (more > 0).then(|| view! { <tr><td class="soft" colspan=columns>{format!("and {more} more")}</td></tr> });
            view! { <tbody><tr class="group"><th scope="rowgroup" colspan=columns>{title}</th></tr>{rows}{more}</tbody> }
        })
    };
    let dropped = (!report.dropped.is_empty()).then(|| {
        let left: usize = report.rows - report.used();
        view! { <p class="hint">{format!("{left} of {} rows are left out.", count(report.rows as u64))}</p> }
    });
    let warnings = report
        .warnings
        .iter()
        .map(|warning| view! { <li class="warning-text">"▲ "<Words text=warning.clone() /></li> });
    view! {
        <table class="dense">
            <thead><tr><th scope="col">"Part"</th>{head}</tr></thead>
            <tbody>
                {row("clips", &|part| count(part.rows as u64))}
                {row("length", &|part| duration(part.seconds))}
                {row("speakers", &|part| count(part.speakers.len() as u64))}
            </tbody>
            {group("classes", |part| &part.classes)}
            {group("speakers", |part| &part.speakers)}
            {group("sex", |part| &part.genders)}
        </table>
        {dropped}
        <ul class="findings">{warnings.collect_view()}</ul>
    }
}
