//! Files to samples at their own rate.
//!
//! [`track`] and [`decoder`] wrap the decoding library; the other modules add what it does not do:
//! WAV of all writers ([`riff`]), CAF in any order ([`caf`]), tags behind FLAC ([`tags`]), the
//! encoder's delay in MP4 ([`edit_list`]), and finding cut and joined Ogg files ([`ogg_end`]).

mod caf;
mod decoder;
mod edit_list;
mod ogg_end;
mod riff;
mod source;
mod tags;
mod track;

pub(super) use decoder::{Decoder, guarded};
