//! Members, their keys, their staff, their groups.

use medrec_primitives::{AccountId, GroupId, MemberId, MemberRole, Moment, StaffRole};

use super::Call;

const PALLET: &str = "Registry";

/// Apply for membership; the signer is the member's account from then on.
pub fn apply(role: MemberRole, name: &str, url: &str, gatekeeper: &AccountId, sealing_key: [u8; 32]) -> Call {
    Call::new(PALLET, "apply")
        .scale("role", role)
        .scale("name", name)
        .scale("url", url)
        .scale("gatekeeper", gatekeeper)
        .scale("sealing_key", sealing_key)
}

/// Withdraw an application.
pub fn withdraw() -> Call {
    Call::new(PALLET, "withdraw")
}

/// Change the member's name, its gatekeeper's address, or both.
pub fn update(name: Option<&str>, url: Option<&str>) -> Call {
    Call::new(PALLET, "update").scale("name", name).scale("url", url)
}

/// Give the gatekeeper a new key.
pub fn rotate_gatekeeper_key(gatekeeper: &AccountId) -> Call {
    Call::new(PALLET, "rotate_gatekeeper_key").scale("gatekeeper", gatekeeper)
}

/// Publish a new sealing key.
pub fn rotate_sealing_key(public: [u8; 32]) -> Call {
    Call::new(PALLET, "rotate_sealing_key").scale("public", public)
}

/// Put a person on the staff until a time (ms).
pub fn add_staff(key: &AccountId, role: StaffRole, until: Moment) -> Call {
    Call::new(PALLET, "add_staff").scale("key", key).scale("role", role).number("until", until)
}

/// Give a person on the staff a new key.
pub fn rotate_staff_key(index: u32, key: &AccountId) -> Call {
    Call::new(PALLET, "rotate_staff_key").number("index", index).scale("key", key)
}

/// Take a person off the staff.
pub fn remove_staff(index: u32) -> Call {
    Call::new(PALLET, "remove_staff").number("index", index)
}

/// Admit an applicant (consortium).
pub fn admit(member: MemberId) -> Call {
    Call::new(PALLET, "admit").number("member", member)
}

/// Suspend a member (consortium).
pub fn suspend(member: MemberId) -> Call {
    Call::new(PALLET, "suspend").number("member", member)
}

/// Reinstate a suspended member (consortium).
pub fn reinstate(member: MemberId) -> Call {
    Call::new(PALLET, "reinstate").number("member", member)
}

/// Remove a member for good (consortium).
pub fn remove(member: MemberId) -> Call {
    Call::new(PALLET, "remove").number("member", member)
}

/// Open a group of members.
pub fn create_group(name: &str) -> Call {
    Call::new(PALLET, "create_group").scale("name", name)
}

/// Put a member into a group.
pub fn add_to_group(group: GroupId, member: MemberId) -> Call {
    Call::new(PALLET, "add_to_group").number("group", group).number("member", member)
}

/// Dissolve a group that has no members.
pub fn dissolve_group(group: GroupId) -> Call {
    Call::new(PALLET, "dissolve_group").number("group", group)
}

/// Take a member out of a group.
pub fn remove_from_group(group: GroupId, member: MemberId) -> Call {
    Call::new(PALLET, "remove_from_group").number("group", group).number("member", member)
}
