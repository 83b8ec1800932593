#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod facts;
mod rules;
mod try_state;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use medrec_primitives::{
        AccountId, Effect, Grant, GrantId, GrantTerms, MemberId, Moment, RelationshipId, Viewer,
    };

    use super::*;

    /// The layout of storage that this code reads and writes.
    pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the runtime must say before patients can grant.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
        + pallet_relationships::Config
    {
        /// How many allowing rules a relationship may have.
        #[pallet::constant]
        type MaxAllows: Get<u8>;
        /// How many denials a relationship may have: slots of their own, so that no number of grants keeps a patient from
        /// denying.
        #[pallet::constant]
        type MaxDenials: Get<u8>;
        /// Weights from benchmarks.
        type WeightInfo: crate::WeightInfo;
    }

    /// The rules of each relationship.
    #[pallet::storage]
    pub type Rules<T: Config> = StorageNMap<
        _,
        (NMapKey<Twox64Concat, MemberId>, NMapKey<Twox64Concat, u32>, NMapKey<Twox64Concat, GrantId>),
        Grant,
        OptionQuery,
    >;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Someone was granted access.
        Granted {
            /// Whose records.
            relationship: RelationshipId,
            /// The rule.
            grant: GrantId,
            /// Whom it is about.
            viewer: Viewer,
        },
        /// Someone was denied access.
        Denied {
            /// Whose records.
            relationship: RelationshipId,
            /// The rule.
            grant: GrantId,
            /// Whom it is about.
            viewer: Viewer,
        },
        /// A grant or denial was taken back.
        Revoked {
            /// Whose records.
            relationship: RelationshipId,
            /// The rule, which is gone.
            grant: GrantId,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The relationship is not active.
        WrongStatus,
        /// There is no such member or group to grant to.
        UnknownViewer,
        /// The patient needs no grant.
        ViewerIsPatient,
        /// The rule would end before it starts, or has ended already.
        BadTerm,
        /// The terms are sealed to a key that the provider has replaced. Seal them to its current one.
        StaleSealingKey,
        /// There is no such rule.
        UnknownGrant,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Let a viewer see what the terms cover.
        ///
        /// **Who:** the patient, or a custodian with `GRANT`, of an active relationship. **Free.** At most
        /// [`Config::MaxAllows`] at once.
        ///
        /// ## Parameters
        /// - `viewer`: a key, a member's staff, or a group's.
        /// - `terms`: `Everything`, or terms sealed to the provider's current sealing key.
        /// - `not_before`, `not_after`: from when and until when (ms); not ended yet.
        /// - `may_share`: whether the viewer may share onward.
        ///
        /// ## Emits
        /// [`Event::Granted`].
        #[pallet::call_index(0)]
        #[pallet::weight(<T as Config>::WeightInfo::grant())]
        #[pallet::feeless_if(|
            origin: &OriginFor<T>,
            relationship: &RelationshipId,
            _viewer: &Viewer,
            _terms: &GrantTerms,
            _not_before: &Option<Moment>,
            _not_after: &Option<Moment>,
            _may_share: &bool
        | -> bool {
            pallet_relationships::Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn grant(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            viewer: Viewer,
            terms: GrantTerms,
            not_before: Option<Moment>,
            not_after: Option<Moment>,
            may_share: bool,
        ) -> DispatchResult {
            let rule = Grant {
                viewer,
                effect: Effect::Allow,
                terms,
                not_before,
                not_after,
                may_share,
                parent: None,
            };
            Self::add(origin, relationship, rule)
        }

        /// Refuse a viewer what the terms cover, whatever any grant says.
        ///
        /// **Who:** the patient, or a custodian with `GRANT`, of an active relationship. **Free**, and narrows access. At
        /// most [`Config::MaxDenials`] at once, in slots of their own.
        ///
        /// ## Parameters
        /// As for [`Pallet::grant`].
        ///
        /// ## Emits
        /// [`Event::Denied`].
        #[pallet::call_index(1)]
        #[pallet::weight((<T as Config>::WeightInfo::deny(), DispatchClass::Operational))]
        #[pallet::feeless_if(|
            origin: &OriginFor<T>,
            relationship: &RelationshipId,
            _viewer: &Viewer,
            _terms: &GrantTerms,
            _not_before: &Option<Moment>,
            _not_after: &Option<Moment>
        | -> bool {
            pallet_relationships::Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn deny(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            viewer: Viewer,
            terms: GrantTerms,
            not_before: Option<Moment>,
            not_after: Option<Moment>,
        ) -> DispatchResult {
            let rule = Grant {
                viewer,
                effect: Effect::Deny,
                terms,
                not_before,
                not_after,
                may_share: false,
                parent: None,
            };
            Self::add(origin, relationship, rule)
        }

        /// Take a grant or denial back. It leaves nothing in storage, and what was shared onward from it falls with it.
        ///
        /// **Who:** the patient, or a custodian with `GRANT`. **Free**, and of the class that goes first.
        ///
        /// ## Emits
        /// [`Event::Revoked`].
        #[pallet::call_index(2)]
        #[pallet::weight((<T as Config>::WeightInfo::revoke(), DispatchClass::Operational))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, relationship: &RelationshipId, _grant: &GrantId| -> bool {
            pallet_relationships::Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn revoke(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            #[pallet::compact] grant: GrantId,
        ) -> DispatchResult {
            Self::remove(origin, relationship, grant)
        }
    }
}
