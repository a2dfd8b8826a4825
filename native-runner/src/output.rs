//! Standard output and standard error. Whoever reads them may have gone, or a disk be full: the work goes on,
//! and the exit status tells in the end what became of it. The macros of the standard library would panic.

use crate::failure::{ExitCode, FAILED, Unread};
use anyhow::Context;
use std::{
    fmt,
    io::{self, ErrorKind, Write},
    sync::{Mutex, PoisonError},
};

/// Why standard output takes no more; kept for the end.
static BROKEN: Mutex<Option<io::Error>> = Mutex::new(None);

/// Writes to standard output, as `print!` does.
macro_rules! out {
    ($($text:tt)*) => { $crate::output::write(format_args!($($text)*)) };
}

/// Writes a line to standard output, as `println!` does.
macro_rules! outln {
    () => { $crate::output::write(format_args!("\n")) };
    ($($text:tt)*) => { $crate::output::write(format_args!("{}\n", format_args!($($text)*))) };
}

/// Writes to standard error, as `eprint!` does.
macro_rules! err {
    ($($text:tt)*) => { $crate::output::tell(format_args!($($text)*)) };
}

/// Writes a line to standard error, as `eprintln!` does.
macro_rules! errln {
    () => { $crate::output::tell(format_args!("\n")) };
    ($($text:tt)*) => { $crate::output::tell(format_args!("{}\n", format_args!($($text)*))) };
}

/// What the macros for standard output do. After a failure nothing more is tried: half of a table
/// with a gap in it would be worse than its beginning.
pub(crate) fn write(text: fmt::Arguments<'_>) {
    let mut broken = BROKEN.lock().unwrap_or_else(PoisonError::into_inner);
    if broken.is_none() {
        *broken = io::stdout().lock().write_fmt(text).err();
    }
}

/// Writes rows of a table whose making takes its time, so that nobody waits for more of it in vain.
///
/// # Errors
///
/// [`Unread`] where nobody reads any more; what else keeps it from being written.
pub(crate) fn rows(table: &[u8]) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(table).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Unread.into()),
        written => written.context("cannot write to standard output"),
    }
}

/// What the macros for standard error do; there is no place left to complain in.
pub(crate) fn tell(text: fmt::Arguments<'_>) {
    let _ = io::stderr().lock().write_fmt(text);
}

/// Writes what is still held back and ends the program. A graphics driver has threads of its own that may be at
/// work until the very end: what it would tear down on a usual exit is left to the system, or a run that is
/// finished and saved could end as a crash.
pub(crate) fn end(code: ExitCode) -> ! {
    signal_hook::low_level::exit(finish(code).into())
}

/// Writes what is still held back, and gives the exit status of a program that would end with `code`. A reader
/// that has gone (`| head`) had enough; that something could not be written otherwise is an error.
fn finish(code: ExitCode) -> ExitCode {
    let mut broken = BROKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let error = broken.take().or_else(|| io::stdout().flush().err());
    match error {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => {
            errln!("error: standard output is not complete: {error}");
            if code == ExitCode::SUCCESS {
                FAILED.into()
            } else {
                code
            }
        }
        _ => code,
    }
}
