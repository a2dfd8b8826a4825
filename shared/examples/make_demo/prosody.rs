//! How an emotion sounds, in the few things that the synthesiser can be told.
//!
//! The directions are those that studies of acted speech agree on (Banse & Scherer 1996, Juslin &
//! Laukka 2003): anger is loud, fast and strongly stressed; happiness is high with a wide range;
//! sadness is low, narrow, slow and soft. Arousal moves all of them, and every clip deviates.

use super::plan::Speaker;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// The four classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Emotion {
    Anger,
    Happiness,
    Neutral,
    Sadness,
}

/// What an emotion changes against the speaker's habit, at the same arousal.
struct Shift {
    pitch: f64,
    range: f64,
    rate: f64,
    volume: f64,
    /// Probability of a strong stress, and of a moderate one.
    stress: (f64, f64),
    /// Mean arousal.
    arousal: f64,
}

impl Emotion {
    pub(super) const ALL: [Self; 4] = [Self::Anger, Self::Happiness, Self::Neutral, Self::Sadness];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Anger => "anger",
            Self::Happiness => "happiness",
            Self::Neutral => "neutral",
            Self::Sadness => "sadness",
        }
    }

    fn shift(self) -> Shift {
        let (pitch, range, rate, volume, stress, arousal) = match self {
            Self::Anger => (-6.0, 0.0, 0.08, 9.0, (0.9, 0.05), 0.76),
            Self::Happiness => (14.0, 55.0, -0.02, -2.0, (0.05, 0.8), 0.66),
            Self::Neutral => (0.0, -10.0, 0.02, 0.0, (0.0, 0.1), 0.42),
            Self::Sadness => (-6.0, -35.0, -0.1, -7.0, (0.0, 0.05), 0.24),
        };
        Shift {
            pitch,
            range,
            rate,
            volume,
            stress,
            arousal,
        }
    }

    /// Arousal of a clip, 0 to 1; neighbouring emotions overlap.
    pub(super) fn draw_arousal(self, rng: &mut ChaCha8Rng) -> f64 {
        (self.shift().arousal + 0.085 * gauss(rng)).clamp(0.02, 0.98)
    }
}

/// How a word is stressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stress {
    /// Higher, longer and louder.
    Strong,
    /// Higher.
    Moderate,
}

/// What the synthesiser is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prosody {
    /// 0 to 99.
    pub(super) pitch: u8,
    /// Percent of the usual pitch range.
    pub(super) range: u16,
    /// Words a minute.
    pub(super) rate: u16,
    /// 100 is the usual volume.
    pub(super) volume: u16,
    /// Stress on the marked word.
    pub(super) stress: Option<Stress>,
}

impl Prosody {
    pub(super) fn draw(
        speaker: &Speaker,
        emotion: Emotion,
        arousal: f64,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let shift = emotion.shift();
        let excitement = arousal - 0.45;
        let mut about = |mean: f64, deviation: f64, least: f64, most: f64| {
            (mean + deviation * gauss(rng)).clamp(least, most).round()
        };
        let pitch = about(
            speaker.pitch + shift.pitch + 24.0 * excitement,
            3.5,
            5.0,
            95.0,
        );
        let range = about(95.0 + shift.range + 70.0 * excitement, 7.0, 15.0, 220.0);
        let rate = speaker.rate * (1.0 + shift.rate + 0.35 * excitement);
        let rate = about(rate, 0.022 * speaker.rate, 120.0, 260.0);
        let volume = about(44.0 + shift.volume + 34.0 * excitement, 5.0, 20.0, 90.0);
        let (strong, moderate) = shift.stress;
        let chance: f64 = rng.random();
        // Rounded and clamped above to what the types hold.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Self {
            pitch: pitch as u8,
            range: range as u16,
            rate: rate as u16,
            volume: volume as u16,
            stress: if chance < strong {
                Some(Stress::Strong)
            } else if chance < strong + moderate {
                Some(Stress::Moderate)
            } else {
                None
            },
        }
    }
}

/// A draw from N(0, 1) by Box and Muller.
pub(super) fn gauss(rng: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}
