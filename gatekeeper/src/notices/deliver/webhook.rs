//! Webhooks: that there is something, and nothing of what.
//!
//! A webhook is behind the queue by what it was not told yet, so the queue itself is what is to be delivered, and a stop anywhere loses
//! nothing. Before each delivery it is decided anew whether its account may be told anything; one delivery stands for all that
//! there is at the time. A delivery that fails is tried again, ever more seldom, under the same `webhook-id`.

use std::{sync::Arc, time::Duration};

use medrec_client::notices::{
    sign_webhook, WebhookBody, WebhookData, ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER,
};
use medrec_primitives::Moment;
use rand::Rng;
use reqwest::{header, StatusCode};

use crate::{
    auth::Asker,
    metrics::Delivery,
    notices::{
        target::{Target, TargetError},
        Wanted,
    },
    pipeline::{Gatekeeper, Told},
    smart::mac,
    store::{webhooks::StoredWebhook, StoreError},
};

/// How often it is looked whether there is something to deliver.
const LOOK: Duration = Duration::from_millis(500);

/// Webhooks in hand at the same time.
const AT_ONCE: u32 = 16;

/// A gatekeeper that takes a webhook in hand and dies, leaves it to the others, or to itself, after this (ms), and the time for a
/// delivery.
const CLAIM: Moment = 30_000;

/// Between two deliveries to one webhook that succeed (ms).
const SHORTEST: Moment = 1_000;

/// Where nothing can be decided now (ms).
const LATER: Moment = 5_000;

/// The longest pause between two attempts (ms).
const LONGEST: Moment = 3_600_000;

/// What became of an attempt.
#[derive(Debug)]
enum Attempt {
    /// The receiver has it.
    Taken,
    /// It has not, and may later.
    Failed(String),
    /// It wants no more.
    Gone,
}

/// Delivers for ever.
pub async fn keep_delivering(gatekeeper: Arc<Gatekeeper>) {
    loop {
        if let Err(error) = gatekeeper.deliver_webhooks().await {
            tracing::error!(%error, "cannot look for what is to be delivered");
        }
        tokio::time::sleep(LOOK).await;
    }
}

impl Gatekeeper {
    /// Delivers what is to be delivered now.
    pub async fn deliver_webhooks(&self) -> Result<(), StoreError> {
        let newest = self.store().newest_notice().await?;
        self.notices.tell_newest(newest);
        let now = self.now();
        let until = now.saturating_add(CLAIM).saturating_add(self.notices.settings.webhook_timeout_ms);
        let due = self.store().claim_webhooks(newest, now, until, AT_ONCE).await?;
        let done = futures::future::join_all(due.iter().map(|webhook| self.deliver(webhook, newest))).await;
        done.into_iter().collect()
    }

    async fn deliver(&self, webhook: &StoredWebhook, newest: u64) -> Result<(), StoreError> {
        let (store, id) = (self.store(), &webhook.made.id);
        let told = match self.to_be_told(webhook).await {
            Some(told) => told,
            None => return store.webhook_later(id, self.now().saturating_add(LATER)).await,
        };
        let Some((first, _)) = told.notices.first() else {
            // Nothing of it is for this account.
            let due = if told.more { 0 } else { self.now() };
            return store.webhook_told(id, told.until, due).await;
        };
        let attempt = self.attempt(webhook, *first).await;
        let now = self.now();
        match attempt {
            Attempt::Taken => {
                self.metrics.notices.delivered(Delivery::Taken);
                // Whoever asks now is told everything up to here.
                store.webhook_told(id, newest, now.saturating_add(SHORTEST)).await
            }
            Attempt::Gone => {
                self.metrics.notices.delivered(Delivery::GivenUp);
                store.give_webhook_up(id, now).await
            }
            Attempt::Failed(reason) => {
                // The address may hold a secret of the receiver's: it is not told.
                tracing::info!(
                    webhook = hex::encode(id),
                    reason,
                    attempts = webhook.attempts,
                    "a delivery failed"
                );
                let patience = self.notices.settings.webhook_give_up_s.saturating_mul(1000);
                if webhook.failing.is_some_and(|since| now.saturating_sub(since) >= patience) {
                    self.metrics.notices.delivered(Delivery::GivenUp);
                    return store.give_webhook_up(id, now).await;
                }
                self.metrics.notices.delivered(Delivery::Failed);
                store.webhook_failed(id, now, now.saturating_add(pause(webhook.attempts))).await
            }
        }
    }

    /// The first thing that the webhook's account may be told now; `None` if that cannot be said now.
    async fn to_be_told(&self, webhook: &StoredWebhook) -> Option<Told> {
        let made = &webhook.made;
        let purpose = made.purpose.parse().ok()?;
        let asker = Asker { account: made.account.clone(), purpose, patient: made.relationship, app: None };
        let wanted = Wanted { patient: made.relationship, after: webhook.told };
        match self.notices_for(&asker, &wanted, 1).await {
            Ok(told) => Some(told),
            Err(error) => {
                tracing::debug!(%error, "a webhook waits");
                None
            }
        }
    }

    async fn attempt(&self, webhook: &StoredWebhook, first: u64) -> Attempt {
        match self.send(webhook, first).await {
            Ok(status) if status.is_success() => Attempt::Taken,
            Ok(StatusCode::GONE) => Attempt::Gone,
            Ok(status) => Attempt::Failed(format!("status {}", status.as_u16())),
            Err(reason) => Attempt::Failed(reason),
        }
    }

    async fn send(&self, webhook: &StoredWebhook, first: u64) -> Result<StatusCode, String> {
        let settings = &self.notices.settings;
        let words = |error: TargetError| error.to_string();
        let target = Target::parse(&webhook.made.url, settings.webhooks_to_loopback).map_err(words)?;
        let address = target.resolve().await.map_err(words)?;
        let secret = self.notices.webhook_secret(&webhook.made.id);
        let id = hex::encode(&mac(&secret, &[b"delivery", &first.to_be_bytes()])[..16]);
        let now = self.now();
        let timestamp = chrono::DateTime::from_timestamp_millis(i64::try_from(now).unwrap_or_default())
            .unwrap_or_default()
            .to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let data = WebhookData { webhook: hex::encode(webhook.made.id) };
        let body = WebhookBody { r#type: "medrec.notice".into(), timestamp, data };
        let body = serde_json::to_string(&body).map_err(|error| error.to_string())?;
        let seconds = now / 1000;
        let timeout = Duration::from_millis(settings.webhook_timeout_ms);
        // Fails only where one was chosen already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A client for this one delivery: it knows the checked address and no other way.
        let client = reqwest::Client::builder()
            .resolve(target.host(), address)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(timeout)
            .connect_timeout(timeout)
            .user_agent(concat!("medrec-gatekeeper/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(without_url)?;
        let request = client
            .post(target.url().clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(ID_HEADER, &id)
            .header(TIMESTAMP_HEADER, seconds.to_string())
            .header(SIGNATURE_HEADER, sign_webhook(&secret, &id, seconds, &body))
            .body(body);
        // What the receiver says beyond the status is not read.
        Ok(request.send().await.map_err(without_url)?.status())
    }
}

/// An error in words, without the address.
fn without_url(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    words
}

/// How long to wait after so many failures (ms): twice as long each time, up to an hour, and up to a quarter more, so that what failed
/// together is not tried together.
fn pause(failures: u32) -> Moment {
    let pause = 1_000u64.checked_shl(failures.min(20)).unwrap_or(LONGEST).min(LONGEST);
    pause.saturating_add(rand::thread_rng().gen_range(0..=pause / 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_should_double_up_to_an_hour() {
        for (failures, least) in [(0, 1_000), (1, 2_000), (5, 32_000), (12, LONGEST), (u32::MAX, LONGEST)] {
            let pause = pause(failures);
            assert!((least..=least + least / 4).contains(&pause), "{failures}: {pause}");
        }
    }
}
