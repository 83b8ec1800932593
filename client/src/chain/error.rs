//! What can go wrong between here and the chain.

use sp_core::H256;
use subxt::error::{BackendError, DispatchError, RpcError, TransactionEventsError};

/// How a node numbers a transaction whose nonce another one has that its pool puts first: `POOL_TOO_LOW_PRIORITY` of `sc-rpc-api`.
const TOO_LOW_PRIORITY: i32 = 1014;

/// What can go wrong between here and the chain, each with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// No node answers at the address.
    #[error(
        "no node answers at {url} ({reason}); start one with medrec-node, or give its address with --node"
    )]
    Unreachable {
        /// The address.
        url: String,
        /// What the transport said.
        reason: String,
    },
    /// Plain text over a network.
    #[error("{url} is neither encrypted (wss://) nor on this machine; what it answers could be anybody's")]
    Insecure {
        /// The address.
        url: String,
    },
    /// The node follows another chain.
    #[error("the node follows another chain: its genesis is {found:?}, not {expected:?}")]
    OtherChain {
        /// The chain that was expected.
        expected: H256,
        /// The chain that the node follows.
        found: H256,
    },
    /// The node refused or failed to answer.
    #[error("the node did not answer {what}: {reason}")]
    Rpc {
        /// What was asked.
        what: String,
        /// What the node said.
        reason: String,
    },
    /// The answer is in a form that this version does not read.
    #[error(
        "the chain's answer to {what} is not in a form that this version reads ({reason}); is it up to date?"
    )]
    Undecodable {
        /// What was asked.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// The runtime has no such call, or one with other arguments.
    #[error("this chain's {call} is not the one that this version knows ({reason}); is it up to date?")]
    OtherCall {
        /// Pallet and call.
        call: String,
        /// What is wrong.
        reason: String,
    },
    /// The transaction pool took it not at all, or dropped it.
    #[error("the node refused the transaction: {reason}{hint}")]
    Refused {
        /// What the pool said.
        reason: String,
        /// The number of its error, where it came as the answer to the submission.
        code: Option<i32>,
        /// What to do, after a semicolon, or nothing.
        hint: &'static str,
    },
    /// Another transaction of the account took its place in the node's pool, and yet it came into a block, by another node.
    #[error(
        "the transaction {extrinsic:?} lost its place in the node's pool and came into block {block:?} all the same: look there whether it \
         succeeded, before you do it again"
    )]
    CameThrough {
        /// Its hash.
        extrinsic: H256,
        /// The block.
        block: H256,
    },
    /// It is in a block and failed there.
    #[error("{0}")]
    Failed(Failure),
    /// Nothing was heard of it in time.
    #[error("the transaction {extrinsic:?} was neither included nor refused within {seconds} s; does the chain make blocks?")]
    TimedOut {
        /// Its hash.
        extrinsic: H256,
        /// How long was waited.
        seconds: u64,
    },
}

/// A call that failed in its block, by the pallet's own name and words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the chain refused it with {name}: {docs}")]
pub struct Failure {
    /// `Pallet::Error`, or the kind of error where no pallet raised it.
    pub name: String,
    /// What the pallet says about this error.
    pub docs: String,
}

impl Failure {
    pub(super) fn of(error: &DispatchError) -> Self {
        if let DispatchError::Module(module) = error {
            if let Ok(details) = module.details() {
                return Self {
                    name: format!("{}::{}", details.pallet.name(), details.variant.name),
                    docs: details.variant.docs.join(" ").trim().to_owned(),
                };
            }
        }
        let docs = error.to_string();
        let name = format!("{error:?}").split(['(', ' ']).next().unwrap_or_default().to_owned();
        Self { name, docs }
    }
}

impl ChainError {
    /// A node's refusal, from whatever layer it comes.
    pub(super) fn rpc(what: impl Into<String>, error: &subxt::rpcs::Error) -> Self {
        Self::Rpc { what: what.into(), reason: rpc_words(error) }
    }

    pub(super) fn undecodable(what: impl Into<String>, reason: impl core::fmt::Display) -> Self {
        Self::Undecodable { what: what.into(), reason: reason.to_string() }
    }

    pub(super) fn backend(what: &str, error: &BackendError) -> Self {
        match error {
            BackendError::Rpc(RpcError::ClientError(error)) => Self::rpc(what, error),
            other => Self::Rpc { what: what.into(), reason: other.to_string() },
        }
    }

    /// Whether the node's pool has another transaction of this account with the same nonce: two programs sign with one key, and the other
    /// was quicker. This one was not taken.
    pub(super) fn is_overtaken(&self) -> bool {
        matches!(self, Self::Refused { code: Some(TOO_LOW_PRIORITY), .. })
    }

    /// Whether another transaction of this account with the same nonce took its place in the node's pool, where it waited: two programs
    /// sign with one key, and the pool puts the other first. It may have reached another node's pool before.
    pub(super) fn is_usurped(&self) -> bool {
        matches!(self, Self::Refused { code: None, reason, .. } if reason.contains("usurped"))
    }

    /// The pool's refusal, in words alone.
    pub(super) fn refused(reason: String) -> Self {
        Self::refusal(reason, None)
    }

    /// The pool's refusal as the answer to a submission.
    pub(super) fn refused_at_once(error: &subxt::rpcs::UserError) -> Self {
        Self::refusal(user_words(error), Some(error.code))
    }

    fn refusal(reason: String, code: Option<i32>) -> Self {
        let has = |part: &str| reason.contains(part);
        let hint = if has("Inability to pay some fees") {
            "; the account has no balance for the fee. Calls of patients are free only where the account has a part \
             in that relationship and has not used up its allowance"
        } else if has("Stale") || has("outdated") {
            "; another transaction of this account came first: try again"
        } else if has("Future") {
            "; the account is waiting for an earlier transaction of its own"
        } else if has("Bad proof") || has("bad signature") {
            "; node and client disagree on the runtime's version: try again after its upgrade"
        } else if has("Custom error") {
            "; the account has no part in this chain yet, or has used up its allowance of free calls for now"
        } else {
            ""
        };
        Self::Refused { reason, code, hint }
    }

    pub(super) fn of_events(error: TransactionEventsError) -> Self {
        match error {
            TransactionEventsError::ExtrinsicFailed(error) => Self::Failed(Failure::of(&error)),
            TransactionEventsError::CannotFetchBlockBody { error, .. } => {
                Self::backend("for a block's body", &error)
            }
            other => Self::undecodable("the transaction's events", other),
        }
    }
}

/// The node's own words, with the part that says why.
pub(super) fn rpc_words(error: &subxt::rpcs::Error) -> String {
    match error {
        subxt::rpcs::Error::User(error) => user_words(error),
        // The layers of the client each put their name before what happened.
        subxt::rpcs::Error::Client(error) => error.to_string().replace("RPC error: client error: ", ""),
        other => other.to_string(),
    }
}

fn user_words(error: &subxt::rpcs::UserError) -> String {
    match &error.data {
        // The data is JSON: mostly a string, whose quotes add nothing.
        Some(data) => format!("{}: {}", error.message, data.get().trim_matches('"')),
        None => error.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_should_be_known_as_overtaken_when_the_pool_numbers_it_so() {
        let refused = |code, message: &str| {
            let error = subxt::rpcs::UserError { code, message: message.into(), data: None };
            ChainError::refused_at_once(&error)
        };
        assert!(refused(1014, "Priority is too low: (486 vs 258)").is_overtaken());
        assert!(refused(1014, "in the words of another version").is_overtaken());
        assert!(!refused(1010, "Invalid Transaction: Transaction is outdated").is_overtaken());
        assert!(!refused(1012, "Transaction is temporarily banned").is_overtaken());
        assert!(!ChainError::refused("Priority is too low".into()).is_overtaken(), "it was in the pool");
    }

    #[test]
    fn refusal_should_be_known_as_usurped_when_another_took_its_place_in_the_pool() {
        let reason = "Transaction was usurped by another with the same nonce";
        assert!(ChainError::refused(reason.into()).is_usurped());
        assert!(!ChainError::refused(reason.into()).is_overtaken(), "it was in the pool");
        assert!(!ChainError::refused("Transaction was dropped".into()).is_usurped());
    }
}
