//! Settings of notices.

use serde::Deserialize;

/// Notices to patients, custodians and viewers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notices {
    /// Whether there are any.
    pub enabled: bool,
    /// How long a notice can be asked for (days).
    pub keep_days: u16,
    /// Streams and subscriptions of one account at a time.
    pub streams_per_account: u32,
    /// Streams and subscriptions of all accounts at a time.
    pub streams: u32,
    /// Webhooks of one account.
    pub webhooks_per_account: u32,
    /// Give up an attempt to deliver after this (ms).
    pub webhook_timeout_ms: u64,
    /// Give up a webhook whose deliveries have failed for this long (s).
    pub webhook_give_up_s: u64,
    /// Whether webhooks may go to this very machine, also without TLS. For tests and development only.
    pub webhooks_to_loopback: bool,
}

impl Default for Notices {
    fn default() -> Self {
        Self {
            enabled: true,
            keep_days: 90,
            streams_per_account: 4,
            streams: 256,
            webhooks_per_account: 4,
            webhook_timeout_ms: 5_000,
            webhook_give_up_s: 259_200,
            webhooks_to_loopback: false,
        }
    }
}
