//! What a scope lets someone do.

use core::{fmt, str::FromStr};

use crate::error::{quote, ParseError};

/// One of SMART App Launch v2's actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Adds a record.
    Create,
    /// Reads a record by its id.
    Read,
    /// Changes a record.
    Update,
    /// Deletes a record.
    Delete,
    /// Searches among the records of a type.
    Search,
}

impl Action {
    /// Every action, in the order of their letters in a scope.
    pub const ALL: [Self; 5] = [Self::Create, Self::Read, Self::Update, Self::Delete, Self::Search];

    /// Whether it changes nothing.
    pub const fn only_reads(self) -> bool {
        matches!(self, Self::Read | Self::Search)
    }

    /// Its letter in a scope.
    pub const fn letter(self) -> char {
        match self {
            Self::Create => 'c',
            Self::Read => 'r',
            Self::Update => 'u',
            Self::Delete => 'd',
            Self::Search => 's',
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Create => 1,
            Self::Read => 2,
            Self::Update => 4,
            Self::Delete => 8,
            Self::Search => 16,
        }
    }
}

/// A set of actions, never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Actions(u8);

impl Actions {
    /// The set of these actions; `None` if there are none.
    pub fn new(actions: impl IntoIterator<Item = Action>) -> Option<Self> {
        let bits = actions.into_iter().fold(0, |bits, action| bits | action.bit());
        (bits != 0).then_some(Self(bits))
    }

    /// Whether `action` is among them.
    pub const fn contains(self, action: Action) -> bool {
        self.0 & action.bit() != 0
    }

    /// Whether all of them are among `other`.
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// The actions, in the order of their letters.
    pub fn iter(self) -> impl Iterator<Item = Action> {
        Action::ALL.into_iter().filter(move |action| self.contains(*action))
    }
}

impl fmt::Display for Actions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|action| fmt::Write::write_char(f, action.letter()))
    }
}

impl FromStr for Actions {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || ParseError::Actions(quote(text));
        let mut rest = text;
        let actions = Action::ALL.into_iter().filter(|action| {
            let found = rest.strip_prefix(action.letter());
            rest = found.unwrap_or(rest);
            found.is_some()
        });
        let actions = Self::new(actions).ok_or_else(refuse)?;
        if rest.is_empty() {
            Ok(actions)
        } else {
            Err(refuse())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn actions_should_return_unchanged_when_printed_and_parsed() {
        for bits in 1..32 {
            let actions = Actions(bits);
            assert_eq!(actions.to_string().parse(), Ok(actions));
        }
    }

    #[test]
    fn actions_should_be_refused_when_not_canonical() {
        for text in ["", "sr", "rr", "x", "rsx", "R", " r", "r ", "cruds*", "*", "read"] {
            assert_eq!(text.parse::<Actions>(), Err(ParseError::Actions(text.into())), "{text}");
        }
    }

    #[test]
    fn actions_should_be_within_others_when_subset() {
        let parse = |text: &str| text.parse::<Actions>().unwrap();
        assert!(parse("r").within(parse("rs")));
        assert!(parse("rs").within(parse("rs")));
        assert!(!parse("cr").within(parse("rs")));
    }
}
