//! What the browser keeps for this site, and how files from elsewhere come into it: the page and the document that
//! asks the hub both put things there.

mod cabinet;
mod folder;
mod lock;
mod models;
mod remote;

pub use cabinet::Cabinet;
pub use folder::Folder;
pub use lock::{Lock, held};
pub use models::{Model, ModelFile, Models, tell, told};
pub use remote::{Fault, Remote, fetch, forget, hash, tidy};

/// The folder of pieces of files that are on their way.
pub const PARTS: &str = "parts";
