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

mod expiry;
mod facts;
mod glass;
mod rules;
mod sharing;
mod try_state;
pub mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use expiry::EXPIRY_GRACE;
pub use pallet::*;
pub use types::{
    BreakCounts, BreaksOfDay, GlassesOf, Reviewed, Rule, MAX_ANCESTORS, MAX_REVIEWED, STEPPED_IN_GRANT,
};
pub use weights::WeightInfo;

// What FRAME's macros write.
#[allow(clippy::expect_used, clippy::unreachable)]
#[frame_support::pallet]
pub mod pallet {
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use medrec_primitives::{
        AccountId, Effect, GlassId, GlassReview, Grant, GrantId, GrantTerms, MemberId, Moment, ReasonDigest,
        RelationshipId, ReviewOutcome, StaffId, Viewer,
    };
    use sp_runtime::Perbill;

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
        /// How many allowing rules of the patient's a relationship may have.
        #[pallet::constant]
        type MaxAllows: Get<u8>;
        /// How many denials a relationship may have: slots of their own, so that no number of grants keeps a patient from
        /// denying.
        #[pallet::constant]
        type MaxDenials: Get<u8>;
        /// How many rules of a relationship may be shared onward from others: slots of their own, so that no viewer takes the
        /// patient's.
        #[pallet::constant]
        type MaxShared: Get<u8>;
        /// How many rules may be shared onward from one, so that no viewer takes all other viewers' slots.
        #[pallet::constant]
        type MaxChildren: Get<u8>;
        /// How long a broken glass opens something (ms).
        #[pallet::constant]
        type GlassDuration: Get<Moment>;
        /// How many persons may have broken the glass of one relationship at the same time.
        #[pallet::constant]
        type MaxGlasses: Get<u32>;
        /// How often one person may break the glass in a day (UTC).
        #[pallet::constant]
        type BreaksPerStaff: Get<u8>;
        /// How often a member's staff may break the glass in a day (UTC).
        #[pallet::constant]
        type BreaksPerMember: Get<u32>;
        /// How many breaks by a member's staff may wait for review.
        #[pallet::constant]
        type MaxOpenReviews: Get<u32>;
        /// How much of a block clearing away what has expired may take, if the block has room for it.
        #[pallet::constant]
        type ExpiryShare: Get<Perbill>;
        /// Weights from benchmarks.
        type WeightInfo: crate::WeightInfo;
    }

    /// The rules of each relationship.
    #[pallet::storage]
    pub type Rules<T: Config> = StorageNMap<
        _,
        (NMapKey<Twox64Concat, MemberId>, NMapKey<Twox64Concat, u32>, NMapKey<Twox64Concat, GrantId>),
        Rule,
        OptionQuery,
    >;

    /// Which person on a staff shared a rule onward. Nothing is kept where the rule above is about a key, which is the
    /// sharer then.
    #[pallet::storage]
    pub type Sharers<T: Config> = StorageNMap<
        _,
        (NMapKey<Twox64Concat, MemberId>, NMapKey<Twox64Concat, u32>, NMapKey<Twox64Concat, GrantId>),
        StaffId,
        OptionQuery,
    >;

    /// The broken glasses of each relationship that has any.
    #[pallet::storage]
    pub type Glasses<T: Config> =
        StorageDoubleMap<_, Twox64Concat, MemberId, Twox64Concat, u32, GlassesOf<T>, ValueQuery>;

    /// The breaks that wait for review, by the member whose staff broke.
    #[pallet::storage]
    pub type Reviews<T: Config> =
        StorageDoubleMap<_, Twox64Concat, MemberId, Twox64Concat, u32, GlassReview, OptionQuery>;

    /// What each member's staff have broken.
    #[pallet::storage]
    pub type Breaks<T: Config> = StorageMap<_, Twox64Concat, MemberId, BreakCounts, ValueQuery>;

    /// Who of each member's staff broke the glass on the day of the latest break.
    #[pallet::storage]
    pub type BreaksToday<T: Config> = StorageMap<_, Twox64Concat, MemberId, BreaksOfDay<T>, ValueQuery>;

    /// The relationship whose rules were looked through last for expired ones; nothing at the start of a round.
    #[pallet::storage]
    pub type RuleCursor<T: Config> = StorageValue<_, expiry::Cursor, OptionQuery>;

    /// The relationship whose glasses were looked through last for expired ones; nothing at the start of a round.
    #[pallet::storage]
    pub type GlassCursor<T: Config> = StorageValue<_, expiry::Cursor, OptionQuery>;

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
        /// A viewer shared onward what it was given.
        Shared {
            /// Whose records.
            relationship: RelationshipId,
            /// The rule.
            grant: GrantId,
            /// The rule that it was shared from, with which it falls.
            parent: GrantId,
            /// Whom it is about.
            viewer: Viewer,
        },
        /// A rule was cleared away: its time was over, or that of one it was shared from.
        Expired {
            /// Whose records.
            relationship: RelationshipId,
            /// The rule, which is gone.
            grant: GrantId,
        },
        /// Someone broke the glass: emergency access without a grant.
        GlassBroken {
            /// Whose records.
            relationship: RelationshipId,
            /// The break.
            glass: GlassId,
            /// Who.
            staff: StaffId,
            /// Until when (ms), unless closed earlier.
            until: Moment,
            /// Digest of the reason.
            reason: ReasonDigest,
        },
        /// A broken glass opens nothing any more.
        GlassClosed {
            /// Whose records.
            relationship: RelationshipId,
            /// The break.
            glass: GlassId,
        },
        /// A broken glass was cleared away: its time was over.
        GlassExpired {
            /// Whose records.
            relationship: RelationshipId,
            /// The break.
            glass: GlassId,
        },
        /// The consortium reviewed a break.
        GlassReviewed {
            /// Whose records.
            relationship: RelationshipId,
            /// The break.
            glass: GlassId,
            /// What it found.
            outcome: ReviewOutcome,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The relationship is not active.
        WrongStatus,
        /// A custodian may let others see only what it sees itself: it needs `READ` besides `GRANT`.
        GranterMayNotRead,
        /// What a custodian grants may not outlast it, nor thirty days and the rest of the last one where it has stepped in. Give the grant an end no later
        /// than that.
        OutlastsGranter,
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
        /// No rule allows this viewer anything.
        NothingAllowed,
        /// The rule is not about this account. Who shares onward must be its key, or active staff whom it is about.
        NotHolder,
        /// A denial in force is about who would share onward. Whoever is denied anything passes nothing on.
        SharerDenied,
        /// The rule may not be shared onward. Ask the patient for one that may.
        MayNotShare,
        /// The rule has not started, or has ended.
        NotInForce,
        /// What is shared onward may not outlast what it is shared from. Give it an end no later than that.
        OutlastsParent,
        /// What was shared onward four times may not be shared again.
        TooFarOnward,
        /// As much has been shared onward from this rule as may be. Take some of it back.
        TooManyChildren,
        /// The account is not that of active emergency staff of an active member. A new emergency role starts after a delay.
        NotEmergencyStaff,
        /// The provider is not an active member: nobody reads its records.
        ProviderInactive,
        /// The patient has chosen that nobody may break the glass.
        OptedOut,
        /// This person has broken this glass already, and it is still open.
        AlreadyBroken,
        /// As many persons have broken this glass as may at the same time. One of them must close it, or its time end.
        TooManyGlasses,
        /// This person has broken as many glasses today (UTC) as one may.
        StaffQuotaUsedUp,
        /// The member's staff have broken as many glasses today (UTC) as they may.
        MemberQuotaUsedUp,
        /// Too many breaks by the member's staff wait for review. The consortium must review some.
        TooManyOpenReviews,
        /// The member's staff have broken as many glasses as can be counted.
        BreaksExhausted,
        /// There is no such broken glass at this relationship: it was closed, or its time is over.
        UnknownGlass,
        /// There is no such break, or it was reviewed already.
        UnknownReview,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
            Self::expire(remaining)
        }

        fn integrity_test() {
            let visits = Self::dearest_visit().saturating_mul(2);
            assert!(
                <T as Config>::WeightInfo::expire_base().saturating_add(visits).all_lte(Self::expiry_limit()),
                "ExpiryShare has no room for the dearest visit of either cursor: clearing would stand still"
            );
            assert!(
                T::MaxChildren::get() <= T::MaxShared::get(),
                "one rule has more children than all together"
            );
            assert!(T::GlassDuration::get() > 0 && T::MaxGlasses::get() > 0, "no glass could be broken");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Let a viewer see what the terms cover.
        ///
        /// **Who:** the patient, or a custodian with `READ` and `GRANT`, of an active relationship. **Free.** At most
        /// [`Config::MaxAllows`] at once.
        ///
        /// ## Parameters
        /// - `viewer`: a key, a member's staff, or a group's.
        /// - `terms`: `Everything`, or terms sealed to the provider's current sealing key.
        /// - `not_before`, `not_after`: from when and until when (ms); not ended yet. What a custodian grants ends with the
        ///   custodian's own term at the latest, and [`STEPPED_IN_GRANT`] from now, rounded up to a full day, where it has stepped in. It falls
        ///   when the custodian is removed or narrowed.
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
        /// **Who:** the patient, or a custodian with `GRANT`, of an active or suspended relationship. **Free**, and of the class
        /// that goes first. At most [`Config::MaxDenials`] at once, in slots of their own.
        ///
        /// ## Parameters
        /// As for [`Pallet::grant`]; but a custodian's denial may outlast it.
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
        /// **Who:** the patient, or a custodian with `GRANT`; for what was shared onward also who shared it. **Free** for
        /// patients, custodians and active staff, and of the class that goes first.
        ///
        /// A grant's revocation narrows access, a denial's widens it: that of a denial is refused between the veto of a rekey and
        /// the proof of identity.
        ///
        /// ## Emits
        /// [`Event::Revoked`], for each rule that falls.
        #[pallet::call_index(2)]
        #[pallet::weight((<T as Config>::WeightInfo::revoke(Pallet::<T>::max_rules()), DispatchClass::Operational))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, relationship: &RelationshipId, _grant: &GrantId| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn revoke(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            #[pallet::compact] grant: GrantId,
        ) -> DispatchResultWithPostInfo {
            Self::do_revoke(origin, relationship, grant)
        }

        /// Take back everything that allows a viewer something, and what was shared onward from it. Denials stay.
        ///
        /// **Who:** the patient, or a custodian with `GRANT`. **Free**, and of the class that goes first.
        ///
        /// ## Parameters
        /// - `viewer`: exactly whom the rules are about. What a person may as staff of a member or group stays, unless that
        ///   member or group is named.
        ///
        /// ## Emits
        /// [`Event::Revoked`], for each rule that falls.
        #[pallet::call_index(3)]
        #[pallet::weight((
            <T as Config>::WeightInfo::revoke_all(Pallet::<T>::max_rules()),
            DispatchClass::Operational
        ))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, relationship: &RelationshipId, _viewer: &Viewer| -> bool {
            pallet_relationships::Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn revoke_all(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            viewer: Viewer,
        ) -> DispatchResultWithPostInfo {
            Self::do_revoke_all(origin, relationship, &viewer)
        }

        /// Share onward what a rule allows, or a part of it. It falls with that rule.
        ///
        /// The chain sees that the time is no longer; that no more is shared than was given is for the gatekeeper, which
        /// permits what the opened terms of the whole line permit.
        ///
        /// **Who:** whom a rule in force is about that may be shared: its key, or active staff (stewards excepted) of its
        /// member or group; nobody whom a denial in force is about. **Free** for staff; others pay the fee, as the chain keeps no
        /// account for a key that patients merely name. At most [`Config::MaxShared`] in a relationship,
        /// [`Config::MaxChildren`] from one rule, and four times in a line.
        ///
        /// ## Parameters
        /// - `parent`: the rule that is shared from.
        /// - `viewer`, `terms`, `not_before`: as for [`Pallet::grant`].
        /// - `not_after`: no later than the parent's end, if it has one.
        /// - `may_share`: whether this viewer may share onward in turn.
        ///
        /// ## Emits
        /// [`Event::Shared`].
        #[pallet::call_index(4)]
        #[pallet::weight(<T as Config>::WeightInfo::share(Pallet::<T>::max_rules()))]
        #[pallet::feeless_if(|
            origin: &OriginFor<T>,
            _relationship: &RelationshipId,
            _parent: &GrantId,
            _viewer: &Viewer,
            _terms: &GrantTerms,
            _not_before: &Option<Moment>,
            _not_after: &Option<Moment>,
            _may_share: &bool
        | -> bool {
            pallet_relationships::Pallet::<T>::is_free_for_staff(origin)
        })]
        #[allow(clippy::too_many_arguments)] // Each is one thing that a viewer must say.
        pub fn share(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            #[pallet::compact] parent: GrantId,
            viewer: Viewer,
            terms: GrantTerms,
            not_before: Option<Moment>,
            not_after: Option<Moment>,
            may_share: bool,
        ) -> DispatchResultWithPostInfo {
            let effect = Effect::Allow;
            let rule =
                Grant { viewer, effect, terms, not_before, not_after, may_share, parent: Some(parent) };
            Self::do_share(origin, relationship, parent, rule)
        }

        /// Break the glass: read in an emergency, for [`Config::GlassDuration`], without a grant and in everybody's sight.
        ///
        /// Denials hold unless the patient chose otherwise. Each break waits for the consortium's review.
        ///
        /// **Who:** active emergency staff of an active member, at a relationship that is active and has not opted out.
        /// **Free**, within [`Config::BreaksPerStaff`] and [`Config::BreaksPerMember`] a day. At most [`Config::MaxGlasses`]
        /// at once.
        ///
        /// ## Parameters
        /// - `reason`: digest of the reason and a salt, by which the reason can be shown at the review and guessed by nobody.
        ///
        /// ## Emits
        /// [`Event::GlassBroken`]; [`Event::GlassExpired`] for those that it takes the slots of.
        #[pallet::call_index(5)]
        #[pallet::weight(<T as Config>::WeightInfo::break_glass())]
        #[pallet::feeless_if(|
            origin: &OriginFor<T>,
            _relationship: &RelationshipId,
            _reason: &ReasonDigest
        | -> bool {
            pallet_relationships::Pallet::<T>::is_free_for_staff(origin)
        })]
        pub fn break_glass(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            reason: ReasonDigest,
        ) -> DispatchResult {
            Self::do_break_glass(origin, relationship, reason)
        }

        /// Close a broken glass before its time. Its review stays open.
        ///
        /// **Who:** who broke it, the patient, or a custodian with `GRANT`. **Free**, and of the class that goes first.
        ///
        /// ## Emits
        /// [`Event::GlassClosed`].
        #[pallet::call_index(6)]
        #[pallet::weight((<T as Config>::WeightInfo::close_glass(), DispatchClass::Operational))]
        #[pallet::feeless_if(|origin: &OriginFor<T>, relationship: &RelationshipId, _glass: &GlassId| -> bool {
            Pallet::<T>::is_free(origin, relationship)
        })]
        pub fn close_glass(
            origin: OriginFor<T>,
            relationship: RelationshipId,
            glass: GlassId,
        ) -> DispatchResult {
            Self::do_close_glass(origin, relationship, glass)
        }

        /// Say what breaks of the glass were, and close them if they were unjustified.
        ///
        /// **Who:** the consortium.
        ///
        /// ## Parameters
        /// - `glasses`: the breaks, each waiting for its review.
        ///
        /// ## Emits
        /// [`Event::GlassReviewed`] for each; [`Event::GlassClosed`] for those that were unjustified and still open.
        #[pallet::call_index(7)]
        #[pallet::weight(<T as Config>::WeightInfo::review_glass(glasses.len().try_into().unwrap_or(MAX_REVIEWED)))]
        pub fn review_glass(
            origin: OriginFor<T>,
            glasses: Reviewed,
            outcome: ReviewOutcome,
        ) -> DispatchResult {
            <T as pallet_registry::Config>::ConsortiumOrigin::ensure_origin(origin)?;
            Self::do_review_glass(glasses, outcome)
        }
    }

    impl<T: Config> Pallet<T> {
        /// Whether the call is free for its signer: on the patient's side of the relationship, or on a member's active staff.
        fn is_free(origin: &OriginFor<T>, relationship: &RelationshipId) -> bool {
            pallet_relationships::Pallet::<T>::is_free(origin, relationship)
                || pallet_relationships::Pallet::<T>::is_free_for_staff(origin)
        }
    }
}
