//! Emergency access without a grant, in everybody's sight.

use alloc::{collections::BTreeSet, vec::Vec};

use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use medrec_primitives::{
    CustodianRights, EmergencyFacts, Glass, GlassId, GlassReview, MemberId, MemberStatus, ReasonDigest,
    RelationshipFlags, RelationshipId, RelationshipStatus, ReviewOutcome, StaffId, StaffRole, DAY_MS,
};
use sp_runtime::DispatchError;

use crate::{Breaks, BreaksToday, Config, Error, Event, Glasses, GlassesOf, Pallet, Reviewed, Reviews};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_break_glass(
        origin: OriginFor<T>,
        relationship: RelationshipId,
        reason: ReasonDigest,
    ) -> DispatchResult {
        let staff = Self::ensure_emergency_staff(origin)?;
        let record = pallet_relationships::Pallet::<T>::get(relationship)
            .ok_or(pallet_relationships::Error::<T>::UnknownRelationship)?;
        ensure!(record.status == RelationshipStatus::Active, Error::<T>::WrongStatus);
        let provider = pallet_registry::Pallet::<T>::status_of(relationship.member);
        ensure!(provider == MemberStatus::Active, Error::<T>::ProviderInactive);
        ensure!(!record.flags.contains(RelationshipFlags::EMERGENCY_OPT_OUT), Error::<T>::OptedOut);

        let from = Self::now();
        let mut glasses = Glasses::<T>::get(relationship.member, relationship.index);
        let expired = Self::take_glasses(&mut glasses, |glass| glass.until <= from);
        ensure!(glasses.iter().all(|glass| glass.staff != staff), Error::<T>::AlreadyBroken);
        let mut counts = Breaks::<T>::get(staff.member);
        ensure!(counts.open < T::MaxOpenReviews::get(), Error::<T>::TooManyOpenReviews);
        let id = GlassId::new(staff.member, counts.next);
        counts.next = counts.next.checked_add(1).ok_or(Error::<T>::BreaksExhausted)?;
        counts.open = counts.open.saturating_add(1);
        let until = from.saturating_add(T::GlassDuration::get());
        glasses.try_push(Glass { id, staff, from, until }).map_err(|_| Error::<T>::TooManyGlasses)?;
        Self::count_break(staff)?;

        Glasses::<T>::insert(relationship.member, relationship.index, glasses);
        Breaks::<T>::insert(staff.member, counts);
        Reviews::<T>::insert(id.member, id.index, GlassReview { relationship, staff, from, until, reason });
        for glass in expired {
            Self::deposit_event(Event::GlassExpired { relationship, glass: glass.id });
        }
        Self::deposit_event(Event::GlassBroken { relationship, glass: id, staff, until, reason });
        Ok(())
    }

    pub(crate) fn do_close_glass(
        origin: OriginFor<T>,
        relationship: RelationshipId,
        id: GlassId,
    ) -> DispatchResult {
        let who = ensure_signed(origin.clone())?;
        let patient_side = pallet_relationships::Pallet::<T>::ensure_patient_side(
            origin,
            relationship,
            CustodianRights::GRANT,
        );
        let mut glasses = Glasses::<T>::get(relationship.member, relationship.index);
        let glass = glasses.iter().find(|glass| glass.id == id);
        if let Err(error) = patient_side {
            // Who broke it may close it with whatever key is the person's now, active or not.
            let person = pallet_registry::Pallet::<T>::staff_facts(&who).map(|staff| staff.id);
            ensure!(person.is_some() && person == glass.map(|glass| glass.staff), error);
        }
        ensure!(glass.is_some(), Error::<T>::UnknownGlass);
        glasses.retain(|glass| glass.id != id);
        Self::put_glasses(relationship, glasses);
        Self::deposit_event(Event::GlassClosed { relationship, glass: id });
        Ok(())
    }

    pub(crate) fn do_review_glass(glasses: Reviewed, outcome: ReviewOutcome) -> DispatchResult {
        for glass in glasses {
            let review = Reviews::<T>::take(glass.member, glass.index).ok_or(Error::<T>::UnknownReview)?;
            let relationship = review.relationship;
            Breaks::<T>::mutate(glass.member, |counts| {
                counts.open = counts.open.saturating_sub(1);
                if outcome == ReviewOutcome::Unjustified {
                    counts.unjustified = counts.unjustified.saturating_add(1);
                }
            });
            Self::deposit_event(Event::GlassReviewed { relationship, glass, outcome });
            if outcome == ReviewOutcome::Unjustified {
                Self::close_unjustified(relationship, glass);
            }
        }
        Ok(())
    }

    /// The broken glasses of a relationship, expired ones that were not cleared yet among them.
    pub fn glasses(id: RelationshipId) -> Vec<Glass> {
        Glasses::<T>::get(id.member, id.index).into_inner()
    }

    /// Up to `count` breaks by staff of `member` that wait for review, ascending from `start`; at most 100 at a time.
    pub fn open_reviews(member: MemberId, start: u32, count: u32) -> Vec<(GlassId, GlassReview)> {
        let count = usize::try_from(count.min(100)).unwrap_or(0);
        // They are stored in the order of their hashes: a page is found among all keys, and no more than it is read.
        let mut page = BTreeSet::new();
        for index in Reviews::<T>::iter_key_prefix(member).filter(|index| *index >= start) {
            page.insert(index);
            if page.len() > count {
                page.pop_last();
            }
        }
        let read = |index| Some((GlassId::new(member, index), Reviews::<T>::get(member, index)?));
        page.into_iter().filter_map(read).collect()
    }

    /// What the decision is told of a person's glass at a relationship: the one that lasts longest.
    pub(crate) fn emergency(id: RelationshipId, staff: StaffId) -> Option<EmergencyFacts> {
        Glasses::<T>::get(id.member, id.index)
            .into_iter()
            .filter(|glass| glass.staff == staff)
            .max_by_key(|glass| glass.until)
            .map(|glass| EmergencyFacts { from: glass.from, until: glass.until })
    }

    fn ensure_emergency_staff(origin: OriginFor<T>) -> Result<StaffId, DispatchError> {
        let who = ensure_signed(origin)?;
        pallet_registry::Pallet::<T>::staff_facts(&who)
            .filter(|staff| staff.role == StaffRole::Emergency && Self::is_active(staff))
            .map(|staff| staff.id)
            .ok_or(Error::<T>::NotEmergencyStaff.into())
    }

    /// Counts one break more today, of the person and of the member.
    fn count_break(staff: StaffId) -> DispatchResult {
        let today = u32::try_from(Self::now().checked_div(DAY_MS).unwrap_or(0)).unwrap_or(u32::MAX);
        BreaksToday::<T>::try_mutate(staff.member, |(day, by)| {
            if today > *day {
                *day = today;
                by.clear();
            }
            let of_member = by.iter().fold(0u32, |sum, (_, count)| sum.saturating_add((*count).into()));
            ensure!(of_member < T::BreaksPerMember::get(), Error::<T>::MemberQuotaUsedUp);
            if let Some((_, count)) = by.iter_mut().find(|(index, _)| *index == staff.index) {
                ensure!(*count < T::BreaksPerStaff::get(), Error::<T>::StaffQuotaUsedUp);
                *count = count.saturating_add(1);
                return Ok(());
            }
            by.try_push((staff.index, 1)).map_err(|_| Error::<T>::MemberQuotaUsedUp.into())
        })
    }

    fn close_unjustified(relationship: RelationshipId, id: GlassId) {
        let mut glasses = Glasses::<T>::get(relationship.member, relationship.index);
        if !Self::take_glasses(&mut glasses, |glass| glass.id == id).is_empty() {
            Self::put_glasses(relationship, glasses);
            Self::deposit_event(Event::GlassClosed { relationship, glass: id });
        }
    }

    /// Takes out the glasses that `gone` says are.
    pub(crate) fn take_glasses(glasses: &mut GlassesOf<T>, gone: impl Fn(&Glass) -> bool) -> Vec<Glass> {
        let taken = glasses.iter().filter(|glass| gone(glass)).cloned().collect();
        glasses.retain(|glass| !gone(glass));
        taken
    }

    /// Keeps the glasses of a relationship, or no byte where there is none.
    pub(crate) fn put_glasses(id: RelationshipId, glasses: GlassesOf<T>) {
        if glasses.is_empty() {
            Glasses::<T>::remove(id.member, id.index);
        } else {
            Glasses::<T>::insert(id.member, id.index, glasses);
        }
    }
}
