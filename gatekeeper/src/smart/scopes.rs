//! What an app asks for.

use medrec_policy::scope::{Action, Actions, Scope};

use super::OauthError;
use crate::auth::app::is_data_scope;

/// Asks for a patient to be picked. One always is.
pub const LAUNCH_PATIENT: &str = "launch/patient";

/// Asks for a refresh token.
pub const OFFLINE: &str = "offline_access";

/// Scopes of one request, at most, and letters of all of them.
const MOST: usize = 32;
const LETTERS: usize = 2048;

/// Scopes as asked for, or as consented to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    /// About records.
    pub data: Vec<Scope>,
    /// Whether `launch/patient` is among them.
    pub patient: bool,
    /// Whether `offline_access` is.
    pub offline: bool,
}

impl Scopes {
    /// Reads the parameter `scope`.
    ///
    /// What begins with `patient/` is read by the grammar of rules, and refused if it is not written so: a scope that was meant
    /// to be narrower must not be guessed at. What this server does not serve (`openid`, `user/...`, updates and deletions) is not granted,
    /// as OAuth has it: the answer with the token says what is.
    pub fn parse(text: &str) -> Result<Self, OauthError> {
        if text.len() > LETTERS {
            return Err(OauthError::scope("the scopes are too long"));
        }
        let mut scopes = Self::default();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            match word {
                LAUNCH_PATIENT => scopes.patient = true,
                OFFLINE => scopes.offline = true,
                word if is_data_scope(word) => {
                    let scope: Scope =
                        word.parse().map_err(|error| OauthError::scope(&format!("{error}")))?;
                    scopes.data.extend(served(scope).filter(|scope| !scopes.data.contains(scope)));
                }
                _ => {}
            }
        }
        match scopes.data.len() {
            0 => Err(OauthError::scope("ask for at least one scope such as patient/Observation.rs")),
            1..=MOST => Ok(scopes),
            _ => Err(OauthError::scope("too many scopes")),
        }
    }

    /// Those of them that are named in `kept`; `None` if none about records is.
    pub fn narrowed(&self, kept: &[&str]) -> Option<Self> {
        let data: Vec<Scope> =
            self.data.iter().filter(|scope| kept.contains(&scope.to_string().as_str())).cloned().collect();
        let offline = self.offline && kept.contains(&OFFLINE);
        (!data.is_empty()).then_some(Self { data, patient: self.patient, offline })
    }
}

/// A word as it is granted to whoever asks for it; what is no scope about records, or none that is served, as it is.
pub(super) fn as_granted(word: &str) -> String {
    let scope = is_data_scope(word).then(|| word.parse().ok().and_then(served)).flatten();
    scope.map_or_else(|| word.to_owned(), |scope| scope.to_string())
}

/// A scope without what this server does for nobody; `None` if nothing is left.
fn served(scope: Scope) -> Option<Scope> {
    let serves = |action: &Action| matches!(action, Action::Create | Action::Read | Action::Search);
    let actions = Actions::new(scope.actions().iter().filter(serves))?;
    if actions == scope.actions() {
        return Some(scope);
    }
    let narrowed = Scope::new(scope.resource(), actions)
        .with_categories(scope.categories().iter().cloned())
        .with_codes(scope.codes().iter().cloned())
        .with_security(scope.security().iter().cloned());
    Some(match scope.elements() {
        Some(elements) => narrowed.with_elements(elements.clone()),
        None => narrowed,
    })
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let own = [(self.patient, LAUNCH_PATIENT), (self.offline, OFFLINE)];
        let own = own.into_iter().filter(|(asked, _)| *asked).map(|(_, text)| text.to_owned());
        let words: Vec<String> = self.data.iter().map(ToString::to_string).chain(own).collect();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn scopes_should_be_read_strictly_when_about_records_and_dropped_when_not_served() {
        let scopes =
            Scopes::parse("openid fhirUser launch/patient user/*.rs patient/Observation.rs?category=laboratory offline_access")
                .unwrap();
        assert_eq!(
            scopes.to_string(),
            "patient/Observation.rs?category=laboratory launch/patient offline_access"
        );
        for text in
            ["", "openid", "patient/*.read", "patient/Observation.sr", "patient/Observation", "launch"]
        {
            assert_eq!(Scopes::parse(text).unwrap_err().code, "invalid_scope", "{text}");
        }
        let many: Vec<String> = (0..40).map(|n| format!("patient/Observation.r?code={n}")).collect();
        assert!(Scopes::parse(&many.join(" ")).is_err());
    }

    #[test]
    fn scopes_should_be_without_updates_and_deletions_when_granted() {
        for (asked, granted) in [
            ("patient/*.cruds", "patient/*.crs"),
            ("patient/*.cruds patient/*.crs", "patient/*.crs"),
            ("patient/Condition.ud patient/Condition.r", "patient/Condition.r"),
            (
                "patient/Observation.rus?category=laboratory&code=718-7&_security=R&_elements=code,status",
                "patient/Observation.rs?category=laboratory&code=718-7&_security=R&_elements=code,status",
            ),
        ] {
            assert_eq!(Scopes::parse(asked).unwrap().to_string(), granted, "{asked}");
        }
        assert_eq!(Scopes::parse("patient/*.ud").unwrap_err().code, "invalid_scope");
    }

    #[test]
    fn scopes_should_never_grow_when_narrowed() {
        let asked = Scopes::parse("patient/Observation.rs patient/Condition.r").unwrap();
        let kept = asked.narrowed(&["patient/Condition.r", "patient/*.cruds", OFFLINE]).unwrap();
        assert_eq!(kept.to_string(), "patient/Condition.r");
        assert_eq!(asked.narrowed(&["patient/*.rs"]), None);
    }
}
