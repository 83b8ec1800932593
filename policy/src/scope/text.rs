//! Scopes as text.

use core::{fmt, str::FromStr};

use super::{PathSet, Scope, Token, Tokens, TypeSelector};
use crate::{
    error::{quote, ParseError},
    list,
};

const CATEGORY: &str = "category";
const CODE: &str = "code";
const SECURITY: &str = "_security";
const ELEMENTS: &str = "_elements";

/// The parameters, in the only order they may come in.
const ORDER: [&str; 4] = [CATEGORY, CODE, SECURITY, ELEMENTS];

impl fmt::Display for TypeSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Of(resource) => resource.fmt(f),
        }
    }
}

impl FromStr for TypeSelector {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "*" {
            Ok(Self::Any)
        } else {
            text.parse().map(Self::Of)
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "patient/{}.{}", self.resource, self.actions)?;
        let mut separator = '?';
        for (name, tokens) in [(CATEGORY, &self.categories), (CODE, &self.codes), (SECURITY, &self.security)]
        {
            if !tokens.is_empty() {
                write!(f, "{separator}{name}=")?;
                list::write_commas(f, tokens)?;
                separator = '&';
            }
        }
        match &self.elements {
            Some(elements) => write!(f, "{separator}{ELEMENTS}={elements}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Scope {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix("patient/").ok_or_else(|| ParseError::Prefix(quote(text)))?;
        let (head, parameters) = match rest.split_once('?') {
            Some((head, parameters)) => (head, Some(parameters)),
            None => (rest, None),
        };
        let (resource, actions) = head.split_once('.').ok_or_else(|| ParseError::NoActions(quote(head)))?;
        let mut scope = Self::new(resource.parse()?, actions.parse()?);
        let mut later = ORDER.iter();
        for parameter in parameters.into_iter().flat_map(|parameters| parameters.split('&')) {
            let unknown = || ParseError::UnknownParameter(quote(parameter));
            let (name, value) = parameter.split_once('=').ok_or_else(unknown)?;
            if !ORDER.contains(&name) {
                return Err(unknown());
            }
            if !later.any(|later| *later == name) {
                return Err(ParseError::ParameterOrder(quote(parameter)));
            }
            match name {
                CATEGORY => scope.categories = tokens(value)?,
                CODE => scope.codes = tokens(value)?,
                SECURITY => scope.security = tokens(value)?,
                _ => scope.elements = Some(value.parse::<PathSet>()?),
            }
        }
        Ok(scope)
    }
}

fn tokens(text: &str) -> Result<Tokens, ParseError> {
    list::read_commas(text, str::parse::<Token>).map(Tokens::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::scope;
    use alloc::string::{String, ToString};
    use proptest::prelude::*;

    #[test]
    fn scope_should_return_unchanged_when_canonical() {
        for text in [
            "patient/*.cruds",
            "patient/Observation.rs?category=laboratory&_elements=code,valueQuantity",
            "patient/Observation.r?category=a,http://x|b,|c&code=http://loinc.org|4548-4&_security=ETH,R&_elements=code.coding",
            "patient/Patient.s?_elements=birthDate",
        ] {
            assert_eq!(text.parse::<Scope>().map(|scope| scope.to_string()), Ok(String::from(text)));
        }
    }

    #[test]
    fn scope_should_say_what_is_wrong_when_not_canonical() {
        use ParseError::*;
        for (text, error) in [
            ("", Prefix("".into())),
            ("user/Observation.rs", Prefix("user/Observation.rs".into())),
            ("Patient/Observation.rs", Prefix("Patient/Observation.rs".into())),
            ("patient/Observation", NoActions("Observation".into())),
            ("patient/Observation?code=a", NoActions("Observation".into())),
            ("patient/.rs", ResourceType("".into())),
            ("patient/observation.rs", ResourceType("observation".into())),
            ("patient/Observation.", Actions("".into())),
            ("patient/Observation.sr", Actions("sr".into())),
            ("patient/Observation.rs.r", Actions("rs.r".into())),
            ("patient/Observation.read", Actions("read".into())),
            ("patient/Observation.rs?", UnknownParameter("".into())),
            ("patient/Observation.rs?code", UnknownParameter("code".into())),
            ("patient/Observation.rs?code=a&", UnknownParameter("".into())),
            ("patient/Observation.rs?date=ge2020", UnknownParameter("date=ge2020".into())),
            ("patient/Observation.rs?code:not=a", UnknownParameter("code:not=a".into())),
            ("patient/Observation.rs?code=a&code=b", ParameterOrder("code=b".into())),
            ("patient/Observation.rs?code=a&category=b", ParameterOrder("category=b".into())),
            ("patient/Observation.rs?_elements=a&_security=b", ParameterOrder("_security=b".into())),
            ("patient/Observation.rs?code=", Token("".into())),
            ("patient/Observation.rs?code=a,", Token("".into())),
            ("patient/Observation.rs?code=a=b", Token("a=b".into())),
            ("patient/Observation.rs?code=a?b", Token("a?b".into())),
            ("patient/Observation.rs?code=a,a", Duplicate("a".into())),
            ("patient/Observation.rs?code=b,a", Unsorted { left: "b".into(), right: "a".into() }),
            ("patient/Observation.rs?_elements=", Path("".into())),
            (
                "patient/Observation.rs?_elements=a,a.b",
                PathBeneath { inner: "a.b".into(), outer: "a".into() },
            ),
            ("patient/Observation.rs ", Actions("rs ".into())),
        ] {
            assert_eq!(text.parse::<Scope>(), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn scope_should_return_unchanged_when_printed_and_parsed(scope in scope()) {
            prop_assert_eq!(scope.to_string().parse(), Ok(scope));
        }

        #[test]
        fn scope_should_be_the_only_spelling_when_parsing_anything(text in ".*") {
            if let Ok(scope) = text.parse::<Scope>() {
                prop_assert_eq!(scope.to_string(), text);
            }
        }

        #[test]
        fn scope_should_be_the_only_spelling_when_parsing_what_looks_like_one(
            text in "patient/(\\*|Patient|Observation|X)\\.[cruds]{0,3}(\\?((category|code|_security|_elements)=[ab|,.]{0,4}&?){0,4})?"
        ) {
            if let Ok(scope) = text.parse::<Scope>() {
                prop_assert_eq!(scope.to_string(), text);
            }
        }
    }
}
