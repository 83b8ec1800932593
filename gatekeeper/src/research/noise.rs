//! From an exact answer to one that may leave: noise of the stated price (crate `medrec-release`), and a salted commitment.

use medrec_client::research::messages::digest;
use medrec_primitives::research::{AnswerKey, Rho, TableKind};
use medrec_release::noise;
use rand::{CryptoRng, RngCore};

use super::ResearchError;
use crate::chain::Hash;

/// An answer with its noise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noisy {
    /// The numbers, part by part.
    pub parts: Vec<Vec<i128>>,
    /// The salt of the commitment.
    pub salt: [u8; 32],
    /// What goes on chain: of one size, and telling nothing without the salt.
    pub commitment: [u8; 32],
}

/// Adds noise. A service passes [`medrec_release::Fresh`], and nothing of the result may leave before it is kept.
pub fn noisy<R: RngCore + CryptoRng>(
    rng: &mut R,
    genesis: Hash,
    key: AnswerKey,
    kind: TableKind,
    rho: Rho,
    exact: &[Vec<i128>],
) -> Result<Noisy, ResearchError> {
    let parts: Vec<Vec<i128>> =
        noise::answer(rng, kind, rho, exact)?.into_iter().map(|part| part.numbers).collect();
    let mut salt = [0; 32];
    rng.fill_bytes(&mut salt);
    let commitment = digest(genesis, key, &salt, &parts);
    Ok(Noisy { parts, salt, commitment })
}
