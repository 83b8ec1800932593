//! What is wrong with a text that is not canonical.

use alloc::{boxed::Box, string::String};
use core::fmt;

/// Why a text was refused. Each kind quotes the part that is wrong, shortened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// A scope that does not start with `patient/`.
    Prefix(Box<str>),
    /// Not a resource type of FHIR R4.
    ResourceType(Box<str>),
    /// A scope without `.` and actions.
    NoActions(Box<str>),
    /// Actions that are not a non-empty part of `cruds` in this order.
    Actions(Box<str>),
    /// A parameter that scopes do not have.
    UnknownParameter(Box<str>),
    /// A parameter that comes twice or after a later one.
    ParameterOrder(Box<str>),
    /// Not a token: `code`, `system|code` or `|code`.
    Token(Box<str>),
    /// Not an element path.
    Path(Box<str>),
    /// A path beneath another in the same list, which says nothing new.
    PathBeneath {
        /// The path that says nothing new.
        inner: Box<str>,
        /// The path that it is beneath.
        outer: Box<str>,
    },
    /// A clause that terms do not have.
    UnknownClause(Box<str>),
    /// A clause that comes twice or after a later one.
    ClauseOrder(Box<str>),
    /// Not a purpose that we know.
    Purpose(Box<str>),
    /// Not a day, written `YYYY-MM-DD`.
    Date(Box<str>),
    /// Not a period: two days with `..` between, of which one may be left out.
    Period(Box<str>),
    /// A period that ends before it starts.
    PeriodReversed(Box<str>),
    /// Not a person on a member's staff.
    Staff(Box<str>),
    /// Terms without any scope.
    NoScope,
    /// Something listed twice.
    Duplicate(Box<str>),
    /// A list that is not sorted.
    Unsorted {
        /// What comes first and should not.
        left: Box<str>,
        /// What should come before it.
        right: Box<str>,
    },
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix(text) => write!(f, "{text:?} is not a scope: scopes start with \"patient/\""),
            Self::ResourceType(text) => write!(f, "{text:?} is not a resource type of FHIR R4"),
            Self::NoActions(text) => write!(f, "{text:?} names no actions: write <type>.<actions>, such as Observation.rs"),
            Self::Actions(text) => {
                write!(f, "{text:?} are not actions: write some of the letters \"cruds\", in this order")
            }
            Self::UnknownParameter(text) => {
                write!(f, "{text:?} is not a parameter of scopes, which are category=, code=, _security= and _elements=")
            }
            Self::ParameterOrder(text) => write!(
                f,
                "{text:?} is out of place: category=, code=, _security=, _elements= come in this order, each at most once"
            ),
            Self::Token(text) => write!(
                f,
                "{text:?} is not a token: write code, system|code or |code with characters of A-Z a-z 0-9 . : / _ ~ -"
            ),
            Self::Path(text) => {
                write!(f, "{text:?} is not an element path: write names of letters and digits with dots between")
            }
            Self::PathBeneath { inner, outer } => {
                write!(f, "{inner:?} is beneath {outer:?}, which is in the same list: leave one out")
            }
            Self::UnknownClause(text) => {
                write!(f, "{text:?} is not a clause of terms, which are purpose=, period= and staff=")
            }
            Self::ClauseOrder(text) => write!(
                f,
                "{text:?} is out of place: purpose=, period=, staff= come in this order, each at most once"
            ),
            Self::Purpose(text) => write!(f, "{text:?} is not a known purpose of HL7's PurposeOfUse"),
            Self::Date(text) => write!(f, "{text:?} is not a day: write YYYY-MM-DD"),
            Self::Period(text) => {
                write!(f, "{text:?} is not a period: write <day>..<day>, of which one may be left out")
            }
            Self::PeriodReversed(text) => write!(f, "the period {text:?} ends before it starts"),
            Self::Staff(text) => write!(f, "{text:?} is not a person on a member's staff: write s<member>-<index>"),
            Self::NoScope => f.write_str("terms need at least one scope"),
            Self::Duplicate(text) => write!(f, "{text:?} is listed twice"),
            Self::Unsorted { left, right } => write!(f, "lists are sorted: {right:?} comes before {left:?}"),
        }
    }
}

impl core::error::Error for ParseError {}

/// Most characters of a refused text that an error repeats.
const QUOTED: usize = 48;

/// What an error repeats of `text`.
pub(crate) fn quote(text: &str) -> Box<str> {
    let mut quoted: String = text.chars().take(QUOTED).collect();
    if quoted.len() < text.len() {
        quoted.push('…');
    }
    quoted.into_boxed_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn quote_should_shorten_when_text_is_long() {
        let long = "ä".repeat(QUOTED + 1);
        assert_eq!(quote(&long).chars().count(), QUOTED + 1);
        assert!(quote(&long).ends_with('…'));
        assert_eq!(&*quote("short"), "short");
    }

    #[test]
    fn error_should_escape_what_it_quotes_when_printed() {
        let error = ParseError::Token(quote("a\u{1b}[31m"));
        assert!(!error.to_string().contains('\u{1b}'));
    }
}
