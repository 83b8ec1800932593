//! What of a record an asker is shown: what the permit lets out, cut down to what the app's token is about.

use medrec_policy::{Action, Capacity, ElementMask, Permit, Row};
use serde_json::Value;

use super::Ask;
use crate::{
    auth::{App, Asker},
    fetch::Record,
    redact,
};

/// A permit as an asker can use it.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    permit: &'a Permit,
    action: Action,
    app: Option<&'a App>,
    /// Whether what came through the inbox is seen.
    inbox: bool,
}

impl<'a> Sight<'a> {
    pub fn new(permit: &'a Permit, action: Action, asker: &'a Asker) -> Self {
        Self { permit, action, app: asker.app.as_ref(), inbox: true }
    }

    /// The same with or without what came through the inbox.
    pub fn with_inbox(self, inbox: bool) -> Self {
        Self { inbox, ..self }
    }

    pub fn sees_inbox(&self) -> bool {
        self.inbox
    }

    /// What of a record leaves. Who owns the records learns also what is withheld, and on which ground.
    pub fn disclose(&self, record: &Record) -> Option<Value> {
        let within = self.app.map(|app| record.attributes.mask(|row| app.mask(self.action, row)));
        if within == Some(ElementMask::Nothing) {
            return None;
        }
        let mask = record.mask(self.permit);
        let mask = within.map_or(mask.clone(), |within| mask.intersect(&within));
        redact::redact_denying(record, &mask, &record.denied(self.permit)).or_else(|| {
            if owns(self.permit) {
                redact::withheld_notice(record)
            } else {
                None
            }
        })
    }

    /// Whether everything of this patient is open, so that no reference leads to something hidden.
    pub fn is_whole(&self) -> bool {
        owns(self.permit) && self.app.is_none()
    }
}

/// Whether a token is about what is asked at all. The log is shown as it is, so only to tokens for all of it.
pub(super) fn reaches(app: &App, ask: &Ask) -> bool {
    let (action, resource_type) = (ask.action(), ask.resource_type());
    match ask {
        Ask::Read { .. } | Ask::Search { .. } => app.covers(action, resource_type),
        // Each type is looked at on its own.
        Ask::Everything { .. } => true,
        Ask::Create { .. } => app.covers(action, resource_type),
        _ => app.mask(action, &Row::of(resource_type)) == ElementMask::All,
    }
}

pub(super) fn owns(permit: &Permit) -> bool {
    matches!(permit.capacity(), Capacity::Patient | Capacity::Custodian)
}
