//! Whether what a gatekeeper showed is what the chain vouches for.

use medrec_primitives::MemberId;
use medrec_proof::{answer::ProvenAnswer, disclose::Pending, Altered, Claim};
use sp_core::H256;

use crate::{
    answer::{Answer, AnswerError, AnswerSignature},
    chain::{ChainError, State},
    signature, text,
};

/// What is known of one resource of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The chain has the root over it, in this interval.
    Anchored {
        /// Which.
        interval: u32,
    },
    /// The gatekeeper signed it; its next anchor is to confirm it.
    Pending {
        /// When it was signed (ms).
        date: u64,
    },
}

impl core::fmt::Display for Verdict {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Anchored { interval } => write!(f, "anchored on chain, interval {interval}"),
            Self::Pending { .. } => {
                f.write_str("signed and pending: ask again when the next interval is anchored")
            }
        }
    }
}

/// Why an answer does not count.
#[derive(Debug, thiserror::Error)]
pub enum ProvenError {
    /// Something in it is not what was written.
    #[error(transparent)]
    Altered(#[from] Altered),
    /// The signature under it does not count.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// A signature for a pending resource does not count.
    #[error("altered: {resource} is not signed by the gatekeeper that the chain names")]
    Unsigned {
        /// Which.
        resource: String,
    },
    /// The chain has other roots.
    #[error("altered: {resource} leads to another root than the chain has for interval {interval}")]
    OtherRoot {
        /// Which.
        resource: String,
        /// Of which interval.
        interval: u32,
    },
    /// The chain has no root of that interval at this block.
    #[error("{resource} leads to interval {interval}, of which the chain keeps no anchor at this block: if it was anchored, a node that keeps history knows it at a block of the week after")]
    NoAnchor {
        /// Which.
        resource: String,
        /// Of which interval.
        interval: u32,
    },
    /// It is about another chain.
    #[error("the answer is about another chain")]
    OtherChain,
    /// The chain knows no such member.
    #[error("the chain knows no member {0}")]
    NoSuchMember(MemberId),
    /// See [`ChainError`].
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// Judges an answer by what the chain says at a block: signature, every resource, every anchor.
pub async fn judge(
    answer: &ProvenAnswer,
    genesis: H256,
    state: &State<'_>,
) -> Result<Vec<(String, Verdict)>, ProvenError> {
    let claims = answer.check()?;
    if answer.genesis != text::hex0x(genesis) {
        return Err(ProvenError::OtherChain);
    }
    let member = state.member(answer.member).await?.ok_or(ProvenError::NoSuchMember(answer.member))?;
    let asker = text::account(&answer.asker).ok_or(Altered::Form)?;
    let signed = Answer {
        genesis,
        member: answer.member,
        target: &answer.target,
        asker: &asker,
        status: answer.status,
        body: answer.answer.as_bytes(),
        date: answer.date,
    };
    signed.verify(&member.gatekeeper, &AnswerSignature::parse(&answer.signature)?)?;
    let mut verdicts = Vec::with_capacity(claims.len());
    let mut known: Option<(u32, Option<[u8; 32]>)> = None;
    for (resource, claim) in claims {
        let verdict = match claim {
            Claim::Pending { pending, message } => {
                if !is_signed(&pending, &message, &member.gatekeeper) {
                    return Err(ProvenError::Unsigned { resource });
                }
                Verdict::Pending { date: pending.date }
            }
            Claim::Anchored { interval, records, .. } => {
                // All of one answer lead to one interval, as a rule.
                let on_chain = match known.filter(|(number, _)| *number == interval) {
                    Some((_, root)) => root,
                    None => state.anchor(answer.member, interval).await?.map(|anchor| anchor.records),
                };
                known = Some((interval, on_chain));
                match on_chain {
                    Some(root) if root == records => Verdict::Anchored { interval },
                    Some(_) => return Err(ProvenError::OtherRoot { resource, interval }),
                    None => return Err(ProvenError::NoAnchor { resource, interval }),
                }
            }
        };
        verdicts.push((resource, verdict));
    }
    Ok(verdicts)
}

fn is_signed(pending: &Pending, message: &str, gatekeeper: &medrec_primitives::AccountId) -> bool {
    let bytes = pending.signature.strip_prefix("0x").filter(|digits| *digits == digits.to_lowercase());
    let signature = bytes.and_then(|digits| hex::decode(digits).ok());
    text::account(&pending.account).is_some_and(|account| account == *gatekeeper)
        && signature.is_some_and(|signature| {
            signature::verify(gatekeeper, None, message.as_bytes(), &signature).is_ok()
        })
}
