#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod answers;
mod bounty;
mod claims;
mod collators;
mod credits;
pub mod ledger;
mod lottery;
pub mod migrations;
mod plans;
mod releases;
mod studies;
mod try_state;
pub mod types;
mod weighing;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use credits::Purse;
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
    use alloc::vec::Vec;

    use frame_support::{pallet_prelude::*, traits::fungible, weights::WeightMeter};
    use frame_system::pallet_prelude::*;
    use medrec_primitives::{
        research::{
            Answer, AnswerKey, Budget, Claim, ClaimId, Credits, DuoPurposes, Earnings, Plan, Rho, Study,
            StudyId, Table, TableId, TableSpec,
        },
        AccountId, MemberId, Moment, RelationshipId, SealedTerms,
    };
    use sp_runtime::Perbill;

    use super::*;
    use crate::ledger::Ledger;

    /// The layout of storage that this code reads and writes.
    pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the runtime must say before anything is planned or claimed.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
        + pallet_relationships::Config
    {
        /// Where what claims cost beside credits is held.
        type Escrow: fungible::hold::Mutate<AccountId, Reason = <Self as Config>::RuntimeHoldReason>;
        /// Why it is held.
        type RuntimeHoldReason: From<HoldReason>;
        /// All who make blocks, or will from the next session on.
        type Authorities: Get<Vec<AccountId>>;
        /// Randomness that everybody sees and nobody knows much before it is published, as of this block; `None` if there is none.
        type Beacon: Get<Option<[u8; 32]>>;
        /// The chain's rhythm, where genesis says nothing else.
        type DefaultSchedule: Get<Schedule>;
        /// How many credits are shared among an era's authors.
        #[pallet::constant]
        type EraPool: Get<Credits>;
        /// How many credits a researcher has at most, what is set aside among them.
        #[pallet::constant]
        type CreditCap: Get<Credits>;
        /// How many eras after the one in which they were earned credits last; more than [`REFUND_ERAS`].
        #[pallet::constant]
        type CreditLife: Get<u32>;
        /// How many collators a researcher has at most.
        #[pallet::constant]
        type MaxCollators: Get<u32>;
        /// How many studies of a researcher are not ended, at most.
        #[pallet::constant]
        type MaxStudies: Get<u32>;
        /// How many tables a plan has at most.
        #[pallet::constant]
        type MaxTables: Get<u32>;
        /// How many claims an institution enters in one window, at most.
        #[pallet::constant]
        type MaxEntries: Get<u32>;
        /// For how many answers a provider is asked by the claims of one window, at most.
        #[pallet::constant]
        type DrawsPerWindow: Get<u32>;
        /// The least that an answer costs in privacy.
        #[pallet::constant]
        type MinRho: Get<Rho>;
        /// The most that a provider's answers cost in any 365 days.
        #[pallet::constant]
        type YearlyRho: Get<Rho>;
        /// The most that they ever cost.
        #[pallet::constant]
        type LifetimeRho: Get<Rho>;
        /// Within how many days after it was paid for an answer leaves, if at all; with 366, at most [`ledger::MAX_WINDOW`].
        #[pallet::constant]
        type AnswerDays: Get<u32>;
        /// How long after its answer a claim can be disputed (ms). Then it can be closed.
        #[pallet::constant]
        type ClaimTerm: Get<Moment>;
        /// The most of a block that drawing claims may take, in idle time.
        #[pallet::constant]
        type DrawShare: Get<Perbill>;
        /// Weights from benchmarks.
        type WeightInfo: crate::WeightInfo;
    }

    /// Why something is held.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// What a claim costs beside credits.
        Claim,
    }

    /// The chain's rhythm of research.
    #[pallet::storage]
    pub type Rhythm<T: Config> = StorageValue<_, Schedule, ValueQuery, T::DefaultSchedule>;

    /// Whether the hashes of blocks serve as the beacon, which their authors can choose: on chains for development only, which have
    /// no relay chain's. The runtime's beacon asks.
    #[pallet::storage]
    pub type BlockHashBeacon<T: Config> = StorageValue<_, bool, ValueQuery>;

    /// Researchers' collators.
    #[pallet::storage]
    pub type Collators<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Collator, OptionQuery>;

    /// How many collators each researcher has registered.
    #[pallet::storage]
    pub type CollatorCount<T: Config> = StorageMap<_, Twox64Concat, MemberId, u32, ValueQuery>;

    /// How many collators of researchers are approved.
    #[pallet::storage]
    pub type ApprovedCollators<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// The blocks of each researcher that are not credits yet.
    #[pallet::storage]
    pub type WorkOf<T: Config> = StorageMap<_, Twox64Concat, MemberId, Work, ValueQuery>;

    /// How many blocks of an era were researchers': a ring that reaches back as far as credits last.
    #[pallet::storage]
    pub type EraTotals<T: Config> = StorageMap<_, Twox64Concat, u32, Work, OptionQuery>;

    /// Whose the blocks of the running era and of the last one were, by parity: two rings of [`AUTHORS_KEPT`].
    #[pallet::storage]
    pub type Authors<T: Config> =
        StorageDoubleMap<_, Twox64Concat, bool, Twox64Concat, u32, MemberId, OptionQuery>;

    /// Researchers' credits.
    #[pallet::storage]
    pub type Purses<T: Config> = StorageMap<_, Twox64Concat, MemberId, Purse<T>, ValueQuery>;

    /// Where all credits have gone.
    #[pallet::storage]
    pub type Issuance<T: Config> = StorageValue<_, Totals, ValueQuery>;

    /// The number that the next study gets.
    #[pallet::storage]
    pub type NextStudy<T: Config> = StorageValue<_, StudyId, ValueQuery>;

    /// Studies: proposed, approved, and those that were approved once.
    #[pallet::storage]
    pub type Studies<T: Config> = StorageMap<_, Twox64Concat, StudyId, Study, OptionQuery>;

    /// How many studies of each researcher are not ended.
    #[pallet::storage]
    pub type StudyCount<T: Config> = StorageMap<_, Twox64Concat, MemberId, u32, ValueQuery>;

    /// For which of its studies a researcher takes bounties.
    #[pallet::storage]
    pub type BountyStudies<T: Config> = StorageMap<_, Twox64Concat, MemberId, StudyId, OptionQuery>;

    /// The number that the next table of each provider gets.
    #[pallet::storage]
    pub type NextTable<T: Config> = StorageMap<_, Twox64Concat, MemberId, TableId, ValueQuery>;

    /// All tables that were ever planned and not replaced before their plan began.
    #[pallet::storage]
    pub type Tables<T: Config> =
        StorageDoubleMap<_, Twox64Concat, MemberId, Twox64Concat, TableId, Table<BalanceOf<T>>, OptionQuery>;

    /// Each provider's latest plan.
    #[pallet::storage]
    pub type Plans<T: Config> = StorageMap<_, Twox64Concat, MemberId, Plan, OptionQuery>;

    /// What each provider's answers have cost in privacy.
    #[pallet::storage]
    pub type Ledgers<T: Config> = StorageMap<_, Twox64Concat, MemberId, Ledger, ValueQuery>;

    /// All answers that were ever paid for: provider, table, epoch. They stay, so that none is paid for or computed twice.
    #[pallet::storage]
    pub type Answers<T: Config> = StorageNMap<
        _,
        (NMapKey<Twox64Concat, MemberId>, NMapKey<Twox64Concat, TableId>, NMapKey<Twox64Concat, u16>),
        Answer,
        OptionQuery,
    >;

    /// How far claims are drawn.
    #[pallet::storage]
    pub type Draws<T: Config> = StorageValue<_, Draw, ValueQuery>;

    /// How many claims wait in each window.
    #[pallet::storage]
    pub type Rounds<T: Config> = StorageMap<_, Twox64Concat, u32, u32, ValueQuery>;

    /// The claims that wait, by window, in a row.
    #[pallet::storage]
    pub type Entries<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u32, Twox64Concat, u32, Entry<BalanceOf<T>>, OptionQuery>;

    /// How many claims each researcher has entered in a window.
    #[pallet::storage]
    pub type Entered<T: Config> = StorageMap<_, Twox64Concat, MemberId, PerWindow, ValueQuery>;

    /// For how many answers each provider was asked by the claims of a window.
    #[pallet::storage]
    pub type Drawn<T: Config> = StorageMap<_, Twox64Concat, MemberId, PerWindow, ValueQuery>;

    /// The number that the next claim gets.
    #[pallet::storage]
    pub type NextClaim<T: Config> = StorageValue<_, ClaimId, ValueQuery>;

    /// Claims that were granted and are not closed.
    #[pallet::storage]
    pub type Claims<T: Config> = StorageMap<_, Twox64Concat, ClaimId, Claim<BalanceOf<T>>, OptionQuery>;

    /// What each patient releases, sealed to the provider.
    #[pallet::storage]
    pub type Releases<T: Config> =
        StorageDoubleMap<_, Twox64Concat, MemberId, Twox64Concat, u32, SealedTerms, OptionQuery>;

    /// What the chain starts from.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The chain's rhythm of research, if not the runtime's default.
        pub schedule: Option<Schedule>,
        /// See [`BlockHashBeacon`].
        pub block_hash_beacon: bool,
        #[serde(skip)]
        #[allow(missing_docs)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            if let Some(schedule) = self.schedule {
                assert!(schedule.is_well_formed(), "research goes on");
                assert!(Pallet::<T>::fits_the_ledger(&schedule), "answers leave while they count");
                Rhythm::<T>::put(schedule);
            }
            if self.block_hash_beacon {
                BlockHashBeacon::<T>::put(true);
            }
        }
    }

    /// What happened. Identifiers only; nothing of a patient's choice.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A researcher registered a collator.
        CollatorRegistered {
            /// The researcher.
            researcher: MemberId,
            /// The collator's account.
            key: AccountId,
        },
        /// The consortium approved a researcher's collator.
        CollatorApproved {
            /// The researcher.
            researcher: MemberId,
            /// The collator's account.
            key: AccountId,
        },
        /// A researcher's collator counts no longer.
        CollatorRemoved {
            /// The researcher.
            researcher: MemberId,
            /// The collator's account.
            key: AccountId,
        },
        /// Blocks of an era that is over became credits.
        Earned {
            /// The researcher.
            researcher: MemberId,
            /// The era.
            era: u32,
            /// How many.
            credits: Credits,
        },
        /// A researcher proposed a study.
        StudyProposed {
            /// The study.
            study: StudyId,
            /// The researcher.
            researcher: MemberId,
        },
        /// The consortium approved a study.
        StudyApproved {
            /// The study.
            study: StudyId,
        },
        /// A study ended.
        StudyEnded {
            /// The study.
            study: StudyId,
        },
        /// A researcher named the study for which it takes bounties.
        BountyStudySet {
            /// The researcher.
            researcher: MemberId,
            /// The study, if there is one.
            study: Option<StudyId>,
        },
        /// A provider published its plan for a year.
        PlanPublished {
            /// The provider.
            provider: MemberId,
            /// Its first table.
            first: TableId,
            /// How many tables it has.
            tables: u32,
        },
        /// A provider took a table back.
        TableWithdrawn {
            /// The provider.
            provider: MemberId,
            /// The table.
            table: TableId,
        },
        /// Something was sealed as a patient's choice: by the patient's side, or by the provider for a patient without one.
        ReleaseSet {
            /// Of which relationship.
            relationship: RelationshipId,
        },
        /// A claim waits to be drawn.
        Entered {
            /// Who.
            researcher: MemberId,
            /// For which study.
            study: StudyId,
            /// To what.
            answer: AnswerKey,
            /// In which window.
            window: u32,
        },
        /// An anchor carried a bounty, which waits to be drawn.
        BountyCarried {
            /// To what.
            answer: AnswerKey,
        },
        /// A claim was drawn and granted.
        Granted {
            /// The claim.
            claim: ClaimId,
            /// Who.
            researcher: MemberId,
            /// To what.
            answer: AnswerKey,
        },
        /// A claim was drawn and not granted; what was paid for it is given back.
        NotGranted {
            /// Who.
            researcher: MemberId,
            /// To what.
            answer: AnswerKey,
        },
        /// A provider has to commit to an answer.
        Asked {
            /// Which.
            answer: AnswerKey,
            /// From when (ms).
            due: Moment,
        },
        /// A provider committed to an answer.
        Committed {
            /// Which.
            answer: AnswerKey,
            /// Its commitment.
            commitment: [u8; 32],
        },
        /// There will never be an answer.
        AnswerLost {
            /// Which.
            answer: AnswerKey,
        },
        /// A claim was closed.
        ClaimClosed {
            /// The claim.
            claim: ClaimId,
            /// Whether it was answered, and its price so spent.
            answered: bool,
        },
        /// A researcher disputes what it got.
        Disputed {
            /// The claim.
            claim: ClaimId,
        },
        /// The consortium resolved a dispute.
        Resolved {
            /// The claim.
            claim: ClaimId,
            /// Whether it agreed with the researcher.
            upheld: bool,
        },
        /// A collator's own account accepted the researcher that had named it.
        ResearcherAccepted {
            /// The researcher.
            researcher: MemberId,
            /// The collator's account.
            key: AccountId,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// Only an active member with the role of a researcher does this.
        NotAResearcher,
        /// Somebody's collator already.
        CollatorTaken,
        /// There is no such collator.
        UnknownCollator,
        /// The researcher has registered as many collators as it may. Remove one.
        TooManyCollators,
        /// The collator is approved already.
        AlreadyApproved,
        /// Providers' collators would no longer be the majority. Add some of theirs first.
        ProvidersWouldBeOutnumbered,
        /// It belongs to another member.
        NotYours,
        /// No purpose, or one without meaning.
        BadPurposes,
        /// The dates are past, or out of order, or out of the plan's year.
        BadTerm,
        /// The researcher has as many studies as it may. End one.
        TooManyStudies,
        /// All numbers of this kind have been handed out.
        IdsExhausted,
        /// There is no such study.
        UnknownStudy,
        /// The status does not allow this.
        WrongStatus,
        /// The consortium has not approved the study, or its time is over.
        StudyNotApproved,
        /// The table is not planned for all of the study's purposes.
        PurposeNotPlanned,
        /// A plan has tables.
        EmptyPlan,
        /// Sizes, bounds, rho, price or epochs of a table are out of range.
        BadTable,
        /// A plan that has begun holds for its year. Take back single tables instead.
        PlanInForce,
        /// More rho than a year may cost.
        OverBudget,
        /// The provider's answers have cost all that they ever may.
        LifetimeSpent,
        /// There is no such table.
        UnknownTable,
        /// The provider took the table back.
        TableWithdrawn,
        /// The table has no such epoch.
        UnknownEpoch,
        /// The epoch is not over.
        EpochNotOver,
        /// The provider is not active.
        ProviderInactive,
        /// The relationship is not active.
        NotActive,
        /// Sealed to a key that the provider has replaced. Seal to its current one.
        StaleSealingKey,
        /// The institution has entered as many claims in this window as it may, or the provider was asked for as many answers. Try
        /// in the next one.
        TooManyClaims,
        /// Not as many credits as this costs.
        NotEnoughCredits,
        /// There will never be an answer to this epoch.
        AnswerFailed,
        /// There is nothing to draw: no claim waits in a window that is closed, or the beacon has not changed twice since.
        NothingToDraw,
        /// Nobody's claim to this was granted.
        NotAskedFor,
        /// The provider has committed already. The first commitment counts.
        AlreadyCommitted,
        /// Not before it is due, or while the other side still has time.
        TooEarly,
        /// The deadline has passed. A later claim can ask again.
        TooLate,
        /// There is no such claim, or it is closed.
        UnknownClaim,
        /// The claim is disputed. The consortium resolves it.
        InDispute,
        /// The claim was disputed already.
        AlreadyDisputed,
        /// The claim is not disputed.
        NotInDispute,
        /// There is no answer to dispute. If it did not come in time, close the claim.
        NotAnswered,
        /// The collator's own account has not accepted the researcher. It calls `accept_researcher` first.
        NotAccepted,
        /// The collator has accepted already.
        AlreadyAccepted,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_idle(_: BlockNumberFor<T>, limit: Weight) -> Weight {
            let mut meter = WeightMeter::with_limit(limit.min(Self::draw_limit()));
            Self::run_draw(&mut meter, u32::MAX);
            meter.consumed()
        }

        #[cfg(feature = "std")]
        fn integrity_test() {
            let schedule = T::DefaultSchedule::get();
            assert!(schedule.is_well_formed(), "research goes on");
            assert!(Self::fits_the_ledger(&schedule), "answers leave while they count");
            assert!(Self::limits().window <= ledger::MAX_WINDOW, "a ledger has room for its window");
            assert!(T::CreditLife::get() > REFUND_ERAS, "what is given back lasts");
            assert!(T::MinRho::get() >= 20, "there is a unit for each part of an answer");
            let least = Self::draw_weight(1);
            assert!(Self::draw_limit().all_gte(least), "the draw gets on");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    impl<T: Config> Pallet<T> {
        /// Whether answers leave within the days for which the ledger's window is longer than a year.
        fn fits_the_ledger(schedule: &Schedule) -> bool {
            let days = Moment::from(T::AnswerDays::get());
            schedule.longest_answer() <= days.saturating_mul(medrec_primitives::DAY_MS)
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// A provider's latest plan with its tables.
        #[allow(clippy::type_complexity)]
        pub fn plan(provider: MemberId) -> Option<(Plan, Vec<(TableId, Table<BalanceOf<T>>)>)> {
            Self::research_plan(provider)
        }

        /// What a provider's answers have cost in privacy, and what is left.
        pub fn budget(provider: MemberId) -> Budget {
            Self::research_budget(provider)
        }

        /// What a researcher has earned.
        pub fn credits(researcher: MemberId) -> Earnings {
            Self::credits_of(researcher)
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Register an account that makes blocks as one's collator. It earns nothing until that account has accepted,
        /// and the consortium approves it.
        ///
        /// **Who:** an active researcher's account. **Costs** the fee. At most [`Config::MaxCollators`].
        ///
        /// ## Emits
        /// [`Event::CollatorRegistered`].
        #[pallet::call_index(0)]
        #[pallet::weight(<T as Config>::WeightInfo::register_collator())]
        pub fn register_collator(origin: OriginFor<T>, key: AccountId) -> DispatchResult {
            let member = Self::ensure_member(origin)?;
            Self::do_register_collator(member, key)
        }

        /// Approve a researcher's collator: its blocks earn credits from then on. Refused where researchers' would not be fewer than
        /// the others. This gives no seat among the collators: that is a decision of its own.
        ///
        /// **Who:** the consortium.
        ///
        /// ## Emits
        /// [`Event::CollatorApproved`].
        #[pallet::call_index(1)]
        #[pallet::weight(Pallet::<T>::approve_weight())]
        pub fn approve_collator(origin: OriginFor<T>, key: AccountId) -> DispatchResult {
            <T as pallet_registry::Config>::ConsortiumOrigin::ensure_origin(origin)?;
            Self::do_approve_collator(key)
        }

        /// Let a collator count no longer as a researcher's.
        ///
        /// **Who:** the researcher's account, the collator's own, or the consortium. **Costs** the fee.
        ///
        /// ## Emits
        /// [`Event::CollatorRemoved`].
        #[pallet::call_index(2)]
        #[pallet::weight(<T as Config>::WeightInfo::remove_collator())]
        pub fn remove_collator(origin: OriginFor<T>, key: AccountId) -> DispatchResult {
            let itself = ensure_signed(origin.clone()).is_ok_and(|who| who == key);
            let owner = if itself { None } else { Self::owner_or_consortium(origin)? };
            Self::do_remove_collator(owner, key)
        }

        /// Propose a study.
        ///
        /// **Who:** an active researcher's account. **Costs** the fee. At most [`Config::MaxStudies`] that are not ended.
        ///
        /// ## Parameters
        /// - `purposes`: what it is for.
        /// - `protocol`: BLAKE2b-256 of its protocol.
        /// - `until`: until when it may claim (ms).
        ///
        /// ## Emits
        /// [`Event::StudyProposed`].
        #[pallet::call_index(3)]
        #[pallet::weight(<T as Config>::WeightInfo::propose_study())]
        pub fn propose_study(
            origin: OriginFor<T>,
            purposes: DuoPurposes,
            protocol: [u8; 32],
            until: Moment,
        ) -> DispatchResult {
            let member = Self::ensure_member(origin)?;
            Self::do_propose_study(member, purposes, protocol, until)
        }

        /// Approve a study.
        ///
        /// **Who:** the consortium.
        ///
        /// ## Emits
        /// [`Event::StudyApproved`].
        #[pallet::call_index(4)]
        #[pallet::weight(<T as Config>::WeightInfo::approve_study())]
        pub fn approve_study(origin: OriginFor<T>, #[pallet::compact] study: StudyId) -> DispatchResult {
            <T as pallet_registry::Config>::ConsortiumOrigin::ensure_origin(origin)?;
            Self::do_approve_study(study)
        }

        /// End a study, or take back one that was not approved. Claims that wait for it are not granted any more.
        ///
        /// **Who:** its researcher's account, or the consortium. **Costs** the fee.
        ///
        /// ## Emits
        /// [`Event::StudyEnded`].
        #[pallet::call_index(5)]
        #[pallet::weight(<T as Config>::WeightInfo::end_study())]
        pub fn end_study(origin: OriginFor<T>, #[pallet::compact] study: StudyId) -> DispatchResult {
            let owner = Self::owner_or_consortium(origin)?;
            Self::do_end_study(owner, study)
        }

        /// Name the study for which one takes bounties, or none.
        ///
        /// **Who:** an active researcher's account. **Costs** the fee.
        ///
        /// ## Emits
        /// [`Event::BountyStudySet`].
        #[pallet::call_index(6)]
        #[pallet::weight(<T as Config>::WeightInfo::set_bounty_study())]
        pub fn set_bounty_study(origin: OriginFor<T>, study: Option<StudyId>) -> DispatchResult {
            let member = Self::ensure_member(origin)?;
            Self::do_set_bounty_study(member, study)
        }

        /// Publish the plan for a year: every table that can be claimed, what it costs, and nothing else. A plan that has not begun can
        /// be replaced; one that has holds for its year.
        ///
        /// **Who:** an active provider's account, or its gatekeeper's key. **Costs** the fee.
        ///
        /// ## Parameters
        /// - `starts`: from when (ms): not past, and at most a year ahead. The year is 366 days long.
        /// - `tables`: all epochs of all tables together cost at most [`Config::YearlyRho`], and lie within the year. A fee is not less than
        ///   what an account must keep.
        /// - `bounty`: the place in this list of the table that anchors carry, if one is given away.
        ///
        /// ## Emits
        /// [`Event::PlanPublished`].
        #[pallet::call_index(7)]
        #[pallet::weight(<T as Config>::WeightInfo::publish_plan(tables.len() as u32))]
        pub fn publish_plan(
            origin: OriginFor<T>,
            starts: Moment,
            tables: BoundedVec<TableSpec<BalanceOf<T>>, T::MaxTables>,
            bounty: Option<u32>,
        ) -> DispatchResult {
            let provider = pallet_registry::Pallet::<T>::ensure_active_provider(origin)?;
            Self::do_publish_plan(provider, starts, tables, bounty)
        }

        /// Take a table back: nothing new of it is answered, for good. What was answered stays so.
        ///
        /// **Who:** an active provider's account, or its gatekeeper's key. **Costs** the fee; narrows access.
        ///
        /// ## Emits
        /// [`Event::TableWithdrawn`].
        #[pallet::call_index(8)]
        #[pallet::weight((<T as Config>::WeightInfo::withdraw_table(), DispatchClass::Operational))]
        pub fn withdraw_table(origin: OriginFor<T>, #[pallet::compact] table: TableId) -> DispatchResult {
            let provider = pallet_registry::Pallet::<T>::ensure_active_provider(origin)?;
            Self::do_withdraw_table(provider, table)
        }

        /// Say what of a relationship's records counts in planned tables: nothing, or for which purposes. Takes the place of what was
        /// said before.
        ///
        /// **Who:** the patient, or a custodian with `GRANT` and `READ`, of an active or suspended relationship. **Free**, and goes first,
        /// since it may narrow.
        ///
        /// ## Parameters
        /// - `choice`: a [`medrec_primitives::research::ReleaseChoice`], sealed to the provider's current key like a rule's terms.
        ///
        /// ## Emits
        /// [`Event::ReleaseSet`].
        #[pallet::call_index(9)]
        #[pallet::weight((<T as Config>::WeightInfo::set_release(), DispatchClass::Operational))]
        #[pallet::feeless_if(|
            origin: &OriginFor<T>,
            relationship: &RelationshipId,
            _choice: &SealedTerms
        | -> bool {
            pallet_relationships::Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn set_release(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            choice: SealedTerms,
        ) -> DispatchResult {
            Self::do_set_release(origin, relationship, choice)
        }

        /// Place "nothing", sealed, for patients who have said nothing, so that who has said something is not told by what is in the
        /// state. What a patient sealed is never replaced.
        ///
        /// **Who:** an active provider's account, or its gatekeeper's key. **Costs** the fee.
        ///
        /// ## Parameters
        /// - `choices`: indices of active relationships of this provider, and what is sealed for each.
        ///
        /// ## Emits
        /// [`Event::ReleaseSet`] for each that had none.
        #[pallet::call_index(10)]
        #[pallet::weight(<T as Config>::WeightInfo::place_releases(choices.len() as u32))]
        pub fn place_releases(origin: OriginFor<T>, choices: Placed) -> DispatchResult {
            let provider = pallet_registry::Pallet::<T>::ensure_active_provider(origin)?;
            Self::do_place_releases(provider, choices)
        }

        /// Enter a claim to one epoch of a planned table into the window that is open. Its price is set aside until the claim is
        /// closed, and given back if it is not granted or not answered.
        ///
        /// **Who:** an active researcher's account. **Costs** the fee, the table's price in credits, and what the table costs beside. At
        /// most [`Config::MaxEntries`] in a window.
        ///
        /// ## Parameters
        /// - `study`: an approved study, all of whose purposes the table is planned for.
        /// - `answer`: which epoch of which table of which provider; it must be over.
        ///
        /// ## Emits
        /// [`Event::Entered`]; [`Event::Earned`] if blocks became credits by the way.
        #[pallet::call_index(11)]
        #[pallet::weight(Pallet::<T>::claim_weight())]
        pub fn claim(
            origin: OriginFor<T>,
            #[pallet::compact] study: StudyId,
            answer: AnswerKey,
        ) -> DispatchResult {
            let member = Self::ensure_member(origin)?;
            Self::do_claim(member, study, answer)
        }

        /// Draw claims that can be drawn. Idle blocks do the same by themselves, with the same outcome.
        ///
        /// **Who:** anyone. **Costs** the fee, for as much as was drawn.
        ///
        /// ## Parameters
        /// - `steps`: how many claims at most; no more than [`MAX_DRAWN`] count.
        ///
        /// ## Emits
        /// [`Event::Granted`] or [`Event::NotGranted`] for each, [`Event::Asked`] where a provider has to answer.
        #[pallet::call_index(12)]
        #[pallet::weight(Pallet::<T>::draw_weight((*steps).min(MAX_DRAWN)))]
        pub fn draw(origin: OriginFor<T>, #[pallet::compact] steps: u32) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let weight = Self::do_draw(steps)?;
            Ok(Some(weight).into())
        }

        /// Commit to an answer, at the fixed time at which it is due or within the time of grace after it. The first commitment counts.
        ///
        /// **Who:** an active provider's account, or its gatekeeper's key. **Costs** the fee.
        ///
        /// ## Parameters
        /// - `table`, `epoch`: to what.
        /// - `commitment`: the digest of [`medrec_primitives::research::answer::commitment_message`].
        ///
        /// ## Emits
        /// [`Event::Committed`].
        #[pallet::call_index(13)]
        #[pallet::weight(<T as Config>::WeightInfo::commit())]
        pub fn commit(
            origin: OriginFor<T>,
            #[pallet::compact] table: TableId,
            #[pallet::compact] epoch: u16,
            commitment: [u8; 32],
        ) -> DispatchResult {
            let provider = pallet_registry::Pallet::<T>::ensure_active_provider(origin)?;
            Self::do_commit(provider, table, epoch, commitment)
        }

        /// Say that an answer is lost: there will never be one to this epoch, since a second one with other noise would tell more than
        /// was paid for. Claims to it can be closed, and are given back.
        ///
        /// **Who:** an active provider's account, or its gatekeeper's key. **Costs** the fee.
        ///
        /// ## Emits
        /// [`Event::AnswerLost`].
        #[pallet::call_index(14)]
        #[pallet::weight(<T as Config>::WeightInfo::declare_lost())]
        pub fn declare_lost(
            origin: OriginFor<T>,
            #[pallet::compact] table: TableId,
            #[pallet::compact] epoch: u16,
        ) -> DispatchResult {
            let provider = pallet_registry::Pallet::<T>::ensure_active_provider(origin)?;
            Self::do_declare_lost(provider, table, epoch)
        }

        /// Close a claim: one that was answered when its term is over, which spends its price; one whose answer did not come, which
        /// gives it back. Rho is never given back.
        ///
        /// **Who:** anyone. **Costs** the fee.
        ///
        /// ## Emits
        /// [`Event::ClaimClosed`].
        #[pallet::call_index(15)]
        #[pallet::weight(Pallet::<T>::close_weight())]
        pub fn close_claim(origin: OriginFor<T>, #[pallet::compact] claim: ClaimId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_close_claim(claim)
        }

        /// Say that what was committed to was not delivered, or is not what was delivered. Once for each claim, before it is closed.
        ///
        /// **Who:** the researcher's account. **Costs** the fee.
        ///
        /// ## Parameters
        /// - `grounds`: digest of why, with a salt; the consortium is shown both.
        ///
        /// ## Emits
        /// [`Event::Disputed`].
        #[pallet::call_index(16)]
        #[pallet::weight(<T as Config>::WeightInfo::dispute())]
        pub fn dispute(
            origin: OriginFor<T>,
            #[pallet::compact] claim: ClaimId,
            grounds: [u8; 32],
        ) -> DispatchResult {
            let member = Self::ensure_member(origin)?;
            Self::do_dispute(member, claim, grounds)
        }

        /// Resolve a dispute: uphold it, which gives back what the claim cost, or dismiss it.
        ///
        /// **Who:** the consortium.
        ///
        /// ## Emits
        /// [`Event::Resolved`]; [`Event::ClaimClosed`] if upheld.
        #[pallet::call_index(17)]
        #[pallet::weight(<T as Config>::WeightInfo::resolve())]
        pub fn resolve(
            origin: OriginFor<T>,
            #[pallet::compact] claim: ClaimId,
            upheld: bool,
        ) -> DispatchResult {
            <T as pallet_registry::Config>::ConsortiumOrigin::ensure_origin(origin)?;
            Self::do_resolve(claim, upheld)
        }

        /// Accept that one makes blocks for a researcher, who has registered this account as its collator. Without that, anyone could have
        /// blocks counted that others make.
        ///
        /// **Who:** the collator's own account. **Costs** the fee.
        ///
        /// ## Emits
        /// [`Event::ResearcherAccepted`].
        #[pallet::call_index(18)]
        #[pallet::weight(<T as Config>::WeightInfo::accept_researcher())]
        pub fn accept_researcher(
            origin: OriginFor<T>,
            #[pallet::compact] researcher: MemberId,
        ) -> DispatchResult {
            let key = ensure_signed(origin)?;
            Self::do_accept_researcher(key, researcher)
        }
    }

    impl<T: Config> Pallet<T> {
        /// The member whose account signed; `None` for the consortium.
        fn owner_or_consortium(origin: OriginFor<T>) -> Result<Option<MemberId>, DispatchError> {
            match <T as pallet_registry::Config>::ConsortiumOrigin::try_origin(origin) {
                Ok(_) => Ok(None),
                Err(origin) => Self::ensure_member(origin).map(Some),
            }
        }
    }
}
