//! Several states of the chain.

use medrec_primitives::{DenyReason, Facts, GrantFacts};

use super::{decide, Decision, Opening, Permit, Request};

/// Whether the asker may do what is requested in all of `states`: the last finalised one first, then every unfinalised
/// leaf.
///
/// A state that does not know the relationship has no facts: the caller must take it as the denial that it is
/// ([`DenyReason::UnknownRelationship`]) and not leave it out.
pub fn decide_across<'a>(
    states: impl IntoIterator<Item = &'a Facts>,
    request: &Request<'_>,
    open: &dyn Fn(&GrantFacts) -> Opening,
) -> Decision {
    let mut met: Option<Permit> = None;
    let mut needs_opening = false;
    for facts in states {
        match (decide(facts, request, open), &mut met) {
            (Decision::Deny(reason), _) => return Decision::Deny(reason),
            (Decision::NeedsOpening, _) => needs_opening = true,
            (Decision::Permit(permit), Some(met)) => met.meet(permit),
            (Decision::Permit(permit), None) => met = Some(permit),
        }
    }
    match met {
        _ if needs_opening => Decision::NeedsOpening,
        Some(permit) => Decision::Permit(permit),
        None => Decision::Deny(DenyReason::UnknownRelationship),
    }
}
