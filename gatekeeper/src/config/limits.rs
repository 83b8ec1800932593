//! What one asker may use up.

use std::time::Duration;

use serde::Deserialize;

/// What one asker may use up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Time for the head of a request to come, from when the connection is there or the request before it was answered (ms).
    pub head_ms: u64,
    /// Time for a request, arrival of its body included (ms).
    pub request_ms: u64,
    /// Requests handled at the same time.
    pub concurrent: usize,
    /// Connections open at the same time, and WebSockets, which are counted by themselves.
    pub connections: usize,
    /// The same from one address. Behind a proxy, whose connections are everybody's, it bounds WebSockets alone.
    pub connections_per_address: usize,
    /// Requests from one address each minute.
    pub per_address_per_minute: u32,
    /// Sign-ins, challenges and enrolments from one address each minute.
    pub sign_ins_per_address_per_minute: u32,
    /// Reads by one account each minute.
    pub per_account_per_minute: u32,
    /// A denial leaves at a multiple of this after the request came (ms), so that its timing tells nothing.
    pub denial_quantum_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 64 * 1024,
            head_ms: 15_000,
            request_ms: 30_000,
            concurrent: 512,
            connections: 8192,
            connections_per_address: 256,
            per_address_per_minute: 3000,
            sign_ins_per_address_per_minute: 600,
            per_account_per_minute: 1200,
            denial_quantum_ms: 50,
        }
    }
}

impl Limits {
    /// Time for the head of a request to come.
    pub fn head(&self) -> Duration {
        Duration::from_millis(self.head_ms)
    }

    /// Time for one request.
    pub fn request(&self) -> Duration {
        Duration::from_millis(self.request_ms)
    }
}
