//! `voxtune serve` over real sockets: its processes are started, killed and started again.

mod attacks;
mod client;
mod corpus;
mod crash;
mod demo;
mod jobs;
mod listeners;
mod live;
mod load;
mod previews;
mod protected;
mod publish;
mod results;
mod runner;
mod start;
mod uploads;
mod users;
