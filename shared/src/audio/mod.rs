//! Bytes to 16 kHz mono samples: decode, resample, mix, crop, normalise.
