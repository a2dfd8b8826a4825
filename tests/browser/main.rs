//! The page and the in-tab engine in a real browser: headless Chromium, driven through WebDriver.
//!
//! `make test` builds both first (`target/page`, `target/worker`). `CHROMIUM` and `CHROMEDRIVER`
//! name the programs where they are not in the path. Screenshots are in `target/screenshots`.

mod bench;
mod chromedriver;
mod editing;
mod engine;
mod faults;
mod page;
mod runner;
mod site;
mod tab;
mod tasks;
mod training;
