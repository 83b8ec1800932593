//! What a decision looks at in one record.

pub use crate::date::Date;

/// A code with its system, as records carry them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coding<'a> {
    /// The code system, if the record names one.
    pub system: Option<&'a str>,
    /// The code.
    pub code: &'a str,
}

/// One record: what decides whether a scope covers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Its FHIR resource type.
    pub resource_type: &'a str,
    /// Its categories.
    pub categories: &'a [Coding<'a>],
    /// What it is about: all codings of its code.
    pub codes: &'a [Coding<'a>],
    /// Its security labels.
    pub labels: &'a [Coding<'a>],
    /// The day that data periods go by.
    pub date: Option<Date>,
}

impl<'a> Row<'a> {
    /// A record of this type with nothing else known of it.
    pub const fn of(resource_type: &'a str) -> Self {
        Self { resource_type, categories: &[], codes: &[], labels: &[], date: None }
    }
}
