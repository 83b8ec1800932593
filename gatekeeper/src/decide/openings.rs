//! Opening sealed terms with the provider's keys, once per rule.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use codec::Encode;
use medrec_client::{
    question::{open_question, Question, QuestionContext},
    sealing::{open_terms, TermsContext},
    SealingSecret,
};
use medrec_policy::Opening;
use medrec_primitives::{AccessRequest, GrantFacts, GrantTerms, RelationshipId};
use sha2::{Digest, Sha256};

use crate::chain::Hash;

/// Rules remembered at most. Dropping what was opened costs time, nothing else.
pub const REMEMBERED: usize = 100_000;

/// The provider's secrets, by the number under which the chain knows their public keys, and what they opened.
pub struct Openings {
    genesis: Hash,
    secrets: Vec<SealingSecret>,
    /// By a digest of relationship and whole rule: a rule that differs in any way is another.
    opened: Mutex<HashMap<[u8; 32], Opening>>,
}

impl Openings {
    /// Opens with these secrets; the first is key 0.
    pub fn new(genesis: Hash, secrets: Vec<SealingSecret>) -> Self {
        Self { genesis, secrets, opened: Mutex::default() }
    }

    /// What a request on chain asks, if it opens in its place.
    pub fn question(&self, request: &AccessRequest) -> Option<Question> {
        let secret = self.secrets.get(usize::from(request.question.key))?;
        let context = QuestionContext::of_request(self.genesis, request);
        open_question(&request.question, secret, &context).ok()
    }

    /// What a rule of a relationship covers.
    pub fn open(&self, relationship: RelationshipId, rule: &GrantFacts) -> Opening {
        let GrantTerms::Sealed(sealed) = &rule.grant.terms else { return Opening::Failed };
        let key: [u8; 32] = Sha256::digest((relationship, rule).encode()).into();
        let known = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(opening) = known {
            return opening;
        }
        let context = TermsContext::of_grant(self.genesis, relationship, &rule.grant);
        let secret = self.secrets.get(usize::from(sealed.key));
        let opening = match secret.map(|secret| open_terms(sealed, secret, &context)) {
            Some(Ok(terms)) => Opening::Opened(terms),
            Some(Err(_)) | None => Opening::Failed,
        };
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.len() >= REMEMBERED {
            opened.clear();
        }
        opened.insert(key, opening.clone());
        opening
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use medrec_client::sealing::seal_terms;
    use medrec_primitives::{Effect, Grant, Viewer};

    use super::*;

    const RELATIONSHIP: RelationshipId = RelationshipId::new(0, 3);

    fn sealed(secret: &SealingSecret, key: u8) -> GrantFacts {
        let mut grant = Grant {
            viewer: Viewer::Key([9; 32].into()),
            effect: Effect::Allow,
            terms: GrantTerms::Everything,
            not_before: None,
            not_after: Some(1000),
            may_share: false,
            parent: None,
        };
        let context = TermsContext::of_grant(Hash::zero(), RELATIONSHIP, &grant);
        let terms = "patient/Observation.rs;purpose=TREAT".parse().unwrap();
        grant.terms = GrantTerms::Sealed(seal_terms(&terms, &secret.public(), key, &context).unwrap());
        GrantFacts { id: 0, grant, sharer: None }
    }

    #[test]
    fn rule_should_open_when_sealed_to_the_key_it_names() {
        let (old, new) = (SealingSecret::generate(), SealingSecret::generate());
        let openings = Openings::new(Hash::zero(), vec![old.clone(), new.clone()]);
        for rule in [sealed(&old, 0), sealed(&new, 1)] {
            assert!(matches!(openings.open(RELATIONSHIP, &rule), Opening::Opened(_)));
            assert!(matches!(openings.open(RELATIONSHIP, &rule), Opening::Opened(_)));
        }
    }

    #[test]
    fn rule_should_fail_when_the_key_is_not_held() {
        let secret = SealingSecret::generate();
        let openings = Openings::new(Hash::zero(), vec![secret.clone()]);
        assert_eq!(openings.open(RELATIONSHIP, &sealed(&secret, 1)), Opening::Failed);
        assert_eq!(openings.open(RELATIONSHIP, &sealed(&SealingSecret::generate(), 0)), Opening::Failed);
    }

    #[test]
    fn rule_should_fail_when_taken_to_another_place() {
        let secret = SealingSecret::generate();
        let openings = Openings::new(Hash::zero(), vec![secret.clone()]);
        let rule = sealed(&secret, 0);
        assert_eq!(openings.open(RelationshipId::new(0, 4), &rule), Opening::Failed);
        let mut longer = rule.clone();
        longer.grant.not_after = None;
        assert_eq!(openings.open(RELATIONSHIP, &longer), Opening::Failed);
        let elsewhere = Openings::new(Hash::repeat_byte(1), vec![secret]);
        assert_eq!(elsewhere.open(RELATIONSHIP, &rule), Opening::Failed);
    }
}
