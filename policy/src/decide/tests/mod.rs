//! The rules, by topic.

mod across;
mod allows;
mod case;
mod denials;
mod emergency;
mod onward;
mod owners;
mod permits;
mod properties;
mod staff;
mod status;
mod summaries;
