//! Models of the hub that the browser keeps, each in a folder of its own: its files, and last the note that it is whole.

use crate::Folder;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

/// The folder of all models, and the note in the folder of each.
const FOLDER: &str = "hub";
const NOTE: &str = "model.note";

/// The channel on which documents of this site tell each other that a model has come.
pub const NEWS: &str = "voxtune.models";

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
