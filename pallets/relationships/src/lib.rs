#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

extern crate alloc;

mod allowance;
mod custodians;
mod deposits;
pub mod extension;
mod keys;
mod lifecycle;
mod minors;
mod parties;
mod pointers;
mod rekey;
mod rules;
mod silence;
mod try_state;
pub mod types;
pub mod weights;

#[cfg(any(feature = "runtime-benchmarks", test))]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use deposits::DEPOSIT_PALLET_ID;
pub use pallet::*;
pub use rules::{OnCustodiansGone, OnRelationshipEnded, RuleCounts, RuleSlot};
pub use types::{
    Allowance, BalanceOf, Custodians, KeyCounts, KeyRecord, KeyRole, Rekey, RekeyStage, Relationship, StepIn,
    Suspension, INACTIVITY_DAYS, MAX_CUSTODIANS, MAX_CUSTODIAN_KEYS, MAX_MINORITY, MAX_PATIENT_KEYS,
    MAX_POINTERS, MIN_CUSTODY, REKEY_DELAY, REKEY_TERM,
};
pub use weights::WeightInfo;

// What FRAME's macros write.
#[allow(clippy::expect_used, clippy::unreachable)]
#[frame_support::pallet]
pub mod pallet {
    use frame_support::{pallet_prelude::*, traits::fungible};
    use frame_system::pallet_prelude::*;
    use medrec_primitives::{
        AccountId, MemberId, Moment, Pointer, RelationshipFlags, RelationshipId, SealedLocator, TicketDigest,
    };

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
        type Deposits: fungible::hold::Mutate<AccountId, Reason = <Self as Config>::RuntimeHoldReason>
            + fungible::Mutate<AccountId>;
        /// Why deposits are held.
        type RuntimeHoldReason: From<HoldReason>;
        /// Held from the provider's deposit account for what stays for ever: the record, and the accounts and tombstones
        /// of all the keys that the patient ([`MAX_PATIENT_KEYS`]) and custodians ([`MAX_CUSTODIAN_KEYS`]) can ever have
        /// (plancks).
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
        /// Told when custodians are removed or narrowed, and takes back what they granted.
        type OnCustodiansGone: OnCustodiansGone;
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

    /// When each minor who has no key yet comes of age (ms).
    #[pallet::storage]
    pub type Handovers<T: Config> =
        StorageDoubleMap<_, Twox64Concat, MemberId, Twox64Concat, u32, Moment, OptionQuery>;

    /// Requests of custodians to step in, void ones among them until someone tidies up.
    #[pallet::storage]
    pub type StepIns<T: Config> =
        StorageDoubleMap<_, Twox64Concat, MemberId, Twox64Concat, u32, StepIn, OptionQuery>;

    /// Requests to replace lost keys.
    #[pallet::storage]
    pub type Rekeys<T: Config> =
        StorageDoubleMap<_, Twox64Concat, MemberId, Twox64Concat, u32, Rekey, OptionQuery>;

    /// What resuming needs besides the patient's side, where it needs anything.
    #[pallet::storage]
    pub type Suspensions<T: Config> =
        StorageDoubleMap<_, Twox64Concat, MemberId, Twox64Concat, u32, Suspension, ValueQuery>;

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
        /// Either side suspended the relationship.
        Suspended {
            /// The relationship.
            relationship: RelationshipId,
        },
        /// The patient's side resumed the relationship.
        Resumed {
            /// The relationship.
            relationship: RelationshipId,
        },
        /// The patient's side has seen a version of a pointer.
        Acknowledged {
            /// The relationship.
            relationship: RelationshipId,
            /// Which of the relationship's pointers.
            slot: u8,
            /// The version seen.
            version: u32,
        },
        /// The list of custodians was set.
        CustodiansSet {
            /// The relationship.
            relationship: RelationshipId,
        },
        /// A custodian was removed.
        CustodianRemoved {
            /// The relationship.
            relationship: RelationshipId,
            /// Whose key.
            key: AccountId,
        },
        /// The patient's open choices changed.
        FlagsSet {
            /// The relationship.
            relationship: RelationshipId,
            /// What they are now.
            flags: RelationshipFlags,
        },
        /// The patient set or unset the inactivity period.
        InactivitySet {
            /// The relationship.
            relationship: RelationshipId,
            /// The period in days, if there is one.
            days: Option<u16>,
        },
        /// A custodian asked to step in for a patient who has been silent.
        StepInRequested {
            /// The relationship.
            relationship: RelationshipId,
            /// The custodian's key.
            key: AccountId,
        },
        /// The provider confirmed that custodians step in.
        SteppedIn {
            /// The relationship.
            relationship: RelationshipId,
        },
        /// Stepping in, or the request to, was undone explicitly. Any call of the patient's undoes it without this event.
        SteppedOut {
            /// The relationship.
            relationship: RelationshipId,
        },
        /// A provider proposed a relationship for a minor.
        MinorProposed {
            /// The relationship.
            relationship: RelationshipId,
            /// The guardian's key in it.
            guardian: AccountId,
            /// When the minor comes of age (ms).
            handover: Moment,
            /// Digest of the enrolment ticket that the guardian presented.
            ticket: TicketDigest,
        },
        /// The provider enrolled a key of the patient's own after the handover; the patient has not accepted yet.
        PatientEnrolled {
            /// The relationship.
            relationship: RelationshipId,
            /// The patient's key.
            patient: AccountId,
            /// Digest of the enrolment ticket that the patient presented.
            ticket: TicketDigest,
        },
        /// A fresh key was named to follow a lost one.
        RekeyRequested {
            /// The relationship.
            relationship: RelationshipId,
            /// The lost key.
            lost: AccountId,
            /// The fresh key.
            key: AccountId,
            /// From when it may be finished (ms), approvals given.
            ready: Moment,
        },
        /// The other side approved a rekey.
        RekeyApproved {
            /// The relationship.
            relationship: RelationshipId,
            /// The fresh key.
            key: AccountId,
            /// From when it may be finished (ms).
            ready: Moment,
        },
        /// The provider took a rekey back. The fresh key stays used.
        RekeyCancelled {
            /// The relationship.
            relationship: RelationshipId,
        },
        /// The key that is said to be lost vetoed a rekey: the relationship is suspended until identity is proofed anew.
        RekeyVetoed {
            /// The relationship.
            relationship: RelationshipId,
        },
        /// The provider proofed identity anew after a veto.
        Reproofed {
            /// The relationship.
            relationship: RelationshipId,
            /// The key that goes on.
            key: AccountId,
            /// Digest of the ticket that its holder presented.
            ticket: TicketDigest,
        },
        /// A rekey is over.
        RekeyConcluded {
            /// The relationship.
            relationship: RelationshipId,
            /// The key that goes on.
            key: AccountId,
        },
        /// A member took back what nothing was held for.
        DepositWithdrawn {
            /// The member.
            member: MemberId,
            /// How much (plancks).
            amount: BalanceOf<T>,
        },
        /// The provider no longer stands in the way of resuming what it had suspended. The patient's side has to resume it.
        ResumptionAllowed {
            /// The relationship.
            relationship: RelationshipId,
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
        /// This version of the pointer is acknowledged already, or does not exist yet.
        BadVersion,
        /// A custodian is named twice, has no right or one without meaning, or a term that is empty or over.
        BadCustodian,
        /// There is no custodian with this key.
        UnknownCustodian,
        /// The relationship has had as many keys of this kind as it may ever have. End it, and enrol anew.
        TooManyKeys,
        /// A flag without meaning, or one both set and cleared.
        BadFlags,
        /// The inactivity period is shorter than 30 days or longer than 3,660.
        BadPeriod,
        /// The patient has set no inactivity period, or has made a call within it.
        NotSilent,
        /// Nobody has requested this, or the patient's next call has made it void.
        NotRequested,
        /// This was requested already, and the request still stands.
        AlreadyRequested,
        /// This side has approved already.
        AlreadyApproved,
        /// The provider has not approved, or none of the custodians who manage the relationship has.
        NotApproved,
        /// The provider gives the digest of the ticket by which it proofed identity anew; a custodian gives none.
        BadTicket,
        /// This is not the key that was named.
        WrongKey,
        /// The date is not 1 January or 1 July, 00:00 UTC, or is past or more than 22 years ahead.
        BadHandover,
        /// The date or the end of the delay has not come.
        TooEarly,
        /// A rekey was vetoed. Nothing goes on until the provider has proofed identity anew and said so by `reproof`.
        Frozen,
        /// No rekey was vetoed.
        NotFrozen,
        /// The provider suspended the relationship. It has to consent by `resume` first.
        ProviderSuspended,
        /// A rekey is under way. Custodians are set when it is over; they can be removed by `remove_custodian`.
        Rekeying,
        /// The rekey was not finished in time. After a veto the provider gives its word again by `reproof`; otherwise it
        /// takes the rekey back by `cancel_rekey`, and it can be asked for anew.
        Lapsed,
        /// This custodian had managed the relationship for less than 7 days when the rekey was asked for. Someone else has to
        /// approve.
        TooNew,
        /// Nothing, or less than this, is free on the member's deposit account. What is held comes free when relationships end.
        NotFree,
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
        /// **Who:** the patient, a custodian with `MANAGE`, or the provider's account in any status, but not its gatekeeper's
        /// key. **Free** for patients and custodians, and narrows access.
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

        /// Suspend a relationship: nobody reads through it until it is resumed. The provider may add its suspension to the
        /// patient's; resuming then needs its consent.
        ///
        /// **Who:** the patient, a custodian with `MANAGE`, or the provider in any status (two records turned out to be of
        /// one person, or one of two). **Free** for patients and custodians, and narrows access.
        ///
        /// ## Emits
        /// [`Event::Suspended`].
        #[pallet::call_index(6)]
        #[pallet::weight((<T as Config>::WeightInfo::suspend(), DispatchClass::Operational))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, relationship: &RelationshipId| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn suspend(origin: OriginFor<T>, relationship: RelationshipId) -> DispatchResult {
            Self::do_suspend(origin, relationship)
        }

        /// Resume a suspended relationship. After the veto of a rekey, only once identity is proofed anew, and only by the
        /// key that goes on. A provider that suspended it consents by this call; the patient's side resumes it then.
        ///
        /// **Who:** the patient, or a custodian with `MANAGE`; to consent, the active provider. **Free** for patients and
        /// custodians.
        ///
        /// ## Emits
        /// [`Event::Resumed`], or [`Event::ResumptionAllowed`] for the provider.
        #[pallet::call_index(7)]
        #[pallet::weight(<T as Config>::WeightInfo::resume())]
        #[pallet::feeless_if(|origin: &OriginFor<T>, relationship: &RelationshipId| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn resume(origin: OriginFor<T>, relationship: RelationshipId) -> DispatchResult {
            Self::do_resume(origin, relationship)
        }

        /// Acknowledge a version of a pointer. Portals show what is new (nothing acknowledged), updated or seen.
        ///
        /// **Who:** the patient, or a custodian with `READ`. **Free.**
        ///
        /// ## Parameters
        /// - `version`: the version seen: later than the last one acknowledged, and at most the pointer's.
        ///
        /// ## Emits
        /// [`Event::Acknowledged`].
        #[pallet::call_index(8)]
        #[pallet::weight(<T as Config>::WeightInfo::acknowledge())]
        #[pallet::feeless_if(|origin: &OriginFor<T>,
                               relationship: &RelationshipId,
                               _slot: &u8,
                               _version: &u32| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn acknowledge(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            slot: u8,
            #[pallet::compact] version: u32,
        ) -> DispatchResult {
            Self::do_acknowledge(origin, relationship, slot, version)
        }

        /// Set the whole list of custodians at once. Keys not seen before must be fresh and are opened; keys that are
        /// left out stay used and are nothing any more. What a custodian granted falls where it is left out, no longer both
        /// reads and grants, or has less time or a new condition. Whoever is newly named to manage does so from now on at
        /// the earliest. Not while a rekey is under way.
        ///
        /// **Who:** the patient, or a custodian with `MANAGE`, who can appoint nobody beyond its own rights, dates and
        /// condition, cannot widen itself, and leaves others with `MANAGE` as they are. **Free**; the keys were paid for
        /// with the proposal.
        ///
        /// ## Parameters
        /// - `custodians`: at most [`MAX_CUSTODIANS`]; in all the time of a relationship at most [`MAX_CUSTODIAN_KEYS`] keys.
        ///
        /// ## Emits
        /// [`Event::CustodiansSet`].
        #[pallet::call_index(9)]
        #[pallet::weight(
            <T as Config>::WeightInfo::set_custodians(custodians.len() as u32)
                .saturating_add(T::OnCustodiansGone::weight())
        )]
        #[pallet::feeless_if(|origin: &OriginFor<T>,
                               relationship: &RelationshipId,
                               _custodians: &Custodians| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn set_custodians(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            custodians: Custodians,
        ) -> DispatchResultWithPostInfo {
            Self::do_set_custodians(origin, relationship, custodians)
        }

        /// Remove a custodian, and take back what it granted. Its denials stay, and the key stays used. After the veto of a rekey those who manage are removed by themselves alone.
        ///
        /// **Who:** the patient; the custodian itself; or a custodian with `MANAGE`, if the removed one has it not or its
        /// term is over. **Free**, and narrows access.
        ///
        /// ## Emits
        /// [`Event::CustodianRemoved`].
        #[pallet::call_index(10)]
        #[pallet::weight((
            <T as Config>::WeightInfo::remove_custodian().saturating_add(T::OnCustodiansGone::weight()),
            DispatchClass::Operational
        ))]
        #[pallet::feeless_if(|origin: &OriginFor<T>,
                               relationship: &RelationshipId,
                               _key: &AccountId| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn remove_custodian(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            key: AccountId,
        ) -> DispatchResultWithPostInfo {
            Self::do_remove_custodian(origin, relationship, key)
        }

        /// Set and clear the patient's open choices. Setting `EMERGENCY_OPT_OUT` and clearing `EMERGENCY_OVER_DENIALS`
        /// narrows access: a call that does nothing else goes first.
        ///
        /// **Who:** the patient, or a custodian with `MANAGE`. **Free.**
        ///
        /// ## Parameters
        /// - `set`, `clear`: the rest stays as it is.
        ///
        /// ## Emits
        /// [`Event::FlagsSet`].
        #[pallet::call_index(11)]
        #[pallet::weight((
            <T as Config>::WeightInfo::set_flags(),
            if lifecycle::is_narrowing(*set, *clear) { DispatchClass::Operational } else { DispatchClass::Normal }
        ))]
        #[pallet::feeless_if(|origin: &OriginFor<T>,
                               relationship: &RelationshipId,
                               _set: &RelationshipFlags,
                               _clear: &RelationshipFlags| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn set_flags(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            set: RelationshipFlags,
            clear: RelationshipFlags,
        ) -> DispatchResult {
            Self::do_set_flags(origin, relationship, set, clear)
        }

        /// Set the period of silence after which custodians who were named for that case may step in, or unset it. Counts
        /// as a sign of life.
        ///
        /// **Who:** the patient. **Free.**
        ///
        /// ## Parameters
        /// - `days`: within [`INACTIVITY_DAYS`], or `None` for never.
        ///
        /// ## Emits
        /// [`Event::InactivitySet`].
        #[pallet::call_index(12)]
        #[pallet::weight(<T as Config>::WeightInfo::set_inactivity())]
        #[pallet::feeless_if(|origin: &OriginFor<T>,
                               relationship: &RelationshipId,
                               _days: &Option<u16>| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn set_inactivity(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            days: Option<u16>,
        ) -> DispatchResult {
            Self::do_set_inactivity(origin, relationship, days)
        }

        /// Give a sign of life. Every other free call of the patient's counts as well, failing ones included.
        ///
        /// **Who:** the patient. **Free.**
        ///
        /// ## Emits
        /// [`Event::SteppedOut`], if someone had stepped in or asked to.
        #[pallet::call_index(13)]
        #[pallet::weight(<T as Config>::WeightInfo::touch())]
        #[pallet::feeless_if(|origin: &OriginFor<T>, relationship: &RelationshipId| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn touch(origin: OriginFor<T>, relationship: RelationshipId) -> DispatchResult {
            Self::do_touch(origin, relationship)
        }

        /// Ask to step in for a patient who has been silent for the whole inactivity period.
        ///
        /// **Who:** a custodian with `DORMANT`, within its dates. **Free.**
        ///
        /// ## Emits
        /// [`Event::StepInRequested`].
        #[pallet::call_index(14)]
        #[pallet::weight(<T as Config>::WeightInfo::step_in())]
        #[pallet::feeless_if(|origin: &OriginFor<T>, relationship: &RelationshipId| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn step_in(origin: OriginFor<T>, relationship: RelationshipId) -> DispatchResult {
            Self::do_step_in(origin, relationship)
        }

        /// Confirm that custodians step in. All those with `DORMANT` may act from then on, within their rights and dates,
        /// until the patient makes any call.
        ///
        /// **Who:** the active provider's account, or its gatekeeper's key.
        ///
        /// ## Emits
        /// [`Event::SteppedIn`].
        #[pallet::call_index(15)]
        #[pallet::weight(<T as Config>::WeightInfo::confirm_step_in())]
        pub fn confirm_step_in(origin: OriginFor<T>, relationship: RelationshipId) -> DispatchResult {
            let record = Self::ensure_provider(origin, relationship)?;
            Self::do_confirm_step_in(relationship, record)
        }

        /// Undo stepping in, or the request to. Any call of the patient's does so by itself, without an event.
        ///
        /// **Who:** the patient, a custodian with `MANAGE`, or the provider in any status. **Free** for patients and
        /// custodians, and narrows access.
        ///
        /// ## Emits
        /// [`Event::SteppedOut`].
        #[pallet::call_index(16)]
        #[pallet::weight((<T as Config>::WeightInfo::step_out(), DispatchClass::Operational))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, relationship: &RelationshipId| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn step_out(origin: OriginFor<T>, relationship: RelationshipId) -> DispatchResult {
            Self::do_step_out(origin, relationship)
        }

        /// Propose a relationship for a minor, who has no key. Only custodians act until the handover, the guardian first,
        /// who holds every right until then. From then on the relationship rests until the patient has enrolled a key.
        ///
        /// **Who:** an active provider's account, or its gatekeeper's key. **Holds:** as [`Pallet::propose`].
        ///
        /// ## Parameters
        /// - `guardian`: the guardian's key for this relationship, never used before.
        /// - `handover`: when the minor comes of age (ms), rounded to a half-year: 1 January or 1 July, 00:00 UTC.
        /// - `ticket`: digest of the ticket that the guardian presented.
        ///
        /// ## Emits
        /// [`Event::MinorProposed`].
        #[pallet::call_index(17)]
        #[pallet::weight(<T as Config>::WeightInfo::propose_minor())]
        pub fn propose_minor(
            origin: OriginFor<T>,
            guardian: AccountId,
            handover: Moment,
            ticket: TicketDigest,
        ) -> DispatchResult {
            let member = pallet_registry::Pallet::<T>::ensure_active_provider(origin)?;
            Self::do_propose_minor(member, guardian, handover, ticket)
        }

        /// Enrol the own key of a patient whose handover has come. The patient then accepts; rules and pointers are kept,
        /// custodians are not. May be repeated with another key until the patient has accepted.
        ///
        /// **Who:** the active provider's account, or its gatekeeper's key.
        ///
        /// ## Parameters
        /// - `patient`: the patient's key for this relationship, never used before.
        /// - `ticket`: digest of the ticket that the patient presented.
        ///
        /// ## Emits
        /// [`Event::PatientEnrolled`].
        #[pallet::call_index(18)]
        #[pallet::weight(<T as Config>::WeightInfo::enrol_patient())]
        pub fn enrol_patient(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            patient: AccountId,
            ticket: TicketDigest,
        ) -> DispatchResult {
            let record = Self::ensure_provider(origin, relationship)?;
            Self::do_enrol_patient(relationship, record, patient, ticket)
        }

        /// Ask that a fresh key takes the place of a lost one: the patient's, or a guardian's of a minor who has none.
        /// Approves for the side that asks. The provider must approve, and one of the custodians with `MANAGE` where there
        /// are any who may act and have managed for [`MIN_CUSTODY`], the loser aside.
        ///
        /// **Who:** the active provider, having proofed identity anew, or a custodian with `MANAGE`. **Free** for custodians.
        ///
        /// ## Parameters
        /// - `lost`: the lost key.
        /// - `key`: the fresh key, never used before. It is opened at once, and may do nothing yet but finish.
        /// - `ticket`: digest of the ticket that its holder presented to the provider; none from a custodian.
        ///
        /// ## Emits
        /// [`Event::RekeyRequested`].
        #[pallet::call_index(19)]
        #[pallet::weight(<T as Config>::WeightInfo::request_rekey())]
        #[pallet::feeless_if(|origin: &OriginFor<T>,
                               relationship: &RelationshipId,
                               _lost: &AccountId,
                               _key: &AccountId,
                               _ticket: &Option<TicketDigest>| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn request_rekey(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            lost: AccountId,
            key: AccountId,
            ticket: Option<TicketDigest>,
        ) -> DispatchResult {
            Self::do_request_rekey(origin, relationship, lost, key, ticket)
        }

        /// Approve a rekey for the other side. The delay begins anew. A custodian's approval counts while it manages the
        /// relationship, until a veto; custodians may approve after a veto as well.
        ///
        /// **Who:** the active provider, or a custodian with `MANAGE`. **Free** for custodians.
        ///
        /// ## Parameters
        /// - `key`: the fresh key that is approved.
        /// - `ticket`: as in [`Pallet::request_rekey`].
        ///
        /// ## Emits
        /// [`Event::RekeyApproved`].
        #[pallet::call_index(20)]
        #[pallet::weight(<T as Config>::WeightInfo::approve_rekey())]
        #[pallet::feeless_if(|origin: &OriginFor<T>,
                               relationship: &RelationshipId,
                               _key: &AccountId,
                               _ticket: &Option<TicketDigest>| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn approve_rekey(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            key: AccountId,
            ticket: Option<TicketDigest>,
        ) -> DispatchResult {
            Self::do_approve_rekey(origin, relationship, key, ticket)
        }

        /// Finish a rekey once it is approved and [`REKEY_DELAY`] has passed since, and no later than [`REKEY_TERM`] after
        /// that; after a veto the provider's `reproof` is its approval. The old key stays as a tombstone
        /// with its nonce, so that nothing signed by it counts again; rules, pointers and custodians stay.
        ///
        /// **Who:** the active provider, a custodian with `MANAGE`, or the fresh key. **Free** for custodians and the key.
        ///
        /// ## Emits
        /// [`Event::RekeyConcluded`].
        #[pallet::call_index(21)]
        #[pallet::weight(<T as Config>::WeightInfo::finish_rekey())]
        #[pallet::feeless_if(|origin: &OriginFor<T>, relationship: &RelationshipId| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn finish_rekey(origin: OriginFor<T>, relationship: RelationshipId) -> DispatchResult {
            Self::do_finish_rekey(origin, relationship)
        }

        /// Veto a rekey. The key that vetoes may be the stolen one: the relationship is suspended, and nothing but what
        /// narrows access goes on until the provider has proofed identity anew.
        ///
        /// **Who:** the key that is said to be lost, while it is the patient's, or a guardian's who manages. **Free**, and
        /// narrows access.
        ///
        /// ## Emits
        /// [`Event::RekeyVetoed`].
        #[pallet::call_index(22)]
        #[pallet::weight((<T as Config>::WeightInfo::veto_rekey(), DispatchClass::Operational))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, relationship: &RelationshipId| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn veto_rekey(origin: OriginFor<T>, relationship: RelationshipId) -> DispatchResult {
            Self::do_veto_rekey(origin, relationship)
        }

        /// Declare, after a veto, whose identity was proofed anew, and so which of the two keys goes on. The one that was said
        /// to be lost goes on at once, and the fresh one is retired. For the fresh one this is the provider's approval: it
        /// is finished as any rekey, with a custodian's approval and after [`REKEY_DELAY`]; until then the provider may
        /// still declare for the other key. The relationship stays suspended until the key that goes on resumes it.
        ///
        /// **Who:** the active provider's account, or its gatekeeper's key.
        ///
        /// ## Parameters
        /// - `key`: the key that was said to be lost, or the fresh one.
        /// - `ticket`: digest of the ticket that its holder presented.
        ///
        /// ## Emits
        /// [`Event::Reproofed`], and [`Event::RekeyConcluded`], or [`Event::RekeyApproved`] for the fresh key.
        #[pallet::call_index(23)]
        #[pallet::weight(<T as Config>::WeightInfo::reproof())]
        pub fn reproof(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            key: AccountId,
            ticket: TicketDigest,
        ) -> DispatchResult {
            Self::ensure_provider(origin, relationship)?;
            Self::do_reproof(relationship, key, ticket)
        }

        /// Take back a rekey that was not vetoed. The fresh key stays used. Narrows access.
        ///
        /// **Who:** the active provider's account, or its gatekeeper's key: custodians could use the patient's keys up.
        ///
        /// ## Emits
        /// [`Event::RekeyCancelled`].
        #[pallet::call_index(24)]
        #[pallet::weight((<T as Config>::WeightInfo::cancel_rekey(), DispatchClass::Operational))]
        pub fn cancel_rekey(origin: OriginFor<T>, relationship: RelationshipId) -> DispatchResult {
            Self::ensure_provider(origin, relationship)?;
            Self::do_cancel_rekey(relationship)
        }

        /// Take back what is free on the member's deposit account, to the member's own account.
        ///
        /// **Who:** the member's account in any status, but not its gatekeeper's key. **Costs** the fee. An applicant does so
        /// before it withdraws its application.
        ///
        /// ## Parameters
        /// - `amount`: how much (plancks); `None` is all that is free.
        ///
        /// ## Emits
        /// [`Event::DepositWithdrawn`].
        #[pallet::call_index(25)]
        #[pallet::weight(<T as Config>::WeightInfo::withdraw_deposit())]
        pub fn withdraw_deposit(origin: OriginFor<T>, amount: Option<BalanceOf<T>>) -> DispatchResult {
            Self::do_withdraw_deposit(origin, amount)
        }
    }
}
