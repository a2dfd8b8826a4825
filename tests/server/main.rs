//! `voxtune serve` over real sockets: its processes are started, killed and started again.

mod attacks;
mod client;
mod corpus;
mod crash;
mod jobs;
mod listeners;
mod load;
mod previews;
mod protected;
mod results;
mod runner;
mod start;
mod uploads;
mod users;
