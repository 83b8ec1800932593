//! Search in texts: string parameters of R4.

use serde_json::{Map, Value};
use unicode_normalization::{char::is_combining_mark, UnicodeNormalization};

/// Parts of a name or an address that are searched.
const PARTS: [&str; 11] = [
    "text",
    "family",
    "given",
    "prefix",
    "suffix",
    "line",
    "city",
    "district",
    "state",
    "postalCode",
    "country",
];

/// How a text is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// Begins so, whatever the case and accents.
    Begins,
    /// Has it somewhere, whatever the case and accents.
    Contains,
    /// Is the very same.
    Exact,
}

impl Match {
    /// What a modifier asks for; none: [`Match::Begins`].
    pub fn of(modifier: Option<&str>) -> Option<Self> {
        match modifier {
            None => Some(Self::Begins),
            Some("contains") => Some(Self::Contains),
            Some("exact") => Some(Self::Exact),
            Some(_) => None,
        }
    }
}

/// A text to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextTest {
    how: Match,
    text: String,
}

impl TextTest {
    /// Looks for a text, with the escapes of searches in it. `None` if they make no sense.
    pub fn new(how: Match, escaped: &str) -> Option<Self> {
        let mut text = String::new();
        let mut letters = escaped.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => text.push(letters.next().filter(|letter| matches!(letter, '|' | '\\' | '$' | ','))?),
                letter => text.push(letter),
            }
        }
        let text = if how == Match::Exact { text } else { folded(&text) };
        (!text.is_empty()).then_some(Self { how, text })
    }

    /// Whether a text, a name or an address matches.
    pub fn matches(&self, value: &Value) -> bool {
        match value {
            Value::String(found) => match self.how {
                Match::Exact => *found == self.text,
                Match::Begins => folded(found).starts_with(&self.text),
                Match::Contains => folded(found).contains(&self.text),
            },
            Value::Array(items) => items.iter().any(|item| self.matches(item)),
            Value::Object(object) => self.matches_parts(object),
            _ => false,
        }
    }

    fn matches_parts(&self, object: &Map<String, Value>) -> bool {
        PARTS.iter().filter_map(|part| object.get(*part)).any(|value| match value {
            Value::Object(_) => false,
            value => self.matches(value),
        })
    }
}

/// Without case, accents, and more than one blank at a place.
fn folded(text: &str) -> String {
    let plain: String =
        text.nfd().filter(|letter| !is_combining_mark(*letter)).collect::<String>().to_lowercase();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn found(how: Match, text: &str, value: &Value) -> bool {
        TextTest::new(how, text).unwrap().matches(value)
    }

    #[test]
    fn text_should_match_by_its_beginning_whatever_case_and_accents() {
        let names = json!([{ "use": "official", "family": "Ångström", "given": ["Éva  Maria", "X"] }]);
        for text in ["angs", "ÅNG", "eva m", "x"] {
            assert!(found(Match::Begins, text, &names), "{text}");
        }
        for text in ["strom", "official", "maria"] {
            assert!(!found(Match::Begins, text, &names), "{text}");
        }
        assert!(found(Match::Contains, "STROM", &names) && found(Match::Contains, "maria", &names));
        assert!(found(Match::Exact, "Ångström", &names) && !found(Match::Exact, "Angstrom", &names));
        assert!(!found(Match::Exact, "Ång", &names));
        assert!(found(Match::Exact, "a\\,b", &json!("a,b")));
    }

    #[test]
    fn text_should_be_refused_when_empty_or_wrongly_escaped() {
        for text in ["", " ", "\\x", "\\", "\u{301}"] {
            assert_eq!(TextTest::new(Match::Begins, text), None, "{text:?}");
        }
    }
}
