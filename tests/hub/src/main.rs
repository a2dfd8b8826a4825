//! `fake-hub ID=FOLDER...`: serves folders as models, says on standard output where, and ends when
//! standard input does. For clients in other languages; `tests/oracles/hub.py` is one.

use fake_hub::{FakeHub, READ_TOKEN, WRITE_TOKEN};
use serde_json::json;
use std::{
    env,
    io::{self, Read, Write},
    path::Path,
};

fn main() -> io::Result<()> {
    let hub = FakeHub::start()?;
    for argument in env::args().skip(1) {
        if let Some((flag, value)) = argument.split_once(':') {
            let mut state = hub.state();
            match flag {
                "gated" => {
                    state
                        .repositories
                        .entry(value.to_owned())
                        .or_default()
                        .gated = true
                }
                "private" => {
                    state
                        .repositories
                        .entry(value.to_owned())
                        .or_default()
                        .private = true
                }
                "parts" => state.part_size = value.parse().ok(),
                "cut" => state.cuts.extend(value.parse::<usize>()),
                _ => return Err(io::Error::other(format!("{flag}: unknown"))),
            }
        } else if let Some((id, folder)) = argument.split_once('=') {
            hub.state().add(id, Path::new(folder))?;
        } else {
            return Err(io::Error::other(format!("{argument}: write ID=FOLDER")));
        }
    }
    let told = json!({"endpoint": hub.endpoint(), "write": WRITE_TOKEN, "read": READ_TOKEN});
    writeln!(io::stdout(), "{told}")?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
