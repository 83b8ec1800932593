//! The text a wallet signs to open a session: Sign-In-With-Substrate, CAIP-122.
//!
//! A gatekeeper writes it as the challenge, the wallet shows it to its owner and signs it, and the gatekeeper
//! reads it back. It is read strictly: a text that this module would not have written is refused, so what is
//! compared later is what the owner saw.

use core::fmt;

use medrec_policy::purpose::Purpose;
use medrec_primitives::{AccountId, Moment, RelationshipId};
use sp_core::{crypto::Ss58Codec, H256};

use crate::text;

const GREETING: &str = " wants you to sign in with your Substrate account:";

/// A sign-in as its owner consents to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Who asks: host, and port where there is one, of the gatekeeper's address.
    pub domain: String,
    /// Who signs in.
    pub account: AccountId,
    /// One line of plain words on what this is for.
    pub statement: String,
    /// The gatekeeper's address.
    pub uri: String,
    /// The first 16 bytes of the chain's genesis hash.
    pub chain: [u8; 16],
    /// From the challenge; counts once.
    pub nonce: String,
    /// From when (ms).
    pub issued_at: Moment,
    /// Until when the challenge may be answered (ms).
    pub expires_at: Moment,
    /// The purpose of every request in this session.
    pub purpose: Purpose,
    /// The one relationship that the session is about, if it is about one.
    pub patient: Option<RelationshipId>,
}

/// What a sign-in must say to be the one that was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The gatekeeper's host, and port where there is one.
    pub domain: &'a str,
    /// The gatekeeper's address.
    pub uri: &'a str,
    /// The chain.
    pub genesis: H256,
    /// The time by the local clock (ms).
    pub now: Moment,
}

/// Why a sign-in is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Not a text that this module writes.
    #[error("the sign-in text is not as it was given: sign the challenge without any change")]
    Malformed,
    /// For another gatekeeper.
    #[error("the sign-in is for another service")]
    OtherAudience,
    /// For another chain.
    #[error("the sign-in is for another chain")]
    OtherChain,
    /// Before it was issued.
    #[error("the sign-in is not valid yet: check the clock")]
    NotYet,
    /// Too late.
    #[error("the sign-in has expired: ask for a new challenge")]
    Expired,
}

/// The part of a genesis hash that CAIP-2 names a chain of Polkadot's kind by.
pub fn chain_of(genesis: H256) -> [u8; 16] {
    let mut chain = [0; 16];
    chain.copy_from_slice(&genesis.as_bytes()[..16]);
    chain
}

/// Host, and port where there is one, of a web address.
pub fn domain_of(uri: &str) -> Option<&str> {
    let rest = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"))?;
    let domain = rest.split(['/', '?', '#']).next()?;
    (!domain.is_empty()).then_some(domain)
}

impl SignIn {
    /// Reads a text that [`Display`](fmt::Display) writes, and no other.
    pub fn parse(message: &str) -> Result<Self, SignInError> {
        let sign_in = read(message).ok_or(SignInError::Malformed)?;
        // Whatever the reading above let pass in more than one spelling ends here.
        (sign_in.is_writable() && sign_in.to_string() == message)
            .then_some(sign_in)
            .ok_or(SignInError::Malformed)
    }

    /// Whether every field can be written so that it is read back unchanged.
    pub fn is_writable(&self) -> bool {
        is_domain(&self.domain)
            && !self.statement.is_empty()
            && text::is_line(&self.statement)
            && text::is_base_url(&self.uri)
            && is_nonce(&self.nonce)
            && text::rfc3339(self.issued_at).is_some()
            && text::rfc3339(self.expires_at).is_some()
    }

    /// Whether this is for that gatekeeper, that chain and this time.
    pub fn check(&self, expected: &Expected<'_>) -> Result<(), SignInError> {
        if self.domain != expected.domain || self.uri != expected.uri {
            return Err(SignInError::OtherAudience);
        }
        if self.chain != chain_of(expected.genesis) {
            return Err(SignInError::OtherChain);
        }
        if expected.now < self.issued_at {
            return Err(SignInError::NotYet);
        }
        if expected.now >= self.expires_at {
            return Err(SignInError::Expired);
        }
        Ok(())
    }
}

impl fmt::Display for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |moment| text::rfc3339(moment).ok_or(fmt::Error);
        writeln!(f, "{}{GREETING}", self.domain)?;
        writeln!(f, "{}\n", self.account.to_ss58check())?;
        writeln!(f, "{}\n", self.statement)?;
        writeln!(f, "URI: {}", self.uri)?;
        writeln!(f, "Version: 1")?;
        writeln!(f, "Chain ID: polkadot:{}", hex::encode(self.chain))?;
        writeln!(f, "Nonce: {}", self.nonce)?;
        writeln!(f, "Issued At: {}", time(self.issued_at)?)?;
        writeln!(f, "Expiration Time: {}", time(self.expires_at)?)?;
        writeln!(f, "Resources:")?;
        write!(f, "- urn:medrec:purpose:{}", self.purpose)?;
        match self.patient {
            Some(patient) => write!(f, "\n- urn:medrec:patient:{patient}"),
            None => Ok(()),
        }
    }
}

fn read(message: &str) -> Option<SignIn> {
    let mut lines = message.split('\n');
    let mut field = |prefix: &str| lines.next()?.strip_prefix(prefix);
    let domain = field("")?.strip_suffix(GREETING)?;
    let account = field("")?;
    field("")?.is_empty().then_some(())?;
    let statement = field("")?;
    field("")?.is_empty().then_some(())?;
    let uri = field("URI: ")?;
    (field("Version: ")? == "1").then_some(())?;
    let chain = field("Chain ID: polkadot:")?;
    let nonce = field("Nonce: ")?;
    let issued_at = field("Issued At: ")?;
    let expires_at = field("Expiration Time: ")?;
    field("Resources:")?.is_empty().then_some(())?;
    let purpose = field("- urn:medrec:purpose:")?;
    let patient = match lines.next() {
        Some(line) => Some(line.strip_prefix("- urn:medrec:patient:")?.parse().ok()?),
        None => None,
    };
    lines.next().is_none().then_some(())?;
    Some(SignIn {
        domain: domain.into(),
        account: text::account(account)?,
        statement: statement.into(),
        uri: uri.into(),
        chain: text::hex_array(chain)?,
        nonce: nonce.into(),
        issued_at: text::parse_rfc3339(issued_at)?,
        expires_at: text::parse_rfc3339(expires_at)?,
        purpose: purpose.parse().ok()?,
        patient,
    })
}

fn is_domain(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:[]".contains(&b))
}

/// CAIP-122 asks for at least eight letters and digits.
fn is_nonce(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}
