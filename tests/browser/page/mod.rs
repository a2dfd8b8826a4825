//! The page in a browser, place by place.

mod data;
mod experiment;
mod in_tab;
mod looks;
mod offline;
mod path;
mod results;
mod runs;
mod trial;
