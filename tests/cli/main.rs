//! The `voxtune` program from outside: what it prints, where, with which exit status, and what it writes.

mod checking;
mod comparing;
mod corpus;
mod databases;
mod documented;
mod experiment;
mod faults;
mod folds;
mod help;
mod hub;
mod predicting;
mod program;
mod resume;
mod stored_split;
mod telling;
mod testing;
mod unread;
mod uploaded;
