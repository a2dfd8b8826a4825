//! Files to samples at their own rate.
//!
//! [`track`] and [`decoder`] wrap the decoding library; the other modules add what it does not do:
//! WAV without a 32-bit length ([`riff`]), the encoder's delay in MP4 ([`edit_list`]), and finding
//! cut Ogg files ([`ogg_end`]).

mod decoder;
mod edit_list;
mod ogg_end;
mod riff;
mod source;
mod track;

pub(super) use decoder::{Decoder, guarded};
