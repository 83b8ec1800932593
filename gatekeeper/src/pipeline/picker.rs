//! Which patients an account may see something of: what an app's user picks from.

use futures::{stream, StreamExt, TryStreamExt};
use medrec_policy::{
    scope::{Action, Scope, TypeSelector},
    Capacity, Purpose,
};
use medrec_primitives::{AccountId, RelationshipId};

use super::Gatekeeper;
use crate::{decide::Unavailable, smart::pages::Choice};

/// Relationships looked at for a list, the newest first. The chain keeps no list by viewer; others are named by hand.
const CANDIDATES: u32 = 256;

/// How many are looked at at the same time.
const AT_ONCE: usize = 8;

/// What apps can do with records here.
const ACTIONS: [Action; 3] = [Action::Search, Action::Read, Action::Create];

impl Gatekeeper {
    /// The relationships of which this account may see something within these scopes.
    pub async fn choices(
        &self,
        account: &AccountId,
        purpose: Purpose,
        scopes: &[Scope],
    ) -> Result<Vec<Choice>, Unavailable> {
        let bound = self.store.newest_bindings(CANDIDATES).await.unwrap_or_else(|error| {
            tracing::error!(%error, "cannot list bindings");
            Vec::new()
        });
        let own = self.decider.own_relationships(account).await?;
        let bound = bound.into_iter().filter(|id| !own.contains(id));
        // The first is part of the request that asks for the list; each further one counts as another of the account's.
        let charged = |place: usize| {
            place == 0 || self.rates.accounts.take(account.clone(), std::time::Instant::now()).is_ok()
        };
        let all = own.iter().copied().chain(bound).enumerate();
        let candidates: Vec<RelationshipId> =
            all.take_while(|(place, _)| charged(*place)).map(|(_, id)| id).collect();
        let asked = candidates.into_iter().map(|id| self.choice(account, purpose, scopes, id));
        let found: Vec<Option<Choice>> = stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// This relationship, if the account may see something of it within these scopes.
    pub async fn choice(
        &self,
        account: &AccountId,
        purpose: Purpose,
        scopes: &[Scope],
        relationship: RelationshipId,
    ) -> Result<Option<Choice>, Unavailable> {
        let mut questions = Vec::new();
        for scope in scopes {
            let types: Vec<&str> = match scope.resource() {
                TypeSelector::Any => self.mapping.resource_types().collect(),
                TypeSelector::Of(resource) => vec![resource.name()],
            };
            for action in ACTIONS.into_iter().filter(|action| scope.actions().contains(*action)) {
                questions.extend(types.iter().map(|resource_type| (action, *resource_type)));
            }
        }
        let capacity = self.decider.decide_any(relationship, account, purpose, &questions).await?;
        Ok(capacity.map(|capacity| Choice {
            relationship,
            own: matches!(capacity, Capacity::Patient | Capacity::Custodian),
        }))
    }
}
