//! Files to samples at their own rate.
//!
//! [`track`] and [`decoder`] wrap the decoding library; the other modules add what it does not do: [`rf64`],
//! MP4 edit lists ([`edit_list`]: encoder delay) and finding cut Ogg files ([`ogg_end`]).

mod decoder;
mod edit_list;
mod ogg_end;
mod rf64;
mod source;
mod track;

pub(super) use decoder::{Decoder, guarded};
