//! The files that experiments in this tab may read: the demo, and what was brought here. Each dataset, which
//! may be a model's folder, is reached as `dataset:ID/...`.

use super::{
    datasets::{DEMO, DEMO_FOLDER, Datasets, Held, Kept, KeptFile},
    refused,
};
use crate::backend::{Carried, Stored, Trouble};
use js_sys::{Array, Date, Math, Uint8Array};
use keep::{Cabinet, Fault, Folder, Models, PARTS, Remote};
use leptos::prelude::window;
use shared::{
    data::guess,
    protocol::{
        CreateDataset, CreateUpload, Dataset, DatasetKind, ProblemKind, Upload, UploadKind,
    },
};
use std::{cell::RefCell, collections::HashMap};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Response};

/// What stands before a dataset's id in an INI.
pub(super) const DATASET: &str = "dataset:";
/// The file that makes a dataset a model.
const MODEL: &str = "config.json";
/// The files of the demo that its table does not name.
const DEMO_FILES: [&str; 4] = [
    "demo.csv",
    "model/config.json",
    "model/preprocessor_config.json",
    "model/model.safetensors",
];
/// Bytes of a table that may be its first line.
const HEAD: f64 = 65_536.0;

/// The files.
pub(super) struct Library {
    blobs: Cabinet,
    /// Pieces of files that are on their way.
    parts: Cabinet,
    /// Models of the hub; `None` where the browser keeps nothing.
    models: Option<Models>,
    datasets: Datasets,
    /// Sizes of files that are being brought.
    sizes: RefCell<HashMap<String, u64>>,
    /// Blobs by the path that an INI writes, as far as they were asked for.
    seen: RefCell<HashMap<String, Blob>>,
}

impl Library {
    pub(super) async fn open(root: Option<&Folder>) -> Self {
        let datasets = Datasets::open(root).await;
        // Who reads or changes it later says what is wrong with it.
        let _ = datasets.read().await;
        let models = match root {
            Some(root) => Models::open(root).await.ok(),
            None => None,
        };
        Self {
            blobs: Cabinet::open(root, "files").await,
            parts: Cabinet::open(root, PARTS).await,
            models,
            datasets,
            sizes: RefCell::default(),
            seen: RefCell::default(),
        }
    }

    /// The files of all datasets that `text` names, as an array of `[path, blob]`. The demo is fetched
    /// from the page's own server where it isn't here yet.
    pub(super) async fn files_for(&self, text: &str) -> Result<Array, Trouble> {
        self.datasets.read().await?;
        let wants_demo = text.contains(DEMO_FOLDER) || text.contains("dataset:demo");
        if wants_demo && !self.datasets.has(DEMO) {
            self.fetch_demo().await?;
        }
        let named = self.datasets.named(text);
        let pairs = Array::new();
        for kept in named {
            for file in &kept.files {
                let blob = self.blobs.get(&file.blob).await;
                let blob = blob.ok_or_else(|| gone(&file.path, &kept.dataset.name))?;
                let mut folders = vec![kept.dataset.path.as_str()];
                if kept.dataset.id == DEMO {
                    folders.push(DEMO_FOLDER);
                }
                for folder in folders {
                    let path = format!("{folder}/{}", file.path);
                    pairs.push(&Array::of2(&path.as_str().into(), &blob));
                    self.seen.borrow_mut().insert(path, blob.clone());
                }
            }
        }
        self.add_models(text, &pairs).await?;
        Ok(pairs)
    }

    /// Adds the files of the hub's models that `text` names.
    async fn add_models(&self, text: &str, pairs: &Array) -> Result<(), Trouble> {
        let Some(models) = &self.models else {
            return Ok(());
        };
        for model in models.all().await {
            if !text.contains(&model.name) {
                continue;
            }
            for file in &model.files {
                let blob = models.file(&model, file).await;
                let blob = blob.ok_or_else(|| gone(&file.name, &model.name))?;
                let path = format!("{}/{}", model.name, file.name);
                pairs.push(&Array::of2(&path.into(), &blob));
            }
        }
        Ok(())
    }

    /// What the hub's models are called that are here.
    pub(super) async fn models(&self) -> Vec<String> {
        match &self.models {
            Some(models) => models
                .all()
                .await
                .into_iter()
                .map(|model| model.name)
                .collect(),
            None => Vec::new(),
        }
    }

    /// Whether there is a dataset of this path, such as `dataset:ID`.
    pub(super) async fn has(&self, path: &str) -> bool {
        let _ = self.datasets.read().await;
        let id = path.strip_prefix(DATASET);
        id.is_some_and(|id| self.datasets.has(id))
    }

    /// All that is kept here for experiments to read. `readers` says who reads something: the text of a run, and its name.
    pub(super) async fn stored(&self, readers: &[(String, String)]) -> Vec<Stored> {
        let _ = self.datasets.read().await;
        let read_by = |is_named: &dyn Fn(&str) -> bool| {
            let readers = readers.iter().filter(|(text, _)| is_named(text));
            readers.map(|(_, name)| name.clone()).collect()
        };
        let datasets = self.datasets.all().into_iter();
        let datasets = datasets.map(|kept| Stored {
            readers: read_by(&|text| kept.is_named(text)),
            is_model: kept.files.iter().any(|file| file.path == MODEL),
            path: kept.dataset.path,
            name: kept.dataset.name,
            bytes: kept.dataset.bytes,
        });
        let models = match &self.models {
            Some(models) => models.all().await,
            None => Vec::new(),
        };
        let models = models.into_iter().map(|model| Stored {
            bytes: model.files.iter().map(|file| file.size).sum(),
            is_model: true,
            readers: read_by(&|text| text.contains(&model.name)),
            path: model.name.clone(),
            name: model.name,
        });
        models.chain(datasets).collect()
    }

    /// Deletes what an INI calls `path`, with those of its files that nothing else has.
    pub(super) async fn remove(&self, path: &str) -> Result<(), Trouble> {
        let Some(id) = path.strip_prefix(DATASET) else {
            if let Some(models) = &self.models {
                let _lock = Models::lock(path).await;
                models.remove(path).await.map_err(stored)?;
            }
            keep::tell();
            return Ok(());
        };
        // First the list: what it names is there.
        let free = self.datasets.take_out(id).await?;
        let below = format!("{path}/");
        self.seen
            .borrow_mut()
            .retain(|own, _| !own.starts_with(&below));
        for blob in free {
            self.blobs.remove(&blob).await.map_err(stored)?;
        }
        Ok(())
    }

    /// A file from elsewhere; the blob is of pieces until [`Self::arrived`].
    pub(super) async fn fetch(&self, remote: &Remote, went: &dyn Fn(f64)) -> Result<Blob, Trouble> {
        keep::fetch(&self.parts, remote, went)
            .await
            .map_err(|fault| fetched(remote, fault))
    }

    /// What came is where it belongs.
    pub(super) async fn arrived(&self, remote: &Remote) {
        keep::forget(&self.parts, remote).await;
    }

    /// Takes a file in from elsewhere, unless it is here, and gives its SHA-256.
    pub(super) async fn take(
        &self,
        remote: &Remote,
        sha256: Option<&str>,
        went: &dyn Fn(f64),
    ) -> Result<String, Trouble> {
        if let Some(sha256) = sha256
            && let Some(blob) = self.blobs.get(sha256).await
            && blob.size() == remote.size as f64
        {
            went(blob.size());
            return Ok(sha256.to_owned());
        }
        let blob = self.fetch(remote, went).await?;
        let found = keep::hash(&blob).await.map_err(stored)?;
        if sha256.is_some_and(|sha256| sha256 != found) {
            self.arrived(remote).await;
            return Err(fetched(remote, Fault::Changed));
        }
        self.blobs.put(&found, &blob).await.map_err(stored)?;
        self.arrived(remote).await;
        Ok(found)
    }

    /// The datasets that `text` names, to be carried elsewhere; the demo is everywhere.
    pub(super) async fn carried(&self, text: &str) -> Result<Vec<Carried>, Trouble> {
        self.datasets.read().await?;
        // The demo is everywhere.
        let named = self.datasets.named(text).into_iter();
        let named = named.filter(|kept| kept.dataset.id != DEMO);
        let mut carried = Vec::new();
        for kept in named {
            let mut files = Vec::new();
            for file in kept.files {
                let blob = self.blobs.get(&file.blob).await;
                let blob = blob.ok_or_else(|| gone(&file.path, &kept.dataset.name))?;
                files.push((file.path, file.blob, blob));
            }
            carried.push(Carried {
                id: kept.dataset.id,
                name: kept.dataset.name,
                files,
            });
        }
        Ok(carried)
    }

    /// The blob of a path that was asked for before.
    pub(super) fn seen(&self, path: &str) -> Option<Blob> {
        let path = path.trim_start_matches("./");
        self.seen.borrow().get(path).cloned()
    }

    async fn fetch_demo(&self) -> Result<(), Trouble> {
        let table = fetch("demo.csv").await?;
        let text = JsFuture::from(table.text()).await.unwrap_or_default();
        let text = text.as_string().unwrap_or_default();
        let recordings = text
            .lines()
            .skip(1)
            .filter_map(|line| line.split(',').next());
        let names: Vec<&str> = DEMO_FILES.into_iter().chain(recordings).collect();
        let mut files = Vec::new();
        // A few at a time, as browsers do anyway.
        for some in names.chunks(16) {
            let asked = some.iter().map(|name| JsFuture::from(promised(name)));
            for (name, answer) in some.iter().zip(asked.collect::<Vec<_>>()) {
                let blob: Blob = answer
                    .await
                    .map_err(|_| unreachable_demo(name))?
                    .unchecked_into();
                let key = format!(
                    "demo_{}_{}",
                    env!("CARGO_PKG_VERSION"),
                    name.replace('/', "_")
                );
                self.blobs.put(&key, &blob).await.map_err(stored)?;
                files.push(KeptFile {
                    path: (*name).to_owned(),
                    blob: key,
                    size: blob.size(),
                });
            }
        }
        let held = self.datasets.hold().await?;
        self.add(
            held,
            DEMO.to_owned(),
            "demo".to_owned(),
            DatasetKind::Csv,
            None,
            files,
        )
        .await?;
        Ok(())
    }

    async fn add(
        &self,
        held: Held,
        id: String,
        name: String,
        kind: DatasetKind,
        ini: Option<String>,
        files: Vec<KeptFile>,
    ) -> Result<Dataset, Trouble> {
        let dataset = Dataset {
            path: format!("{DATASET}{id}"),
            id,
            name,
            kind,
            files: files.len() as u64,
            bytes: files.iter().map(|file| file.size).sum::<f64>() as u64,
            created: String::from(Date::new_0().to_iso_string()),
            user: String::new(),
            ini,
        };
        let kept = Kept {
            dataset: dataset.clone(),
            files,
        };
        self.datasets.add(held, kept).await?;
        Ok(dataset)
    }

    /// Begins to take a file in, or finds out how much of it is there.
    pub(super) async fn begin(&self, upload: CreateUpload) -> Result<Upload, Trouble> {
        self.sizes
            .borrow_mut()
            .insert(upload.sha256.clone(), upload.size);
        let there = self
            .blobs
            .get(&upload.sha256)
            .await
            .map(|blob| blob.size() as u64);
        let there = match there {
            // A piece of something that was larger: begun anew.
            Some(there) if there > upload.size => {
                self.blobs.remove(&upload.sha256).await.map_err(stored)?;
                0
            }
            None if upload.size == 0 => {
                self.blobs
                    .put_text(&upload.sha256, "")
                    .await
                    .map_err(stored)?;
                0
            }
            there => there.unwrap_or(0),
        };
        Ok(self.upload(&upload.sha256, upload.name, there, upload.size))
    }

    fn upload(&self, id: &str, name: String, offset: u64, size: u64) -> Upload {
        Upload {
            id: id.to_owned(),
            name,
            size,
            offset,
            sha256: id.to_owned(),
            kind: UploadKind::File,
            complete: offset == size,
            created: String::new(),
            expires: None,
        }
    }

    /// Takes the next piece of a file in.
    pub(super) async fn piece(
        &self,
        id: &str,
        offset: u64,
        piece: Blob,
    ) -> Result<Upload, Trouble> {
        let size = self.sizes.borrow().get(id).copied().unwrap_or_default();
        self.blobs
            .append(id, &piece, offset as f64)
            .await
            .map_err(stored)?;
        Ok(self.upload(id, String::new(), offset + piece.size() as u64, size))
    }

    /// Makes a dataset of files that are here.
    pub(super) async fn make(&self, wanted: CreateDataset) -> Result<Dataset, Trouble> {
        let mut files = Vec::new();
        let mut heads = HashMap::new();
        for file in wanted.files {
            let Some(blob) = self.blobs.get(&file.sha256).await else {
                let detail = format!("`{}` was not brought here", file.path);
                return Err(refused(ProblemKind::Unprocessable, detail));
            };
            if file.path.to_ascii_lowercase().ends_with(".csv") {
                heads.insert(file.path.clone(), head(&blob).await);
            }
            files.push(KeptFile {
                path: file.path,
                blob: file.sha256,
                size: blob.size(),
            });
        }
        let held = self.datasets.hold().await?;
        let id = wanted.id.filter(|id| !self.datasets.has(id));
        let id = id.unwrap_or_else(|| {
            loop {
                // As a runner's, so that a dataset keeps its id where a run is handed over.
                let digits = || format!("{:012x}", (Math::random() * 2f64.powi(48)) as u64);
                let id = format!("d{}{}", digits(), digits());
                if !self.datasets.has(&id) {
                    break id;
                }
            }
        });
        let places: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let path = |place: &str| match place {
            "" => format!("{DATASET}{id}"),
            place => format!("{DATASET}{id}/{place}"),
        };
        let guess = guess(&wanted.name, &places, &path, &mut |table| {
            heads.get(table).cloned()
        });
        self.add(held, id.clone(), wanted.name, guess.kind, guess.ini, files)
            .await
    }
}

/// The first bytes of a table.
async fn head(blob: &Blob) -> Vec<u8> {
    let Ok(piece) = blob.slice_with_f64_and_f64(0.0, HEAD) else {
        return Vec::new();
    };
    match JsFuture::from(piece.array_buffer()).await {
        Ok(bytes) => Uint8Array::new(&bytes).to_vec(),
        Err(_) => Vec::new(),
    }
}

fn gone(path: &str, dataset: &str) -> Trouble {
    let detail = format!(
        "`{path}` of the dataset `{dataset}` is gone from the browser's storage: bring it again"
    );
    refused(ProblemKind::NotFound, detail)
}

/// Why a file did not come from elsewhere.
fn fetched(remote: &Remote, fault: Fault) -> Trouble {
    let name = remote.address.rsplit('/').next().unwrap_or_default();
    let detail = format!("`{name}` did not come: {fault}");
    match fault {
        Fault::Kept(error) => stored(error),
        Fault::Refused { text, .. } => match shared::json::read(&text) {
            Ok(problem) => Trouble::Refused(problem),
            Err(_) => refused(ProblemKind::Unavailable, detail),
        },
        Fault::Gone | Fault::Changed => refused(ProblemKind::Unavailable, detail),
    }
}

pub(super) fn stored(error: JsValue) -> Trouble {
    let error = between::problem(&error);
    refused(ProblemKind::OutOfSpace, error.to_string())
}

fn unreachable_demo(name: &str) -> Trouble {
    let detail = format!("the demo's file `{name}` is not where this page came from");
    refused(ProblemKind::Unavailable, detail)
}

async fn fetch(name: &str) -> Result<Blob, Trouble> {
    let blob = JsFuture::from(promised(name)).await;
    Ok(blob.map_err(|_| unreachable_demo(name))?.unchecked_into())
}

/// A file of the demo, asked for at once.
fn promised(name: &str) -> js_sys::Promise {
    let address = format!("./demo/{name}");
    wasm_bindgen_futures::future_to_promise(async move {
        let answer = JsFuture::from(window().fetch_with_str(&address)).await?;
        let answer: Response = answer.unchecked_into();
        // Many servers answer with their start page where there is nothing.
        let kind = answer.headers().get("Content-Type")?.unwrap_or_default();
        if !answer.ok() || kind.starts_with("text/html") {
            return Err("there is no such file".into());
        }
        JsFuture::from(answer.blob()?).await
    })
}
