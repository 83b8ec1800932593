//! Notices as an account is told them: what each says to it is decided when it is told, and on the log before it leaves.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Instant,
};

use medrec_client::notices::{Change, Changed, Notice, NoticePage, Reader};
use medrec_policy::{Action, ElementMask};
use medrec_primitives::{AccountId, GrantId, RelationshipId};
use sp_core::crypto::Ss58Codec;

use super::{
    basis::Basis,
    limit::{owns, Sight},
    outcome::{internal_error, throttled},
    Answer, Gatekeeper, Interface,
};
use crate::{
    auth::Asker,
    decide::{standing::Standing, Question, Unavailable},
    fetch::{self, FetchError, Record},
    fhir::{outcome, IssueCode},
    log::{Entry, LogError},
    metrics::Way,
    notices::{
        rights::{right, Right},
        Wanted, PAGE,
    },
    store::{notices::StoredNotice, StoreError},
};

/// Notices looked at together.
const BATCH: u32 = 200;

/// As what notices stand in the log: FHIR's resource for what is sent to somebody.
const LOGGED_AS: &str = "Communication";

/// Why nothing is told now.
#[derive(Debug, thiserror::Error)]
pub enum NoticesError {
    /// No state to decide on.
    #[error(transparent)]
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

/// What an account is told.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Number and text of each, the oldest first.
    pub notices: Vec<(u64, Notice)>,
    /// Everything up to this number was looked at.
    pub until: u64,
    /// Whether there may be more.
    pub more: bool,
}

/// How many notices of records are looked into at once: for each, records are fetched, seen or not.
const FETCHES: usize = 50;

impl Gatekeeper {
    /// What an account is told after a place in the queue; at most `most` notices. Nothing is logged.
    pub(crate) async fn notices_for(
        &self,
        asker: &Asker,
        wanted: &Wanted,
        most: usize,
    ) -> Result<Told, NoticesError> {
        let mut told = Told { until: wanted.after, ..Told::default() };
        let only = match (asker.patient, wanted.patient) {
            (Some(own), Some(named)) if own != named => return Ok(told),
            (own, named) => own.or(named),
        };
        let mut standings: HashMap<RelationshipId, Standing> = HashMap::new();
        let mut fetched = 0;
        loop {
            let batch = self.store.notices_after(told.until, only, BATCH).await?;
            for notice in &batch {
                if !self.knows(asker, notice, &mut standings).await? {
                    return Ok(Told { more: true, ..told });
                }
                let standing = notice.relationship.and_then(|of| standings.get(&of));
                match self.says(asker, notice, standing).await {
                    Ok(Some(says)) => told.notices.push((notice.number, says)),
                    Ok(None) => {}
                    // What was found out so far is not lost.
                    Err(_) if told.until > wanted.after => return Ok(Told { more: true, ..told }),
                    Err(error) => return Err(error),
                }
                told.until = notice.number;
                // Said of every full page: whether something hidden follows must not show.
                fetched += usize::from(notice.kind == "records");
                if told.notices.len() >= most || fetched >= FETCHES {
                    return Ok(Told { more: true, ..told });
                }
            }
            if batch.len() < BATCH as usize {
                return Ok(told);
            }
        }
    }

    /// Finds out where the account stands towards a notice's relationship. Each counts as a request of the account's: false if it may
    /// not make more now.
    async fn knows(
        &self,
        asker: &Asker,
        notice: &StoredNotice,
        standings: &mut HashMap<RelationshipId, Standing>,
    ) -> Result<bool, Unavailable> {
        let Some(of) = notice.relationship.filter(|of| !standings.contains_key(of)) else { return Ok(true) };
        if !standings.is_empty() && self.rates.accounts.take(asker.account.clone(), Instant::now()).is_err() {
            return Ok(false);
        }
        standings.insert(of, self.decider.standing(of, &asker.account).await?);
        Ok(true)
    }

    async fn says(
        &self,
        asker: &Asker,
        notice: &StoredNotice,
        standing: Option<&Standing>,
    ) -> Result<Option<Notice>, NoticesError> {
        let nobody = Standing::Other { staff: None, concerned: false };
        let account = asker.account.to_ss58check();
        let right = right(standing.unwrap_or(&nobody), &account, notice);
        // An app is told of the records that it may read, and of nothing else.
        if asker.app.is_some() && notice.kind != "records" {
            return Ok(None);
        }
        let mut details = notice.details.clone();
        match (right, notice.relationship) {
            (Right::Nothing, _) => return Ok(None),
            (Right::Plain, _) | (_, None) => {}
            (_, Some(of)) if notice.kind == "records" => {
                details.records = self.visible(asker, of, &details.records).await?;
                if details.records.is_empty() {
                    return Ok(None);
                }
            }
            (_, Some(of)) => {
                if let (Some(grant), "revoked" | "expired") = (details.grant, notice.kind.as_str()) {
                    details.readers = Some(self.readers(of, grant).await?);
                }
            }
        }
        Ok(Some(Notice {
            id: self.notices.cursors(&asker.account).of_notice(notice.number),
            time: notice.made,
            kind: notice.kind.clone(),
            patient: notice.relationship.map(|of| of.to_string()),
            details,
        }))
    }

    /// Those of some records that an account may see now. Who sees a record in part is told that it is new, and not that it has changed:
    /// the change may be in what is hidden. What is gone is told to whoever owns the records.
    async fn visible(
        &self,
        asker: &Asker,
        relationship: RelationshipId,
        records: &[Changed],
    ) -> Result<Vec<Changed>, NoticesError> {
        let mut by_type: BTreeMap<&str, Vec<&Changed>> = BTreeMap::new();
        for changed in records {
            let resource_type = changed.reference.split('/').next().unwrap_or_default();
            by_type.entry(resource_type).or_default().push(changed);
        }
        let mut visible = BTreeSet::new();
        for (resource_type, changes) in by_type {
            let question = Question {
                asker: &asker.account,
                relationship,
                purpose: asker.purpose,
                action: Action::Read,
                resource_type,
            };
            if asker.app.as_ref().is_some_and(|app| !app.covers(Action::Read, resource_type)) {
                continue;
            }
            let ruling = self.decider.decide(&question).await?;
            let Ok(permit) = &ruling.outcome else { continue };
            let Some(bound) = self.bound(&Basis::anew(), relationship, &ruling).await? else { continue };
            let found = fetch::fetch(
                &self.database,
                &self.mapping,
                &bound.number,
                resource_type,
                &self.pseudonyms,
                relationship,
                self.settings.max_rows,
            );
            let found = match found.await {
                // The mapping had this type when they changed, and has it no more.
                Err(FetchError::NotMapped) => Vec::new(),
                found => found?,
            };
            let by_name: HashMap<String, &Record> =
                found.iter().map(|record| (format!("{resource_type}/{}", record.id()), record)).collect();
            let sight = Sight::new(permit, Action::Read, asker);
            for changed in changes {
                let shown = match (by_name.get(&changed.reference), changed.change) {
                    (None, _) => changed.change == Change::Gone && owns(permit) && asker.app.is_none(),
                    (Some(record), Change::New) => sight.disclose(record).is_some(),
                    (Some(record), _) => sight.is_whole() || self.sees_whole(asker, record, permit),
                };
                if shown {
                    visible.insert(changed.reference.as_str());
                }
            }
        }
        Ok(records.iter().filter(|changed| visible.contains(changed.reference.as_str())).cloned().collect())
    }

    fn sees_whole(&self, asker: &Asker, record: &Record, permit: &medrec_policy::Permit) -> bool {
        let within = asker
            .app
            .as_ref()
            .is_none_or(|app| record.attributes.mask(|row| app.mask(Action::Read, row)) == ElementMask::All);
        within && !record.withheld && record.mask(permit) == ElementMask::All
    }

    /// Who was shown something by a rule, as the log has it.
    async fn readers(&self, of: RelationshipId, grant: GrantId) -> Result<Vec<Reader>, LogError> {
        let (mut after, mut readers) = (0, BTreeMap::<String, Reader>::new());
        loop {
            let (entries, _) = self.log.page(of, after).await?;
            for (number, entry) in &entries {
                after = *number;
                if !entry.permitted || entry.records == 0 || !entry.grants.contains(&grant) {
                    continue;
                }
                let reader = readers.entry(entry.account.clone()).or_insert_with(|| Reader {
                    account: entry.account.clone(),
                    answers: 0,
                    records: 0,
                    first: entry.time,
                    last: entry.time,
                });
                reader.answers = reader.answers.saturating_add(1);
                reader.records = reader.records.saturating_add(entry.records);
                reader.first = reader.first.min(entry.time);
                reader.last = reader.last.max(entry.time);
            }
            if entries.len() < crate::log::PAGE as usize {
                return Ok(readers.into_values().collect());
            }
        }
    }

    /// Puts on the log what is about to be told. When this returns without error, it may leave.
    pub(crate) async fn log_notices(
        &self,
        asker: &Asker,
        told: &Told,
        interface: Interface,
    ) -> Result<(), LogError> {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for (_, notice) in &told.notices {
            if let Some(patient) = &notice.patient {
                *counts.entry(patient).or_default() += 1;
            }
        }
        for (patient, records) in counts {
            let what = ("search", LOGGED_AS);
            let entry = Entry {
                records,
                ..self.permitted_entry(asker, patient.to_owned(), "notified", what, &interface)
            };
            self.log.append(&entry).await?;
        }
        Ok(())
    }

    /// A page of notices. When this returns, it is on the log.
    pub async fn answer_notices(
        &self,
        asker: &Asker,
        wanted: &Wanted,
        target: &str,
        interface: Interface,
    ) -> Answer {
        if let Err(seconds) = self.rates.accounts.take(asker.account.clone(), Instant::now()) {
            return self.seal(asker, target, 429, throttled(), false, Some(seconds));
        }
        let told = match self.notices_for(asker, wanted, PAGE).await {
            Ok(told) => match self.log_notices(asker, &told, interface).await {
                Ok(()) => Ok(told),
                Err(error) => Err(error.into()),
            },
            Err(error) => Err(error),
        };
        match told {
            Ok(told) => {
                self.metrics.notices.told(Way::List, told.notices.len());
                let page = self.page(&asker.account, told);
                match serde_json::to_value(page) {
                    Ok(body) => self.seal(asker, target, 200, body, false, None),
                    Err(_) => self.seal(asker, target, 500, internal_error(), false, None),
                }
            }
            Err(error) => {
                tracing::warn!(%error, "cannot tell notices");
                let message = "what there is to tell cannot be decided right now: try again";
                let body = outcome(IssueCode::Transient, message);
                self.seal(asker, target, 503, body, false, Some(2))
            }
        }
    }

    fn page(&self, account: &AccountId, told: Told) -> NoticePage {
        NoticePage {
            next: self.notices.cursors(account).fresh(told.until),
            notices: told.notices.into_iter().map(|(_, notice)| notice).collect(),
            more: told.more,
        }
    }
}
