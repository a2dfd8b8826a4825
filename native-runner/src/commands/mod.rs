//! One file a command.

mod check;
mod compare;
mod config;
mod data;
pub(crate) mod dataset;
mod devices;
mod embed;
mod export;
mod keys;
pub(crate) mod listen;
mod model;
mod predict;
mod push;
pub(crate) mod run;
mod serve;
mod test;
mod user;

use crate::cli::Command;
use crate::failure::ExitCode;

/// Carries a command out.
pub(crate) fn execute(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Run(args) => run::run(&args),
        Command::Serve(args) => serve::serve(&args),
        Command::User(args) => user::user(&args),
        Command::Check(args) => check::check(&args),
        Command::Keys(args) => keys::keys(&args),
        Command::Devices(args) => devices::devices(&args),
        Command::Data(args) => data::data(&args),
        Command::Embed(args) => embed::embed(&args),
        Command::Predict(args) => predict::predict(&args),
        Command::Listen(args) => listen::listen(&args),
        Command::Export(args) => export::export(&args),
        Command::Test(args) => test::test(&args),
        Command::Push(args) => push::push(&args),
        Command::Compare(args) => compare::compare(&args),
    }
}
