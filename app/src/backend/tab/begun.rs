//! A run that was begun elsewhere: whether it can go on here, and its files, which become those of a job of this tab.

use super::{
    checked,
    datasets::DEMO_FOLDER,
    device::Graphics,
    library::{DATASET, stored},
    new_job, refused,
    results::sum,
    work::Work,
};
use crate::backend::{Begun, Trouble};
use js_sys::{Array, Uint8Array};
use shared::{
    config::{Experiment, HubModel},
    files::{Entry, Register, Slot},
    protocol::{
        CreateJob, Job, ProblemKind,
        tab::{REGISTER, SLOTS},
    },
};
use wasm_bindgen::JsValue;
use web_sys::Blob;

/// What of the files that an experiment reads is not here: ids of datasets.
///
/// # Errors
/// It reads something that is in no dataset, or there is nothing to compute on.
pub(super) async fn lacking(
    work: &Work,
    text: &str,
    device: Option<&str>,
) -> Result<Vec<String>, Trouble> {
    let (_, experiment) = checked(&request(text))?;
    pick(device, &experiment).await?;
    let models = work.library().models().await;
    let model = &experiment.tuning.pretrained_model;
    let data = &experiment.data;
    let databases = data.databases.iter().chain(&data.tests);
    let databases = databases.chain(data.labelling.as_ref().map(|labelling| &labelling.database));
    let mut lacking = Vec::new();
    for path in databases.map(|database| &database.path).chain([model]) {
        let inside = path.trim_start_matches("./");
        if inside.starts_with(DEMO_FOLDER) || models.contains(path) {
            continue;
        }
        let Some(rest) = path.strip_prefix(DATASET) else {
            let detail = match HubModel::parse(path) {
                Ok(_) if path == model => format!(
                    "it begins with `{path}` of the hub: get that first, at the top, under where training runs, This tab"
                ),
                _ => format!(
                    "it reads `{path}`, which lies on the runner's disk; only what was brought to the runner with this page \
                     comes over"
                ),
            };
            return Err(refused(ProblemKind::Unprocessable, detail));
        };
        let id = rest.split('/').next().unwrap_or(rest);
        let is_here = id == "demo" || work.library().has(&format!("{DATASET}{id}")).await;
        if !is_here && !lacking.iter().any(|known| known == id) {
            lacking.push(id.to_owned());
        }
    }
    Ok(lacking)
}

fn request(text: &str) -> CreateJob {
    CreateJob {
        text: text.to_owned(),
        ..CreateJob::default()
    }
}

async fn pick(device: Option<&str>, experiment: &Experiment) -> Result<&'static str, Trouble> {
    let graphics = Graphics::ask().await;
    let picked = graphics.pick(device, experiment.tuning.device);
    picked.map_err(|problem| Trouble::Refused(Box::new(problem)))
}

/// Fetches the files of a run, and queues a job that goes on with them.
///
/// # Errors
/// What it reads is not here, or its files do not come or cannot be kept; of the job nothing is left.
pub(super) async fn go_on(work: &Work, run: Begun, went: &dyn Fn(f64)) -> Result<Job, Trouble> {
    let (text, experiment) = checked(&request(&run.text))?;
    let device = pick(run.device.as_deref(), &experiment).await?;
    let library = work.library();
    library.files_for(&text).await?;
    let mut files = Vec::new();
    for (path, remote) in &run.files {
        files.push((path.clone(), library.fetch(remote, went).await?));
    }
    let job = new_job(run.name, text, device);
    let id = job.id.clone();
    work.hold(&id).await?;
    let placed = match place(work, &id, &files).await {
        Ok(()) => work.book().add_begun(job, run.said).await,
        Err(error) => Err(error),
    };
    if let Err(error) = placed {
        work.drop_left(&id);
        let _ = work.book().remove(&id).await;
        work.let_go(&id);
        return Err(stored(error));
    }
    drop(files);
    for (_, remote) in &run.files {
        library.arrived(remote).await;
    }
    work.next();
    work.book().get(&id).ok_or_else(|| super::unknown(&id))
}

/// Puts the files where the engine finds those of the job.
async fn place(work: &Work, id: &str, files: &[(String, Blob)]) -> Result<(), JsValue> {
    let Some(folder) = work.book().folder(id).await else {
        let pairs = files
            .iter()
            .map(|(path, blob)| Array::of2(&path.into(), blob));
        work.leave(id, pairs.collect());
        return Ok(());
    };
    let slots = folder.folder(SLOTS).await?;
    let mut register = Vec::new();
    for (number, (path, blob)) in (0..).zip(files) {
        slots.write(&number.to_string(), blob).await?;
        let slot = Slot {
            slot: number,
            size: blob.size() as u64,
            crc: Some(sum(blob).await?),
            time: None,
        };
        register.extend(Register::line(&Entry::Put(path.clone(), slot)));
    }
    let register = Array::of1(&Uint8Array::from(&register[..]));
    folder
        .write(REGISTER, &Blob::new_with_u8_array_sequence(&register)?)
        .await
}
