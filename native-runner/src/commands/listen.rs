//! `voxtune listen`: what a session of `voxtune serve` is a process of.
//!
//! It says a line of JSON when the model is loaded, and one for each piece of sound that comes on its
//! standard input: the number of bytes in 32 bits, low byte first, then the bytes. It ends with its
//! input, so that it does not outlive the server.

use super::{model, predict::prepare};
use crate::failure::ExitCode;
use crate::{
    cli::Listen,
    predict::{Listener, Options},
};
use anyhow::bail;
use serde::{Deserialize, Serialize};
use shared::{protocol::LiveReply, run::stored};
use std::io::{self, Read, Write};

/// Seconds of a window, unless the model was evaluated by shorter stretches.
const USUAL: f64 = 3.0;

/// What the process says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Said {
    /// The model is loaded: its classes, and the seconds of a window.
    Ready(Vec<String>, f64),
    /// What the model says of a piece.
    Heard(LiveReply),
    /// Why it ends.
    Error(String),
}

pub(crate) fn listen(args: &Listen) -> anyhow::Result<ExitCode> {
    let mut output = io::stdout().lock();
    let mut say = |said: &Said| -> anyhow::Result<()> {
        serde_json::to_writer(&mut output, said)?;
        output.write_all(b"\n")?;
        Ok(output.flush()?)
    };
    match converse(args, &mut say) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            // Whoever would read it may be gone.
            let _ = say(&Said::Error(format!("{error:#}")));
            Err(error)
        }
    }
}

fn converse(args: &Listen, say: &mut dyn FnMut(&Said) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let checkpoint = model::open(&args.model)?;
    let said = stored(&checkpoint.config);
    let window = args
        .window
        .unwrap_or_else(|| said.max_duration.unwrap_or(USUAL).min(USUAL));
    let options = Options {
        max_duration: window,
        windows: 1,
        hop: Some(args.hop),
    };
    let at_once = args.at_once as usize;
    let engine = prepare(&checkpoint, &said, options, &args.device, at_once)?;
    let labels = engine.labels.clone();
    let mut listener = Listener::new(engine, args.rate, window, args.hop, args.at_once);
    listener.warm_up()?;
    say(&Said::Ready(labels, window))?;
    let mut input = io::stdin().lock();
    while let Some(sound) = piece(&mut input)? {
        say(&Said::Heard(listener.take(&sound)?))?;
    }
    Ok(())
}

/// The next piece of sound; `None` at the end.
fn piece(input: &mut impl Read) -> anyhow::Result<Option<Vec<u8>>> {
    /// No piece is longer, as the server sends them.
    const MOST: u32 = 16 << 20;
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = u32::from_le_bytes(length);
    if length > MOST || !length.is_multiple_of(2) {
        bail!("a piece of {length} bytes is none of 16-bit samples");
    }
    let mut sound = vec![0; length as usize];
    input.read_exact(&mut sound)?;
    Ok(Some(sound))
}

#[cfg(test)]
mod tests {
    use super::piece;

    #[test]
    fn pieces_are_read_until_the_end() {
        let mut input: &[u8] = &[2, 0, 0, 0, 7, 8, 0, 0, 0, 0];
        assert_eq!(piece(&mut input).unwrap(), Some(vec![7, 8]));
        assert_eq!(piece(&mut input).unwrap(), Some(vec![]));
        assert_eq!(piece(&mut input).unwrap(), None);
        for wrong in [&[3u8, 0, 0, 0, 1, 2, 3][..], &[0xff; 8], &[4, 0, 0, 0, 1]] {
            assert!(piece(&mut &*wrong).is_err(), "{wrong:?}");
        }
    }
}
