//! `SpecAugment`'s spans (Park et al. 2019) as the reference draws them.

use rand::{Rng, seq::index};

/// How spans are drawn along one axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpanConfig {
    /// Share of the axis that spans would cover if they did not overlap.
    pub prob: f64,
    /// Length of a span.
    pub length: usize,
    /// At least so many spans.
    pub min_masks: usize,
}

/// Draws spans for rows of the given lengths; the result is row by row `width` wide, true where
/// masked.
///
/// As in the reference a row has `prob * length / span + u` spans, one draw of u for all rows,
/// starts without replacement, overlaps allowed. Where the reference stops with an error because
/// the axis is shorter than a span, the span is shortened to the axis.
pub fn draw_spans(
    lengths: &[usize],
    width: usize,
    config: SpanConfig,
    rng: &mut impl Rng,
) -> Vec<bool> {
    let mut masked = vec![false; lengths.len() * width];
    let span = config.length.min(width);
    if span == 0 || config.prob <= 0.0 {
        return masked;
    }
    let epsilon: f64 = rng.random();
    let spans_in = |length: usize| {
        let wanted = (config.prob * length as f64 / span as f64 + epsilon) as usize;
        let fitting = length.saturating_sub(span - 1);
        wanted.max(config.min_masks).min(width / span).min(fitting)
    };
    for (row, &length) in lengths.iter().enumerate() {
        let spans = spans_in(length);
        let starts = length.saturating_sub(span - 1);
        for start in index::sample(rng, starts, spans) {
            let first = row * width + start;
            masked[first..(first + span).min((row + 1) * width)].fill(true);
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn spans_cover_about_their_share_and_stay_in_their_row() {
        let config = SpanConfig {
            prob: 0.3,
            length: 10,
            min_masks: 2,
        };
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (mut covered, mut frames) = (0, 0);
        for _ in 0..200 {
            let masked = draw_spans(&[399, 200], 399, config, &mut rng);
            assert!(
                masked[399 + 200..].iter().all(|m| !m),
                "padding is never masked"
            );
            covered += masked.iter().filter(|m| **m).count();
            frames += 599;
        }
        let share = f64::from(covered as u32) / f64::from(frames);
        // Without overlaps it would be 0.3; overlaps take some away.
        assert!((0.22..0.3).contains(&share), "{share}");
    }

    #[test]
    fn an_axis_shorter_than_a_span_is_no_error() {
        let config = SpanConfig {
            prob: 0.05,
            length: 10,
            min_masks: 2,
        };
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let masked = draw_spans(&[4, 1], 4, config, &mut rng);
        assert_eq!(masked.len(), 8);
        assert!(
            !masked[5] && !masked[6] && !masked[7],
            "padding is never masked"
        );
    }
}
