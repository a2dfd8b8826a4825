//! What a runner has, into this tab: the model of a run, and a run that goes on here.

use super::{Backend, Begun, Told, Trouble, Went};
use futures_util::{StreamExt, TryStreamExt, stream};
use js_sys::{Function, Promise};
use keep::Remote;
use shared::protocol::{
    Artefact, ArtefactKind, CreateDataset, Dataset, DatasetFile, Job, is_set_aside, tab::TimedEvent,
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Small files that are fetched at the same time.
const TOGETHER: usize = 4;

/// What hears how many bytes of all are here.
pub(crate) type Carrying = Rc<dyn Fn(f64, f64)>;

/// A model folder among the files of a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ModelFolder {
    /// Where it is below the run's folder.
    pub(crate) path: String,
    /// Its files.
    files: Vec<Artefact>,
}

impl ModelFolder {
    /// Bytes of its files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}

/// The model folders of a run, by path.
///
/// # Errors
/// The runner's.
pub(crate) async fn model_folders(
    runner: &dyn Backend,
    job: &str,
) -> Result<Vec<ModelFolder>, Trouble> {
    let mut folders = Vec::<ModelFolder>::new();
    for file in runner.files(job).await?.files {
        let Some((path, name)) = file.path.rsplit_once('/') else {
            continue;
        };
        let is_needed = [".json", ".safetensors", ".bin"]
            .iter()
            .any(|end| name.ends_with(end));
        if file.kind != ArtefactKind::Model || is_set_aside(path) || !is_needed {
            continue;
        }
        match folders.iter_mut().find(|folder| folder.path == path) {
            Some(folder) => folder.files.push(file),
            None => folders.push(ModelFolder {
                path: path.to_owned(),
                files: vec![file],
            }),
        }
    }
    folders.retain(|folder| {
        let mut files = folder.files.iter();
        files.any(|file| file.path.ends_with("/config.json"))
    });
    Ok(folders)
}

/// Has this tab keep a model of a runner's job.
///
/// # Errors
/// A file does not come, or cannot be kept; the next try goes on from there.
pub(crate) async fn take_model(
    runner: &dyn Backend,
    tab: &dyn Backend,
    job: &Job,
    folder: &ModelFolder,
    told: Carrying,
) -> Result<Dataset, Trouble> {
    let went = counted(told, folder.bytes() as f64);
    let mut files = Vec::new();
    for file in &folder.files {
        let name = file.path.rsplit('/').next().unwrap_or_default().to_owned();
        let sha256 = tab
            .take(remote(runner, &job.id, file), None, went.clone())
            .await?;
        files.push(DatasetFile { path: name, sha256 });
    }
    let wanted = CreateDataset {
        name: job.name.clone(),
        id: None,
        archive: None,
        files,
    };
    tab.make_dataset(wanted).await
}

/// Where a file of a runner's job comes from.
fn remote(runner: &dyn Backend, job: &str, file: &Artefact) -> Remote {
    Remote {
        address: runner.file_address(job, &file.path),
        size: file.size,
        mark: file.modified.clone().unwrap_or_default(),
    }
}

/// Adds up what went.
fn counted(told: Carrying, all: f64) -> Went {
    let done = Cell::new(0.0);
    told(0.0, all);
    Rc::new(move |bytes| {
        done.set(done.get() + bytes);
        told(done.get(), all);
    })
}

/// Has a run of a runner that has ended early go on in this tab, on `device`: what it reads, its files, its events.
///
/// # Errors
/// It reads what does not come over, or something does not come or cannot be kept; the next try goes on from there.
pub(crate) async fn come_over(
    runner: &dyn Backend,
    tab: &dyn Backend,
    id: &str,
    device: Option<String>,
    told: Carrying,
) -> Result<Job, Trouble> {
    let job = runner.job(id).await?;
    let text = job.text.clone().unwrap_or_default();
    let mut datasets = Vec::new();
    for id in tab.lacking(&text, device.clone()).await? {
        let files = runner.dataset_files(&id).await?;
        datasets.push((id, files));
    }
    let mut files = runner.files(id).await?.files;
    // What can be computed again in a moment is larger than all else.
    files.retain(|file| !file.path.ends_with("/frozen.cache"));
    let recordings = datasets.iter().flat_map(|(_, dataset)| &dataset.files);
    let all = recordings.map(|file| file.size).sum::<u64>()
        + files.iter().map(|file| file.size).sum::<u64>();
    let went = counted(told, all as f64);
    for (id, dataset) in datasets {
        let takes = dataset.files.into_iter().map(|file| {
            let remote = Remote {
                address: runner.dataset_address(&id, &file.path),
                size: file.size,
                mark: file.sha256.clone(),
            };
            let taken = tab.take(remote, Some(file.sha256), went.clone());
            async move {
                let (path, sha256) = (file.path, taken.await?);
                Ok::<_, Trouble>(DatasetFile { path, sha256 })
            }
        });
        let takes: Vec<_> = takes.collect();
        let files = stream::iter(takes).buffered(TOGETHER).try_collect().await?;
        let wanted = CreateDataset {
            name: dataset.name,
            id: Some(id),
            archive: None,
            files,
        };
        tab.make_dataset(wanted).await?;
    }
    let begun = Begun {
        name: job.name.clone(),
        text,
        device,
        files: files
            .iter()
            .map(|file| (file.path.clone(), remote(runner, id, file)))
            .collect(),
        said: said(runner, id, job.last_event).await?,
    };
    tab.go_on(begun, went).await
}

/// What the runs of a job have said, up to its event `last`.
async fn said(runner: &dyn Backend, id: &str, last: u64) -> Result<Vec<TimedEvent>, Trouble> {
    let said = Rc::new(RefCell::new(Vec::new()));
    if last == 0 {
        return Ok(said.take());
    }
    let mut stream = None;
    let ended = Promise::new(&mut |done: Function, fail: Function| {
        let said = Rc::clone(&said);
        stream = Some(runner.follow(
            id,
            Rc::new(move |told| match told {
                Told::Open => {}
                Told::Lost => {
                    let _ = fail.call0(&JsValue::NULL);
                }
                Told::Event(event) => {
                    said.borrow_mut().extend(TimedEvent::of(&event));
                    if event.id >= last {
                        let _ = done.call0(&JsValue::NULL);
                    }
                }
            }),
        ));
    });
    let outcome = JsFuture::from(ended).await;
    drop(stream);
    outcome.map_err(|_| Trouble::Gone)?;
    Ok(said.take())
}
