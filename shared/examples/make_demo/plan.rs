//! Who says what in which way: speakers, sentences, emotions, all drawn from a seed.

use super::prosody::{Emotion, Prosody, gauss};
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// A voice of espeak-ng with habits of its own.
#[derive(Debug, Clone)]
pub(super) struct Speaker {
    pub(super) name: String,
    pub(super) gender: &'static str,
    /// Language and variant, as `espeak-ng -v` takes them.
    pub(super) voice: String,
    /// Usual pitch, 0 to 99 (`espeak-ng -p`).
    pub(super) pitch: f64,
    /// Usual rate in words a minute.
    pub(super) rate: f64,
}

/// A clip to be made.
#[derive(Debug, Clone)]
pub(super) struct Utterance {
    /// Its path beside the table.
    pub(super) file: String,
    pub(super) speaker: Speaker,
    /// The text; the word that may be stressed stands between asterisks.
    pub(super) text: &'static str,
    pub(super) emotion: Emotion,
    /// 0 (calm) to 1 (excited).
    pub(super) arousal: f64,
    pub(super) prosody: Prosody,
    /// Sentence and emotion as one class, in the recipe's corpus.
    pub(super) class: Option<String>,
}

/// The demo's sentences: short, and about nothing that anybody feels.
const SENTENCES: [&str; 10] = [
    "The *tram* stops at the lake.",
    "Her *coat* is on the chair.",
    "We *met* him on Friday.",
    "The *kettle* stands over there.",
    "They have *sold* the boat.",
    "It *snowed* again last night.",
    "My *sister* wrote the list.",
    "The *bakery* opens at nine.",
    "He *parked* behind the school.",
    "You can *borrow* my umbrella.",
];

/// The recipe's sentences. None shares its words of content with the demo's.
const RECIPE_SENTENCES: [&str; 12] = [
    "The *garden* gate is green.",
    "She *counts* the empty bottles.",
    "Two *pigeons* sat on a roof.",
    "I *carried* both bags upstairs.",
    "This *street* leads to the harbour.",
    "Our *teacher* has a new bicycle.",
    "Put the *forks* into the drawer.",
    "A *doctor* lives next door.",
    "The *film* was about a farmer.",
    "Somebody *painted* this wall blue.",
    "Old *clocks* need some oil.",
    "The *juice* is in the fridge.",
];

/// (name, gender, voice, pitch, rate); levels of men and women overlap a little, as rates do.
const SPEAKERS: [(&str, &str, &str, f64, f64); 8] = [
    ("f01", "female", "en-us+f1", 52.0, 186.0),
    ("f02", "female", "en-gb+f2", 58.0, 194.0),
    ("f03", "female", "en-us+f3", 48.0, 180.0),
    ("f04", "female", "en-gb-scotland+f4", 55.0, 190.0),
    ("m01", "male", "en-us+m1", 44.0, 184.0),
    ("m02", "male", "en-gb+m3", 38.0, 192.0),
    ("m03", "male", "en-gb-x-rp+m4", 50.0, 178.0),
    ("m04", "male", "en-us+m7", 41.0, 188.0),
];

/// Voices of the recipe's corpus; none is one of the demo's.
const RECIPE_VOICES: [(&str, &str); 12] = [
    ("female", "f5"),
    ("female", "Alicia"),
    ("female", "Andrea"),
    ("female", "Annie"),
    ("female", "belinda"),
    ("female", "linda"),
    ("male", "m2"),
    ("male", "m5"),
    ("male", "m6"),
    ("male", "m8"),
    ("male", "Lee"),
    ("male", "Michael"),
];

const ACCENTS: [&str; 4] = ["en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp"];

/// 8 speakers x 4 emotions x 5 of the 10 sentences, so that each sentence is said 16 times.
pub(super) fn demo() -> Vec<Utterance> {
    let mut rng = ChaCha8Rng::seed_from_u64(20);
    let mut utterances = Vec::new();
    for (number, (name, gender, voice, pitch, rate)) in SPEAKERS.into_iter().enumerate() {
        let speaker = Speaker {
            name: name.to_owned(),
            gender,
            voice: voice.to_owned(),
            pitch,
            rate,
        };
        for (turn, emotion) in Emotion::ALL.into_iter().enumerate() {
            for take in 0..5 {
                // Every other sentence, the even and the odd ones in turn.
                let sentence = 2 * take + (number + turn) % 2;
                let arousal = emotion.draw_arousal(&mut rng);
                let word = emotion.word();
                utterances.push(Utterance {
                    file: format!("audio/{name}_{word}_{sentence:02}.flac"),
                    text: SENTENCES[sentence],
                    emotion,
                    arousal,
                    prosody: Prosody::draw(&speaker, emotion, arousal, &mut rng),
                    class: None,
                    speaker: speaker.clone(),
                });
            }
        }
    }
    utterances
}

/// `clips` clips of 48 speakers, as many of each sentence in each emotion as come out even.
pub(super) fn recipe(clips: usize) -> Vec<Utterance> {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut speakers = Vec::new();
    for (gender, variant) in RECIPE_VOICES {
        for accent in ACCENTS {
            speakers.push(Speaker {
                name: format!("{variant}-{accent}"),
                gender,
                voice: format!("{accent}+{variant}"),
                pitch: (47.0 + 6.0 * gauss(&mut rng)).clamp(30.0, 65.0),
                rate: (186.0 + 10.0 * gauss(&mut rng)).clamp(160.0, 215.0),
            });
        }
    }
    let mut utterances = Vec::with_capacity(clips);
    while utterances.len() < clips {
        speakers.shuffle(&mut rng);
        for speaker in speakers.iter().take(clips - utterances.len()) {
            let number = utterances.len();
            let emotion = Emotion::ALL[number % 4];
            let sentence = (number / 4 + rng.random_range(0..3) * 4) % RECIPE_SENTENCES.len();
            let arousal = emotion.draw_arousal(&mut rng);
            utterances.push(Utterance {
                file: format!("audio/{number:05}.flac"),
                text: RECIPE_SENTENCES[sentence],
                emotion,
                arousal,
                prosody: Prosody::draw(speaker, emotion, arousal, &mut rng),
                class: Some(format!("s{sentence:02}_{}", emotion.word())),
                speaker: speaker.clone(),
            });
        }
    }
    utterances
}
