//! A tab under test.

use crate::{chromedriver::Browser, site};
use fantoccini::{Client, Locator, elements::Element, wd::WebDriverCompatibleCommand};
use http::Method;
use serde_json::{Value, json};
use std::{
    fs,
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use url::{ParseError, Url};

/// An open tab and the site it is on.
#[derive(Clone)]
pub(crate) struct Tab {
    /// For whatever has no name here.
    pub(crate) client: Client,
    /// The site's address.
    pub(crate) site: String,
    /// A folder that the site has at `/given`.
    pub(crate) given: PathBuf,
    requests: Arc<AtomicUsize>,
}

/// Runs `test` in a browser of its own, which is closed in any case.
pub(crate) async fn in_browser<F: Future<Output = ()> + Send + 'static>(
    test: impl FnOnce(Tab) -> F,
) {
    let given = tempfile::tempdir().expect("a folder");
    let requests = Arc::new(AtomicUsize::new(0));
    let site = site::start(given.path(), requests.clone()).await;
    let browser = Browser::start().await;
    let tab = Tab {
        client: browser.client.clone(),
        site,
        given: given.path().to_owned(),
        requests,
    };
    let outcome = tokio::spawn(test(tab.clone())).await;
    let complaints = tab.complaints().await;
    browser.stop().await;
    if let Err(error) = outcome {
        resume_unwind(error.into_panic());
    }
    let policy = |text: &&String| text.contains("Content Security Policy");
    let broken: Vec<_> = complaints.iter().filter(policy).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

impl Tab {
    /// How often anything was asked of the site.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Opens any address.
    pub(crate) async fn open(&self, address: &str) {
        self.client.goto(address).await.expect("the address opens");
    }

    /// Clicks on the first element that a CSS selector finds.
    pub(crate) async fn click(&self, css: &str) {
        loop {
            match self.find(css).await.click().await {
                Ok(()) => return,
                // It was drawn anew in between.
                Err(error) if error.is_stale_element_reference() => {}
                Err(error) => panic!("a click on `{css}`: {error}"),
            }
        }
    }

    /// Opens a path of the site.
    pub(crate) async fn goto(&self, path: &str) {
        self.client
            .goto(&format!("{}{path}", self.site))
            .await
            .expect("the address opens");
    }

    /// The first element that a CSS selector finds, as soon as there is one.
    pub(crate) async fn find(&self, css: &str) -> Element {
        let wait = self.client.wait().at_most(Duration::from_secs(20));
        wait.for_element(Locator::Css(css))
            .await
            .unwrap_or_else(|error| panic!("`{css}` on the page: {error}"))
    }

    /// Its text, as far as it is visible.
    pub(crate) async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.expect("a text")
    }

    /// Runs a script, `arguments[0]` being `argument`.
    pub(crate) async fn run(&self, script: &str, argument: Value) -> Value {
        self.client
            .execute(script, vec![argument])
            .await
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// What the browser complained about since the last call: errors, warnings, blocked requests.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let entries = self.extension("se/log", json!({"type": "browser"})).await;
        let entries = entries.as_array().cloned().unwrap_or_default();
        let bad = entries
            .iter()
            .filter(|entry| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING")))
            // The page asks whether there is a runner, and browsers log every answer that says no.
            .filter(|entry| {
                !entry["message"]
                    .as_str()
                    .is_some_and(|text| text.contains("/api/session - Failed to load"))
            });
        bad.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Makes the window `width` x `height` pixels, light or dark.
    pub(crate) async fn look(&self, width: u32, height: u32, scheme: &str) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await;
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Writes what is seen to `target/screenshots/{name}.png`.
    pub(crate) async fn screenshot(&self, name: &str) {
        let folder = site::workspace().join("target/screenshots");
        fs::create_dir_all(&folder).expect("a folder for screenshots");
        let image = self.client.screenshot().await.expect("a screenshot");
        fs::write(folder.join(format!("{name}.png")), image).expect("the screenshot is written");
    }

    /// Takes the network away, or gives it back.
    pub(crate) async fn offline(&self, offline: bool) {
        let conditions = json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.devtools("Network.emulateNetworkConditions", conditions)
            .await;
    }

    /// Has the browser put downloads into `folder`.
    pub(crate) async fn download_to(&self, folder: &Path) {
        fs::create_dir_all(folder).expect("a folder for downloads");
        let place = json!({"behavior": "allow", "downloadPath": folder});
        self.devtools("Browser.setDownloadBehavior", place).await;
    }

    /// Asks the browser's developer tools.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.extension(
            "goog/cdp/execute",
            json!({"cmd": command, "params": parameters}),
        )
        .await
    }

    async fn extension(&self, path: &'static str, body: Value) -> Value {
        let command = Extension { path, body };
        self.client
            .issue_cmd(command)
            .await
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

/// A command of chromedriver that is not in the WebDriver standard.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!(
            "session/{}/{}",
            session.unwrap_or_default(),
            self.path
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
