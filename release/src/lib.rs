#![doc = include_str!("../README.md")]

pub mod account;
pub mod bernoulli;
pub mod contribution;
pub mod decimal;
pub mod fresh;
pub mod gaussian;
pub mod interval;
pub mod noise;
pub mod year;

pub use account::Variance;
pub use contribution::{Contributions, Merge, PersonId};
pub use decimal::Decimal;
pub use fresh::Fresh;
pub use gaussian::discrete_gaussian;
pub use noise::{answer, Answered};
