//! What of a notice an account may be told, by where it stands when it is told.

use crate::{decide::standing::Standing, store::notices::StoredNotice};

/// What may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// All of it, who has read included.
    All,
    /// What happened, and nothing of who has read.
    Plain,
    /// Of the records, those that a decision lets be seen.
    Records,
    /// Nothing: it is as if it had never been.
    Nothing,
}

/// What an account (an SS58 address) may be told of a notice.
///
/// The patient, and who reads in the patient's place, is told everything. Custodians without that right are told what
/// everybody can see on chain. Viewers are told of records that they may see and of what is about themselves: rules, requests, breaks of
/// the glass. They are not told of denials.
pub fn right(standing: &Standing, account: &str, notice: &StoredNotice) -> Right {
    // It is about the gatekeeper, and names nobody.
    if notice.relationship.is_none() {
        return Right::Plain;
    }
    let is_records = notice.kind == "records";
    let details = &notice.details;
    let colleague = match standing {
        Standing::Patient | Standing::Custodian { reads: true } => return Right::All,
        Standing::Custodian { reads: false } if is_records => return Right::Nothing,
        Standing::Custodian { reads: false } => return Right::Plain,
        Standing::Other { staff, .. } => staff.as_ref(),
    };
    let is_viewer = |viewer: &str| {
        viewer == account
            || colleague.is_some_and(|colleague| {
                let member =
                    viewer.strip_prefix("member:").is_some_and(|id| id == colleague.id.member.to_string());
                let group = viewer
                    .strip_prefix("group:")
                    .is_some_and(|id| colleague.groups.iter().any(|group| group.to_string() == id));
                member || group
            })
    };
    let concerned = match notice.kind.as_str() {
        "records" => return Right::Records,
        "granted" | "shared" | "revoked" | "expired" => details.viewer.as_deref().is_some_and(is_viewer),
        kind if kind == "requested" || kind.starts_with("request-") => {
            details.asker.as_deref() == Some(account)
        }
        kind if kind.starts_with("glass-") => {
            let own = colleague.map(|colleague| colleague.id.to_string());
            own.is_some() && details.staff == own
        }
        _ => false,
    };
    if concerned {
        Right::Plain
    } else {
        Right::Nothing
    }
}

#[cfg(test)]
mod tests {
    use medrec_client::notices::Details;
    use medrec_primitives::{RelationshipId, StaffId};

    use super::*;
    use crate::decide::standing::Colleague;

    fn notice(kind: &str, details: Details) -> StoredNotice {
        let relationship = Some(RelationshipId::new(0, 3));
        StoredNotice { number: 1, relationship, kind: kind.into(), made: 0, details }
    }

    fn viewer(viewer: &str) -> Details {
        Details { viewer: Some(viewer.into()), ..Details::default() }
    }

    fn nobody() -> Standing {
        Standing::Other { staff: None, concerned: false }
    }

    fn nurse() -> Standing {
        let staff = Some(Colleague { id: StaffId::new(5, 1), groups: vec![2] });
        Standing::Other { staff, concerned: false }
    }

    #[test]
    fn patient_should_be_told_everything() {
        for kind in ["records", "denied", "revoked", "glass-broken", "requested", "rekey-requested"] {
            assert_eq!(right(&Standing::Patient, "me", &notice(kind, Details::default())), Right::All);
            let reads = Standing::Custodian { reads: true };
            assert_eq!(right(&reads, "me", &notice(kind, Details::default())), Right::All);
        }
    }

    #[test]
    fn custodian_should_be_told_of_no_records_and_readers_when_it_does_not_read() {
        let custodian = Standing::Custodian { reads: false };
        assert_eq!(right(&custodian, "me", &notice("records", Details::default())), Right::Nothing);
        assert_eq!(right(&custodian, "me", &notice("revoked", Details::default())), Right::Plain);
    }

    #[test]
    fn viewer_should_be_told_of_its_own_rules_and_requests_and_no_others() {
        for kind in ["granted", "shared", "revoked", "expired"] {
            assert_eq!(right(&nobody(), "me", &notice(kind, viewer("me"))), Right::Plain, "{kind}");
            assert_eq!(right(&nobody(), "me", &notice(kind, viewer("you"))), Right::Nothing, "{kind}");
            assert_eq!(right(&nobody(), "me", &notice(kind, Details::default())), Right::Nothing, "{kind}");
        }
        assert_eq!(right(&nobody(), "me", &notice("denied", viewer("me"))), Right::Nothing);
        let asked = |asker: &str| Details { asker: Some(asker.into()), ..Details::default() };
        assert_eq!(right(&nobody(), "me", &notice("request-refused", asked("me"))), Right::Plain);
        assert_eq!(right(&nobody(), "me", &notice("requested", asked("you"))), Right::Nothing);
        for kind in ["custodians-set", "suspended", "glass-broken"] {
            assert_eq!(right(&nobody(), "me", &notice(kind, Details::default())), Right::Nothing, "{kind}");
        }
        assert_eq!(right(&nobody(), "me", &notice("records", Details::default())), Right::Records);
    }

    #[test]
    fn staff_should_be_told_of_rules_about_their_member_and_groups_and_of_their_own_breaks() {
        for (whom, expected) in [
            ("member:5", Right::Plain),
            ("group:2", Right::Plain),
            ("member:2", Right::Nothing),
            ("group:5", Right::Nothing),
        ] {
            assert_eq!(right(&nurse(), "me", &notice("granted", viewer(whom))), expected, "{whom}");
        }
        let broken = |staff: StaffId| Details { staff: Some(staff.to_string()), ..Details::default() };
        let own = notice("glass-closed", broken(StaffId::new(5, 1)));
        assert_eq!(right(&nurse(), "me", &own), Right::Plain);
        let others = notice("glass-closed", broken(StaffId::new(5, 2)));
        assert_eq!(right(&nurse(), "me", &others), Right::Nothing);
    }

    #[test]
    fn everybody_should_be_told_when_notices_are_missing() {
        let missed = StoredNotice { relationship: None, ..notice("missed", Details::default()) };
        assert_eq!(right(&nobody(), "me", &missed), Right::Plain);
    }
}
