//! The desk: what the provider's stewards do here, who are known by the chain. Tickets, the inbox, records of which nothing is shown.

use std::{collections::BTreeMap, time::Instant};

use chrono::NaiveDate;
use medrec_client::desk::{
    InboxBody, InboxDecision, InboxItem, MadeTicket, RecordsBody, Suspended, TicketFor, TicketRequest,
    WithheldRule,
};
use medrec_primitives::{AccountId, RelationshipId, StaffId, StaffRole};
use sp_core::crypto::Ss58Codec;

use super::{Gatekeeper, Interface};
use crate::{
    auth::Asker,
    decide::{purposes::may_claim, Unavailable},
    enrol::{wish::is_known, Wish, WishError},
    fetch::FetchError,
    inbox::{is_label, reference},
    log::{Entry, LogError},
    mapping::model::Withheld,
    store::{inbox::Item, inbox::Status, pending_keys::TicketPurpose, StoreError},
};

/// How many items one answer holds.
const SHOWN: u32 = 50;

/// The longest reason for rejecting an item (characters).
const REASON: usize = 500;

/// The capacity in which stewards stand in the log.
const CAPACITY: &str = "steward";

/// As what tickets stand in the log: FHIR's resource for something that somebody is to do.
const LOGGED_AS: &str = "Task";

/// About whom an entry is that is about nobody who is enrolled.
const NOBODY: &str = "-";

/// Why nothing is done at the desk.
#[derive(Debug, thiserror::Error)]
pub enum DeskRefusal {
    /// What is asked makes no sense.
    #[error("{0}")]
    Malformed(&'static str),
    /// Not by this account, or not for this purpose.
    #[error("only a steward of this provider may do this, signing for PATADMIN or RECORDMGT")]
    Denied,
    /// The account asks too often.
    #[error("too many requests: slow down")]
    Throttled(u64),
    /// The provider has no such patient.
    #[error("the database has no patient with this record number")]
    Unknown,
    /// There can be no such ticket.
    #[error(transparent)]
    Wish(#[from] WishError),
    /// Somebody has decided already, or there is no such item.
    #[error("no item of this number waits: look at the inbox again")]
    NotWaiting,
    /// No state to decide on.
    #[error("the chain cannot be relied on right now: try again")]
    Unavailable(#[from] Unavailable),
    /// The database complains.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The store complains.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log complains.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl Gatekeeper {
    /// Issues a ticket. On the log with the digest that the chain will show of it, so that every enrolment leads to who issued its ticket.
    pub async fn issue_ticket(
        &self,
        asker: &Asker,
        asked: &TicketRequest,
    ) -> Result<MadeTicket, DeskRefusal> {
        let staff = self.at_the_desk(asker, ("create", LOGGED_AS)).await?;
        let (wish, record) = (wish(asked)?, &asked.record);
        if !is_known(
            &self.database,
            &self.mapping,
            record,
            &self.pseudonyms,
            self.member,
            self.settings.max_rows,
        )
        .await?
        {
            return Err(DeskRefusal::Unknown);
        }
        let purpose = wish.purpose(&self.store, record, self.now()).await?;
        let about = match &purpose {
            TicketPurpose::Rekey { relationship, .. } | TicketPurpose::OfAge { relationship } => {
                relationship.to_string()
            }
            TicketPurpose::First | TicketPurpose::Minor { .. } => NOBODY.to_owned(),
        };
        let address = &self.settings.public_url;
        let issued = self.enrolments.issue(address, record, &purpose, self.settings.ticket_ms).await?;
        // Until it is told to anybody it leads nowhere.
        let digest = format!("0x{}", hex::encode(issued.ticket.secret.digest()));
        let entry = self.desk_entry(asker, staff, about, ("create", LOGGED_AS));
        self.log.append(&Entry { id: Some(digest), ..entry }).await?;
        Ok(MadeTicket { ticket: issued.ticket.to_string(), expires: issued.expires })
    }

    /// What waits in the inbox.
    pub async fn waiting_items(&self, asker: &Asker) -> Result<InboxBody, DeskRefusal> {
        let staff = self.at_the_desk(asker, ("search", LOGGED_AS)).await?;
        let (items, waiting) = self.store.inbox_waiting(SHOWN).await?;
        let mut seen: BTreeMap<(String, String), u32> = BTreeMap::new();
        for Item { sent, .. } in &items {
            *seen.entry((sent.relationship.clone(), sent.resource_type.clone())).or_default() += 1;
        }
        for ((patient, resource), records) in seen {
            let entry = self.desk_entry(asker, staff, patient, ("search", &resource));
            self.log.append(&Entry { records, ..entry }).await?;
        }
        let items: Option<Vec<InboxItem>> = items.iter().map(told).collect();
        Ok(InboxBody { items: items.ok_or(StoreError::Corrupt("inbox"))?, waiting })
    }

    /// Accepts or rejects an item of the inbox.
    pub async fn decide_item(
        &self,
        asker: &Asker,
        number: u64,
        decision: &InboxDecision,
    ) -> Result<(), DeskRefusal> {
        let staff = self.at_the_desk(asker, ("update", LOGGED_AS)).await?;
        let reason = decision.reject.as_deref().map(str::trim);
        match (&decision.accept, reason) {
            (Some(accept), None) if !accept.labels.iter().all(|label| is_label(label)) => {
                return Err(DeskRefusal::Malformed(
                    "labels: each is system|code, such as http://terminology.hl7.org/CodeSystem/v3-ActCode|PSY",
                ));
            }
            (Some(_), None) => {}
            (None, Some(reason)) if (1..=REASON).contains(&reason.chars().count()) => {}
            (None, Some(_)) => return Err(DeskRefusal::Malformed("reject: a reason of 1 to 500 characters")),
            _ => return Err(DeskRefusal::Malformed("either accept, with labels, or reject, with a reason")),
        }
        let item = self.store.inbox_item(number).await?;
        let item = item.filter(|item| item.status == Status::Pending).ok_or(DeskRefusal::NotWaiting)?;
        let what = ("update", item.sent.resource_type.as_str());
        let entry = self.desk_entry(asker, staff, item.sent.relationship.clone(), what);
        self.log.append(&Entry { records: 1, ..entry }).await?;
        let now = self.now();
        let done = match (&decision.accept, reason) {
            (Some(accept), _) => {
                let relationship = item.sent.relationship.parse();
                let relationship = relationship.map_err(|_| StoreError::Corrupt("inbox"))?;
                let reference = reference(&item, relationship, &self.pseudonyms);
                self.store.accept_item(number, &accept.labels, &reference, now).await?
            }
            (None, reason) => self.store.reject_item(number, reason.unwrap_or_default(), now).await?,
        };
        if done {
            Ok(())
        } else {
            Err(DeskRefusal::NotWaiting)
        }
    }

    /// Of which records nothing is shown, and which rows are withheld.
    pub async fn kept_back(&self, asker: &Asker) -> Result<RecordsBody, DeskRefusal> {
        let staff = self.at_the_desk(asker, ("search", LOGGED_AS)).await?;
        let mut suspended = Vec::new();
        for kept in self.store.suspended_records().await? {
            let bound = self.store.relationships_of(&kept.record).await?;
            suspended.push(Suspended {
                record: kept.record,
                relationships: bound.iter().map(ToString::to_string).collect(),
                ground: kept.ground,
                since: kept.since,
            });
        }
        self.log.append(&self.desk_entry(asker, staff, NOBODY.to_owned(), ("search", LOGGED_AS))).await?;
        let withheld = self.mapping.resources().iter().filter_map(|resource| {
            let (all, ground) = match &resource.withheld {
                Withheld::Never => return None,
                Withheld::Always { ground } => (true, ground),
                Withheld::When { ground, .. } | Withheld::Unless { ground, .. } => (false, ground),
            };
            Some(WithheldRule {
                resource_type: resource.resource_type.to_owned(),
                line: resource.line,
                all,
                ground: ground.clone(),
            })
        });
        Ok(RecordsBody { suspended, withheld: withheld.collect() })
    }

    /// Which steward asks; nobody else gets anywhere, and who tries stands in the log.
    async fn at_the_desk(&self, asker: &Asker, what: (&str, &str)) -> Result<StaffId, DeskRefusal> {
        let started = Instant::now();
        self.rates.accounts.take(asker.account.clone(), started).map_err(DeskRefusal::Throttled)?;
        let steward = self.decider.steward(&asker.account).await?;
        let may = may_claim(StaffRole::Steward, asker.purpose) && asker.app.is_none();
        match steward.filter(|_| may) {
            Some(staff) => Ok(staff),
            None => {
                let entry = Entry {
                    permitted: false,
                    status: 403,
                    reason: Some("NotASteward".into()),
                    ..self.blank_entry(asker, NOBODY.to_owned(), what, &Interface::Fhir)
                };
                self.log.append(&entry).await?;
                self.wait_for_quantum(started).await;
                Err(DeskRefusal::Denied)
            }
        }
    }

    fn desk_entry(&self, asker: &Asker, staff: StaffId, about: String, what: (&str, &str)) -> Entry {
        let entry = self.permitted_entry(asker, about, CAPACITY, what, &Interface::Fhir);
        Entry { staff: Some(staff.to_string()), ..entry }
    }
}

fn told(item: &Item) -> Option<InboxItem> {
    Some(InboxItem {
        number: item.number,
        patient: item.sent.relationship.clone(),
        account: item.sent.account.to_ss58check(),
        capacity: item.sent.capacity.clone(),
        received: item.sent.received,
        resource: serde_json::from_str(&item.sent.resource).ok()?,
    })
}

/// What is wished for, if it is said with what belongs to it and nothing else.
fn wish(asked: &TicketRequest) -> Result<Wish, DeskRefusal> {
    let TicketRequest { purpose, again, .. } = asked;
    let relationship = asked.relationship.as_deref().map(str::parse::<RelationshipId>).transpose();
    let relationship =
        relationship.map_err(|_| DeskRefusal::Malformed("relationship: not a relationship, such as r0-3"))?;
    let lost = asked.lost.as_deref().map(AccountId::from_ss58check).transpose();
    let lost = lost.map_err(|_| DeskRefusal::Malformed("lost: not an address"))?;
    let of_age = asked.of_age.as_deref().map(str::parse::<NaiveDate>).transpose();
    let of_age = of_age.map_err(|_| DeskRefusal::Malformed("ofAge: a day, such as 2031-03-14"))?;
    match (purpose, of_age, relationship, lost, again) {
        (TicketFor::First, None, None, None, again) => Ok(Wish::First { again: *again }),
        (TicketFor::Minor, Some(of_age), None, None, again) => Ok(Wish::Minor { of_age, again: *again }),
        (TicketFor::Rekey, None, relationship, lost, false) => Ok(Wish::Rekey { relationship, lost }),
        (TicketFor::OfAge, None, relationship, None, false) => Ok(Wish::OfAge { relationship }),
        _ => Err(DeskRefusal::Malformed(
            "for: first (again), minor (ofAge, again), rekey (relationship, lost) or of-age (relationship), with what stands beside it and nothing else",
        )),
    }
}
