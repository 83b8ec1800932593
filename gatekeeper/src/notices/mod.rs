//! Notices: what patients, custodians and viewers are told without asking each time.
//!
//! | Module | |
//! |---|---|
//! | [`events`] | what a block's events mean |
//! | [`follow`] | reads the events of finalised blocks into the queue, each once |
//! | [`rights`] | what of a notice an account may be told |
//! | [`cursor`] | how a place in the queue is named to an account |
//! | [`target`] | addresses that webhooks may go to, and those that they may not |
//! | [`deliver`] | server-sent events, WebSocket subscriptions, webhooks |
//!
//! The queue is a table of the store ([`crate::store::notices`]). New and changed records get into it in the very step that notes their
//! versions ([`crate::anchor`]); events in one step with how far the chain was read. So nothing is lost or told twice by a stop in
//! between. The queue says nothing about who is told: that is decided at each delivery, by the chain as it is then. What
//! an account may not be told leaves no gap, since places in the queue are named to each account in words of its own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use medrec_primitives::{AccountId, RelationshipId};
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::{config, smart::mac};

pub mod cursor;
pub mod deliver;
pub mod events;
pub mod follow;
pub mod rights;
pub mod target;

use cursor::Cursors;

/// Notices of one answer, at most.
pub const PAGE: usize = 100;

/// What the ways of telling share.
pub struct Notices {
    /// The settings.
    pub settings: config::Notices,
    secret: Zeroizing<[u8; 32]>,
    newest: watch::Sender<u64>,
    streams: Arc<Mutex<HashMap<AccountId, u32>>>,
}

/// What is asked for: whose notices, and after which.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// One relationship, or all that the account may be told of.
    pub patient: Option<RelationshipId>,
    /// The number after which; from the oldest that is kept if none.
    pub after: u64,
}

/// What of a request for notices makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write ?patient=r0-3 for one relationship, and &since=... with the id of the last notice, or what came as `next`")]
pub struct Malformed;

impl Notices {
    /// With a secret of the gatekeeper's.
    pub fn new(settings: config::Notices, secret: Zeroizing<[u8; 32]>) -> Self {
        Self { settings, secret, newest: watch::Sender::new(0), streams: Arc::default() }
    }

    /// How places in the queue are named to an account.
    pub fn cursors(&self, account: &AccountId) -> Cursors {
        let account: &[u8] = account.as_ref();
        Cursors::new(mac(&self.secret, &[b"cursors", account]))
    }

    /// The secret that deliveries to a webhook are signed by.
    pub(crate) fn webhook_secret(&self, id: &[u8]) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(mac(&self.secret, &[b"webhook", id]))
    }

    /// Reads `patient` and `since`.
    pub fn wanted(
        &self,
        account: &AccountId,
        patient: Option<&str>,
        since: Option<&str>,
    ) -> Result<Wanted, Malformed> {
        let patient = patient.map(|id| id.parse().map_err(|_| Malformed)).transpose()?;
        let after = match since {
            None => 0,
            Some(since) => self.cursors(account).number(since).ok_or(Malformed)?,
        };
        Ok(Wanted { patient, after })
    }

    /// Reads them from a query as it stands in an address.
    pub fn wanted_by_query(&self, account: &AccountId, query: &str) -> Result<Wanted, Malformed> {
        let (mut patient, mut since) = (None, None);
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let place = match part.split_once('=') {
                Some(("patient", value)) if patient.is_none() => (&mut patient, value),
                Some(("since", value)) if since.is_none() => (&mut since, value),
                _ => return Err(Malformed),
            };
            *place.0 = Some(place.1);
        }
        self.wanted(account, patient, since)
    }

    /// Says that there may be something new.
    pub(crate) fn tell_newest(&self, number: u64) {
        self.newest.send_if_modified(|newest| {
            let more = *newest < number;
            *newest = number.max(*newest);
            more
        });
    }

    /// Tells when there may be something new.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// A place for one more stream of an account, for as long as it is held; `None` if it has as many as it may, or all accounts together.
    pub(crate) fn stream(&self, account: &AccountId) -> Option<Slot> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let all: u32 = streams.values().sum();
        let own = streams.get(account).copied().unwrap_or(0);
        if own >= self.settings.streams_per_account || all >= self.settings.streams {
            return None;
        }
        streams.insert(account.clone(), own + 1);
        Some(Slot { streams: self.streams.clone(), account: account.clone() })
    }

    /// Streams that are open now.
    pub fn open_streams(&self) -> u32 {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }
}

/// A stream that is open.
pub(crate) struct Slot {
    streams: Arc<Mutex<HashMap<AccountId, u32>>>,
    account: AccountId,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        match streams.get_mut(&self.account) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(streams.remove(&self.account)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn notices() -> Notices {
        let settings = config::Notices { streams_per_account: 2, streams: 3, ..config::Notices::default() };
        Notices::new(settings, Zeroizing::new([1; 32]))
    }

    #[test]
    fn query_should_be_refused_when_anything_is_odd() {
        let (notices, account) = (notices(), AccountId::new([1; 32]));
        let next = notices.cursors(&account).fresh(7);
        let wanted = notices.wanted_by_query(&account, &format!("since={next}&patient=r0-3")).unwrap();
        assert_eq!(wanted, Wanted { patient: Some(RelationshipId::new(0, 3)), after: 7 });
        assert_eq!(notices.wanted_by_query(&account, "").unwrap(), Wanted::default());
        for odd in ["patient=3", "since=7", "patient=r0-3&patient=r0-3", "x=1", "since"] {
            assert_eq!(notices.wanted_by_query(&account, odd), Err(Malformed), "{odd}");
        }
        let other = AccountId::new([2; 32]);
        assert_eq!(notices.wanted_by_query(&other, &format!("since={next}")), Err(Malformed));
    }

    #[test]
    fn streams_should_be_bounded_by_account_and_all_together() {
        let notices = notices();
        let (one, two) = (AccountId::new([1; 32]), AccountId::new([2; 32]));
        let first = notices.stream(&one).unwrap();
        let _second = notices.stream(&one).unwrap();
        assert!(notices.stream(&one).is_none());
        let _third = notices.stream(&two).unwrap();
        assert!(notices.stream(&two).is_none());
        drop(first);
        assert_eq!(notices.open_streams(), 2);
        assert!(notices.stream(&one).is_some());
    }

    #[test]
    fn secrets_of_webhooks_should_differ_when_their_ids_do() {
        assert_ne!(notices().webhook_secret(b"a"), notices().webhook_secret(b"b"));
    }
}
