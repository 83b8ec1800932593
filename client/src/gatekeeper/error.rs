//! What can go wrong between here and a gatekeeper.

use medrec_primitives::MemberId;

use crate::{answer::AnswerError, chain::ChainError, signin::SignInError};

/// What can go wrong between here and a gatekeeper, each with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum GatekeeperError {
    /// The chain knows no such member.
    #[error("there is no member {0}; medrec members lists them")]
    NoSuchMember(MemberId),
    /// The member has none.
    #[error("member {0} has no gatekeeper")]
    NoGatekeeper(MemberId),
    /// The address is none, or nothing answers there.
    #[error("the gatekeeper at {url} does not answer: {reason}")]
    Unreachable {
        /// The address.
        url: String,
        /// What the transport said.
        reason: String,
    },
    /// The answer is no.
    #[error("the gatekeeper answered {status}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The gatekeeper's words.
        message: String,
        /// After how many seconds to try again, where it says so.
        retry_after: Option<u64>,
    },
    /// It answered with something else than it should.
    #[error("the gatekeeper gave {0}; is it, or this version, out of date?")]
    Malformed(&'static str),
    /// It wanted a signature under something that was not asked for.
    #[error("the gatekeeper's challenge is not what was asked for; nothing was signed: {0}")]
    Challenge(#[from] SignInError),
    /// As [`Self::Challenge`]: account, purpose or relationship differ.
    #[error("the gatekeeper's challenge names another account, purpose or relationship; nothing was signed")]
    OtherChallenge,
    /// The ticket is another provider's, or another chain's.
    #[error("the ticket is for another provider or another chain")]
    OtherTicket,
    /// The answer is not the gatekeeper's.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// See [`ChainError`].
    #[error(transparent)]
    Chain(#[from] ChainError),
}
