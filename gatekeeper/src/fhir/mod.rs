//! FHIR R4 as this gatekeeper speaks it: JSON, `read` and a strict `search`.
//!
//! **Filter first, then search**: [`search::run`] sees redacted resources only. What an asker may not see can neither match, nor
//! count, nor move anything else, because it is not there.

pub mod capability;
pub mod definitions;
pub mod everything;
pub mod matching;
pub mod outcome;
pub mod paging;
pub mod query;
pub mod reference;
pub mod search;
#[cfg(test)]
mod tests;
pub mod words;

pub use capability::capability;
pub use outcome::{outcome, IssueCode};
pub use paging::Pages;
pub use query::{parse_query, Manner, SearchError, SearchQuery};
pub use search::run;

/// The media type of every FHIR answer.
pub const MEDIA_TYPE: &str = "application/fhir+json";
