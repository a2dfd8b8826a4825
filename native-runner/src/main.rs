//! `voxtune`: fine-tunes speech transformers from one INI file.

#![recursion_limit = "256"]

mod cli;
mod commands;
mod failure;
mod folder;
mod progress;
mod world;

use clap::Parser;
use std::process::ExitCode;

// Every tensor operation allocates megabytes; the system's allocator gives them back to the
// kernel each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match commands::execute(cli.command) {
        Ok(code) => code,
        Err(error) => failure::report(&error),
    }
}
