//! Research on chain: plans, budgets, studies, claims, answers, release choices.

use super::{custody::hashed, error::ChainError, state::State, storage_key};
use codec::{Decode, DecodeAll, Encode};
use medrec_primitives::{
    research::{Answer, AnswerKey, Budget, Claim, ClaimId, Earnings, Plan, Study, StudyId, Table, TableId},
    AccountId, MemberId, RelationshipId, RelationshipStatus, SealedTerms,
};

const PALLET: &str = "Research";

/// How many claims, or answers, are asked for at once.
const PAGE: u32 = 100;

/// How many values of storage are asked for at once.
const KEYS: usize = 512;

/// Amounts (plancks).
pub type Balance = u128;

/// A provider's plan with its tables.
pub type PlannedTables = (Plan, Vec<(TableId, Table<Balance>)>);

/// Where a relationship stands, and what is sealed as its patient's choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The patient's key.
    pub patient: AccountId,
    /// The relationship's status.
    pub status: RelationshipStatus,
    /// What is sealed.
    pub choice: Option<SealedTerms>,
}

impl State<'_> {
    /// A provider's latest plan with its tables.
    pub async fn research_plan(&self, provider: MemberId) -> Result<Option<PlannedTables>, ChainError> {
        self.research("research_plan", provider).await
    }

    /// What a provider's answers have cost in privacy, and what is left.
    pub async fn research_budget(&self, provider: MemberId) -> Result<Budget, ChainError> {
        self.research("research_budget", provider).await
    }

    /// What a researcher has earned.
    pub async fn earnings(&self, researcher: MemberId) -> Result<Earnings, ChainError> {
        self.research("earnings", researcher).await
    }

    /// A study.
    pub async fn study(&self, study: StudyId) -> Result<Option<Study>, ChainError> {
        self.research("study", study).await
    }

    /// A claim that was granted and is not closed.
    pub async fn claim(&self, claim: ClaimId) -> Result<Option<Claim<Balance>>, ChainError> {
        self.research("claim", claim).await
    }

    /// Claims from number `start` on that are not closed, and the number from which to ask next.
    pub async fn claims_from(
        &self,
        start: ClaimId,
    ) -> Result<(Vec<(ClaimId, Claim<Balance>)>, ClaimId), ChainError> {
        let next: ClaimId = self.storage(PALLET, "NextClaim", &[]).await?.unwrap_or_default();
        let (mut all, mut from) = (Vec::new(), start);
        while from < next {
            let page: Vec<(ClaimId, Claim<Balance>)> = self.research("claims", (from, PAGE)).await?;
            all.extend(page);
            from = from.saturating_add(PAGE);
        }
        Ok((all, next.max(start)))
    }

    /// An answer that was paid for in rho.
    pub async fn answer(&self, answer: AnswerKey) -> Result<Option<Answer>, ChainError> {
        self.research("answer", answer).await
    }

    /// A table of any of a provider's plans.
    pub async fn table(
        &self,
        provider: MemberId,
        table: TableId,
    ) -> Result<Option<Table<Balance>>, ChainError> {
        // Hashed as a relationship's number is: the member first.
        self.storage(PALLET, "Tables", &hashed(RelationshipId::new(provider, table))).await
    }

    /// Where these relationships of a provider stand, in their order; `None` for one that there is not.
    pub async fn standings(
        &self,
        provider: MemberId,
        relationships: &[u32],
    ) -> Result<Vec<Option<Standing>>, ChainError> {
        let ids = || relationships.iter().map(|index| hashed(RelationshipId::new(provider, *index)));
        let parties = self.stored_many("Relationships", "Relationships", ids().collect()).await?;
        let choices = self.stored_many(PALLET, "Releases", ids().collect()).await?;
        let undecodable = |error| ChainError::undecodable("a relationship or a release choice", error);
        let standing = |(party, choice): (Option<Vec<u8>>, Option<Vec<u8>>)| {
            let Some(party) = party else { return Ok(None) };
            // How a relationship begins in `pallet-relationships`; the rest is of no interest here.
            let (patient, status) = Decode::decode(&mut party.as_slice()).map_err(undecodable)?;
            let choice = choice.map(|bytes| SealedTerms::decode_all(&mut bytes.as_slice())).transpose();
            Ok(Some(Standing { patient, status, choice: choice.map_err(undecodable)? }))
        };
        parties.into_iter().zip(choices).map(standing).collect()
    }

    /// What is sealed as a patient's choice of what is released.
    pub async fn release(&self, relationship: RelationshipId) -> Result<Option<SealedTerms>, ChainError> {
        self.research("release", relationship).await
    }

    /// Calls a function of the runtime's `ResearchApi`.
    async fn research<R: Decode>(&self, function: &str, arguments: impl Encode) -> Result<R, ChainError> {
        self.call(&format!("ResearchApi_{function}"), &arguments.encode()).await
    }

    /// Values of a map, in the order of their keys.
    async fn stored_many(
        &self,
        pallet: &str,
        item: &str,
        keys: Vec<Vec<u8>>,
    ) -> Result<Vec<Option<Vec<u8>>>, ChainError> {
        let prefix = storage_key(pallet, item);
        let keys: Vec<Vec<u8>> = keys.into_iter().map(|key| [prefix.as_slice(), &key].concat()).collect();
        let mut values = Vec::with_capacity(keys.len());
        for page in keys.chunks(KEYS) {
            let mut found = self.raw_values(page).await?;
            values.extend(page.iter().map(|key| found.remove(key)));
        }
        Ok(values)
    }
}
