//! The chain, through any of its nodes: reading, building calls, submitting them.
//!
//! Reading goes through the runtime's declared interface (`MedRecApi`, by `state_call`) at a block of one's
//! choice; calls are encoded against the metadata that the node serves, so that a client whose idea of a call
//! is out of date is told so before anything is signed.
//!
//! ```no_run
//! # async fn example() -> Result<(), medrec_client::chain::ChainError> {
//! use medrec_client::{chain::{calls, Chain, Wait}, KeyPair, KeyType};
//!
//! let chain = Chain::connect("ws://127.0.0.1:9944").await?;
//! let relationship = medrec_primitives::RelationshipId::new(0, 3);
//! let key = KeyPair::patient("//Carol", 0, KeyType::Sr25519).expect("a secret URI");
//! let done = chain.submit(&calls::relationships::accept(relationship), &key, Wait::Finalised).await?;
//! println!("in block {}", done.block_number);
//! # Ok(()) }
//! ```

pub mod calls;
mod connect;
mod council;
pub mod custody;
mod error;
pub mod events;
pub mod offline;
pub mod research;
pub mod staff;
mod state;
mod submit;
mod upgrade;

pub use calls::Call;
pub use connect::{Chain, Connection, Rpc};
pub use council::{Closed, Motion, OpenMotion};
pub use error::{ChainError, Failure};
pub use state::{block_hash_key, storage_key, State};
pub use submit::{Submitted, Wait};
pub use upgrade::{code_hash, Authorized, Upgrade};
