//! Once loaded, the page needs no server.

use crate::{editing::eventually, tab::in_browser};
use serde_json::json;

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
    })
    .await;
}
