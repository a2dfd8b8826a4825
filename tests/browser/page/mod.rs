//! The page in a browser, place by place.

mod bring;
mod charts;
mod come_over;
mod data;
mod experiment;
mod feed;
mod first;
mod fluid;
mod hand_over;
mod hub;
mod in_tab;
pub(crate) mod lifecycle;
mod looks;
mod offline;
mod path;
mod results;
mod runs;
mod sounds;
mod trial;
mod walk;
