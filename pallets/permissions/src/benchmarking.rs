//! Benchmarks: every call at its worst.

use frame_benchmarking::v2::*;
use frame_support::{
    assert_ok,
    traits::{fungible, EnsureOrigin, Get},
};
use frame_system::RawOrigin;
use medrec_primitives::{
    AccountId, Effect, Glass, GlassId, GlassReview, Grant, GrantId, GrantTerms, MemberId, MemberRole,
    MemberStatus, Moment, RelationshipId, ReviewOutcome, SealedTerms, Staff, StaffId, StaffRole, Viewer,
    TERMS_PLAINTEXT_BYTES,
};
use pallet_registry::{GroupsOf, Members, StaffKeys, StaffOf};
use pallet_relationships::{BalanceOf, OnRelationshipEnded as _, Relationships};
use sp_runtime::traits::Bounded;

use crate::*;

const ID: RelationshipId = RelationshipId::new(0, 0);

/// The member whose staff act here; another than the provider.
const CLINIC: MemberId = 1;

fn member<T: Config>(name: &'static str)
where
    T::Deposits: fungible::Mutate<AccountId>,
{
    let who: AccountId = account(name, 0, 0);
    let id = pallet_registry::NextMember::<T>::get();
    let deposits = pallet_relationships::Pallet::<T>::deposit_account(id);
    for account in [&who, &deposits] {
        let _ = <T::Deposits as fungible::Mutate<AccountId>>::set_balance(
            account,
            BalanceOf::<T>::max_value() / 1_000u32.into(),
        );
    }
    assert_ok!(pallet_registry::Pallet::<T>::apply(
        RawOrigin::Signed(who).into(),
        MemberRole::Provider,
        name.as_bytes().to_vec().try_into().unwrap_or_default(),
        b"https://provider.example".to_vec().try_into().unwrap_or_default(),
        account("gatekeeper", id, 0),
        [1; 32]
    ));
    Members::<T>::mutate(id, |member| {
        if let Some(member) = member {
            member.status = MemberStatus::Active;
        }
    });
}

/// An active relationship [`ID`], and a member [`CLINIC`] beside the provider; answers with the patient's key.
fn active<T: Config>() -> AccountId
where
    T::Deposits: fungible::Mutate<AccountId>,
{
    member::<T>("Provider");
    member::<T>("Clinic");
    let patient: AccountId = account("patient", 0, 0);
    let origin = RawOrigin::Signed(account("Provider", 0, 0)).into();
    assert_ok!(pallet_relationships::Pallet::<T>::propose(origin, patient.clone(), [1; 16]));
    assert_ok!(pallet_relationships::Pallet::<T>::accept(RawOrigin::Signed(patient.clone()).into(), ID));
    patient
}

/// A person on the clinic's staff, in as many groups as may be; answers with the person's key.
fn staff<T: Config>(role: StaffRole) -> AccountId {
    let key: AccountId = account("staff", 0, 0);
    let id = StaffId::new(CLINIC, 0);
    StaffKeys::<T>::insert(&key, id);
    StaffOf::<T>::insert(CLINIC, 0, Staff { key: key.clone(), role, from: 0, until: Moment::MAX });
    let groups: alloc::vec::Vec<_> = (0..T::MaxGroupsPerMember::get()).collect();
    GroupsOf::<T>::insert(CLINIC, pallet_registry::GroupsOfMember::<T>::truncate_from(groups));
    frame_system::Pallet::<T>::inc_sufficients(&key);
    key
}

fn terms() -> GrantTerms {
    GrantTerms::Sealed(SealedTerms {
        key: 0,
        enc: [1; 32],
        ciphertext: [1; TERMS_PLAINTEXT_BYTES + 16],
        commitment: [1; 32],
    })
}

fn rule(effect: Effect, viewer: Viewer, parent: Option<GrantId>) -> Rule {
    Rule::from(Grant {
        viewer,
        effect,
        terms: terms(),
        not_before: Some(0),
        not_after: Some(Moment::MAX),
        may_share: effect == Effect::Allow,
        parent,
    })
}

/// A rule about the clinic's staff, and `children` that the staff shared onward from it.
fn rules<T: Config>(children: u32) {
    Rules::<T>::insert((0, 0, 0), rule(Effect::Allow, Viewer::Member(CLINIC), None));
    for grant in 1..children.saturating_add(1) {
        let viewer = Viewer::Key(account("viewer", 0, 0));
        Rules::<T>::insert((0, 0, grant), rule(Effect::Allow, viewer, Some(0)));
        Sharers::<T>::insert((0, 0, grant), StaffId::new(CLINIC, 0));
    }
    Relationships::<T>::mutate(0, 0, |record| {
        if let Some(record) = record {
            record.rules.next = children.saturating_add(1);
            record.rules.allows = 1;
            record.rules.shared = children.try_into().unwrap_or(u8::MAX);
        }
    });
}

/// `count` persons have broken the glass; the last of them is the person of [`staff`].
fn glasses<T: Config>(count: u32, until: Moment) {
    let of = |index: u32| {
        let person = count.saturating_sub(index).saturating_sub(1);
        Glass { id: GlassId::new(CLINIC, index), staff: StaffId::new(CLINIC, person), from: 0, until }
    };
    let glasses: alloc::vec::Vec<_> = (0..count).map(of).collect();
    Glasses::<T>::insert(0, 0, GlassesOf::<T>::truncate_from(glasses));
    Breaks::<T>::insert(CLINIC, BreakCounts { next: count, open: 0, unjustified: 0 });
}

fn rules_left<T: Config>() -> u32 {
    Rules::<T>::iter_prefix((0, 0)).count() as u32
}

#[benchmarks(where T::Deposits: fungible::Mutate<AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn grant() {
        let patient = active::<T>();
        let viewer = Viewer::Member(0);
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), ID, viewer, terms(), Some(0), Some(Moment::MAX), true);
        assert!(Rules::<T>::contains_key((0, 0, 0)));
    }

    #[benchmark]
    fn deny() {
        let patient = active::<T>();
        let viewer = Viewer::Member(0);
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), ID, viewer, terms(), Some(0), Some(Moment::MAX));
        assert!(Rules::<T>::contains_key((0, 0, 0)));
    }

    /// A rule with `n - 1` others that were shared onward from it. Who shared it takes the longest way to the same work, so
    /// the rule is itself a child.
    #[benchmark]
    fn revoke(n: Linear<2, 112>) {
        active::<T>();
        let who = staff::<T>(StaffRole::Clinician);
        rules::<T>(n.saturating_sub(1));
        for index in 2..n {
            Rules::<T>::mutate((0, 0, index), |rule| {
                if let Some(rule) = rule {
                    rule.grant.parent = Some(1);
                }
            });
        }
        #[extrinsic_call]
        _(RawOrigin::Signed(who), ID, 1);
        assert_eq!(rules_left::<T>(), 1);
    }

    #[benchmark]
    fn revoke_all(n: Linear<1, 112>) {
        let patient = active::<T>();
        rules::<T>(n.saturating_sub(1));
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), ID, Viewer::Member(CLINIC));
        assert_eq!(rules_left::<T>(), 0);
    }

    /// Beside `n` rules, the one that is shared among them. The others are denials, so that there are slots left.
    #[benchmark]
    fn share(n: Linear<1, 112>) {
        active::<T>();
        let who = staff::<T>(StaffRole::Clinician);
        rules::<T>(0);
        for index in 1..n {
            let viewer = Viewer::Key(account("viewer", 0, 0));
            Rules::<T>::insert((0, 0, index), rule(Effect::Deny, viewer, None));
        }
        Relationships::<T>::mutate(0, 0, |record| {
            if let Some(record) = record {
                record.rules.next = n;
                record.rules.denials = n.saturating_sub(1).try_into().unwrap_or(u8::MAX);
            }
        });
        let viewer = Viewer::Member(0);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), ID, 0, viewer, terms(), Some(0), Some(Moment::MAX), true);
        assert_eq!(Sharers::<T>::get((0, 0, n)), Some(StaffId::new(CLINIC, 0)));
    }

    /// All other slots hold glasses that have expired, and the member's day is as full as it may be.
    #[benchmark]
    fn break_glass() {
        active::<T>();
        let who = staff::<T>(StaffRole::Emergency);
        glasses::<T>(T::MaxGlasses::get(), 0);
        let others = (1..T::BreaksPerMember::get()).map(|index| (index, 1)).collect();
        BreaksToday::<T>::insert(CLINIC, (u32::MAX, frame_support::BoundedVec::truncate_from(others)));
        #[extrinsic_call]
        _(RawOrigin::Signed(who), ID, [1; 32]);
        assert_eq!(Glasses::<T>::get(0, 0).len(), 1);
    }

    #[benchmark]
    fn close_glass() {
        active::<T>();
        let who = staff::<T>(StaffRole::Emergency);
        glasses::<T>(T::MaxGlasses::get(), Moment::MAX);
        let last = GlassId::new(CLINIC, T::MaxGlasses::get().saturating_sub(1));
        #[extrinsic_call]
        _(RawOrigin::Signed(who), ID, last);
        assert_eq!(Glasses::<T>::get(0, 0).len() as u32, T::MaxGlasses::get().saturating_sub(1));
    }

    /// `n` breaks by staff of as many members at as many relationships, all unjustified and still open.
    #[benchmark]
    fn review_glass(n: Linear<1, 64>) -> Result<(), BenchmarkError> {
        let origin = <T as pallet_registry::Config>::ConsortiumOrigin::try_successful_origin()
            .map_err(|_| BenchmarkError::Weightless)?;
        let reviewed: alloc::vec::Vec<_> = (0..n).map(|member| GlassId::new(member, 0)).collect();
        for id in &reviewed {
            let relationship = RelationshipId::new(0, id.member);
            let staff = StaffId::new(id.member, 0);
            let (from, until) = (0, Moment::MAX);
            Breaks::<T>::insert(id.member, BreakCounts { next: 1, open: 1, unjustified: 0 });
            let review = GlassReview { relationship, staff, from, until, reason: [1; 32] };
            Reviews::<T>::insert(id.member, 0, review);
            let mut glasses = GlassesOf::<T>::default();
            let _ = glasses.try_push(Glass { id: *id, staff, from, until });
            Glasses::<T>::insert(0, id.member, glasses);
        }
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, Reviewed::truncate_from(reviewed), ReviewOutcome::Unjustified);
        assert_eq!((Reviews::<T>::iter().count(), Glasses::<T>::iter().count()), (0, 0));
        Ok(())
    }

    #[benchmark]
    fn on_ended(n: Linear<1, 112>) {
        active::<T>();
        rules::<T>(n.saturating_sub(1));
        glasses::<T>(T::MaxGlasses::get(), Moment::MAX);
        #[block]
        {
            Pallet::<T>::on_ended(ID);
        }
        assert_eq!(rules_left::<T>(), n.saturating_sub(Pallet::<T>::max_rules()));
        assert!(!Glasses::<T>::contains_key(0, 0));
    }

    /// Both cursors are read, and written.
    #[benchmark]
    fn expire_base() {
        RuleCursor::<T>::put((0, 0));
        GlassCursor::<T>::put((0, 0));
        #[block]
        {
            let rules = RuleCursor::<T>::get();
            let glasses = GlassCursor::<T>::get();
            RuleCursor::<T>::set(rules.map(|(member, _)| (member, 1)));
            GlassCursor::<T>::set(glasses.map(|(member, _)| (member, 1)));
        }
        assert_eq!(RuleCursor::<T>::get(), Some((0, 1)));
    }

    /// The next relationship with rules is found, and its counts are read.
    #[benchmark]
    fn expire_peek() {
        active::<T>();
        rules::<T>(1);
        let found;
        #[block]
        {
            found = Pallet::<T>::next_with_rules(None).map(|id| (id, Pallet::<T>::rules_in_place(id)));
        }
        assert_eq!(found, Some((ID, 2)));
    }

    /// `r` rules, of which `n` (at most all) fall: each was shared onward from the one before.
    #[benchmark]
    fn expire_rules(r: Linear<1, 112>, n: Linear<0, 112>) {
        active::<T>();
        rules::<T>(r.saturating_sub(1));
        let n = n.min(r);
        for index in 0..r {
            Rules::<T>::mutate((0, 0, index), |rule| {
                if let Some(rule) = rule {
                    rule.grant.not_after = Some(if index < n { 0 } else { Moment::MAX });
                    rule.grant.parent = if index < n { index.checked_sub(1) } else { None };
                }
            });
        }
        #[block]
        {
            Pallet::<T>::expire_rules_of(ID, EXPIRY_GRACE);
        }
        assert_eq!(rules_left::<T>(), r.saturating_sub(n));
    }

    #[benchmark]
    fn expire_glasses(n: Linear<0, 8>) {
        active::<T>();
        let all = T::MaxGlasses::get();
        glasses::<T>(all, Moment::MAX);
        Glasses::<T>::mutate(0, 0, |glasses| {
            for glass in glasses.iter_mut().take(n as usize) {
                glass.until = 0;
            }
        });
        #[block]
        {
            Pallet::<T>::expire_glasses_of(ID, EXPIRY_GRACE);
        }
        assert_eq!(Glasses::<T>::get(0, 0).len() as u32, all.saturating_sub(n));
    }
}
