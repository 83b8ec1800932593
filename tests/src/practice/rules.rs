//! Grants and denials, sealed or not.

use anyhow::{Context, Result};
use medrec_client::{
    chain::{
        calls::{permissions, Call},
        events,
    },
    sealing::{self, TermsContext},
};
use medrec_primitives::{Effect, GrantId, GrantTerms, Moment, SealedTerms, Viewer};

use super::{Patient, World};

/// A rule that a patient makes.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Whom it is about.
    pub viewer: Viewer,
    /// Whether it allows.
    pub effect: Effect,
    /// The terms in words; `None` is everything.
    pub terms: Option<String>,
    /// From when.
    pub not_before: Option<Moment>,
    /// Until when.
    pub not_after: Option<Moment>,
}

impl Rule {
    /// Allows everything, without bounds in time.
    pub fn everything(viewer: impl Into<Subject>) -> Self {
        let Subject(viewer) = viewer.into();
        Self { viewer, effect: Effect::Allow, terms: None, not_before: None, not_after: None }
    }

    /// Allows what these terms say.
    pub fn allow(viewer: impl Into<Subject>, terms: &str) -> Self {
        Self { terms: Some(terms.to_owned()), ..Self::everything(viewer) }
    }

    /// Denies what these terms say.
    pub fn deny(viewer: impl Into<Subject>, terms: &str) -> Self {
        Self { effect: Effect::Deny, ..Self::allow(viewer, terms) }
    }

    /// Denies everything.
    pub fn deny_everything(viewer: impl Into<Subject>) -> Self {
        Self { effect: Effect::Deny, ..Self::everything(viewer) }
    }

    /// From this time (ms) on.
    pub fn not_before(mut self, moment: Moment) -> Self {
        self.not_before = Some(moment);
        self
    }

    /// Until this time (ms).
    pub fn not_after(mut self, moment: Moment) -> Self {
        self.not_after = Some(moment);
        self
    }

    /// What its sealed terms are bound to where this patient makes it.
    pub fn context<N>(&self, world: &World<N>, patient: &Patient) -> TermsContext {
        TermsContext {
            genesis: world.chain.genesis(),
            relationship: patient.relationship,
            viewer: self.viewer.clone(),
            effect: self.effect,
            not_before: self.not_before,
            not_after: self.not_after,
            may_share: false,
        }
    }

    /// Its terms, sealed to the practice of the patient.
    pub fn seal<N>(&self, world: &World<N>, patient: &Patient) -> Result<SealedTerms> {
        self.seal_in(world, patient, &self.context(world, patient))
    }

    /// Its terms, sealed to the practice of the patient, bound to whatever `context` says.
    pub fn seal_in<N>(
        &self,
        world: &World<N>,
        patient: &Patient,
        context: &TermsContext,
    ) -> Result<SealedTerms> {
        let practice = world.practices.iter().find(|practice| practice.member == patient.relationship.member);
        let public = practice.context("the patient's practice")?.gatekeeper.public.sealing;
        let words = self.terms.as_deref().context("terms to seal")?;
        let terms = words.parse().map_err(|error| anyhow::anyhow!("{words}: {error}"))?;
        Ok(sealing::seal_terms(&terms, &public, 0, context)?)
    }

    /// The call that makes it with these terms.
    pub fn call(&self, patient: &Patient, terms: &GrantTerms) -> Call {
        let Self { viewer, not_before, not_after, .. } = self;
        match self.effect {
            Effect::Allow => {
                permissions::grant(patient.relationship, viewer, terms, *not_before, *not_after, false)
            }
            Effect::Deny => permissions::deny(patient.relationship, viewer, terms, *not_before, *not_after),
        }
    }
}

/// Whom a rule is about.
pub struct Subject(Viewer);

impl From<Viewer> for Subject {
    fn from(viewer: Viewer) -> Self {
        Self(viewer)
    }
}

impl From<&medrec_client::KeyPair> for Subject {
    fn from(key: &medrec_client::KeyPair) -> Self {
        Self(Viewer::Key(key.account()))
    }
}

impl<N> World<N> {
    /// Has a patient make a rule, and waits until it is final.
    pub async fn rule(&self, patient: &Patient, rule: &Rule) -> Result<GrantId> {
        let terms = match rule.terms {
            None => GrantTerms::Everything,
            Some(_) => GrantTerms::Sealed(rule.seal(self, patient)?),
        };
        self.rule_with(patient, rule, &terms).await
    }

    /// Has a patient make a rule with these terms, whatever the rule's own say.
    pub async fn rule_with(&self, patient: &Patient, rule: &Rule, terms: &GrantTerms) -> Result<GrantId> {
        let done = self.submit(&rule.call(patient, terms), &patient.key).await?;
        Ok(match rule.effect {
            Effect::Allow => done.expect::<events::Granted>()?.grant,
            Effect::Deny => done.expect::<events::Denied>()?.grant,
        })
    }

    /// Has a patient take a rule back, and waits until that is final.
    pub async fn revoke(&self, patient: &Patient, grant: GrantId) -> Result<()> {
        self.submit(&permissions::revoke(patient.relationship, grant), &patient.key).await.map(drop)
    }
}
