//! A runner over HTTP: `voxtune serve`.

use super::{Backend, Listener, Reply, Stream, Trouble, Windows};
use leptos::prelude::window;
use serde::{Serialize, de::DeserializeOwned};
use shared::{data::DataReport, protocol::*, report::compare::Comparison};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Request, RequestCredentials, RequestInit, Response};

/// A runner at an address.
#[derive(Debug, Clone)]
pub(super) struct Runner {
    /// What stands before `/api`, without a slash at its end.
    base: String,
}

/// The body of a request.
enum Content {
    None,
    Json(String),
    Bytes(&'static str, Blob),
}

impl Runner {
    /// The one that this page came from.
    pub(super) fn here() -> Self {
        let origin = window().location().origin().unwrap_or_default();
        Self { base: origin }
    }

    fn ask<T: DeserializeOwned + 'static>(
        &self,
        method: &'static str,
        path: String,
        content: Content,
    ) -> Reply<T> {
        let address = format!("{}{path}", self.base);
        Box::pin(async move {
            let text = answer(method, &address, content).await?;
            shared::json::read(&text).map_err(|error| Trouble::Unreadable(error.to_string()))
        })
    }

    fn get<T: DeserializeOwned + 'static>(&self, path: String) -> Reply<T> {
        self.ask("GET", path, Content::None)
    }

    fn post<T: DeserializeOwned + 'static>(&self, path: String, body: &impl Serialize) -> Reply<T> {
        match serde_json::to_string(body) {
            Ok(text) => self.ask("POST", path, Content::Json(text)),
            Err(error) => Box::pin(async move { Err(Trouble::Unreadable(error.to_string())) }),
        }
    }

    fn text(&self, path: String) -> Reply<String> {
        let address = format!("{}{path}", self.base);
        Box::pin(async move {
            let answer = send("GET", &address, Content::None).await?;
            content(&answer).await
        })
    }

    fn job_path(id: &str, rest: &str) -> String {
        format!("/api/jobs/{}{rest}", encoded(id))
    }
}

fn encoded(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// A path, whose slashes stay.
fn encoded_path(path: &str) -> String {
    path.split('/').map(encoded).collect::<Vec<_>>().join("/")
}

/// Sends a request; an answer that is a refusal is an error.
async fn send(method: &str, address: &str, content: Content) -> Result<Response, Trouble> {
    let options = RequestInit::new();
    options.set_method(method);
    options.set_credentials(RequestCredentials::SameOrigin);
    let kind = match content {
        Content::None => None,
        Content::Json(text) => {
            options.set_body(&JsValue::from_str(&text));
            Some("application/json")
        }
        Content::Bytes(kind, blob) => {
            options.set_body(&blob);
            Some(kind)
        }
    };
    let request = Request::new_with_str_and_init(address, &options).map_err(|_| Trouble::Gone)?;
    if let Some(kind) = kind {
        let _ = request.headers().set("Content-Type", kind);
    }
    let answer = JsFuture::from(window().fetch_with_request(&request))
        .await
        .map_err(|_| Trouble::Gone)?;
    let answer: Response = answer.unchecked_into();
    if answer.ok() {
        return Ok(answer);
    }
    // Whatever stands between may have answers of its own; only a runner's have this form.
    let text = self::content(&answer).await?;
    match shared::json::read::<Problem>(&text) {
        Ok(problem) => Err(Trouble::Refused(Box::new(problem))),
        Err(_) if matches!(answer.status(), 502..=504) => Err(Trouble::Gone),
        Err(_) => Err(Trouble::Stranger),
    }
}

async fn content(answer: &Response) -> Result<String, Trouble> {
    let text = answer.text().map_err(|_| Trouble::Gone)?;
    let text = JsFuture::from(text).await.map_err(|_| Trouble::Gone)?;
    Ok(text.as_string().unwrap_or_default())
}

/// Sends a request; the JSON that answers it. Apart from what is read from it, so that it is there once for all types.
async fn answer(method: &str, address: &str, content: Content) -> Result<String, Trouble> {
    let answer = send(method, address, content).await?;
    let text = self::content(&answer).await?;
    if answer.status() == 204 {
        return Ok("null".to_owned());
    }
    let kind = answer.headers().get("Content-Type").ok().flatten();
    if kind.is_some_and(|kind| kind.starts_with("application/json")) {
        Ok(text)
    } else {
        Err(Trouble::Stranger)
    }
}

impl Backend for Runner {
    fn session(&self) -> Reply<Session> {
        self.get("/api/session".into())
    }

    fn log_in(&self, login: Login) -> Reply<Session> {
        self.post("/api/login".into(), &login)
    }

    fn devices(&self) -> Reply<Devices> {
        self.get("/api/devices".into())
    }

    fn check(&self, request: CheckRequest) -> Reply<CheckReply> {
        self.post("/api/check".into(), &request)
    }

    fn data(&self, request: DataRequest) -> Reply<DataReport> {
        self.post("/api/data".into(), &request)
    }

    fn train(&self, job: CreateJob) -> Reply<Job> {
        self.post("/api/jobs".into(), &job)
    }

    fn jobs(&self) -> Reply<JobList> {
        self.get("/api/jobs".into())
    }

    fn job(&self, id: &str) -> Reply<Job> {
        self.get(Self::job_path(id, ""))
    }

    fn cancel(&self, id: &str) -> Reply<Job> {
        self.post(Self::job_path(id, "/cancel"), &serde_json::json!({}))
    }

    fn resume(&self, id: &str) -> Reply<Job> {
        self.post(Self::job_path(id, "/resume"), &serde_json::json!({}))
    }

    fn move_job(&self, id: &str, place: MoveJob) -> Reply<Job> {
        self.post(Self::job_path(id, "/move"), &place)
    }

    fn publish(&self, id: &str, request: PublishRequest) -> Reply<Publication> {
        self.post(Self::job_path(id, "/publish"), &request)
    }

    fn delete(&self, id: &str) -> Reply<()> {
        self.ask("DELETE", Self::job_path(id, ""), Content::None)
    }

    fn follow(&self, id: &str, listener: Listener<JobEvent>) -> Stream {
        Stream::open(
            format!("{}{}", self.base, Self::job_path(id, "/events")),
            0,
            listener,
        )
    }

    fn follow_queue(&self, after: u64, listener: Listener<QueueEvent>) -> Stream {
        Stream::open(format!("{}/api/events", self.base), after, listener)
    }

    fn log(&self, id: &str) -> Reply<String> {
        self.text(Self::job_path(id, "/log"))
    }

    fn records(&self, id: &str) -> Reply<Records> {
        self.get(Self::job_path(id, "/records"))
    }

    fn files(&self, id: &str) -> Reply<Artefacts> {
        self.get(Self::job_path(id, "/files"))
    }

    fn file(&self, id: &str, path: &str) -> Reply<String> {
        self.text(Self::job_path(
            id,
            &format!("/files/{}", encoded_path(path)),
        ))
    }

    fn file_address(&self, id: &str, path: &str) -> String {
        format!(
            "{}{}",
            self.base,
            Self::job_path(id, &format!("/files/{}", encoded_path(path)))
        )
    }

    fn archive_address(&self, id: &str) -> String {
        format!("{}{}", self.base, Self::job_path(id, "/archive"))
    }

    fn compare(&self, request: CompareRequest) -> Reply<Comparison> {
        self.post("/api/compare".into(), &request)
    }

    fn label(&self, id: &str, recording: Blob, windows: Option<Windows>) -> Reply<PredictReply> {
        let query = windows.map_or_else(String::new, |Windows { window, hop }| {
            format!("?window={window}&hop={hop}")
        });
        let path = Self::job_path(id, &format!("/predict/audio{query}"));
        self.ask(
            "POST",
            path,
            Content::Bytes(operations::AUDIO_TYPE, recording),
        )
    }

    fn listen(&self, id: &str, order: StartLive) -> Reply<Live> {
        self.post(Self::job_path(id, "/live"), &order)
    }

    fn hear(&self, live: &str, offset: u64, sound: Blob) -> Reply<LiveReply> {
        let path = format!("/api/live/{}?offset={offset}", encoded(live));
        self.ask("POST", path, Content::Bytes(operations::AUDIO_TYPE, sound))
    }

    fn hush(&self, live: &str) -> Reply<()> {
        let path = format!("/api/live/{}", encoded(live));
        self.ask("DELETE", path, Content::None)
    }

    fn roots(&self) -> Reply<Roots> {
        self.get("/api/roots".into())
    }

    fn sound_address(&self, root: &str, path: &str, stretch: Option<(f64, f64)>) -> String {
        let part = stretch.map_or_else(String::new, |(start, end)| {
            format!("&start={start}&end={end}")
        });
        format!(
            "{}/api/preview/audio?root={}&path={}{part}",
            self.base,
            encoded(root),
            encoded(path)
        )
    }

    fn begin_upload(&self, upload: CreateUpload) -> Reply<Upload> {
        self.post("/api/uploads".into(), &upload)
    }

    fn send_piece(&self, upload: &str, offset: u64, piece: Blob) -> Reply<Upload> {
        let path = format!("/api/uploads/{}?offset={offset}", encoded(upload));
        self.ask("PUT", path, Content::Bytes(PIECE_TYPE, piece))
    }

    fn dataset_files(&self, id: &str) -> Reply<DatasetFiles> {
        self.get(format!("/api/datasets/{}/files", encoded(id)))
    }

    fn dataset_address(&self, id: &str, path: &str) -> String {
        let (id, path) = (encoded(id), encoded_path(path));
        format!("{}/api/datasets/{id}/files/{path}", self.base)
    }

    fn make_dataset(&self, dataset: CreateDataset) -> Reply<Dataset> {
        self.post("/api/datasets".into(), &dataset)
    }
}
