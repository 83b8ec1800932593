//! Research, as both sides of a gatekeeper see it.
//!
//! | Module | Holds |
//! |---|---|
//! | [`choice`] | a patient's release choice, sealed to the provider |
//! | [`definition`] | what a planned table counts or sums: the text whose digest is on chain |
//! | [`messages`] | the JSON bodies of the research interface |

pub mod choice;
pub mod definition;
pub mod messages;

#[cfg(test)]
mod tests;
