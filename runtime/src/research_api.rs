//! What researchers, gatekeepers and everybody else ask about research, by `state_call`.

// What an interface answers is said in full, in its place.
#![allow(clippy::type_complexity)]

use alloc::vec::Vec;

use medrec_primitives::{
    research::{Answer, AnswerKey, Budget, Claim, ClaimId, Earnings, Plan, Study, StudyId, Table, TableId},
    MemberId, RelationshipId, SealedTerms,
};

use crate::Balance;

sp_api::decl_runtime_apis! {
    /// What there is to claim, what it has cost, who has claimed what.
    ///
    /// Every answer is about the state of the block that is asked. Calls that find nothing answer `None` or an empty list.
    #[api_version(1)]
    pub trait ResearchApi {
        /// A provider's latest plan with its tables.
        fn research_plan(provider: MemberId) -> Option<(Plan, Vec<(TableId, Table<Balance>)>)>;

        /// What a provider's answers have cost in privacy, and what is left.
        fn research_budget(provider: MemberId) -> Budget;

        /// What a researcher has earned.
        fn earnings(researcher: MemberId) -> Earnings;

        /// A study: proposed, approved, or once approved.
        fn study(study: StudyId) -> Option<Study>;

        /// A claim that was granted and is not closed.
        fn claim(claim: ClaimId) -> Option<Claim<Balance>>;

        /// Of the claims from `start` to `start + count`, at most 100, those that are not closed.
        fn claims(start: ClaimId, count: u32) -> Vec<(ClaimId, Claim<Balance>)>;

        /// An answer that was paid for in rho.
        fn answer(answer: AnswerKey) -> Option<Answer>;

        /// Of the answers to a table's epochs from `start` to `start + count`, at most 100, those that were paid for.
        fn answers(provider: MemberId, table: TableId, start: u16, count: u32) -> Vec<(u16, Answer)>;

        /// What is sealed as a patient's choice of what is released.
        fn release(relationship: RelationshipId) -> Option<SealedTerms>;
    }
}
