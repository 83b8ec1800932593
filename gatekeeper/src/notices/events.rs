//! What a block's events mean to those whom they concern.

use codec::{Decode, Input};
use medrec_client::{chain::events::Event, notices::Details};
use medrec_primitives::{
    AccountId, GlassId, GrantId, MemberId, Moment, ReasonDigest, RelationshipId, RequestId, ReviewOutcome,
    StaffId, Viewer,
};
use sp_core::crypto::Ss58Codec;

/// What an event says. What it leaves out is filled in by [`follow`](super::follow).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Whose records; events about requests leave it out.
    pub relationship: Option<RelationshipId>,
    /// What happened, in one word.
    pub kind: String,
    /// The rule that it is about.
    pub grant: Option<GrantId>,
    /// The request that it is about.
    pub request: Option<RequestId>,
    /// The break that it is about.
    pub glass: Option<GlassId>,
    /// What the notice says.
    pub details: Details,
}

impl Said {
    /// What it is about within its relationship.
    pub fn subject(&self) -> Option<String> {
        let grant = self.grant.map(|grant| format!("grant {grant}"));
        let request = self.request.map(|request| format!("request {request}"));
        grant.or(request).or(self.glass.map(|glass| format!("glass {glass}")))
    }
}

/// What an event says to those whom it concerns at this member; `None` if it is about others, or about nobody's records.
pub fn said(event: &Event, member: MemberId) -> Result<Option<Said>, codec::Error> {
    let fields = &mut event.fields.as_slice();
    let said = match event.pallet.as_str() {
        "Permissions" => permissions(&event.name, fields)?,
        "Relationships" => relationships(&event.name, fields)?,
        "Access" => access(&event.name, fields)?,
        _ => None,
    };
    let ours = |said: &Said| {
        let named = said.relationship.map(|id| id.member).or(said.request.map(|id| id.member));
        named == Some(member)
    };
    Ok(said.filter(ours))
}

fn permissions(name: &str, fields: &mut impl Input) -> Result<Option<Said>, codec::Error> {
    let kind = kebab(name);
    let relationship = Some(RelationshipId::decode(fields)?);
    let said = match name {
        "Granted" | "Denied" => {
            let (grant, viewer) = <(GrantId, Viewer)>::decode(fields)?;
            let details =
                Details { grant: Some(grant), viewer: Some(viewer_text(&viewer)), ..Details::default() };
            Said { relationship, kind, grant: Some(grant), details, ..Said::default() }
        }
        "Shared" => {
            let (grant, parent, viewer) = <(GrantId, GrantId, Viewer)>::decode(fields)?;
            let details = Details {
                grant: Some(grant),
                parent: Some(parent),
                viewer: Some(viewer_text(&viewer)),
                ..Details::default()
            };
            Said { relationship, kind, grant: Some(grant), details, ..Said::default() }
        }
        "Revoked" | "Expired" => {
            let grant = GrantId::decode(fields)?;
            let details = Details { grant: Some(grant), ..Details::default() };
            Said { relationship, kind, grant: Some(grant), details, ..Said::default() }
        }
        "GlassBroken" => {
            let (glass, staff, until, _) = <(GlassId, StaffId, Moment, ReasonDigest)>::decode(fields)?;
            let details = Details {
                glass: Some(glass.to_string()),
                staff: Some(staff.to_string()),
                until: Some(until),
                ..Details::default()
            };
            Said { relationship, kind, glass: Some(glass), details, ..Said::default() }
        }
        "GlassClosed" | "GlassExpired" => {
            let glass = GlassId::decode(fields)?;
            let details = Details { glass: Some(glass.to_string()), ..Details::default() };
            Said { relationship, kind, glass: Some(glass), details, ..Said::default() }
        }
        "GlassReviewed" => {
            let (glass, outcome) = <(GlassId, ReviewOutcome)>::decode(fields)?;
            let outcome = Some(kebab(&format!("{outcome:?}")));
            let details = Details { glass: Some(glass.to_string()), outcome, ..Details::default() };
            Said { relationship, kind, glass: Some(glass), details, ..Said::default() }
        }
        _ => return Ok(None),
    };
    Ok(Some(said))
}

fn relationships(name: &str, fields: &mut impl Input) -> Result<Option<Said>, codec::Error> {
    // The one event of this pallet that is about no relationship.
    if name == "DepositWithdrawn" {
        return Ok(None);
    }
    let relationship = Some(RelationshipId::decode(fields)?);
    let until = match name {
        "RekeyRequested" => Some(<(AccountId, AccountId, Moment)>::decode(fields)?.2),
        "RekeyApproved" => Some(<(AccountId, Moment)>::decode(fields)?.1),
        _ => None,
    };
    let details = Details { until, ..Details::default() };
    Ok(Some(Said { relationship, kind: kebab(name), details, ..Said::default() }))
}

fn access(name: &str, fields: &mut impl Input) -> Result<Option<Said>, codec::Error> {
    let kind = match name {
        "Requested" => "requested".to_owned(),
        "Approved" | "Declined" | "Cancelled" | "Fulfilled" | "Refused" | "Expired" => {
            format!("request-{}", kebab(name))
        }
        _ => return Ok(None),
    };
    let request = RequestId::decode(fields)?;
    let relationship = if name == "Requested" { Some(RelationshipId::decode(fields)?) } else { None };
    let details = Details { request: Some(request.to_string()), ..Details::default() };
    Ok(Some(Said { relationship, kind, request: Some(request), details, ..Said::default() }))
}

/// Whom a rule is about, as notices have it.
pub fn viewer_text(viewer: &Viewer) -> String {
    match viewer {
        Viewer::Key(account) => account.to_ss58check(),
        Viewer::Member(member) => format!("member:{member}"),
        Viewer::Group(group) => format!("group:{group}"),
    }
}

/// `RekeyRequested` as `rekey-requested`.
fn kebab(name: &str) -> String {
    let mut kebab = String::with_capacity(name.len() + 2);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use codec::Encode;

    use super::*;

    const ID: RelationshipId = RelationshipId::new(7, 3);

    fn event(pallet: &str, name: &str, fields: impl Encode) -> Event {
        Event { pallet: pallet.into(), name: name.into(), fields: fields.encode() }
    }

    #[test]
    fn event_should_say_whom_a_rule_is_about() {
        let granted = event("Permissions", "Granted", (ID, 5u32, Viewer::Member(4)));
        let said = said(&granted, 7).unwrap().unwrap();
        assert_eq!((said.kind.as_str(), said.relationship, said.grant), ("granted", Some(ID), Some(5)));
        assert_eq!(said.details.viewer.as_deref(), Some("member:4"));
        assert_eq!(said.subject().as_deref(), Some("grant 5"));
    }

    #[test]
    fn event_should_be_passed_over_when_it_is_another_members_or_nobodys() {
        let granted = event("Permissions", "Granted", (ID, 5u32, Viewer::Member(4)));
        assert_eq!(said(&granted, 8).unwrap(), None);
        let withdrawn = event("Relationships", "DepositWithdrawn", (7u32, 9u128));
        assert_eq!(said(&withdrawn, 7).unwrap(), None);
        assert_eq!(said(&event("Access", "Anchored", (7u32, 9u32)), 7).unwrap(), None);
        assert_eq!(said(&event("System", "ExtrinsicSuccess", ()), 7).unwrap(), None);
    }

    #[test]
    fn event_should_be_an_error_when_it_cannot_be_read() {
        assert!(said(&event("Permissions", "Granted", 1u8), 7).is_err());
    }

    #[test]
    fn event_should_name_break_person_and_end_when_the_glass_is_broken() {
        let (glass, staff) = (GlassId::new(4, 0), StaffId::new(4, 2));
        let broken = event("Permissions", "GlassBroken", (ID, glass, staff, 99u64, [0u8; 32]));
        let said = said(&broken, 7).unwrap().unwrap();
        let details = said.details;
        assert_eq!(said.kind, "glass-broken");
        assert_eq!((details.glass.unwrap(), details.staff.unwrap()), (glass.to_string(), staff.to_string()));
        assert_eq!(details.until, Some(99));
    }

    #[test]
    fn event_should_name_its_request_when_one_is_approved() {
        let request = RequestId::new(7, 9);
        let said = said(&event("Access", "Approved", request), 7).unwrap().unwrap();
        assert_eq!(
            (said.kind.as_str(), said.relationship, said.request),
            ("request-approved", None, Some(request))
        );
        let rekey = event("Relationships", "RekeyRequested", (ID, [1u8; 32], [2u8; 32], 44u64));
        let said = super::said(&rekey, 7).unwrap().unwrap();
        assert_eq!((said.kind.as_str(), said.details.until), ("rekey-requested", Some(44)));
    }
}
