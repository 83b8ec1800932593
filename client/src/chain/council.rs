//! The consortium's council: proposing, voting, closing.

use codec::Decode;
use medrec_primitives::AccountId;
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use subxt::error::DispatchError;

use super::{
    calls::{self, Call},
    connect::Chain,
    error::{ChainError, Failure},
    events::{Event, Kind},
    submit::{Submitted, Wait},
};

/// What the calls that motions are about may take at most: far more than any of them does, far less than a block.
pub(super) const WEIGHT: (u64, u64) = (50_000_000_000, 1_500_000);

/// A motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Motion {
    /// The hash of the call that it is about.
    pub hash: H256,
    /// Its number.
    pub index: u32,
    /// The length of that call (bytes).
    pub length: u32,
}

/// A motion that is open, with its votes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenMotion {
    /// Which.
    pub motion: Motion,
    /// The call that it is about, encoded.
    pub call: Vec<u8>,
    /// Pallet and call, where the runtime knows it.
    pub title: Option<String>,
    /// How many votes carry it.
    pub threshold: u32,
    /// Who voted for it.
    pub ayes: Vec<AccountId>,
    /// Who voted against it.
    pub nays: Vec<AccountId>,
    /// The block at which voting ends.
    pub end: u32,
}

/// How a motion ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It carried, and its call succeeded.
    Done(Submitted),
    /// It did not carry.
    TurnedDown(Submitted),
}

#[derive(Decode)]
struct Proposed {
    _account: AccountId,
    index: u32,
    hash: H256,
    _threshold: u32,
}

impl Kind for Proposed {
    const PALLET: &'static str = "Council";
    const NAME: &'static str = "Proposed";
}

#[derive(Decode)]
struct Votes {
    index: u32,
    threshold: u32,
    ayes: Vec<AccountId>,
    nays: Vec<AccountId>,
    end: u32,
}

impl Chain {
    /// Who sits on the council.
    pub async fn council(&self) -> Result<Vec<AccountId>, ChainError> {
        Ok(self.finalised().await?.storage("Council", "Members", &[]).await?.unwrap_or_default())
    }

    /// How many votes of the council carry a motion: two thirds of its seats.
    pub async fn council_threshold(&self) -> Result<u32, ChainError> {
        let seats = self.council().await?.len();
        Ok(u32::try_from((2 * seats).div_ceil(3)).unwrap_or(u32::MAX))
    }

    /// The motions that are open.
    pub async fn motions(&self) -> Result<Vec<OpenMotion>, ChainError> {
        let state = self.finalised().await?;
        let metadata = self
            .connection()
            .at_block(state.block())
            .await
            .map_err(|error| ChainError::undecodable("its metadata", error))?
            .metadata();
        let hashes: Vec<H256> = state.storage("Council", "Proposals", &[]).await?.unwrap_or_default();
        let mut open = Vec::new();
        for hash in hashes {
            let votes: Option<Votes> = state.storage("Council", "Voting", hash.as_bytes()).await?;
            let call: Option<Raw> = state.storage("Council", "ProposalOf", hash.as_bytes()).await?;
            let (Some(votes), Some(Raw(call))) = (votes, call) else { continue };
            let title = call.first().zip(call.get(1)).and_then(|(pallet, call)| {
                let pallet = metadata.pallet_by_call_index(*pallet)?;
                Some(format!("{}.{}", pallet.name(), pallet.call_variant_by_index(*call)?.name))
            });
            let length = u32::try_from(call.len()).unwrap_or(u32::MAX);
            open.push(OpenMotion {
                motion: Motion { hash, index: votes.index, length },
                call,
                title,
                threshold: votes.threshold,
                ayes: votes.ayes,
                nays: votes.nays,
                end: votes.end,
            });
        }
        Ok(open)
    }

    /// Proposes a call to the council. This is not yet a vote for it.
    pub async fn propose(&self, call: &Call, signer: &crate::KeyPair) -> Result<Motion, ChainError> {
        let threshold = self.council_threshold().await?;
        let encoded = self.encode(call).await?;
        let done =
            self.submit(&calls::council::propose(threshold, &encoded), signer, Wait::Finalised).await?;
        // With one seat it is carried at once, and no motion is left to vote on.
        executed(self, &done).await?;
        let length = u32::try_from(encoded.len()).unwrap_or(u32::MAX);
        match done.find::<Proposed>()? {
            Some(proposed) => Ok(Motion { hash: proposed.hash, index: proposed.index, length }),
            None => Ok(Motion { hash: H256(blake2_256(&encoded)), index: 0, length }),
        }
    }

    /// Votes on a motion.
    pub async fn vote(
        &self,
        motion: &Motion,
        approve: bool,
        signer: &crate::KeyPair,
    ) -> Result<Submitted, ChainError> {
        self.submit(&calls::council::vote(motion.hash, motion.index, approve), signer, Wait::Finalised).await
    }

    /// Closes a motion. Fails with the error of its call where it carried and the call failed.
    pub async fn close(&self, motion: &Motion, signer: &crate::KeyPair) -> Result<Closed, ChainError> {
        let call = calls::council::close(motion.hash, motion.index, WEIGHT, motion.length);
        let done = self.submit(&call, signer, Wait::Finalised).await?;
        if executed(self, &done).await? {
            Ok(Closed::Done(done))
        } else {
            Ok(Closed::TurnedDown(done))
        }
    }

    /// Proposes a call, has every signer vote for it, and closes the motion.
    pub async fn carry(&self, call: &Call, signers: &[crate::KeyPair]) -> Result<Submitted, ChainError> {
        let none =
            || ChainError::OtherCall { call: call.title(), reason: "a motion needs a proposer".into() };
        let proposer = signers.first().ok_or_else(none)?;
        let motion = self.propose(call, proposer).await?;
        futures::future::try_join_all(signers.iter().map(|signer| self.vote(&motion, true, signer))).await?;
        match self.close(&motion, proposer).await? {
            Closed::Done(done) => Ok(done),
            Closed::TurnedDown(_) => Err(ChainError::Failed(Failure {
                name: "Council::Disapproved".into(),
                docs: format!("the council turned {} down", call.title()),
            })),
        }
    }
}

/// Bytes as they are, whatever they encode.
struct Raw(Vec<u8>);

impl Decode for Raw {
    fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
        let length = input.remaining_len()?.ok_or("a value of unknown length")?;
        let mut bytes = vec![0; length];
        input.read(&mut bytes)?;
        Ok(Self(bytes))
    }
}

/// Whether the council dispatched a call, which must then have succeeded.
async fn executed(chain: &Chain, done: &Submitted) -> Result<bool, ChainError> {
    let is_execution = |event: &&Event| event.pallet == "Council" && event.name == "Executed";
    let Some(event) = done.events.iter().find(is_execution) else { return Ok(false) };
    // The motion's hash, then a result: 0, or 1 and the error.
    match event.fields.get(32..) {
        Some([0]) => Ok(true),
        Some([1, error @ ..]) => {
            let at = chain
                .connection()
                .at_block(done.block)
                .await
                .map_err(|error| ChainError::undecodable("its metadata", error))?;
            let error = DispatchError::decode_from(error, at.metadata())
                .map_err(|error| ChainError::undecodable("a motion's failure", error))?;
            Err(ChainError::Failed(Failure::of(&error)))
        }
        _ => Err(ChainError::undecodable("a motion's outcome", "it is neither success nor failure")),
    }
}
