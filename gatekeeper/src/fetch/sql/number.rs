//! Record numbers: what a provider calls a patient.

use std::borrow::Cow;

use super::Bind;
use crate::{
    fetch::{Cell, Row},
    mapping::model::{Check, NumberType},
};

/// A bound record number, checked against the type of its column.
#[derive(Clone, Debug)]
pub(crate) struct RecordNumber {
    pub(super) kind: NumberType,
    text: String,
    integer: i64,
}

impl RecordNumber {
    /// `None` if no row could have it.
    pub(crate) fn new(kind: NumberType, text: &str) -> Option<Self> {
        let sound = !text.trim().is_empty() && !text.contains('\0');
        let integer: i64 = match kind {
            NumberType::Integer => text.parse().ok().filter(|number: &i64| number.to_string() == text)?,
            _ => 0,
        };
        let fits = match kind {
            NumberType::Uuid => {
                let bytes = text.as_bytes();
                bytes.len() == 36
                    && bytes.iter().enumerate().all(|(place, byte)| match place {
                        8 | 13 | 18 | 23 => *byte == b'-',
                        _ => byte.is_ascii_hexdigit(),
                    })
            }
            _ => true,
        };
        (sound && fits).then(|| Self { kind, text: text.to_owned(), integer })
    }

    /// Whether a fetched value is this number. `None` is NULL.
    pub(crate) fn equals(&self, value: Option<&str>) -> bool {
        let Some(value) = value else { return false };
        match self.kind {
            NumberType::Text => value == self.text,
            NumberType::Char => value.trim_end_matches(' ') == self.text.trim_end_matches(' '),
            NumberType::Integer => value.parse() == Ok(self.integer),
            NumberType::Uuid => value.eq_ignore_ascii_case(&self.text),
        }
    }

    /// The one form of all spellings that stand for the same rows.
    pub(crate) fn form(&self) -> String {
        match self.kind {
            NumberType::Text => self.text.clone(),
            NumberType::Char => self.text.trim_end_matches(' ').to_owned(),
            NumberType::Integer => self.integer.to_string(),
            NumberType::Uuid => self.text.to_ascii_lowercase(),
        }
    }

    /// The form of a fetched value, as [`Self::form`] gives it if it is a record number at all.
    pub(crate) fn form_of(kind: NumberType, text: &str) -> Cow<'_, str> {
        match kind {
            NumberType::Text | NumberType::Integer => text.into(),
            NumberType::Char => text.trim_end_matches(' ').into(),
            NumberType::Uuid if text.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                text.to_ascii_lowercase().into()
            }
            NumberType::Uuid => text.into(),
        }
    }

    pub(super) fn bind(&self) -> Bind {
        match self.kind {
            NumberType::Integer => Bind::Integer(self.integer),
            _ => Bind::Text(self.text.clone()),
        }
    }
}

/// Whether a joined row, if there is one, is the patient's.
pub(crate) fn passes(check: &Check, row: &Row, number: &RecordNumber) -> bool {
    let no_partner = check.partner.is_some_and(|partner| row.get(partner).is_none_or(Cell::is_null));
    no_partner || row.get(check.patient).is_some_and(|cell| number.equals(cell.text()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn record_number_should_compare_letter_by_letter_when_text() {
        let number = RecordNumber::new(NumberType::Text, "a1").unwrap();
        assert!(number.equals(Some("a1")));
        for other in [None, Some("A1"), Some("a1 "), Some("á1"), Some(""), Some("a10")] {
            assert!(!number.equals(other), "{other:?}");
        }
    }

    #[test]
    fn record_number_should_be_refused_when_it_does_not_fit_its_type() {
        for text in ["", " ", "a\0b"] {
            assert!(RecordNumber::new(NumberType::Text, text).is_none());
        }
        for text in ["12abc", "012", "+12", " 12", "1e3", "99999999999999999999", "12 OR 1=1"] {
            assert!(RecordNumber::new(NumberType::Integer, text).is_none(), "{text}");
        }
        assert!(RecordNumber::new(NumberType::Integer, "12").unwrap().equals(Some("12")));
        assert!(!RecordNumber::new(NumberType::Integer, "12").unwrap().equals(Some("12abc")));
        assert!(RecordNumber::new(NumberType::Uuid, "6ba7b810-9dad-11d1-80b4-00c04fd430c8").is_some());
        assert!(RecordNumber::new(NumberType::Uuid, "6ba7b810-9dad-11d1-80b4-00c04fd430c'").is_none());
    }
}
