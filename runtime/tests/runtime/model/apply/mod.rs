//! What the model expects of each transaction: whether it enters a block, what it does, and why it fails.

mod access;
mod permissions;
mod registry;
mod relationships;

pub use self::{access::INTERVAL, permissions::is_in_force};

use medrec_primitives::{RelationshipFlags, RelationshipId};
use medrec_runtime::{AccountId, RuntimeCall};
use sp_runtime::{
    traits::BadOrigin, transaction_validity::InvalidTransaction, ApplyExtrinsicResult, DispatchError,
    DispatchResult,
};

use super::world::{Part, World};

/// Who makes a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Whoever has this key.
    Key(AccountId),
    /// The consortium, by vote.
    Consortium,
    /// Nobody: a receipt carries its own signature.
    Nobody,
}

/// Who pays for a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    Free,
    Fee,
}

impl Origin {
    fn signed(&self) -> Result<&AccountId, DispatchError> {
        match self {
            Self::Key(who) => Ok(who),
            Self::Consortium | Self::Nobody => Err(BadOrigin.into()),
        }
    }

    fn ensure_consortium(&self) -> DispatchResult {
        frame_support::ensure!(*self == Self::Consortium, BadOrigin);
        Ok(())
    }
}

impl World {
    /// Applies a transaction, and says what should come of it.
    pub fn apply(&mut self, origin: &Origin, call: &RuntimeCall) -> ApplyExtrinsicResult {
        match origin {
            Origin::Key(who) => self.charge(who, call)?,
            Origin::Nobody => self.authorize(call)?,
            Origin::Consortium => {}
        }
        Ok(self.dispatch(origin, call))
    }

    /// Takes the fee, or a call off the allowance.
    fn charge(&mut self, who: &AccountId, call: &RuntimeCall) -> Result<(), InvalidTransaction> {
        if self.cost(who, call) == Cost::Free {
            let narrows = narrows(call);
            let mut spent = self.spent_today(who);
            let (ordinary, narrowing) = if self.parts.contains_key(who) { (32, 120) } else { (64, 64) };
            let (count, limit) =
                if narrows { (&mut spent.narrowing, narrowing) } else { (&mut spent.calls, ordinary) };
            if *count >= limit {
                return Err(InvalidTransaction::Custom(pallet_relationships::extension::ALLOWANCE_USED_UP));
            }
            *count += 1;
            self.spent.insert(who.clone(), spent);
        } else if !self.funded.contains(who) {
            return Err(InvalidTransaction::Payment);
        }
        *self.nonces.entry(who.clone()).or_default() += 1;
        Ok(())
    }

    /// Whether a call is free for who signs it.
    pub fn cost(&self, who: &AccountId, call: &RuntimeCall) -> Cost {
        let part = |id: &RelationshipId| {
            self.parts.get(who).is_some_and(|(of, part)| of == id && *part != Part::Retired)
        };
        let staff = || self.active_staff(who).is_some();
        let about = |request| self.requests.get(request).is_some_and(|request| part(&request.relationship));
        let free = match call {
            RuntimeCall::Relationships(call) => {
                relationships::free_for_parts(call).is_some_and(|id| part(&id))
            }
            RuntimeCall::Permissions(call) => {
                use pallet_permissions::Call;
                match call {
                    Call::grant { relationship, .. }
                    | Call::deny { relationship, .. }
                    | Call::revoke_all { relationship, .. } => part(relationship),
                    Call::revoke { relationship, .. } | Call::close_glass { relationship, .. } => {
                        part(relationship) || staff()
                    }
                    Call::share { .. } | Call::break_glass { .. } => staff(),
                    _ => false,
                }
            }
            RuntimeCall::Access(call) => {
                use pallet_access::Call;
                match call {
                    Call::request { relationship, .. } => part(relationship),
                    Call::approve { request } | Call::decline { request } | Call::cancel { request } => {
                        about(request)
                    }
                    _ => false,
                }
            }
            _ => false,
        };
        if free {
            Cost::Free
        } else {
            Cost::Fee
        }
    }

    fn dispatch(&mut self, origin: &Origin, call: &RuntimeCall) -> DispatchResult {
        match call {
            RuntimeCall::Registry(call) => self.registry(origin, call),
            RuntimeCall::Relationships(call) => self.relationships(origin.signed()?, call),
            RuntimeCall::Permissions(call) => self.permissions(origin, call),
            RuntimeCall::Access(call) => self.access(origin, call),
            other => unreachable!("no such call is drawn: {other:?}"),
        }
    }
}

/// Whether a call narrows access, and so has an allowance of its own.
pub fn narrows(call: &RuntimeCall) -> bool {
    match call {
        RuntimeCall::Relationships(call) => {
            use pallet_relationships::Call;
            match call {
                Call::set_flags { set, clear, .. } => {
                    RelationshipFlags::EMERGENCY_OPT_OUT.contains(*set)
                        && RelationshipFlags::EMERGENCY_OVER_DENIALS.contains(*clear)
                }
                Call::reject { .. }
                | Call::suspend { .. }
                | Call::end { .. }
                | Call::remove_custodian { .. }
                | Call::step_out { .. }
                | Call::veto_rekey { .. } => true,
                _ => false,
            }
        }
        RuntimeCall::Permissions(call) => {
            use pallet_permissions::Call;
            matches!(
                call,
                Call::deny { .. } | Call::revoke { .. } | Call::revoke_all { .. } | Call::close_glass { .. }
            )
        }
        RuntimeCall::Access(call) => {
            use pallet_access::Call;
            matches!(call, Call::decline { .. } | Call::cancel { .. })
        }
        _ => false,
    }
}
