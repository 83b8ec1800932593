//! Emergencies while the chain cannot be reached.
//!
//! | Module | |
//! |---|---|
//! | [`snapshot`] | what of the last finalised block is kept for that time |
//! | [`window`] | when the glass may be broken here, and until when |
//! | [`submit`] | what was broken here is broken on chain once it is back |
//!
//! The rule is narrow. The chain must have been silent for longer than a decision tolerates, and for no more hours than configured; the
//! clocks must agree with the last finalised block; whoever asks must be emergency staff of that block, and the patient must not
//! have opted out in it. Denials of that block hold. What is read is the emergency summary ([`SUMMARY`]) and nothing else. A gatekeeper
//! that starts while the chain is away knows no block, and opens nothing.

use std::sync::Arc;

use medrec_policy::Purpose;
use medrec_primitives::{AccountId, EmergencyFacts, Facts, Moment, RelationshipId, StaffFacts, StaffRole};

use crate::{
    clock::Time,
    config,
    decide::Tolerance,
    store::{emergency::OpenBreak, Store, StoreError},
};

pub mod snapshot;
pub mod submit;
pub mod window;

use snapshot::Snapshot;
use window::{NotNow, Window};

/// The emergency summary: allergies, problems, medication.
pub const SUMMARY: [&str; 4] =
    ["AllergyIntolerance", "Condition", "MedicationRequest", "MedicationStatement"];

/// How long a glass stays broken (ms): `Permissions::GlassDuration` of the runtime.
pub const GLASS: Moment = 4 * 3_600_000;

/// What a gatekeeper needs while the chain is away.
pub struct Emergencies {
    /// The settings.
    pub settings: config::Emergency,
    /// What is known of the last finalised block.
    pub snapshot: Arc<Snapshot>,
    tolerance: Tolerance,
    store: Store,
    time: Arc<dyn Time>,
}

impl Emergencies {
    /// Over the gatekeeper's own store, with nothing known of the chain yet.
    pub fn new(settings: config::Emergency, tolerance: Tolerance, store: Store, time: Arc<dyn Time>) -> Self {
        Self { settings, snapshot: Arc::default(), tolerance, store, time }
    }

    /// Whether the glass may be broken here now, whoever asks.
    pub fn window(&self) -> Result<Window, NotNow> {
        let head = self.snapshot.head().ok_or(NotNow::NothingKnown)?;
        window::window(&self.settings, self.tolerance, &head, &self.time.now())
    }

    /// Who an account is among the emergency staff of the last finalised block.
    pub fn staff(&self, account: &AccountId) -> Option<StaffFacts> {
        self.snapshot
            .staff(account)
            .map(|(staff, _)| staff)
            .filter(|staff| staff.role == StaffRole::Emergency)
    }

    /// What the last finalised block knew of a person and a relationship, with a glass broken from one time to another.
    pub fn facts(
        &self,
        relationship: RelationshipId,
        account: &AccountId,
        glass: EmergencyFacts,
    ) -> Option<Facts> {
        let staff = self.staff(account)?;
        let facts = self.snapshot.facts(relationship)?;
        Some(Facts { viewer: account.clone(), staff: Some(staff), emergency: Some(glass), ..facts })
    }

    /// A person's break here, if it is open.
    pub async fn open(
        &self,
        relationship: RelationshipId,
        account: &AccountId,
    ) -> Result<Option<OpenBreak>, StoreError> {
        self.store.open_break(account, relationship, self.time.now().wall).await
    }
}

/// Whether something is read as an emergency summary is.
pub fn is_summary(purpose: Purpose, resource_type: &str) -> bool {
    purpose == Purpose::EmergencyTreatment && SUMMARY.contains(&resource_type)
}
