//! `voxtune serve` over real sockets: its processes are started, killed and started again.

mod attacks;
mod client;
mod corpus;
mod crash;
mod full_disk;
mod jobs;
mod listeners;
mod live;
mod previews;
mod protected;
mod publish;
mod results;
mod runner;
mod start;
mod stream;
mod together;
mod uploads;
mod users;
