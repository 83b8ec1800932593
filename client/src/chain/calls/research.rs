//! Collators, studies, plans, release choices, claims, answers.

use codec::Encode;
use medrec_primitives::{
    research::{AnswerKey, ClaimId, DuoPurposes, StudyId, TableId, TableSpec},
    AccountId, MemberId, Moment, RelationshipId, SealedTerms,
};

use super::Call;
use crate::chain::research::Balance;

const PALLET: &str = "Research";

/// Name a collator (researcher).
pub fn register_collator(key: &AccountId) -> Call {
    Call::new(PALLET, "register_collator").scale("key", key)
}

/// Accept the researcher who has named one (the collator's own account).
pub fn accept_researcher(researcher: MemberId) -> Call {
    Call::new(PALLET, "accept_researcher").number("researcher", researcher)
}

/// Approve a researcher's collator (consortium).
pub fn approve_collator(key: &AccountId) -> Call {
    Call::new(PALLET, "approve_collator").scale("key", key)
}

/// Propose a study (researcher).
pub fn propose_study(purposes: DuoPurposes, protocol: [u8; 32], until: Moment) -> Call {
    Call::new(PALLET, "propose_study")
        .scale("purposes", purposes)
        .scale("protocol", protocol)
        .number("until", until)
}

/// Approve a study (consortium).
pub fn approve_study(study: StudyId) -> Call {
    Call::new(PALLET, "approve_study").number("study", study)
}

/// Publish the plan of a year (provider, or its gatekeeper's key).
pub fn publish_plan(starts: Moment, tables: &[TableSpec<Balance>], bounty: Option<u32>) -> Call {
    Call::new(PALLET, "publish_plan")
        .number("starts", starts)
        .encoded("tables", &tables.encode())
        .scale("bounty", bounty)
}

/// Take a table back (provider, or its gatekeeper's key).
pub fn withdraw_table(table: TableId) -> Call {
    Call::new(PALLET, "withdraw_table").number("table", table)
}

/// Set what of a relationship counts (patient's side).
pub fn set_release(relationship: RelationshipId, choice: &SealedTerms) -> Call {
    Call::new(PALLET, "set_release").scale("relationship", relationship).scale("choice", choice)
}

/// Place "nothing" for patients who have said nothing (provider, or its gatekeeper's key).
pub fn place_releases(choices: &[(u32, SealedTerms)]) -> Call {
    Call::new(PALLET, "place_releases").encoded("choices", &choices.encode())
}

/// Enter a claim (researcher).
pub fn claim(study: StudyId, answer: AnswerKey) -> Call {
    Call::new(PALLET, "claim").number("study", study).scale("answer", answer)
}

/// Draw claims that can be drawn (anyone).
pub fn draw(steps: u32) -> Call {
    Call::new(PALLET, "draw").number("steps", steps)
}

/// Commit to an answer (provider, or its gatekeeper's key).
pub fn commit(table: TableId, epoch: u16, commitment: [u8; 32]) -> Call {
    Call::new(PALLET, "commit").number("table", table).number("epoch", epoch).scale("commitment", commitment)
}

/// Say that an answer is lost for good (provider, or its gatekeeper's key).
pub fn declare_lost(table: TableId, epoch: u16) -> Call {
    Call::new(PALLET, "declare_lost").number("table", table).number("epoch", epoch)
}

/// Close a claim (anyone).
pub fn close_claim(claim: ClaimId) -> Call {
    Call::new(PALLET, "close_claim").number("claim", claim)
}

/// Say that an answer is not what was committed to, or did not come (researcher).
pub fn dispute(claim: ClaimId, grounds: [u8; 32]) -> Call {
    Call::new(PALLET, "dispute").number("claim", claim).scale("grounds", grounds)
}
