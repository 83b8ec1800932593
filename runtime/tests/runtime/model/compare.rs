//! The model against the chain.

use frame_support::traits::fungible::InspectHold;
use medrec_primitives::{GlassId, GrantFacts, RelationshipId, RelationshipStatus, RequestId, StaffId};
use medrec_runtime::{
    medrec_api::runtime_decl_for_med_rec_api::MedRecApiV1, AccountId, Balances, Runtime, RuntimeCall,
    RuntimeHoldReason, System,
};
use pallet_relationships::KeyRole;

use super::world::{Part, Use, World};

/// The relationship that a call is about.
pub fn about(world: &World, call: &RuntimeCall) -> Option<RelationshipId> {
    use pallet_access::Call as Access;
    use pallet_permissions::Call as Permissions;
    use pallet_relationships::Call as Relationships;
    match call {
        RuntimeCall::Relationships(call) => match call {
            Relationships::propose { .. } | Relationships::propose_minor { .. } => world.open.last().copied(),
            Relationships::accept { relationship }
            | Relationships::reject { relationship }
            | Relationships::end { relationship }
            | Relationships::set_pointer { relationship, .. }
            | Relationships::withdraw_pointer { relationship, .. }
            | Relationships::suspend { relationship }
            | Relationships::resume { relationship }
            | Relationships::acknowledge { relationship, .. }
            | Relationships::set_custodians { relationship, .. }
            | Relationships::remove_custodian { relationship, .. }
            | Relationships::set_flags { relationship, .. }
            | Relationships::set_inactivity { relationship, .. }
            | Relationships::touch { relationship }
            | Relationships::step_in { relationship }
            | Relationships::confirm_step_in { relationship }
            | Relationships::step_out { relationship }
            | Relationships::enrol_patient { relationship, .. }
            | Relationships::request_rekey { relationship, .. }
            | Relationships::approve_rekey { relationship, .. }
            | Relationships::finish_rekey { relationship }
            | Relationships::veto_rekey { relationship }
            | Relationships::reproof { relationship, .. }
            | Relationships::cancel_rekey { relationship } => Some(*relationship),
            Relationships::withdraw_deposit { .. } => None,
            other => unreachable!("{other:?}"),
        },
        RuntimeCall::Permissions(
            Permissions::grant { relationship, .. }
            | Permissions::deny { relationship, .. }
            | Permissions::revoke { relationship, .. }
            | Permissions::revoke_all { relationship, .. }
            | Permissions::share { relationship, .. }
            | Permissions::break_glass { relationship, .. }
            | Permissions::close_glass { relationship, .. },
        ) => Some(*relationship),
        RuntimeCall::Access(Access::request { relationship, .. }) => Some(*relationship),
        _ => None,
    }
}

/// Everything.
pub fn compare_all(world: &World) {
    members(world);
    world.relationships.keys().for_each(|id| relationship(world, *id));
    assert_eq!(pallet_relationships::Relationships::<Runtime>::iter().count(), world.relationships.len());
    keys(world);
    requests(world);
    reviews(world);
}

/// One relationship, and all that hangs on it.
pub fn relationship(world: &World, id: RelationshipId) {
    let stored = pallet_relationships::Pallet::<Runtime>::get(id);
    let Some(record) = world.relationships.get(&id) else {
        assert_eq!(stored, None, "{id}");
        return;
    };
    let stored = stored.expect("the model knows this relationship");
    assert_eq!(stored.patient, record.patient, "{id}");
    assert_eq!(stored.status, world.status(record), "{id}");
    assert_eq!(stored.ticket.is_some(), record.ticket, "{id}");
    assert_eq!(stored.custodians.to_vec(), record.custodians, "{id}");
    assert_eq!(stored.inactivity, record.inactivity, "{id}");
    assert_eq!(stored.flags, record.flags, "{id}");
    assert_eq!(stored.held, record.held, "{id}");
    assert_eq!(
        (stored.keys.patient, stored.keys.custodian),
        (record.patient_keys, record.custodian_keys),
        "{id}"
    );
    let counts = (stored.rules.allows, stored.rules.denials, stored.rules.shared);
    assert_eq!((stored.rules.next, counts), (record.next_rule, record.counts()), "{id}");

    let (member, index) = (id.member, id.index);
    let handover = pallet_relationships::Handovers::<Runtime>::get(member, index);
    assert_eq!(handover, record.handover, "{id}");
    let step_in = pallet_relationships::StepIns::<Runtime>::get(member, index);
    assert_eq!(step_in.map(|request| (request.day, request.confirmed)), record.step_in, "{id}");
    let rekey = pallet_relationships::Rekeys::<Runtime>::get(member, index);
    let rekey = rekey.map(|r| (r.lost, r.key, r.ticket.is_some(), r.custodian, r.asked, r.ready, r.stage));
    let expected = record.rekey.clone();
    let expected = expected.map(|r| (r.lost, r.key, r.provider, r.custodian, r.asked, r.ready, r.stage));
    assert_eq!(rekey, expected, "{id}");
    let suspension = pallet_relationships::Suspensions::<Runtime>::get(member, index);
    assert_eq!((suspension.provider, suspension.only), record.suspension, "{id}");
    for slot in 0..9 {
        let pointer = pallet_relationships::Pointers::<Runtime>::get((member, index, slot));
        assert_eq!(pointer.as_ref(), record.pointers.get(&slot), "{id}");
    }
    let rules: Vec<_> = record
        .rules
        .iter()
        .map(|(rule, (grant, sharer))| GrantFacts { id: *rule, grant: grant.clone(), sharer: *sharer })
        .collect();
    assert_eq!(Runtime::rules(id), rules, "{id}");
    for rule in record.rules.keys() {
        let stored = pallet_permissions::Rules::<Runtime>::get((member, index, *rule));
        let by_custodian = stored.is_some_and(|rule| rule.custodian.is_some());
        assert_eq!(by_custodian, record.granted_by.contains_key(rule), "{id}");
    }
    assert_eq!(Runtime::glasses(id), record.glasses, "{id}");
    assert_eq!(Runtime::relationship(id), Some((record.patient.clone(), world.status(record))), "{id}");
    deposits(world, member);
}

/// What is held on a deposit account, and what is free there.
fn deposits(world: &World, member: u32) {
    let account = pallet_relationships::Pallet::<Runtime>::deposit_account(member);
    let reason = RuntimeHoldReason::Relationships(pallet_relationships::HoldReason::Relationship);
    let (free, held) = world.deposits.get(&member).copied().unwrap_or_default();
    assert_eq!(Balances::balance_on_hold(&reason, &account), held, "deposits of member {member}");
    assert_eq!(Balances::free_balance(&account), free, "deposits of member {member}");
}

/// What is known of one key: nonce, part, allowance.
pub fn key(world: &World, key: &AccountId) {
    assert_eq!(System::account_nonce(key), world.nonces.get(key).copied().unwrap_or(0));
    let spent = world.spent_of(key);
    let spent = (spent.day, spent.calls, spent.narrowing);
    let record = pallet_relationships::Keys::<Runtime>::get(key);
    let allowance = record.as_ref().map_or_else(
        || pallet_relationships::StaffAllowances::<Runtime>::get(key),
        |record| record.allowance,
    );
    assert_eq!((allowance.day, allowance.calls, allowance.narrowing), spent);
    let part = record.map(|record| {
        let part = match record.role {
            KeyRole::Patient => Part::Patient,
            KeyRole::Custodian(_) => Part::Custodian,
            KeyRole::Pending => Part::Pending,
            KeyRole::Retired => Part::Retired,
        };
        (record.relationship, part)
    });
    assert_eq!(part.as_ref(), world.parts.get(key));
    let of: Vec<(RelationshipId, RelationshipStatus)> = part
        .filter(|(_, part)| matches!(part, Part::Patient | Part::Custodian))
        .map(|(id, _)| (id, world.status(&world.relationships[&id])))
        .into_iter()
        .collect();
    assert_eq!(Runtime::my_relationships(key.clone()), of);
    assert_eq!(Runtime::member_of(key.clone()), world.provider_of(key));
    let held = world.held.get(key).copied().unwrap_or_default();
    for (reason, amount) in [
        (pallet_registry::HoldReason::Member, held.member),
        (pallet_registry::HoldReason::Staff, held.staff),
        (pallet_registry::HoldReason::Group, held.group),
    ] {
        let reason = RuntimeHoldReason::Registry(reason);
        assert_eq!(Balances::balance_on_hold(&reason, key), amount, "{reason:?}");
    }
}

/// What the chain knows of a viewer, and says to it.
pub fn rights(world: &World, id: RelationshipId, viewer: &AccountId) {
    assert_eq!(Runtime::facts(id, viewer.clone()), world.facts(id, viewer), "{id}");
    assert_eq!(Runtime::may_read(id, viewer.clone()), world.may_read(id, viewer), "{id}");
}

fn keys(world: &World) {
    assert_eq!(pallet_relationships::Keys::<Runtime>::iter().count(), world.parts.len());
    let members = pallet_registry::Accounts::<Runtime>::iter().count();
    let staff = pallet_registry::StaffKeys::<Runtime>::iter().count();
    assert_eq!(members + staff, world.used.len());
    world.parts.keys().chain(world.used.keys()).for_each(|one| key(world, one));
    for (key, of) in &world.used {
        if let Use::Staff(id) = of {
            assert_eq!(pallet_registry::StaffKeys::<Runtime>::get(key), Some(*id));
        }
    }
}

fn members(world: &World) {
    let mut all = Vec::new();
    let mut start = 0;
    loop {
        let page = Runtime::members(start, 100);
        let Some((last, _)) = page.last() else { break };
        start = last + 1;
        all.extend(page);
    }
    let expected: Vec<_> = world.members.iter().map(|(id, member)| (*id, member.clone())).collect();
    assert_eq!(all, expected);
    assert_eq!(pallet_registry::Names::<Runtime>::iter().count(), world.names.len());
    for id in 0..world.next_member {
        let keys: Vec<_> = world
            .sealing_keys
            .range((id, 0)..=(id, u8::MAX))
            .map(|((_, key), record)| (*key, *record))
            .collect();
        assert_eq!(Runtime::sealing_keys(id), keys);
        let staff = world.staff.range(StaffId::new(id, 0)..=StaffId::new(id, u32::MAX)).count() as u32;
        assert_eq!(pallet_registry::StaffCount::<Runtime>::get(id), staff);
        assert_eq!(pallet_registry::GroupsOf::<Runtime>::get(id).to_vec(), world.groups_of(id));
        deposits(world, id);
        let last = world.anchors.get(&id).and_then(|anchors| anchors.last().copied());
        assert_eq!(Runtime::latest_anchor(id), last);
    }
    for (id, staff) in &world.staff {
        assert_eq!(pallet_registry::StaffOf::<Runtime>::get(id.member, id.index).as_ref(), Some(staff));
    }
    assert_eq!(pallet_registry::NextGroup::<Runtime>::get(), world.next_group);
    assert_eq!(pallet_registry::Groups::<Runtime>::iter().count(), world.groups.len());
    for (id, group) in &world.groups {
        let mut members = Runtime::group_members(*id, None, 100);
        members.sort_unstable();
        assert_eq!(members, group.members.iter().copied().collect::<Vec<_>>());
    }
}

fn requests(world: &World) {
    assert_eq!(pallet_access::Requests::<Runtime>::iter().count(), world.requests.len());
    assert_eq!(pallet_access::Receipts::<Runtime>::iter().count(), world.receipts.len());
    for (id, request) in &world.requests {
        assert_eq!(Runtime::request(*id).as_ref(), Some(request), "{id}");
        let here = Runtime::requests_at(request.relationship);
        let of = Runtime::requests_of(request.asker.clone());
        let count = |good: &dyn Fn(&medrec_primitives::AccessRequest) -> bool| {
            world.requests.values().filter(|request| good(request)).count()
        };
        assert_eq!(here.len(), count(&|other| other.relationship == request.relationship));
        assert_eq!(of.len(), count(&|other| other.asker == request.asker));
        assert!(here.iter().chain(&of).all(|(id, other)| world.requests.get(id) == Some(other)));
    }
    assert_eq!(pallet_access::OwnReceipts::<Runtime>::iter().count(), world.own_receipts.len());
    for (id, own) in &world.own_receipts {
        let stored = pallet_access::OwnReceipts::<Runtime>::get(id.member, id.index);
        assert!(stored.iter().eq(own.iter().map(|request| &request.index)), "{id}");
    }
    world.receipts.keys().for_each(|id| assert_eq!(Runtime::receipt(*id).as_ref(), world.receipts.get(id)));
    for (member, next) in &world.next_request {
        assert_eq!(pallet_access::NextIndex::<Runtime>::get(member), *next);
        let expected: Vec<_> = world
            .requests
            .range(RequestId::new(*member, 0)..=RequestId::new(*member, u32::MAX))
            .map(|(id, request)| (*id, request.clone()))
            .collect();
        // Page by page, in the order of the storage.
        let mut open = Vec::new();
        loop {
            let page = Runtime::open_requests(*member, open.last().map(last_index), 7);
            assert!(page.len() <= 7);
            if page.is_empty() {
                break;
            }
            open.extend(page);
        }
        open.sort_by_key(|(id, _)| *id);
        assert_eq!(open, expected);
    }
}

fn last_index((id, _): &(RequestId, medrec_primitives::AccessRequest)) -> u32 {
    id.index
}

fn reviews(world: &World) {
    assert_eq!(pallet_permissions::Reviews::<Runtime>::iter().count(), world.reviews.len());
    for (id, review) in &world.reviews {
        let stored = pallet_permissions::Reviews::<Runtime>::get(id.member, id.index);
        assert_eq!(stored.as_ref(), Some(review), "{id}");
    }
    for (member, breaks) in &world.breaks {
        let counts = pallet_permissions::Breaks::<Runtime>::get(member);
        let open = world.reviews.range(GlassId::new(*member, 0)..=GlassId::new(*member, u32::MAX)).count();
        assert_eq!((counts.next, counts.unjustified), (breaks.next, breaks.unjustified));
        assert_eq!(counts.open as usize, open);
    }
}
