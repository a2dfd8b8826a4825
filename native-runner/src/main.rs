//! `voxtune`: fine-tunes speech transformers from one INI file.

#![recursion_limit = "256"]
// What is asked for goes to standard output, everything else to standard error, and both through `output`.
#![deny(clippy::print_stdout, clippy::print_stderr)]

#[macro_use]
mod output;

mod cli;
mod commands;
mod event_log;
mod failure;
mod folder;
mod hub;
mod job;
mod local;
mod lock;
mod machine;
mod memory;
mod predict;
mod progress;
mod serve;
mod world;

use clap::Parser;

// Every tensor operation allocates megabytes; the system's allocator gives them back to the
// kernel each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Starts the program anew with a runtime folder where the session has none (a batch system, a
/// container): graphics drivers complain of that on standard error, over and over.
#[cfg(target_os = "linux")]
fn with_runtime_folder() {
    use std::{env, os::unix::process::CommandExt, process::Command};
    if env::var_os("XDG_RUNTIME_DIR").is_none()
        && let Ok(program) = env::current_exe()
    {
        // This only comes back if it fails, and then the complaints are the lesser evil.
        let _ = Command::new(program)
            .args(env::args_os().skip(1))
            .env("XDG_RUNTIME_DIR", env::temp_dir())
            .exec();
    }
}

fn main() {
    #[cfg(target_os = "linux")]
    with_runtime_folder();
    let cli = cli::Cli::parse();
    output::end(match commands::execute(cli.command) {
        Ok(code) => code,
        Err(error) => failure::report(&error),
    })
}
