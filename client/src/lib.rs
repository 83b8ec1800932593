#![doc = include_str!("../README.md")]
//!
//! ## Modules
//!
//! | Module | Holds |
//! |---|---|
//! | [`keys`] | key pairs from secret URIs; the patient's key per relationship |
//! | [`signature`] | signatures as wallets make them, raw and `<Bytes>`-wrapped |
//! | [`sealing`] | terms and locators sealed to a provider (HPKE) |
//! | [`sealed`] | answers sealed to whoever asked |
//! | [`question`] | what a request on chain asks, sealed to the provider; salted digests of answers |
//! | [`signin`] | the text a wallet signs to open a session (CAIP-122) |
//! | [`request`] | single signed requests, without a session |
//! | [`emergency`] | breaking the glass while the chain cannot be reached |
//! | [`enrol`] | tickets, and the proof that a patient holds one |
//! | [`answer`] | the gatekeeper's signature under what it answers |
//! | [`log`] | an entry of a gatekeeper's log: sealed, hashed, proven to be under a root on chain |
//! | [`share_link`] | SMART Health Links: the text, and the files that it opens |
//! | [`proven`] | whether what was shown is what the chain vouches for |
//! | [`research`] | release choices, definitions of tables, answers |
//! | [`messages`] | the JSON bodies that gatekeepers take and give |
//! | [`notices`] | what gatekeepers tell of their own accord; signatures of webhooks |
//! | [`chain`] | reading the chain, building calls, submitting them |
//! | [`gatekeeper`] | an HTTP client for gatekeepers |
//! | [`cli`] | the `medrec` command |

pub mod answer;
pub mod chain;
pub mod cli;
pub mod desk;
pub mod emergency;
pub mod enrol;
pub mod gatekeeper;
pub mod keys;
pub mod log;
pub mod messages;
pub mod notices;
pub mod proven;
pub mod question;
pub mod request;
pub mod research;
pub mod sealed;
pub mod sealing;
pub mod share_link;
pub mod signature;
pub mod signin;
mod text;

pub use chain::Chain;
pub use keys::{KeyPair, KeyType};
pub use sealing::SealingSecret;
pub use signature::Signature;

/// A hash of 32 bytes: of a block, of an extrinsic.
pub use sp_core::H256;

#[cfg(test)]
mod tests;
