//! How answers are named on the command line.

use core::{fmt, str::FromStr};

use medrec_primitives::research::AnswerKey;

/// Provider, table and epoch: `0/3/1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnswerName(pub AnswerKey);

impl FromStr for AnswerName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (provider, rest) = text.split_once('/')?;
            let (table, epoch) = rest.split_once('/')?;
            Some(AnswerKey {
                provider: crate::text::number(provider)?,
                table: crate::text::number(table)?,
                epoch: crate::text::number(epoch)?,
            })
        };
        read().map(Self).ok_or("write provider/table/epoch, such as 0/3/1")
    }
}

impl fmt::Display for AnswerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AnswerKey { provider, table, epoch } = self.0;
        write!(f, "{provider}/{table}/{epoch}")
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn answer_should_return_unchanged_when_printed_and_parsed() {
        for text in ["0/3/1", "12/0/65535"] {
            assert_eq!(text.parse::<AnswerName>().unwrap().to_string(), text);
        }
        for text in ["", "0", "0/1", "0/1/2/3", "0/1/65536", "+0/1/2", "a/b/c", "0/1/ 2"] {
            assert!(text.parse::<AnswerName>().is_err(), "{text}");
        }
    }
}
