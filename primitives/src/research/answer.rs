//! Studies, claims, answers.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use super::{Credits, DuoPurposes, Fee, Rho, StudyId, TableId};
use crate::{MemberId, Moment};

/// Where a study stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum StudyStatus {
    /// Waits for the consortium.
    Proposed,
    /// Approved by the consortium.
    Approved,
    /// Ended, for good.
    Ended,
}

/// A study.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Study {
    /// The researcher.
    pub owner: MemberId,
    /// What it is for.
    pub purposes: DuoPurposes,
    /// BLAKE2b-256 of its protocol.
    pub protocol: [u8; 32],
    /// Until when it may claim (ms).
    pub until: Moment,
    /// Where it stands.
    pub status: StudyStatus,
}

/// One epoch of one table of one provider: there is one answer to it, ever.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct AnswerKey {
    /// The provider.
    #[codec(compact)]
    pub provider: MemberId,
    /// Its table.
    #[codec(compact)]
    pub table: TableId,
    /// Counts the table's epochs from 0.
    #[codec(compact)]
    pub epoch: u16,
}

/// Where an answer stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum AnswerStatus {
    /// The provider has to commit to it. Over once its deadline has passed; a later claim asks again.
    Awaited,
    /// The provider has committed to it.
    Committed {
        /// See [`commitment_message`].
        commitment: [u8; 32],
        /// When (ms).
        at: Moment,
    },
    /// There will never be an answer: what was committed to was lost, or not delivered.
    Failed,
}

/// An answer that was paid for in rho.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Answer {
    /// What it cost. Never given back.
    pub rho: Rho,
    /// The day from which the provider's ledger counts it: days since the Unix epoch.
    pub day: u32,
    /// How often it was asked for; 1 at first.
    pub attempt: u8,
    /// From when it may be committed to (ms): a fixed time, whatever the computation took.
    pub due: Moment,
    /// Until when (ms).
    pub deadline: Moment,
    /// The block by whose state the cohort is taken, together with that of the computation.
    pub snapshot: u32,
    /// Where it stands.
    pub status: AnswerStatus,
}

/// Where a claim stands, as far as its answer does not say.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ClaimStatus {
    /// Nothing is said against it.
    Open,
    /// The researcher says that what it got is not what was committed to, or that it got nothing.
    Disputed {
        /// Digest of the grounds, with a salt.
        grounds: [u8; 32],
    },
    /// The consortium dismissed the dispute.
    Dismissed,
}

/// A claim that was granted: the right to an answer.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Claim<Balance> {
    /// Who.
    pub researcher: MemberId,
    /// For which study.
    pub study: StudyId,
    /// To which answer.
    pub answer: AnswerKey,
    /// Which attempt at it.
    pub attempt: u8,
    /// What it cost; 0 for a bounty.
    pub credits: Credits,
    /// The era by which these credits would expire if they were given back.
    pub era: u32,
    /// What is held for it beside.
    pub fee: Option<Fee<Balance>>,
    /// When it was granted (ms).
    pub at: Moment,
    /// Where it stands.
    pub status: ClaimStatus,
}

/// What a commitment is the BLAKE2b-256 digest of, on the chain whose genesis hash this is: 32 random bytes and the encoded answer,
/// noise included, under what it is the answer to. It has one size, and tells nothing to whom the salt was not shown.
pub fn commitment_message(genesis: &[u8], answer: AnswerKey, salt: &[u8; 32], numbers: &[i128]) -> Vec<u8> {
    (b"medrec/research/answer/v1", genesis, answer, salt, numbers).encode()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commitment_message_should_differ_when_anything_in_it_does() {
        let key = AnswerKey { provider: 1, table: 2, epoch: 3 };
        let all = [
            commitment_message(&[1; 32], key, &[0; 32], &[5, 6]),
            commitment_message(&[2; 32], key, &[0; 32], &[5, 6]),
            commitment_message(&[1; 32], AnswerKey { provider: 2, ..key }, &[0; 32], &[5, 6]),
            commitment_message(&[1; 32], AnswerKey { table: 1, ..key }, &[0; 32], &[5, 6]),
            commitment_message(&[1; 32], AnswerKey { epoch: 1, ..key }, &[0; 32], &[5, 6]),
            commitment_message(&[1; 32], key, &[1; 32], &[5, 6]),
            commitment_message(&[1; 32], key, &[0; 32], &[6, 5]),
            commitment_message(&[1; 32], key, &[0; 32], &[5]),
        ];
        for (n, one) in all.iter().enumerate() {
            assert!(all.iter().skip(n + 1).all(|other| other != one), "{n}");
        }
    }
}
