//! What all places are made of.

mod dialog;
mod empty;
mod icon;
mod later;
mod player;
mod tabs;
mod toast;
mod words;

pub(crate) use dialog::Dialog;
pub(crate) use empty::Empty;
pub(crate) use icon::{Icon, Shape};
pub(crate) use later::later;
pub(crate) use player::{PlayButton, Player, Sound};
pub(crate) use tabs::{Tab, Tabs};
pub(crate) use toast::{Toaster, Toasts};
pub(crate) use words::{
    Words, bytes, capital, clock, count, duration, figure, interval, isolated, many, measure,
};
