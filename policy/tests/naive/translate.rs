//! From plain data to what `medrec_policy` takes. Terms go through their text and the crate's parser.

use medrec_policy::{Clock, Coding, Date, Facts, GrantFacts, Opening, Purpose, Request, Row, Scope, Terms};
use medrec_primitives::{
    AccountId, Custodian, CustodianRights, Effect, EmergencyFacts, Grant, GrantTerms, RelationshipFlags,
    RelationshipId, SealedTerms, StaffFacts, StaffId, Viewer, TERMS_PLAINTEXT_BYTES,
};

use super::model;

/// States as facts, with what opens their sealed terms.
pub struct Translated {
    pub facts: Vec<Facts>,
    openings: Vec<Opened>,
}

enum Opened {
    Unopened,
    Failed,
    Terms(Terms),
}

impl Translated {
    /// Fails if the crate does not take a text as canonical.
    pub fn new(states: &[model::State]) -> Result<Self, String> {
        let mut openings = Vec::new();
        let facts = states.iter().map(|state| facts(state, &mut openings)).collect::<Result<_, _>>()?;
        Ok(Self { facts, openings })
    }

    /// Opens by the number that [`sealed`] wrote into the commitment. What is not sealed must not be
    /// opened: that fails, which shows.
    pub fn open(&self, grant: &GrantFacts) -> Opening {
        let GrantTerms::Sealed(sealed) = &grant.grant.terms else {
            return Opening::Failed;
        };
        match self.openings.get(usize::from(sealed.commitment[0])) {
            Some(Opened::Unopened) => Opening::Unopened,
            Some(Opened::Terms(terms)) => Opening::Opened(terms.clone()),
            Some(Opened::Failed) | None => Opening::Failed,
        }
    }
}

fn facts(state: &model::State, openings: &mut Vec<Opened>) -> Result<Facts, String> {
    let mut flags = 0;
    if state.opt_out {
        flags |= RelationshipFlags::EMERGENCY_OPT_OUT.0;
    }
    if state.over_denials {
        flags |= RelationshipFlags::EMERGENCY_OVER_DENIALS.0;
    }
    Ok(Facts {
        now: state.now,
        relationship: RelationshipId::new(0, 0),
        provider: state.provider,
        status: state.relationship,
        patient: account(state.patient),
        custodians: state.custodians.iter().map(custodian).collect(),
        flags: RelationshipFlags(flags),
        viewer: account(state.viewer),
        staff: state.staff.as_ref().map(staff),
        grants: state.rules.iter().map(|rule| grant(rule, openings)).collect::<Result<_, _>>()?,
        emergency: state.glass.map(|(from, until)| EmergencyFacts { from, until }),
    })
}

fn account(key: model::Key) -> AccountId {
    AccountId::new([key; 32])
}

fn custodian(custodian: &model::Custodian) -> Custodian {
    let read = if custodian.read { CustodianRights::READ.0 } else { 0 };
    Custodian {
        key: account(custodian.key),
        rights: CustodianRights(read | custodian.other_rights),
        not_before: custodian.not_before,
        not_after: custodian.not_after,
    }
}

fn staff(staff: &model::Staff) -> StaffFacts {
    StaffFacts {
        id: StaffId::new(staff.id.0, staff.id.1),
        role: staff.role,
        from: staff.from,
        until: staff.until,
        member_status: staff.member_status,
        groups: staff.groups.clone(),
    }
}

fn grant(rule: &model::Rule, openings: &mut Vec<Opened>) -> Result<GrantFacts, String> {
    let terms = match &rule.terms {
        model::Sealed::Everything => GrantTerms::Everything,
        model::Sealed::Unopened => sealed(Opened::Unopened, openings)?,
        model::Sealed::Failed => sealed(Opened::Failed, openings)?,
        model::Sealed::Opened(opened) => sealed(Opened::Terms(terms(opened)?), openings)?,
    };
    let grant = Grant {
        viewer: match rule.viewer {
            model::Viewer::Key(key) => Viewer::Key(account(key)),
            model::Viewer::Member(member) => Viewer::Member(member),
            model::Viewer::Group(group) => Viewer::Group(group),
        },
        effect: if rule.allow { Effect::Allow } else { Effect::Deny },
        terms,
        not_before: rule.not_before,
        not_after: rule.not_after,
        may_share: rule.may_share,
        parent: rule.parent,
    };
    Ok(GrantFacts {
        id: rule.id,
        grant,
        sharer: rule.sharer.map(|(member, index)| StaffId::new(member, index)),
    })
}

fn sealed(opened: Opened, openings: &mut Vec<Opened>) -> Result<GrantTerms, String> {
    let number = u8::try_from(openings.len()).map_err(|_| "too many sealed rules in one case")?;
    openings.push(opened);
    Ok(GrantTerms::Sealed(SealedTerms {
        key: 0,
        enc: [0; 32],
        ciphertext: [0; TERMS_PLAINTEXT_BYTES + 16],
        commitment: [number; 32],
    }))
}

/// The crate's terms of the same meaning.
pub fn terms(terms: &model::Terms) -> Result<Terms, String> {
    parsed(&terms.to_string())
}

/// The crate's scope of the same meaning.
pub fn scope(scope: &model::Scope) -> Result<Scope, String> {
    parsed(&scope.to_string())
}

fn parsed<T>(text: &str) -> Result<T, String>
where
    T: core::str::FromStr + core::fmt::Display,
    T::Err: core::fmt::Debug,
{
    let value: T = text.parse().map_err(|error| format!("refused: {text}: {error:?}"))?;
    let printed = value.to_string();
    if printed == text {
        Ok(value)
    } else {
        Err(format!("printed otherwise: {text}: {printed}"))
    }
}

/// The request as the crate takes it.
pub fn request(ask: &model::Ask) -> Result<Request<'static>, String> {
    Ok(Request {
        purpose: parsed::<Purpose>(ask.purpose)?,
        action: action(ask.action),
        resource_type: ask.resource_type,
        clock: if ask.reversed {
            Clock { earliest: ask.latest, latest: ask.earliest }
        } else {
            Clock { earliest: ask.earliest, latest: ask.latest }
        },
    })
}

fn action(action: model::Action) -> medrec_policy::Action {
    match action {
        model::Action::Create => medrec_policy::Action::Create,
        model::Action::Read => medrec_policy::Action::Read,
        model::Action::Update => medrec_policy::Action::Update,
        model::Action::Delete => medrec_policy::Action::Delete,
        model::Action::Search => medrec_policy::Action::Search,
    }
}

/// Calls `look` with the row as the crate takes it.
pub fn with_row<T>(row: &model::Row, look: impl FnOnce(&Row<'_>) -> T) -> T {
    let codings = |codings: &[model::Coding]| -> Vec<Coding<'static>> {
        codings.iter().map(|coding| Coding { system: coding.system, code: coding.code }).collect()
    };
    let (categories, codes, labels) = (codings(&row.categories), codings(&row.codes), codings(&row.labels));
    look(&Row {
        resource_type: row.resource_type,
        categories: &categories,
        codes: &codes,
        labels: &labels,
        date: row.day.and_then(Date::from_days),
    })
}
