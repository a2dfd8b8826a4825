//! Models of the hub that the browser keeps, each in a folder of its own: its files, and last the note that it is whole.

use crate::{Folder, Lock};
use leptos::prelude::{StoredValue, WithValue, on_cleanup};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Blob, BroadcastChannel};

/// The folder of all models, and the note in the folder of each.
const FOLDER: &str = "hub";
const NOTE: &str = "model.note";

/// The channel on which documents of this site tell each other that there is something else to begin with.
const NEWS: &str = "voxtune.models";

/// Tells all documents of this site that other models or recordings are kept.
pub fn tell() {
    if let Ok(news) = BroadcastChannel::new(NEWS) {
        let _ = news.post_message(&JsValue::NULL);
        news.close();
    }
}

/// Calls `hear` each time that somebody tells so, until what the caller is part of goes.
pub fn told(hear: impl Fn() + 'static) {
    let Ok(news) = BroadcastChannel::new(NEWS) else {
        return;
    };
    let heard = Closure::<dyn Fn()>::new(hear);
    news.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    let kept = StoredValue::new_local((news, heard));
    on_cleanup(move || kept.with_value(|(news, _)| news.close()));
}

/// A model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// What an INI calls it: `owner/name` or `owner/name@revision`.
    pub name: String,
    /// The commit that it is of.
    pub commit: String,
    /// Its files.
    pub files: Vec<ModelFile>,
}

/// A file of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub size: u64,
}

/// The models.
pub struct Models(Folder);

impl Models {
    /// Those in the site's folder.
    ///
    /// # Errors
    /// The browser gives no access.
    pub async fn open(root: &Folder) -> Result<Self, JsValue> {
        root.folder(FOLDER).await.map(Self)
    }

    /// All that are whole, by name.
    pub async fn all(&self) -> Vec<Model> {
        let mut models = Vec::new();
        for name in self.0.names().await.unwrap_or_default() {
            let Ok(folder) = self.0.folder(&name).await else {
                continue;
            };
            let note = folder.text(NOTE).await.unwrap_or_default();
            models.extend(serde_json::from_str::<Model>(&note).ok());
        }
        shared::sorting::by(&mut models, |a, b| a.name.cmp(&b.name));
        models
    }

    /// A file of a model; `None` where it is gone.
    pub async fn file(&self, model: &Model, file: &ModelFile) -> Option<Blob> {
        let folder = self.0.folder(&place(&model.name)).await.ok()?;
        let blob: Blob = folder.file(&file.name).await.ok()?.unchecked_into();
        (blob.size() == file.size as f64).then_some(blob)
    }

    /// Puts a file into the folder of the model `name`.
    ///
    /// # Errors
    /// There is no room for it.
    pub async fn put(&self, name: &str, file: &str, content: &Blob) -> Result<(), JsValue> {
        self.0
            .folder(&place(name))
            .await?
            .write(file, content)
            .await
    }

    /// Notes that all files of a model are there.
    ///
    /// # Errors
    /// There is no room for it.
    pub async fn finish(&self, model: &Model) -> Result<(), JsValue> {
        let folder = self.0.folder(&place(&model.name)).await?;
        let note = serde_json::to_string(model).unwrap_or_default();
        folder.write_text(NOTE, &note).await
    }

    /// A lock of the model `name`: who puts it there or lets it go holds it meanwhile.
    pub async fn lock(name: &str) -> Option<Lock> {
        Lock::wait(&format!("model.{}", place(name))).await
    }

    /// A model, if all its files are there.
    pub async fn whole(&self, name: &str) -> Option<Model> {
        let model = self
            .all()
            .await
            .into_iter()
            .find(|model| model.name == name)?;
        for file in &model.files {
            self.file(&model, file).await?;
        }
        Some(model)
    }

    /// Lets a model go, whole or not.
    ///
    /// # Errors
    /// Somebody has a file of it open.
    pub async fn remove(&self, name: &str) -> Result<(), JsValue> {
        self.0.remove(&place(name)).await
    }
}

/// What the folder of a model is called. No name of a model has `--` in it.
fn place(name: &str) -> String {
    name.replace('/', "--")
}
