//! The page in a browser, place by place.

mod experiment;
mod looks;
mod offline;
mod results;
mod runs;
