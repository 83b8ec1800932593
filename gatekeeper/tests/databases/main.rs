//! The way from rows to resources, on real databases: SQLite, PostgreSQL and MariaDB; and from a foreign FHIR server.
//!
//! Schema and mapping are those of `docs/mapping.md`, so that what hospital engineers read there is what is tested here. Servers are
//! started for each test in a folder of its own, on a socket.
#![allow(clippy::unwrap_used, missing_docs)]

mod exercise;
mod hl7;
mod keys;
mod mariadb;
mod odd;
mod owner;
mod planned;
mod postgres;
mod round_trip;
mod server;
mod shapes;
mod sqlite;
mod statistics;
mod upstream;
mod values;
mod ways;
