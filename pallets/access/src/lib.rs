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

mod anchors;
mod expiry;
pub mod offchain;
mod receipts;
mod requests;
mod try_state;
pub mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use anchors::OnAnchored;
pub use pallet::*;
pub use types::{OpenAt, OpenOf, OwnOf, Sweep};
pub use weights::WeightInfo;

// What FRAME's macros write.
#[allow(clippy::expect_used, clippy::unreachable)]
#[frame_support::pallet]
pub mod pallet {
    use frame_support::{pallet_prelude::*, weights::WeightMeter};
    use frame_system::{offchain::CreateAuthorizedTransaction, pallet_prelude::*};
    use medrec_primitives::{
        AccessRequest, AccountId, Anchor, MemberId, Moment, Receipt, RefusalReason, RelationshipId,
        RequestId, SealedQuestion, Settlement,
    };
    use sp_runtime::Perbill;

    use super::*;

    /// The layout of storage that this code reads and writes.
    pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the runtime must say before anyone can ask.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
        + pallet_permissions::Config
        + CreateAuthorizedTransaction<Call<Self>>
    {
        /// How many requests for one relationship may be open at once.
        #[pallet::constant]
        type MaxOpenPerRelationship: Get<u32>;
        /// How many requests of one asker may be open at once.
        #[pallet::constant]
        type MaxOpenPerAsker: Get<u32>;
        /// How long a request may stay open (ms).
        #[pallet::constant]
        type MaxRequestTerm: Get<Moment>;
        /// How long a receipt is kept (ms).
        #[pallet::constant]
        type ReceiptTerm: Get<Moment>;
        /// Of how many requests that cost nothing receipts are kept, for each relationship; not 0.
        #[pallet::constant]
        type MaxOwnReceipts: Get<u32>;
        /// How long an interval between anchors is (ms); not 0.
        #[pallet::constant]
        type AnchorInterval: Get<Moment>;
        /// Of how many intervals anchors are kept; not 0.
        #[pallet::constant]
        type AnchorsKept: Get<u32>;
        /// The most of a block that clearing away what is over may take, in idle time.
        #[pallet::constant]
        type SweepShare: Get<Perbill>;
        /// Told of every anchor.
        type OnAnchored: OnAnchored;
        /// Weights from benchmarks.
        type WeightInfo: crate::WeightInfo;
    }

    /// The index that the next request to each provider gets.
    #[pallet::storage]
    pub type NextIndex<T: Config> = StorageMap<_, Twox64Concat, MemberId, u32, ValueQuery>;

    /// Open requests, by provider.
    #[pallet::storage]
    pub type Requests<T: Config> =
        StorageDoubleMap<_, Twox64Concat, MemberId, Twox64Concat, u32, AccessRequest, OptionQuery>;

    /// Requests that have ended, by provider; kept for [`Config::ReceiptTerm`].
    #[pallet::storage]
    pub type Receipts<T: Config> =
        StorageDoubleMap<_, Twox64Concat, MemberId, Twox64Concat, u32, Receipt, OptionQuery>;

    /// Receipts of requests that the patient's side made for nothing, by relationship: the indices, oldest first.
    #[pallet::storage]
    pub type OwnReceipts<T: Config> =
        StorageDoubleMap<_, Twox64Concat, MemberId, Twox64Concat, u32, OwnOf<T>, ValueQuery>;

    /// Open requests by relationship: provider, then the relationship's index.
    #[pallet::storage]
    pub type RequestsAt<T: Config> =
        StorageDoubleMap<_, Twox64Concat, MemberId, Twox64Concat, u32, OpenAt<T>, ValueQuery>;

    /// Open requests by asker.
    #[pallet::storage]
    pub type RequestsOf<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, OpenOf<T>, ValueQuery>;

    /// What is to be removed in which minute (since the Unix epoch): requests at their expiry, receipts at the end of their
    /// term. Every request and every receipt is here once.
    #[pallet::storage]
    pub type Due<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u32, Twox64Concat, RequestId, (), OptionQuery>;

    /// How far [`Due`] is swept.
    #[pallet::storage]
    pub type Swept<T: Config> = StorageValue<_, Sweep, ValueQuery>;

    /// The interval that each member anchored last.
    #[pallet::storage]
    pub type LastAnchored<T: Config> = StorageMap<_, Twox64Concat, MemberId, u32, OptionQuery>;

    /// Each member's latest anchors: a ring of [`Config::AnchorsKept`] places, by interval.
    #[pallet::storage]
    pub type Anchors<T: Config> =
        StorageDoubleMap<_, Twox64Concat, MemberId, Twox64Concat, u32, Anchor, OptionQuery>;

    /// What happened. Identifiers only.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Someone asked.
        Requested {
            /// The request.
            request: RequestId,
            /// Whose records.
            relationship: RelationshipId,
        },
        /// The patient's side approved: the gatekeeper may answer, once.
        Approved {
            /// The request.
            request: RequestId,
        },
        /// The patient's side declined.
        Declined {
            /// The request.
            request: RequestId,
        },
        /// The asker took it back.
        Cancelled {
            /// The request.
            request: RequestId,
        },
        /// The gatekeeper has an answer.
        Fulfilled {
            /// The request.
            request: RequestId,
        },
        /// The gatekeeper refused.
        Refused {
            /// The request.
            request: RequestId,
        },
        /// Nobody answered in time.
        Expired {
            /// The request.
            request: RequestId,
        },
        /// A member anchored an interval.
        Anchored {
            /// The member.
            member: MemberId,
            /// The interval.
            interval: u32,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The chain knows already that the answer is no: there is no such relationship, it is not active, its provider is not,
        /// there is a denial, or nothing is granted and the asker is nobody's staff.
        NotPermitted,
        /// The expiry has passed, or lies further ahead than `MaxRequestTerm`.
        BadExpiry,
        /// The question is sealed to a key that the provider has replaced. Seal it to its current one.
        StaleSealingKey,
        /// As many requests for this relationship are open as there may be; for those without a grant, half as many. Wait
        /// until some have ended.
        TooManyOpenHere,
        /// The asker has as many open requests as it may have. Cancel some, or wait.
        TooManyOpenOfAsker,
        /// All identifiers of this kind have been handed out.
        IdsExhausted,
        /// There is no such request, or it has ended.
        UnknownRequest,
        /// The request's time is over.
        RequestExpired,
        /// The request's time is not over yet.
        NotYetExpired,
        /// The request does not wait for the patient's side.
        NotWaiting,
        /// The request waits for the patient's side, not for the gatekeeper.
        NotReady,
        /// Nothing is granted to the asker that could be answered from. Approval opens nothing by itself: grant first.
        NothingGranted,
        /// Only who asked may take a request back.
        NotTheAsker,
        /// Only the interval that has just ended can be anchored.
        WrongInterval,
        /// This interval is anchored already.
        AlreadyAnchored,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_idle(_: BlockNumberFor<T>, limit: Weight) -> Weight {
            let mut meter = WeightMeter::with_limit(limit.min(Self::sweep_limit()));
            Self::sweep(&mut meter);
            meter.consumed()
        }

        fn offchain_worker(_: BlockNumberFor<T>) {
            offchain::run::<T>();
        }

        #[cfg(feature = "std")]
        fn integrity_test() {
            assert!(T::AnchorInterval::get() > 0, "an interval takes time");
            assert!(T::AnchorsKept::get() > 0, "a ring has places");
            assert!(T::MaxOwnReceipts::get() > 0, "a receipt has a place");
            let least = <T as Config>::WeightInfo::sweep_start()
                .saturating_add(<T as Config>::WeightInfo::sweep_entry());
            assert!(Self::sweep_limit().all_gte(least), "the sweep gets on");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Ask a provider for something of one relationship's records, on the chain alone.
        ///
        /// Where the chain knows that the asker may read, the gatekeeper answers at once. Where it cannot know, for want of a
        /// grant or because the grant is sealed, the patient's side is asked first.
        ///
        /// **Who:** whoever the chain does not know to be refused: who has a grant, and active staff of any active member, with
        /// or without one. **Costs** the fee; free for the patient and custodians of the relationship. At most
        /// [`Config::MaxOpenPerRelationship`] and [`Config::MaxOpenPerAsker`] at once; without a grant, half as many at the
        /// relationship.
        ///
        /// ## Parameters
        /// - `question`: what is asked, sealed to the provider's current sealing key.
        /// - `expires`: until when it may be answered (ms); at most [`Config::MaxRequestTerm`] ahead.
        ///
        /// ## Emits
        /// [`Event::Requested`].
        #[pallet::call_index(0)]
        #[pallet::weight(<T as Config>::WeightInfo::request())]
        #[pallet::feeless_if(|
            origin: &OriginFor<T>,
            relationship: &RelationshipId,
            _question: &SealedQuestion,
            _expires: &Moment
        | -> bool {
            pallet_relationships::Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn request(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            question: SealedQuestion,
            expires: Moment,
        ) -> DispatchResult {
            Self::do_request(origin, relationship, question, expires)
        }

        /// Let the provider's gatekeeper answer a request, once.
        ///
        /// It opens nothing by itself: what the asker gets is what rules allow, when the gatekeeper decides and again when the
        /// answer is picked up.
        ///
        /// **Who:** the patient, or a custodian with `GRANT`, of an active relationship. **Free.**
        ///
        /// ## Emits
        /// [`Event::Approved`].
        #[pallet::call_index(1)]
        #[pallet::weight(<T as Config>::WeightInfo::approve())]
        #[pallet::feeless_if(|origin: &OriginFor<T>, request: &RequestId| -> bool {
            Pallet::<T>::is_free_for(origin, *request)
        })]
        pub fn approve(origin: OriginFor<T>, request: RequestId) -> DispatchResult {
            Self::do_approve(origin, request)
        }

        /// Decline a request, whether it waits or was approved already. A receipt stays for a while, unless the asker is of the
        /// patient's side: its requests are free, and what is free must not pile up.
        ///
        /// **Who:** the patient, or a custodian with `GRANT`. **Free**, and narrows access.
        ///
        /// ## Emits
        /// [`Event::Declined`].
        #[pallet::call_index(2)]
        #[pallet::weight((<T as Config>::WeightInfo::decline(), DispatchClass::Operational))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, request: &RequestId| -> bool {
            Pallet::<T>::is_free_for(origin, *request)
        })]
        pub fn decline(origin: OriginFor<T>, request: RequestId) -> DispatchResult {
            Self::do_decline(origin, request)
        }

        /// Take a request back. Nothing of it stays.
        ///
        /// **Who:** who asked. **Costs** the fee, free for the patient and custodians of the relationship; narrows access.
        ///
        /// ## Emits
        /// [`Event::Cancelled`].
        #[pallet::call_index(3)]
        #[pallet::weight((<T as Config>::WeightInfo::cancel(), DispatchClass::Operational))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, request: &RequestId| -> bool {
            Pallet::<T>::is_free_for(origin, *request)
        })]
        pub fn cancel(origin: OriginFor<T>, request: RequestId) -> DispatchResult {
            Self::do_cancel(origin, request)
        }

        /// Hand in the receipt of a request that was answered. A receipt with the digest stays for a while. Of requests that cost
        /// nothing the latest [`Config::MaxOwnReceipts`] of a relationship stay.
        ///
        /// **Who:** nobody signs the transaction: the receipt is signed, by the provider's gatekeeper key
        /// ([`medrec_primitives::access::receipt_message`]). **Costs** nothing; one per request.
        ///
        /// ## Emits
        /// [`Event::Fulfilled`].
        #[pallet::call_index(4)]
        #[pallet::weight(<T as Config>::WeightInfo::fulfil())]
        #[pallet::weight_of_authorize(<T as Config>::WeightInfo::authorize_receipt())]
        #[pallet::authorize(|
            _source: TransactionSource,
            request: &RequestId,
            digest: &[u8; 32],
            signature: &[u8; 64]
        | -> TransactionValidityWithRefund {
            Pallet::<T>::authorize_receipt(*request, Settlement::Fulfilled, digest, signature)
        })]
        pub fn fulfil(
            origin: OriginFor<T>,
            request: RequestId,
            digest: [u8; 32],
            _signature: [u8; 64],
        ) -> DispatchResult {
            Self::do_settle(origin, request, Settlement::Fulfilled, digest)
        }

        /// Hand in the receipt of a request that was refused.
        ///
        /// **Who:** as for [`Pallet::fulfil`]. **Costs** nothing; one per request.
        ///
        /// ## Emits
        /// [`Event::Refused`].
        #[pallet::call_index(5)]
        #[pallet::weight(<T as Config>::WeightInfo::refuse())]
        #[pallet::weight_of_authorize(<T as Config>::WeightInfo::authorize_receipt())]
        #[pallet::authorize(|
            _source: TransactionSource,
            request: &RequestId,
            reason: &RefusalReason,
            digest: &[u8; 32],
            signature: &[u8; 64]
        | -> TransactionValidityWithRefund {
            Pallet::<T>::authorize_receipt(*request, Settlement::Refused(*reason), digest, signature)
        })]
        pub fn refuse(
            origin: OriginFor<T>,
            request: RequestId,
            reason: RefusalReason,
            digest: [u8; 32],
            _signature: [u8; 64],
        ) -> DispatchResult {
            Self::do_settle(origin, request, Settlement::Refused(reason), digest)
        }

        /// Remove a request whose time is over. Idle blocks do the same by themselves.
        ///
        /// **Who:** anyone. **Costs** the fee.
        ///
        /// ## Emits
        /// [`Event::Expired`].
        #[pallet::call_index(6)]
        #[pallet::weight(<T as Config>::WeightInfo::expire())]
        pub fn expire(origin: OriginFor<T>, request: RequestId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_expire(request)
        }

        /// Anchor the interval that has just ended, whether anything happened in it or not.
        ///
        /// **Who:** an active provider's account, or its gatekeeper's key. **Costs** the fee; once per interval.
        ///
        /// ## Parameters
        /// - `interval`: the interval's number: time since the Unix epoch in [`Config::AnchorInterval`].
        /// - `records`: root over the records of all relationships.
        /// - `log`: root of the access log.
        ///
        /// ## Emits
        /// [`Event::Anchored`].
        #[pallet::call_index(7)]
        #[pallet::weight(<T as Config>::WeightInfo::anchor().saturating_add(T::OnAnchored::weight()))]
        pub fn anchor(
            origin: OriginFor<T>,
            #[pallet::compact] interval: u32,
            records: [u8; 32],
            log: [u8; 32],
        ) -> DispatchResult {
            let member = pallet_registry::Pallet::<T>::ensure_active_provider(origin)?;
            Self::do_anchor(member, Anchor { interval, records, log })
        }
    }
}
