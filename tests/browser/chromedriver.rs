//! Starts chromedriver, and a browser through it.

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::{env, path::Path, process::Stdio, time::Duration};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// A browser with a profile of its own.
pub(crate) struct Browser {
    /// The session.
    pub(crate) client: Client,
    driver: Child,
    _profile: TempDir,
}

fn program(variable: &str, usual: &str) -> String {
    env::var(variable)
        .ok()
        .filter(|path| !path.is_empty())
        .unwrap_or_else(|| usual.to_owned())
}

impl Browser {
    /// Starts headless Chromium with WebGPU on its software adapter.
    pub(crate) async fn start() -> Self {
        let name = program("CHROMEDRIVER", "chromedriver");
        let mut driver = Command::new(&name)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{name}: {error}; `scripts/setup-browser.sh` installs it")
            });
        let port = timeout(Duration::from_secs(60), port(&mut driver))
            .await
            .expect("chromedriver says its port");
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(
                capabilities(profile.path())
                    .as_object()
                    .expect("an object")
                    .clone(),
            )
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("Chromium starts");
        Self {
            client,
            driver,
            _profile: profile,
        }
    }

    /// Ends the browser and its driver.
    pub(crate) async fn stop(mut self) {
        let closed = self.client.close().await;
        self.driver.kill().await.expect("chromedriver ends");
        closed.expect("the browser closes");
    }
}

fn capabilities(profile: &Path) -> Value {
    let profile = format!("--user-data-dir={}", profile.display());
    let options = [
        "--headless",
        "--window-size=1440,1000",
        // Chromium's own sandbox doesn't start in containers, nor for root.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // A microphone that beeps, lent without a question.
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        // Sound may be made before somebody has touched the page.
        "--autoplay-policy=no-user-gesture-required",
        // The heap's size to the byte.
        "--enable-precise-memory-info",
        "--js-flags=--expose-gc",
        "--enable-unsafe-webgpu",
        "--use-webgpu-adapter=swiftshader",
        &profile,
    ];
    json!({
        "goog:chromeOptions": {"binary": program("CHROMIUM", "/usr/bin/chromium"), "args": options},
        "goog:loggingPrefs": {"browser": "ALL"},
    })
}

/// Reads the port that chromedriver chose, and lets what it says after that go by.
async fn port(driver: &mut Child) -> u16 {
    let mut lines = BufReader::new(driver.stdout.take().expect("a pipe")).lines();
    loop {
        let line = lines
            .next_line()
            .await
            .expect("readable")
            .expect("chromedriver says its port before it ends");
        let number = line.strip_prefix("ChromeDriver was started successfully on port ");
        if let Some(port) = number.and_then(|rest| rest.trim_end_matches('.').parse().ok()) {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return port;
        }
    }
}
