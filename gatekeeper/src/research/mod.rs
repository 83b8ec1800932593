//! Statistics for researchers: what the chain asks for is computed once, with noise, and handed to whoever claimed it.
//!
//! | Module | Stage |
//! |---|---|
//! | [`follow`] | which answers are asked for, and what is to be done about each |
//! | [`cohort`] | who counts |
//! | [`compile`] | a definition becomes what is looked at in this provider's tables |
//! | [`compute`], [`bound`] | rows become what each person adds, and that the exact answer |
//! | [`noise`] | the exact answer becomes one that may leave, with its commitment |
//! | [`deliver`] | to whose claim won |
//! | [`patients`] | taking back, and who was counted |
//! | [`place`] | a sealed "nothing" for patients who have said nothing |
//! | [`plan`] | a plan file becomes what goes on chain |
//!
//! An answer exists once. Nothing is computed before the chain's debit is final. What was drawn is on disk before anything is told to
//! anybody, and stands for ever; numbers leave only if the finalised chain holds the commitment to these very numbers. So whatever
//! crashes, is restored or runs twice, there are never two noises for one answer outside: another draw has another commitment, and the
//! chain takes one.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use medrec_client::{research::definition::Definition, SealingSecret};
use medrec_primitives::MemberId;

use crate::{
    chain::{research::Researching, ChainError, ChainState, Hash, Heads, ProposeError},
    clock::Time,
    decide::Tolerance,
    fetch::{Database, FetchError},
    log::AuditLog,
    mapping::Mapping,
    seal::Sealer,
    store::{Store, StoreError},
};

pub mod bound;
pub mod cohort;
pub mod compile;
pub mod compute;
pub mod deliver;
pub mod follow;
pub mod noise;
pub mod patients;
pub mod place;
pub mod plan;
#[cfg(test)]
mod tests;

/// Why research pauses after a back-up was restored.
pub const RESTORED: &str = "the store is a restored back-up, or its marker was gone: withdrawals of patients may be missing in it. Enter \
                            them again, then say `medrec-gatekeeper research resume`";

/// Why there is no answer now. Texts are for the gatekeeper's own log; none depends on what a record says.
#[derive(Debug, thiserror::Error)]
pub enum ResearchError {
    /// The chain has no answer.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The chain does not take something.
    #[error(transparent)]
    Propose(#[from] ProposeError),
    /// The store complains.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database complains.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The definition cannot be answered from the mapping.
    #[error(transparent)]
    Compile(#[from] compile::CompileError),
    /// The mechanism refuses.
    #[error(transparent)]
    Mechanism(#[from] medrec_release::noise::NoAnswer),
    /// There is no state to rely on.
    #[error("the chain is not known well enough to rely on")]
    NotReady,
    /// The definition that the plan names is not here.
    #[error("no file of `research.definitions` has the digest 0x{0}, which the plan on chain names")]
    NoDefinition(String),
    /// The definition is not of the planned table.
    #[error("the definition is of another kind, or has other bounds, than the table on chain")]
    OtherTable,
    /// The plan does not hold any more, or never did.
    #[error("the table is not planned, was taken back, or its epoch is not over")]
    NotPlanned,
    /// The state of the snapshot is gone.
    #[error("the node does not have block {0} any more, at which the cohort is taken: let it keep the states of some days (--state-pruning)")]
    SnapshotGone(u32),
    /// The gatekeeper's own ledger is full.
    #[error("the gatekeeper's own ledger has no room for it: rho 0.1 in any 370 days, 1.0 ever")]
    OverBudget,
    /// The store may lack what patients took back.
    #[error("paused: {0}")]
    Paused(String),
    /// A computation did not come to its end.
    #[error("a computation broke off")]
    Broken,
}

/// What research is made of.
pub struct Parts {
    /// The member it answers for.
    pub member: MemberId,
    /// The states that are relied on.
    pub chain: Arc<dyn ChainState>,
    /// Research on chain.
    pub reader: Arc<dyn Researching>,
    /// The clocks.
    pub time: Arc<dyn Time>,
    /// How far time may be off.
    pub tolerance: Tolerance,
    /// The gatekeeper's own file.
    pub store: Store,
    /// The log in it.
    pub log: AuditLog,
    /// Signs what is answered.
    pub sealer: Sealer,
    /// The provider's secrets, by the number under which the chain knows their public keys.
    pub sealing: Vec<SealingSecret>,
    /// How rows become resources.
    pub mapping: Mapping,
    /// The provider's database, with a time limit of its own.
    pub database: Database,
    /// The definitions of planned tables.
    pub definitions: Definitions,
}

/// Statistics of one provider.
pub struct Research {
    parts: Parts,
    genesis: Hash,
}

impl Research {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        let genesis = parts.chain.genesis();
        Self { parts, genesis }
    }

    /// The definitions that are served.
    pub fn definitions(&self) -> &Definitions {
        &self.parts.definitions
    }

    /// The states to rely on, if they are fresh.
    fn heads(&self) -> Result<Arc<Heads>, ResearchError> {
        let heads = self.parts.chain.heads().ok_or(ResearchError::NotReady)?;
        let now = self.parts.time.now();
        let age = now.monotonic.saturating_duration_since(heads.finalised_at);
        let fresh = age.as_millis() <= u128::from(self.parts.tolerance.max_finality_age_ms);
        fresh.then_some(heads).ok_or(ResearchError::NotReady)
    }
}

/// Definitions by their digests.
#[derive(Clone, Debug, Default)]
pub struct Definitions(HashMap<[u8; 32], Definition>);

/// Why a folder of definitions cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionsError {
    /// A file cannot be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file is no definition.
    #[error("{path}: {error}")]
    Definition {
        /// Which.
        path: PathBuf,
        /// Why.
        error: medrec_client::research::definition::DefinitionError,
    },
}

impl Definitions {
    /// Reads every `.toml` file of a folder.
    pub fn load(folder: &Path) -> Result<Self, DefinitionsError> {
        let read = |path: &Path, error| DefinitionsError::Read { path: path.to_owned(), error };
        let mut definitions = HashMap::new();
        for entry in std::fs::read_dir(folder).map_err(|error| read(folder, error))? {
            let path = entry.map_err(|error| read(folder, error))?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let text = std::fs::read_to_string(&path).map_err(|error| read(&path, error))?;
                let definition = Definition::read(&text)
                    .map_err(|error| DefinitionsError::Definition { path: path.clone(), error })?;
                definitions.insert(definition.digest(), definition);
            }
        }
        Ok(Self(definitions))
    }

    /// These definitions.
    pub fn new(definitions: impl IntoIterator<Item = Definition>) -> Self {
        Self(definitions.into_iter().map(|definition| (definition.digest(), definition)).collect())
    }

    /// The definition with this digest.
    pub fn get(&self, digest: &[u8; 32]) -> Option<&Definition> {
        self.0.get(digest)
    }

    /// All of them, by title.
    pub fn all(&self) -> Vec<&Definition> {
        let mut all: Vec<&Definition> = self.0.values().collect();
        all.sort_by_key(|definition| (definition.title().to_owned(), definition.digest()));
        all
    }
}
