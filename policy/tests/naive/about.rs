//! README.md, rule 6: whom a rule is about.

use medrec_primitives::{MemberStatus, StaffRole};

use super::clock::{ended_to_widen, in_force_to_narrow, in_force_to_widen, started_to_widen};
use super::coverage::{Branch, Coverage};
use super::model::{Ask, Staff, StaffId, State, Viewer};

/// The asker's staff record, if it makes the asker active staff for allowing rules.
fn active_staff<'a>(state: &'a State, ask: &Ask) -> Option<&'a Staff> {
    state.staff.as_ref().filter(|staff| {
        in_force_to_widen(Some(staff.from), Some(staff.until), ask)
            && staff.member_status == MemberStatus::Active
            && staff.role != StaffRole::Steward
    })
}

/// The asker's staff record, if it is enough for denials.
pub fn staff_for_denials<'a>(state: &'a State, ask: &Ask) -> Option<&'a Staff> {
    state.staff.as_ref().filter(|staff| in_force_to_narrow(Some(staff.from), Some(staff.until), ask))
}

fn is_of(viewer: Viewer, staff: &Staff) -> bool {
    match viewer {
        Viewer::Key(_) => false,
        Viewer::Member(member) => staff.id.0 == member,
        Viewer::Group(group) => staff.groups.contains(&group),
    }
}

/// Rule 6 for allows.
pub fn allow_is_about(state: &State, viewer: Viewer, ask: &Ask, seen: &mut Coverage) -> bool {
    if let Viewer::Key(key) = viewer {
        return if key == state.viewer {
            seen.hit_if(Branch::AllowAboutKey, true)
        } else {
            seen.hit(Branch::AllowAboutOther);
            false
        };
    }
    match &state.staff {
        None => seen.hit(Branch::AllowAboutNotStaff),
        Some(staff) if !is_of(viewer, staff) => seen.hit(Branch::AllowAboutOther),
        Some(staff) => {
            let mut flaws = Vec::new();
            if !started_to_widen(Some(staff.from), ask) {
                flaws.push(Branch::AllowAboutStaffNotYet);
            }
            if ended_to_widen(Some(staff.until), ask) {
                flaws.push(Branch::AllowAboutStaffOver);
            }
            if staff.member_status != MemberStatus::Active {
                flaws.push(Branch::AllowAboutMemberInactive);
            }
            if staff.role == StaffRole::Steward {
                flaws.push(Branch::AllowAboutSteward);
            }
            seen.hit_sole(&flaws);
        }
    }
    let about = active_staff(state, ask).is_some_and(|staff| is_of(viewer, staff));
    match viewer {
        Viewer::Member(_) => seen.hit_if(Branch::AllowAboutMember, about),
        _ => seen.hit_if(Branch::AllowAboutGroup, about),
    }
}

/// Rule 6 for denials.
pub fn denial_is_about(state: &State, viewer: Viewer, ask: &Ask, seen: &mut Coverage) -> bool {
    if let Viewer::Key(key) = viewer {
        return if key == state.viewer {
            seen.hit_if(Branch::DenialAboutKey, true)
        } else {
            seen.hit(Branch::DenialAboutOther);
            false
        };
    }
    match &state.staff {
        None => seen.hit(Branch::DenialAboutNotStaff),
        Some(staff) if !is_of(viewer, staff) => seen.hit(Branch::DenialAboutOther),
        Some(staff) => {
            seen.hit_if(Branch::DenialAboutStaffNotYet, ask.latest < staff.from);
            seen.hit_if(Branch::DenialAboutStaffOver, staff.until <= ask.earliest);
        }
    }
    let about = staff_for_denials(state, ask).filter(|staff| is_of(viewer, staff));
    if let Some(staff) = about {
        let surely = in_force_to_widen(Some(staff.from), Some(staff.until), ask);
        seen.hit_if(Branch::DenialAboutStaffMaybe, !surely);
        seen.hit_if(Branch::DenialAboutMemberInactive, staff.member_status != MemberStatus::Active);
        seen.hit_if(Branch::DenialAboutSteward, staff.role == StaffRole::Steward);
    }
    match viewer {
        Viewer::Member(_) => seen.hit_if(Branch::DenialAboutMember, about.is_some()),
        _ => seen.hit_if(Branch::DenialAboutGroup, about.is_some()),
    }
}

/// Whether a staff list names the asker as active staff.
pub fn names_active(state: &State, list: &[StaffId], ask: &Ask) -> bool {
    active_staff(state, ask).is_some_and(|staff| list.contains(&staff.id))
}
