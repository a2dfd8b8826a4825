//! Once loaded, the page needs no server.

use super::{
    data::DRAWN,
    sounds::{choose, tone, wav},
};
use crate::{
    editing::{eventually, press},
    tab::in_browser,
};
use fantoccini::key::Key;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn it_opens_without_a_network() {
    in_browser(async |tab| {
        tab.goto("/page/").await;
        tab.find(".cm-content").await;
        eventually(
            &tab,
            "return !!navigator.serviceWorker.controller",
            &json!(true),
        )
        .await;
        tab.offline(true).await;
        tab.client.refresh().await.expect("a reload");
        tab.find(".cm-content").await;
        assert_eq!(tab.text("#version").await, env!("CARGO_PKG_VERSION"));
        // What the site's server does not send, the offline worker adds.
        assert_eq!(
            tab.run("return crossOriginIsolated", Value::Null).await,
            true
        );
        // The second program too.
        tab.goto("/page/#/data").await;
        choose(&tab, &[("one.wav", wav(16_000, 1, 16_000, tone))]).await;
        tab.find("[role=grid]").await;
        tab.run("document.querySelector('[role=grid]').focus()", Value::Null)
            .await;
        press(&tab, &[Key::Down], "").await;
        eventually(&tab, DRAWN, &json!(true)).await;
    })
    .await;
}
