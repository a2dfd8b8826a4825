//! Tests of the room.

mod extractor;
