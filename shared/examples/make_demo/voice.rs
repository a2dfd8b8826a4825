//! From an utterance to a file: espeak-ng speaks, our own decoder resamples, flac encodes.

use super::{plan::Utterance, prosody::Stress};
use shared::{
    audio::{Limits, RATE, Stretch, Window, read_clip},
    files::Memory,
};
use std::{
    error::Error,
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

/// Quietest sample that counts as speech.
const SILENCE: f32 = 0.004;
/// Loudest sample that is surely not clipped.
const LOUDEST: f32 = 0.97;
/// Seconds of silence that are kept at both ends.
const MARGIN: f64 = 0.04;

/// Makes the utterance's file below `folder`; returns its length in seconds.
pub(super) fn speak(utterance: &Utterance, folder: &Path) -> Result<f64, Box<dyn Error>> {
    let mut volume = f64::from(utterance.prosody.volume);
    let mut samples = synthesise(utterance, volume)?;
    // A strongly stressed word may be louder than the synthesiser's numbers go.
    while samples.iter().any(|sample| sample.abs() > LOUDEST) && volume > 10.0 {
        volume *= 0.85;
        samples = synthesise(utterance, volume)?;
    }
    let speech = trim(&samples);
    encode(speech, &folder.join(&utterance.file))?;
    Ok(speech.len() as f64 / f64::from(RATE))
}

/// Samples at 16 kHz.
fn synthesise(utterance: &Utterance, volume: f64) -> Result<Vec<f32>, Box<dyn Error>> {
    let prosody = &utterance.prosody;
    // The synthesiser's own <emphasis> ignores the volume around it.
    let (open, close) = match prosody.stress {
        Some(Stress::Strong) => (
            "<prosody pitch=\"+20%\" rate=\"86%\" volume=\"loud\">",
            "</prosody>",
        ),
        Some(Stress::Moderate) => ("<prosody pitch=\"+12%\" rate=\"94%\">", "</prosody>"),
        None => ("", ""),
    };
    let text = utterance
        .text
        .replacen('*', open, 1)
        .replacen('*', close, 1);
    let ssml = format!(
        "<speak><prosody range=\"{}%\">{text}</prosody></speak>",
        prosody.range
    );
    let spoken = Command::new("espeak-ng")
        .args(["-m", "--stdout", "-v", &utterance.speaker.voice])
        .args(["-p", &prosody.pitch.to_string()])
        .args(["-s", &prosody.rate.to_string()])
        .args(["-a", &format!("{volume:.0}")])
        .arg(ssml)
        .output()
        .map_err(|error| format!("espeak-ng: {error} (apt-get install espeak-ng)"))?;
    if !spoken.status.success() || spoken.stdout.len() < 1000 {
        return Err(format!("espeak-ng: {}", String::from_utf8_lossy(&spoken.stderr)).into());
    }
    let mut files = Memory::default();
    files.insert("spoken.wav", sized(spoken.stdout));
    let stretch = Stretch {
        file: "spoken.wav",
        start: 0.0,
        end: None,
    };
    let clip = read_clip(&files, stretch, None, Window::Head, &Limits::default())?;
    Ok(clip.samples)
}

/// The synthesiser writes its WAV header before it knows the length; this puts it in.
#[allow(clippy::cast_possible_truncation)] // A sentence has far fewer than 2^32 bytes.
fn sized(mut wav: Vec<u8>) -> Vec<u8> {
    let length = wav.len() as u32;
    wav[4..8].copy_from_slice(&(length - 8).to_le_bytes());
    wav[40..44].copy_from_slice(&(length - 44).to_le_bytes());
    wav
}

/// Without the silence before and after, but for a margin.
fn trim(samples: &[f32]) -> &[f32] {
    let loud = |sample: &f32| sample.abs() > SILENCE;
    let margin = (MARGIN * f64::from(RATE)) as usize;
    let first = samples.iter().position(loud).unwrap_or(0);
    let last = samples.iter().rposition(loud).unwrap_or(0);
    &samples[first.saturating_sub(margin)..(last + margin).min(samples.len())]
}

fn encode(samples: &[f32], path: &Path) -> Result<(), Box<dyn Error>> {
    let bytes: Vec<u8> = samples
        .iter()
        .flat_map(|sample| {
            ((sample * 32_767.0).round().clamp(-32_768.0, 32_767.0) as i16).to_le_bytes()
        })
        .collect();
    let mut flac = Command::new("flac")
        .args([
            "--silent",
            "--best",
            "--force",
            "--no-padding",
            "--no-seektable",
        ])
        .args(["--force-raw-format", "--endian=little", "--sign=signed"])
        .args(["--channels=1", "--bps=16", "--sample-rate=16000", "-o"])
        .arg(path)
        .arg("-")
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| format!("flac: {error} (apt-get install flac)"))?;
    if let Some(mut input) = flac.stdin.take() {
        input.write_all(&bytes)?;
    }
    match flac.wait()?.success() && fs::metadata(path)?.len() > 0 {
        true => Ok(()),
        false => Err("flac failed".into()),
    }
}
