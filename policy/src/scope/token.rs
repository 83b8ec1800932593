//! Codes that a scope names.

use alloc::boxed::Box;
use core::{cmp::Ordering, fmt, str::FromStr};

use crate::{
    error::{quote, ParseError},
    row::Coding,
};

/// A code, with or without its system, as FHIR search writes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    system: System,
    code: Box<str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum System {
    /// `code`
    Any,
    /// `|code`
    Absent,
    /// `system|code`
    Uri(Box<str>),
}

impl Token {
    /// Whether `coding` is what this token names.
    pub fn matches(&self, coding: &Coding<'_>) -> bool {
        let system = match (&self.system, coding.system) {
            (System::Any, _) | (System::Absent, None) => true,
            (System::Uri(own), Some(other)) => **own == *other,
            (System::Absent, Some(_)) | (System::Uri(_), None) => false,
        };
        system && *self.code == *coding.code
    }

    /// Whether `coding` may be what this token names: a code of no system may be of any. What denies goes by this.
    pub fn may_match(&self, coding: &Coding<'_>) -> bool {
        self.matches(coding) || (coding.system.is_none() && *self.code == *coding.code)
    }

    /// Whether `other` matches all that this matches.
    pub fn within(&self, other: &Self) -> bool {
        self.code == other.code && (other.system == System::Any || self.system == other.system)
    }

    /// The text, part by part.
    fn parts(&self) -> [&str; 3] {
        match &self.system {
            System::Any => ["", "", &self.code],
            System::Absent => ["", "|", &self.code],
            System::Uri(system) => [system, "|", &self.code],
        }
    }
}

/// By the bytes of the text.
impl Ord for Token {
    fn cmp(&self, other: &Self) -> Ordering {
        let (one, two) = (self.parts(), other.parts());
        one.iter().flat_map(|part| part.bytes()).cmp(two.iter().flat_map(|part| part.bytes()))
    }
}

impl PartialOrd for Token {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts().iter().try_for_each(|part| f.write_str(part))
    }
}

impl FromStr for Token {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (system, code) = match text.split_once('|') {
            None => (System::Any, text),
            Some(("", code)) => (System::Absent, code),
            Some((system, code)) if system.bytes().all(is_plain) => (System::Uri(system.into()), code),
            Some(_) => return Err(ParseError::Token(quote(text))),
        };
        if code.is_empty() || !code.bytes().all(is_plain) {
            return Err(ParseError::Token(quote(text)));
        }
        Ok(Self { system, code: code.into() })
    }
}

/// Whether `byte` may stand in a system or a code: nothing that separates, nothing that needs escaping.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'/' | b'_' | b'~' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{coding, token};
    use alloc::string::ToString;
    use proptest::prelude::*;

    fn matches(token: &str, system: Option<&str>, code: &str) -> bool {
        token.parse::<Token>().unwrap().matches(&Coding { system, code })
    }

    #[test]
    fn token_should_match_any_system_when_it_names_none() {
        assert!(matches("a", None, "a") && matches("a", Some("http://x"), "a"));
        assert!(!matches("a", None, "A") && !matches("a", None, "ab"));
    }

    #[test]
    fn token_should_match_its_own_system_only_when_it_names_one() {
        assert!(matches("http://x|a", Some("http://x"), "a"));
        assert!(!matches("http://x|a", None, "a") && !matches("http://x|a", Some("http://y"), "a"));
    }

    #[test]
    fn token_should_match_codes_without_system_only_when_it_starts_with_a_bar() {
        assert!(matches("|a", None, "a"));
        assert!(!matches("|a", Some("http://x"), "a") && !matches("|a", Some(""), "a"));
    }

    #[test]
    fn token_should_perhaps_match_a_code_without_system_when_it_names_one() {
        let may_match =
            |token: &str, system, code| token.parse::<Token>().unwrap().may_match(&Coding { system, code });
        assert!(may_match("http://x|a", None, "a") && may_match("http://x|a", Some("http://x"), "a"));
        assert!(!may_match("http://x|a", None, "b") && !may_match("http://x|a", Some("http://y"), "a"));
        assert!(!may_match("|a", Some("http://x"), "a"));
    }

    #[test]
    fn token_should_be_refused_when_malformed() {
        for text in [
            "", "|", "a|", "a|b|c", "a b", "a,b", "a&b", "a;b", "a=b", "a?b", "a%20", "é", "a\\|b", "a#",
            "a\n",
        ] {
            assert_eq!(text.parse::<Token>(), Err(ParseError::Token(text.into())), "{text}");
        }
    }

    proptest! {
        #[test]
        fn token_should_return_unchanged_when_printed_and_parsed(token in token()) {
            prop_assert_eq!(token.to_string().parse(), Ok(token));
        }

        #[test]
        fn tokens_should_be_ordered_as_their_texts(a in token(), b in token()) {
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }

        #[test]
        fn token_should_match_only_what_the_wider_matches_when_within(a in token(), b in token(), coding in coding()) {
            prop_assert!(!(a.within(&b) && a.matches(&coding.borrow())) || b.matches(&coding.borrow()));
        }

        #[test]
        fn token_should_never_panic_when_parsing(text in ".*") {
            if let Ok(token) = text.parse::<Token>() {
                prop_assert_eq!(token.to_string(), text);
            }
        }
    }
}
