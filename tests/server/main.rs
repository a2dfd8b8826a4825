//! `voxtune serve` over real sockets: its processes are started, killed and started again.

mod client;
mod corpus;
mod crash;
mod jobs;
mod listeners;
mod results;
mod runner;
mod start;
mod users;
