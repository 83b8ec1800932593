//! Scopes as people write them: what has one order in the grammar may come in any.

use std::collections::HashSet;

use medrec_policy::{
    scope::{ElementPath, PathSet, Scope, Token},
    ParseError,
};

/// Reads a scope whose parameters, and the values in them, need not be in the grammar's order.
///
/// Errors are those of the grammar, about the text as it was written.
pub fn written(text: &str) -> Result<Scope, ParseError> {
    text.parse().or_else(|error| reordered(text).ok_or(error))
}

fn reordered(text: &str) -> Option<Scope> {
    let (head, parameters) = text.split_once('?')?;
    let mut scope: Scope = head.parse().ok()?;
    let mut seen = HashSet::new();
    for parameter in parameters.split('&') {
        let (name, values) = parameter.split_once('=')?;
        if !seen.insert(name) {
            return None;
        }
        let values = values.split(',');
        let tokens = || values.clone().map(str::parse::<Token>).collect::<Result<Vec<_>, _>>().ok();
        scope = match name {
            "category" => scope.with_categories(tokens()?),
            "code" => scope.with_codes(tokens()?),
            "_security" => scope.with_security(tokens()?),
            "_elements" => {
                let paths: Result<Vec<ElementPath>, _> = values.map(str::parse).collect();
                scope.with_elements(PathSet::new(paths.ok()?)?)
            }
            _ => return None,
        };
    }
    // A scope that the grammar could not read again is none.
    scope.to_string().parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn scope_should_be_read_when_its_parts_come_in_another_order() {
        for (text, canonical) in [
            ("patient/Observation.rs?code=b,a", "patient/Observation.rs?code=a,b"),
            (
                "patient/Observation.rs?_elements=valueQuantity,code&category=vital-signs,laboratory",
                "patient/Observation.rs?category=laboratory,vital-signs&_elements=code,valueQuantity",
            ),
            ("patient/*.rs", "patient/*.rs"),
        ] {
            assert_eq!(written(text).unwrap().to_string(), canonical);
        }
    }

    #[test]
    fn scope_should_be_refused_in_the_grammar_s_words_when_it_is_none() {
        for text in [
            "patient/Observation.sr",
            "patient/Observation.rs?code=b,a&code=c",
            "patient/Observation.rs?date=ge2020",
            "patient/Observation.rs?code=b,,a",
            "patient/Observation.rs?_elements=b,",
        ] {
            assert_eq!(written(text).unwrap_err(), text.parse::<Scope>().unwrap_err(), "{text}");
        }
    }
}
