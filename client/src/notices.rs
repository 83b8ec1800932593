//! What a gatekeeper tells patients, custodians and viewers of its own accord, and the signature under a webhook.
//!
//! | Route | Gives |
//! |---|---|
//! | `GET /notices?patient=r0-3&since=ID` | [`NoticePage`] |
//! | `GET /notices/stream?patient=r0-3&since=ID` | the same notices as server-sent events, as they come |
//! | `GET /notices/webhooks` | [`Webhooks`] |
//! | `POST /notices/webhooks` | takes [`NewWebhook`], gives [`RegisteredWebhook`] |
//! | `DELETE /notices/webhooks/ID` | |
//!
//! A webhook says that there is something, and nothing else ([`WebhookBody`]): whoever gets it asks for the notices. It is signed after
//! Standard Webhooks 1.0 (`webhook-id`, `webhook-timestamp`, `webhook-signature: v1,...`; HMAC-SHA256).

use base64::{engine::general_purpose::STANDARD, Engine};
use hmac::{Hmac, Mac};
use medrec_primitives::Moment;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Header with the identifier of a delivery: the same at each attempt, so that none counts twice.
pub const ID_HEADER: &str = "webhook-id";
/// Header with the time of the attempt (s since the Unix epoch).
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// Header with the signatures, separated by spaces.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// What a secret begins with.
const SECRET_PREFIX: &str = "whsec_";

/// How far a delivery's time may be from the receiver's clock (s).
const TOLERANCE_S: u64 = 300;

/// Notices, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePage {
    /// What there is to tell this account.
    pub notices: Vec<Notice>,
    /// Asks for what comes after these, as `since`. Another text each time; it says nothing about whether there was anything.
    pub next: String,
    /// Whether there is more already.
    #[serde(default)]
    pub more: bool,
}

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Names it to this account, for `since` and `Last-Event-ID`; the same however often it is delivered.
    pub id: String,
    /// When the gatekeeper noticed (ms).
    pub time: Moment,
    /// What happened: `records`, `granted`, `denied`, `revoked`, `shared`, `expired`, `glass-broken`, `requested`, ...
    pub kind: String,
    /// The relationship; none where it is about the gatekeeper itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<String>,
    /// What else there is to say.
    #[serde(flatten)]
    pub details: Details,
}

/// What a notice says, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// The rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<u32>,
    /// The rule that it was shared from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// Whom the rule is about: an SS58 address, `member:3`, `group:1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub viewer: Option<String>,
    /// The break of the glass, such as `g1-0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub glass: Option<String>,
    /// Who broke it, such as `s1-0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff: Option<String>,
    /// Until when (ms).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// What became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// The request on chain, such as `q0-3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Who asked, as an SS58 address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asker: Option<String>,
    /// Records that are new, changed or gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<Changed>,
    /// Who had read by the rule until then, as the log of this gatekeeper has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readers: Option<Vec<Reader>>,
    /// Blocks in which something may have happened that nobody was told of: the first and the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<(u64, u64)>,
}

/// A record, and what happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// `Observation/r0-3.4f0c...`
    pub reference: String,
    /// What happened.
    pub change: Change,
}

/// What happened to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It is new.
    New,
    /// Something in it is not what it was.
    Changed,
    /// It is not there any more.
    Gone,
}

/// Somebody who read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    /// Who: SS58.
    pub account: String,
    /// How many answers showed something.
    pub answers: u32,
    /// How many records they showed together, the same ones counted each time.
    pub records: u32,
    /// The first time (ms).
    pub first: Moment,
    /// The last time (ms).
    pub last: Moment,
}

/// Asks to be told by a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where to: `https://...`
    pub url: String,
    /// The one relationship that it is about. Staff of members may leave it out, for all that they may see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<String>,
}

/// A webhook with the secret that its deliveries are signed by, which is given this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredWebhook {
    /// Names it.
    pub id: String,
    /// `whsec_` and Base64, as libraries for Standard Webhooks take it.
    pub secret: String,
}

impl core::fmt::Debug for RegisteredWebhook {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("RegisteredWebhook").field("id", &self.id).finish_non_exhaustive()
    }
}

/// An account's webhooks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhooks {
    /// In the order of their making.
    pub webhooks: Vec<Webhook>,
}

/// A webhook as its account sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Names it.
    pub id: String,
    /// Where to.
    pub url: String,
    /// The one relationship that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<String>,
    /// When it was made (ms).
    pub created: Moment,
    /// `ok`, `failing` (tried again), or `given-up` (failed for too long, or the receiver said 410 Gone: make another).
    pub state: String,
}

/// The body of a webhook: that there is something to ask for. Nothing about whom, what or how much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookBody {
    /// Always `medrec.notice`.
    pub r#type: String,
    /// When it was sent (RFC 3339).
    pub timestamp: String,
    /// Which webhook.
    pub data: WebhookData,
}

/// See [`WebhookBody`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookData {
    /// The webhook's identifier.
    pub webhook: String,
}

/// A secret as text.
pub fn secret_text(secret: &[u8; 32]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(secret))
}

/// The value of [`SIGNATURE_HEADER`] for a delivery.
pub fn sign_webhook(secret: &[u8; 32], id: &str, timestamp: u64, body: &str) -> String {
    // HMAC takes keys of any length.
    let signature = mac(secret, id, timestamp, body).map(|mac| mac.finalize().into_bytes());
    signature.map_or_else(|_| String::new(), |bytes| format!("v1,{}", STANDARD.encode(bytes)))
}

/// Why a delivery is not to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The secret is none.
    #[error("a secret is whsec_ and Base64")]
    Secret,
    /// Not sent just now, or the clock is wrong.
    #[error("the delivery is more than five minutes away from this machine's clock: it is an old one, or the clock is wrong")]
    Time,
    /// Nobody who knows the secret sent this.
    #[error("no signature of the delivery is one by this secret")]
    Signature,
}

/// Checks a delivery, in a time that tells nothing of the signature: `timestamp` and `signatures` as in the headers, `now` in seconds.
pub fn verify_webhook(
    secret: &str,
    id: &str,
    timestamp: u64,
    signatures: &str,
    body: &str,
    now: u64,
) -> Result<(), WebhookError> {
    let secret = secret.strip_prefix(SECRET_PREFIX).ok_or(WebhookError::Secret)?;
    let secret = Zeroizing::new(STANDARD.decode(secret).map_err(|_| WebhookError::Secret)?);
    if timestamp.abs_diff(now) > TOLERANCE_S {
        return Err(WebhookError::Time);
    }
    let matches = |signature: &str| {
        let bytes = signature.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
        let expected = mac(&secret, id, timestamp, body).ok();
        bytes.zip(expected).is_some_and(|(bytes, expected)| expected.verify_slice(&bytes).is_ok())
    };
    signatures.split(' ').any(matches).then_some(()).ok_or(WebhookError::Signature)
}

fn mac(
    secret: &[u8],
    id: &str,
    timestamp: u64,
    body: &str,
) -> Result<Hmac<Sha256>, hmac::digest::InvalidLength> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret)?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Ok(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_should_be_that_of_standard_webhooks() {
        // The example of the specification's own libraries.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let verified = verify_webhook(
            secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            "{\"test\": 2432232314}",
            1_614_265_330,
        );
        assert_eq!(verified, Ok(()));
    }

    #[test]
    fn delivery_should_be_refused_when_anything_is_not_what_was_signed() {
        let secret = [7; 32];
        let text = secret_text(&secret);
        let signed = sign_webhook(&secret, "a", 1000, "{}");
        assert_eq!(verify_webhook(&text, "a", 1000, &signed, "{}", 1100), Ok(()));
        assert_eq!(verify_webhook(&text, "a", 1000, &format!("v1,AAAA {signed}"), "{}", 900), Ok(()));
        let refused = Err(WebhookError::Signature);
        assert_eq!(verify_webhook(&text, "b", 1000, &signed, "{}", 1000), refused);
        assert_eq!(verify_webhook(&text, "a", 1001, &signed, "{}", 1000), refused);
        assert_eq!(verify_webhook(&text, "a", 1000, &signed, "{ }", 1000), refused);
        assert_eq!(verify_webhook(&secret_text(&[8; 32]), "a", 1000, &signed, "{}", 1000), refused);
        assert_eq!(verify_webhook(&text, "a", 1000, "", "{}", 1000), refused);
        assert_eq!(verify_webhook(&text, "a", 1000, &signed, "{}", 1301), Err(WebhookError::Time));
        assert_eq!(verify_webhook("secret", "a", 1000, &signed, "{}", 1000), Err(WebhookError::Secret));
    }

    #[test]
    fn secret_should_not_show_when_a_registration_is_printed() {
        let registered = RegisteredWebhook { id: "w".into(), secret: secret_text(&[7; 32]) };
        assert!(!format!("{registered:?}").contains("whsec"));
    }
}
