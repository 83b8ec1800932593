//! Enrolment: the ticket that a provider's staff hand to a patient whose identity they have proofed, and the
//! patient's proof of holding it.
//!
//! The patient's fresh key signs ticket, provider and chain. The chain sees a digest of the ticket, which tells
//! the patient that a proposed relationship is the one they enrolled for.

use core::{fmt, str::FromStr};

use medrec_primitives::{AccountId, MemberId, TicketDigest};
use rand::RngCore;
use sp_core::{crypto::Ss58Codec, H256};
use sp_crypto_hashing::blake2_256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    keys::KeyPair,
    signature::{self, Signature, SignatureError},
    text,
};

const DIGEST: &[u8] = b"medrec/ticket/v1";
const PREFIX: &str = "medrec-ticket:v1:";

/// The secret part of a ticket: 128 bits, used once. Wiped when dropped and shown only within [`Ticket`]'s text.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct TicketSecret([u8; 16]);

impl TicketSecret {
    /// A fresh secret from the operating system's randomness.
    pub fn generate() -> Self {
        let mut bytes = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// The secret of these bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The secret of 32 lower-case hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        text::hex_array(text).map(Self)
    }

    /// Its bytes.
    pub fn expose(&self) -> &[u8; 16] {
        &self.0
    }

    /// Its 32 hexadecimal digits.
    pub fn expose_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// What the chain is shown of it.
    pub fn digest(&self) -> TicketDigest {
        let mut digest = TicketDigest::default();
        digest.copy_from_slice(&blake2_256(&[DIGEST, &self.0].concat())[..16]);
        digest
    }
}

impl fmt::Debug for TicketSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketSecret(..)")
    }
}

/// A ticket as it is handed over, on paper or as a QR code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The gatekeeper's public address, without a slash at the end.
    pub gatekeeper: String,
    /// The chain.
    pub genesis: H256,
    /// The provider.
    pub member: MemberId,
    /// The secret.
    pub secret: TicketSecret,
}

/// The text is not a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a ticket; it starts with medrec-ticket:v1: and must be copied whole")]
pub struct TicketError;

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{PREFIX}{}:{}:{}:{}",
            text::percent_encode(&self.gatekeeper),
            hex::encode(self.genesis),
            self.member,
            self.secret.expose_hex(),
        )
    }
}

impl FromStr for Ticket {
    type Err = TicketError;

    fn from_str(ticket: &str) -> Result<Self, Self::Err> {
        let read = || {
            let mut parts = ticket.strip_prefix(PREFIX)?.split(':');
            let gatekeeper = text::percent_decode(parts.next()?).filter(|url| text::is_base_url(url))?;
            let genesis = H256(text::hex_array(parts.next()?)?);
            let member = text::number(parts.next()?)?;
            let secret = TicketSecret::from_hex(parts.next()?)?;
            parts.next().is_none().then_some(Self { gatekeeper, genesis, member, secret })
        };
        read().ok_or(TicketError)
    }
}

/// The text that the patient's fresh key signs.
pub fn message(genesis: H256, member: MemberId, secret: &TicketSecret, account: &AccountId) -> String {
    format!(
        "medrec-enrol-v1\n{}\n{member}\n{}\n{}",
        text::hex0x(genesis),
        secret.expose_hex(),
        account.to_ss58check()
    )
}

/// The patient's proof of holding the ticket.
pub fn sign(key: &KeyPair, ticket: &Ticket) -> Signature {
    key.sign(message(ticket.genesis, ticket.member, &ticket.secret, &key.account()).as_bytes())
}

/// Checks a patient's proof of holding a ticket of this provider's.
pub fn verify(
    genesis: H256,
    member: MemberId,
    secret: &TicketSecret,
    account: &AccountId,
    signature: &[u8],
) -> Result<(), SignatureError> {
    signature::verify(account, None, message(genesis, member, secret, account).as_bytes(), signature)
}
