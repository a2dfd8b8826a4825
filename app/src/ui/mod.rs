//! What all places are made of.

mod dialog;
mod icon;
mod tabs;
mod toast;
mod words;

pub(crate) use dialog::Dialog;
pub(crate) use icon::{Icon, Shape};
pub(crate) use tabs::{Tab, Tabs};
pub(crate) use toast::{Toaster, Toasts};
pub(crate) use words::{Words, bytes, clock, count, duration, figure};
