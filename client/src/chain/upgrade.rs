//! Runtime upgrades by the consortium: vote, whitelist, delay, dispatch as root, apply.

use codec::Decode;
use sp_core::H256;
use sp_crypto_hashing::blake2_256;

use super::{
    calls::{self, Call},
    connect::Chain,
    council::WEIGHT,
    error::ChainError,
    submit::{Submitted, Wait},
};
use crate::KeyPair;

/// What the consortium votes on so that code may become the runtime.
#[derive(Clone, Debug)]
pub struct Upgrade {
    /// The hash of the code.
    pub code: H256,
    /// The call that needs root, encoded.
    pub authorize: Vec<u8>,
    /// The motion that lets it be dispatched, once.
    pub whitelist: Call,
    /// The motion that has it dispatched after the delay.
    pub schedule: Call,
}

/// Code that may become the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Decode)]
pub struct Authorized {
    /// Its hash.
    pub code: H256,
    /// Whether its version must be higher than the runtime's.
    pub check_version: bool,
}

/// The hash by which code is authorised.
pub fn code_hash(code: &[u8]) -> H256 {
    H256(blake2_256(code))
}

impl Chain {
    /// What has to be voted on so that this code may become the runtime, so many blocks after the second vote.
    pub async fn upgrade(&self, code: &[u8], after: u32) -> Result<Upgrade, ChainError> {
        let code = code_hash(code);
        let authorize = self.encode(&calls::upgrade::authorize(code)).await?;
        let hash = H256(blake2_256(&authorize));
        let length = u32::try_from(authorize.len()).unwrap_or(u32::MAX);
        let dispatch = self.encode(&calls::upgrade::dispatch_whitelisted(hash, length, WEIGHT)).await?;
        let whitelist = calls::upgrade::whitelist(hash);
        Ok(Upgrade { code, authorize, whitelist, schedule: calls::upgrade::schedule_after(after, &dispatch) })
    }

    /// Puts the call that needs root on chain, unless it is there already.
    pub async fn note(&self, upgrade: &Upgrade, signer: &KeyPair) -> Result<(), ChainError> {
        let call = calls::upgrade::note_preimage(&upgrade.authorize);
        match self.submit(&call, signer, Wait::Finalised).await {
            Ok(_) => Ok(()),
            Err(ChainError::Failed(failure)) if failure.name == "Preimage::AlreadyNoted" => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The code that may become the runtime now.
    pub async fn authorized_upgrade(&self) -> Result<Option<Authorized>, ChainError> {
        self.finalised().await?.storage("System", "AuthorizedUpgrade", &[]).await
    }

    /// Sends authorised code. It becomes the runtime when the relay chain says so.
    pub async fn apply_upgrade(&self, code: &[u8], signer: &KeyPair) -> Result<Submitted, ChainError> {
        self.submit(&calls::upgrade::apply(code), signer, Wait::Finalised).await
    }

    /// The version of the runtime in the last final block.
    pub async fn spec_version(&self) -> Result<u32, ChainError> {
        let at = self.finalised().await?.block();
        let found = self.connection().at_block(at).await;
        Ok(found.map_err(|error| ChainError::undecodable("its version", error))?.spec_version())
    }
}
