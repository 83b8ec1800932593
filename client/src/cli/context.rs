//! What every command needs: who acts, and the chain.

use anyhow::{bail, Context as _};
use medrec_primitives::{AccountId, MemberId, RelationshipId};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use super::args::{KeySource, Options};
use crate::{
    chain::{calls::Call, Chain, Submitted, Wait},
    gatekeeper::Gatekeeper,
    keys::PatientKeys,
    KeyPair,
};

/// Among how many of a patient's keys the one for a relationship is looked for.
pub const KEYS_SEARCHED: u32 = 256;

/// Who acts, and the chain, which is connected to when first needed.
pub struct Context {
    pub options: Options,
    chain: OnceCell<Chain>,
}

impl Context {
    pub fn new(options: Options) -> Self {
        Self { options, chain: OnceCell::new() }
    }

    /// The chain.
    pub async fn chain(&self) -> anyhow::Result<&Chain> {
        let connect = || async {
            let node = &self.options.node;
            if self.options.unencrypted {
                Chain::connect_unencrypted(node).await
            } else {
                Chain::connect(node).await
            }
        };
        Ok(self.chain.get_or_try_init(connect).await?)
    }

    /// The gatekeeper that the chain names for a member.
    pub async fn gatekeeper(&self, member: MemberId) -> anyhow::Result<Gatekeeper> {
        let chain = self.chain().await?;
        Ok(Gatekeeper::of_member(&chain.finalised().await?, chain.genesis(), member).await?)
    }

    /// The key that acts: the one of `--key`, or with `--number` the patient's key of that number.
    pub fn key(&self) -> anyhow::Result<KeyPair> {
        let suri = self.suri()?;
        Ok(match self.options.number {
            Some(number) => self.patient_keys()?.key(number)?,
            None => KeyPair::from_suri(&suri, self.options.key_type)?,
        })
    }

    /// All of the patient's keys beneath `--key`.
    pub fn patient_keys(&self) -> anyhow::Result<PatientKeys> {
        Ok(PatientKeys::new(&self.suri()?, self.options.key_type)?)
    }

    /// The key with which the patient of a relationship acts: `--key` itself or one beneath it. Which one it is, is
    /// found on this machine; the node is asked for nothing but the relationship.
    ///
    /// Where `--key` is no patient's there, a custodian's or a viewer's key acts as it is.
    pub async fn key_in(&self, relationship: RelationshipId) -> anyhow::Result<KeyPair> {
        if self.options.number.is_some() {
            return self.key();
        }
        let key = self.key()?;
        let state = self.chain().await?.finalised().await?;
        let Some((patient, _)) = state.relationship(relationship).await? else {
            bail!("there is no relationship {relationship}; a new one shows once its block is final");
        };
        if key.account() == patient {
            return Ok(key);
        }
        Ok(self.patient_keys()?.find(&patient, KEYS_SEARCHED).map_or(key, |(_, key)| key))
    }

    /// Submits a call and waits as the options say.
    pub async fn submit(&self, call: &Call, key: &KeyPair) -> anyhow::Result<Submitted> {
        let wait = if self.options.in_block { Wait::InBlock } else { Wait::Finalised };
        Ok(self.chain().await?.submit(call, key, wait).await?)
    }

    fn suri(&self) -> anyhow::Result<Zeroizing<String>> {
        let Some(source) = &self.options.key else {
            bail!("say who acts: put @FILE or a secret URI into MEDREC_KEY, or give --key @FILE");
        };
        read_key(source)
    }
}

/// Reads a secret URI from where it is.
pub fn read_key(source: &KeySource) -> anyhow::Result<Zeroizing<String>> {
    match source {
        KeySource::Text(text) => {
            let by_environment = std::env::var("MEDREC_KEY").is_ok_and(|value| value == **text);
            // Names of the public development keys are no secret.
            if !by_environment && !text.starts_with("//") {
                eprintln!(
                    "medrec: warning: others on this machine can see a secret that stands on the command line; \
                     use MEDREC_KEY or @FILE"
                );
            }
            Ok(text.clone())
        }
        KeySource::File(path) => {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            warn_if_open(path);
            Ok(Zeroizing::new(Zeroizing::new(text).trim().to_owned()))
        }
    }
}

#[cfg(unix)]
fn warn_if_open(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;

    let open = std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0);
    if open {
        eprintln!("medrec: warning: others on this machine can read {}; chmod 600 it", path.display());
    }
}

#[cfg(not(unix))]
fn warn_if_open(_: &std::path::Path) {}

/// The account as its address.
pub fn address(account: &AccountId) -> String {
    sp_core::crypto::Ss58Codec::to_ss58check(account)
}
