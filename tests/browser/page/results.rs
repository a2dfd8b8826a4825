//! What a run is worth, and hearing its mistakes.

use super::looks::{accessible, look_at};
use crate::{editing::eventually, runner::Runner, tab::in_browser};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_cell_lists_its_clips_and_plays_them() {
    in_browser(async |tab| {
        let runner = Runner::start(false).await;
        tab.open(&format!("{}/#/results/done", runner.address)).await;
        tab.find("table.matrix").await;
        // The largest mistake is chosen by itself.
        tab.find(".cliplist li .play").await;
        let title = tab.text("#clips-title").await;
        let cell = tab.text(".matrix .cell[aria-pressed=true]").await;
        assert!(title.contains("taken for") && title.ends_with(&format!(": {cell} clips")), "{title} {cell}");
        assert_eq!(tab.client.find_all(fantoccini::Locator::Css(".cliplist li")).await.expect("clips").len().to_string(), cell);
        look_at(&tab, "results").await;
        accessible(&tab, "results").await;
        tab.click(".cliplist li .play").await;
        let heard = "return performance.getEntriesByType('resource').some(r => /preview\\/audio\\?root=0&path=audio%2F[fm]0/.test(r.name))";
        eventually(&tab, heard, &json!(true)).await;
        tab.click("#tab-groups").await;
        assert!(tab.text(".grouptables").await.contains("By speaker"));
        look_at(&tab, "groups").await;
        accessible(&tab, "groups").await;
        tab.click("#tab-files").await;
        assert!(tab.text(".files").await.contains("model.safetensors"));
        look_at(&tab, "files").await;
        assert_eq!(tab.text("#results-title").await, crate::runner::ATTACK);
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_compared() {
    in_browser(async |tab| {
        let runner = Runner::start(false).await;
        tab.open(&format!("{}/#/runs", runner.address)).await;
        tab.find("table.runs").await;
        let pick = "for (const box of document.querySelectorAll('table.runs tr td input')) if (/demo/.test(box.ariaLabel)) box.click()";
        tab.run(pick, serde_json::Value::Null).await;
        tab.click(".bar a.button").await;
        eventually(&tab, "return location.hash", &json!("#/results/done+other")).await;
        eventually(&tab, "return document.querySelector('main').textContent.includes('Mann-Whitney')", &json!(true)).await;
        look_at(&tab, "compare").await;
        accessible(&tab, "compare").await;
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    })
    .await;
}
