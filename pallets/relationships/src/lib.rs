#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod allowance;
mod deposits;
pub mod extension;
mod lifecycle;
mod parties;
mod pointers;
mod rules;
mod try_state;
pub mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use deposits::DEPOSIT_PALLET_ID;
pub use pallet::*;
pub use rules::{OnRelationshipEnded, RuleCounts, RuleSlot};
pub use types::{Allowance, BalanceOf, KeyRecord, KeyRole, Relationship, MAX_CUSTODIANS, MAX_POINTERS};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
    use frame_support::{pallet_prelude::*, traits::fungible};
    use frame_system::pallet_prelude::*;
    use medrec_primitives::{AccountId, MemberId, Pointer, RelationshipId, SealedLocator, TicketDigest};

    use super::*;

    /// The layout of storage that this code reads and writes.
    pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the runtime must say before patients can enrol.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>> + pallet_registry::Config
    {
        /// Where deposits are held.
        type Deposits: fungible::hold::Mutate<AccountId, Reason = <Self as Config>::RuntimeHoldReason>;
        /// Why deposits are held.
        type RuntimeHoldReason: From<HoldReason>;
        /// Held from the provider's deposit account for what stays for ever: the record, the patient's account and
        /// the key's tombstone (plancks).
        #[pallet::constant]
        type RecordDeposit: Get<BalanceOf<Self>>;
        /// Held from the provider's deposit account while the relationship lasts, for all the pointers and rules that it
        /// can have (plancks).
        #[pallet::constant]
        type UseDeposit: Get<BalanceOf<Self>>;
        /// How many free calls a key has a day (UTC), those that narrow access not counted.
        #[pallet::constant]
        type FreeCallsPerDay: Get<u8>;
        /// How many free calls that narrow access a key has a day (UTC), besides.
        #[pallet::constant]
        type NarrowingCallsPerDay: Get<u8>;
        /// How many free calls a person on a member's staff has a day (UTC), those that narrow access not counted.
        #[pallet::constant]
        type StaffCallsPerDay: Get<u8>;
        /// How many free calls that narrow access a person on a member's staff has a day (UTC), besides.
        #[pallet::constant]
        type StaffNarrowingPerDay: Get<u8>;
        /// Told when a relationship ends, and clears what hung on it.
        type OnEnded: OnRelationshipEnded;
        /// Weights from benchmarks.
        type WeightInfo: crate::WeightInfo;
    }

    /// Why a deposit is held.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// A relationship's footprint.
        Relationship,
    }

    /// The index that each provider's next relationship gets.
    #[pallet::storage]
    pub type NextIndex<T: Config> = StorageMap<_, Twox64Concat, MemberId, u32, ValueQuery>;

    /// The relationships, ended ones among them.
    #[pallet::storage]
    pub type Relationships<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        MemberId,
        Twox64Concat,
        u32,
        Relationship<BalanceOf<T>>,
        OptionQuery,
    >;

    /// What a patient's or custodian's key is for. Entries stay for ever: they are the tombstones by which no key is used
    /// twice.
    #[pallet::storage]
    pub type Keys<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, KeyRecord, OptionQuery>;

    /// The free calls that staff have made, by key. An entry is made by a key's first free call, and stays with the key,
    /// whose member paid for it with `pallet_registry::Config::StaffDeposit`.
    #[pallet::storage]
    pub type StaffAllowances<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Allowance, ValueQuery>;

    /// Sealed pointers to the records of each relationship, by slot.
    #[pallet::storage]
    pub type Pointers<T: Config> = StorageNMap<
        _,
        (NMapKey<Twox64Concat, MemberId>, NMapKey<Twox64Concat, u32>, NMapKey<Twox64Concat, u8>),
        Pointer,
        OptionQuery,
    >;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A provider proposed a relationship.
        Proposed {
            /// The relationship.
            relationship: RelationshipId,
            /// The patient's key in it.
            patient: AccountId,
            /// Digest of the enrolment ticket that the patient presented.
            ticket: TicketDigest,
        },
        /// The patient accepted.
        Accepted {
            /// The relationship.
            relationship: RelationshipId,
        },
        /// The patient rejected.
        Rejected {
            /// The relationship.
            relationship: RelationshipId,
        },
        /// The relationship ended.
        Ended {
            /// The relationship.
            relationship: RelationshipId,
        },
        /// The provider set a pointer.
        PointerSet {
            /// The relationship.
            relationship: RelationshipId,
            /// Which of the relationship's pointers.
            slot: u8,
            /// Counts its changes from 1.
            version: u32,
        },
        /// The provider withdrew a pointer.
        PointerWithdrawn {
            /// The relationship.
            relationship: RelationshipId,
            /// Which of the relationship's pointers.
            slot: u8,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no such relationship.
        UnknownRelationship,
        /// The account has no part in this relationship, or not the right to do this.
        NotAllowed,
        /// The relationship's status does not allow this.
        WrongStatus,
        /// The member's deposit account cannot cover the deposit. Transfer to it; see `deposit_account`.
        DepositAccountTooLow,
        /// There is no pointer in this slot.
        UnknownPointer,
        /// A relationship has pointers 0 to 7.
        BadSlot,
        /// All identifiers of this kind have been handed out.
        IdsExhausted,
        /// The relationship has as many allowing rules as it may have. Revoke some.
        TooManyAllows,
        /// The relationship has as many denials as it may have. Revoke some.
        TooManyDenials,
        /// As much of this relationship has been shared onward as may be. Take some of it back.
        TooManyShared,
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
        /// Propose a relationship to the patient behind a fresh key, who has presented an enrolment ticket.
        ///
        /// The patient's account exists from then on, without any balance, and for ever.
        ///
        /// **Who:** an active provider's account, or its gatekeeper's key. **Holds:** [`Config::RecordDeposit`] and
        /// [`Config::UseDeposit`] on the provider's deposit account.
        ///
        /// ## Parameters
        /// - `patient`: the patient's key for this relationship, never used before.
        /// - `ticket`: digest of the ticket.
        ///
        /// ## Emits
        /// [`Event::Proposed`].
        #[pallet::call_index(0)]
        #[pallet::weight(<T as Config>::WeightInfo::propose())]
        pub fn propose(origin: OriginFor<T>, patient: AccountId, ticket: TicketDigest) -> DispatchResult {
            let member = pallet_registry::Pallet::<T>::ensure_active_provider(origin)?;
            Self::do_propose(member, patient, ticket)
        }

        /// Accept a proposed relationship.
        ///
        /// **Who:** the patient, or a custodian with `MANAGE`. **Free.**
        ///
        /// ## Emits
        /// [`Event::Accepted`].
        #[pallet::call_index(1)]
        #[pallet::weight(<T as Config>::WeightInfo::accept())]
        #[pallet::feeless_if(|origin: &OriginFor<T>, relationship: &RelationshipId| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn accept(origin: OriginFor<T>, relationship: RelationshipId) -> DispatchResult {
            Self::do_accept(origin, relationship)
        }

        /// Reject a proposed relationship. It ends; the key stays used.
        ///
        /// **Who:** the patient, or a custodian with `MANAGE`. **Free**, and narrows access.
        ///
        /// ## Emits
        /// [`Event::Rejected`].
        #[pallet::call_index(2)]
        #[pallet::weight((<T as Config>::WeightInfo::reject(), DispatchClass::Operational))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, relationship: &RelationshipId| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn reject(origin: OriginFor<T>, relationship: RelationshipId) -> DispatchResult {
            Self::do_reject(origin, relationship)
        }

        /// End a relationship, for good: pointers and rules are removed, the record and the key's tombstone stay.
        ///
        /// **Who:** the patient, a custodian with `MANAGE`, or the provider in any status. **Free** for patients and
        /// custodians, and narrows access.
        ///
        /// ## Emits
        /// [`Event::Ended`].
        #[pallet::call_index(3)]
        #[pallet::weight((
            <T as Config>::WeightInfo::end().saturating_add(T::OnEnded::weight()),
            DispatchClass::Operational
        ))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, relationship: &RelationshipId| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn end(origin: OriginFor<T>, relationship: RelationshipId) -> DispatchResult {
            Self::do_end(origin, relationship)
        }

        /// Add a pointer to records, or replace the one in its slot.
        ///
        /// **Who:** the active provider's account, or its gatekeeper's key.
        ///
        /// ## Parameters
        /// - `slot`: 0 to 7.
        /// - `locator`: where the records are, sealed to the provider itself.
        /// - `root`: Merkle root over the records.
        ///
        /// ## Emits
        /// [`Event::PointerSet`].
        #[pallet::call_index(4)]
        #[pallet::weight(<T as Config>::WeightInfo::set_pointer())]
        pub fn set_pointer(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            slot: u8,
            locator: SealedLocator,
            root: [u8; 32],
        ) -> DispatchResult {
            let member = pallet_registry::Pallet::<T>::ensure_active_provider(origin)?;
            Self::do_set_pointer(member, relationship, slot, locator, root)
        }

        /// Withdraw a pointer.
        ///
        /// **Who:** the active provider's account, or its gatekeeper's key.
        ///
        /// ## Emits
        /// [`Event::PointerWithdrawn`].
        #[pallet::call_index(5)]
        #[pallet::weight(<T as Config>::WeightInfo::withdraw_pointer())]
        pub fn withdraw_pointer(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            slot: u8,
        ) -> DispatchResult {
            let member = pallet_registry::Pallet::<T>::ensure_active_provider(origin)?;
            Self::do_withdraw_pointer(member, relationship, slot)
        }
    }
}
