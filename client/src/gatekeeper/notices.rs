//! Notices and webhooks, as a client asks for them.

use std::time::Duration;

use medrec_primitives::RelationshipId;
use reqwest::{Method, StatusCode};

use super::{error::GatekeeperError, http, Access, Gatekeeper, OpenSession};
use crate::{
    keys::KeyPair,
    notices::{NewWebhook, NoticePage, RegisteredWebhook, Webhooks},
};
use medrec_policy::purpose::Purpose;

/// The longest that one stream is followed; a session ends sooner.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// The longest event that is read.
const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// A stream of notices. What it says is not signed: it tells that there is something, which [`Gatekeeper::notices`] then gives.
#[derive(Debug)]
pub struct NoticeStream {
    response: reqwest::Response,
    base: String,
    read: Vec<u8>,
}

impl NoticeStream {
    /// Waits until there is something new. False when the stream has ended: the session is over, or the gatekeeper stops.
    pub async fn changed(&mut self) -> Result<bool, GatekeeperError> {
        loop {
            if let Some(end) = self.read.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<u8> = self.read.drain(..end + 2).collect();
                // Comments keep the connection open.
                if event.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"data")) {
                    return Ok(true);
                }
                continue;
            }
            if self.read.len() > MAX_EVENT_BYTES {
                return Err(GatekeeperError::Malformed("an event beyond bounds"));
            }
            let unreachable = |error: reqwest::Error| GatekeeperError::Unreachable {
                url: self.base.clone(),
                reason: http::words(&error),
            };
            match self.response.chunk().await.map_err(unreachable)? {
                Some(chunk) => self.read.extend_from_slice(&chunk),
                None => return Ok(false),
            }
        }
    }
}

impl Gatekeeper {
    /// What there is to tell whoever asks: of one relationship or of all, after `since` (a notice's id, or an earlier page's `next`).
    pub async fn notices(
        &self,
        access: &Access<'_>,
        patient: Option<RelationshipId>,
        since: Option<&str>,
    ) -> Result<NoticePage, GatekeeperError> {
        let answer = self.get(access, &target("/notices", patient, since)).await?;
        serde_json::from_slice(&answer.body)
            .map_err(|_| GatekeeperError::Malformed("notices in another form"))
    }

    /// Notices as they come, for as long as the session lasts.
    pub async fn follow_notices(
        &self,
        session: &OpenSession,
        patient: Option<RelationshipId>,
        since: Option<&str>,
    ) -> Result<NoticeStream, GatekeeperError> {
        let url = format!("{}{}", self.base, target("/notices/stream", patient, since));
        let request =
            self.http.request(Method::GET, url).bearer_auth(&session.session.token).timeout(LONGEST);
        let response = request.send().await.map_err(|error| GatekeeperError::Unreachable {
            url: self.base.clone(),
            reason: http::words(&error),
        })?;
        if response.status() != StatusCode::OK {
            return Err(http::answered(response, &self.base).await?.refusal());
        }
        Ok(NoticeStream { response, base: self.base.clone(), read: Vec::new() })
    }

    /// Asks to be told by a webhook. Signed by the account itself: a session is not enough.
    pub async fn add_webhook(
        &self,
        key: &KeyPair,
        purpose: Purpose,
        webhook: &NewWebhook,
    ) -> Result<RegisteredWebhook, GatekeeperError> {
        let body = serde_json::to_vec(webhook)
            .map_err(|_| GatekeeperError::Malformed("a webhook that cannot be written"))?;
        let made =
            self.exchange(&Access::Signed { key, purpose }, Method::POST, "/notices/webhooks", body).await?;
        serde_json::from_slice(&made).map_err(|_| GatekeeperError::Malformed("an answer in another form"))
    }

    /// The account's webhooks.
    pub async fn webhooks(&self, key: &KeyPair, purpose: Purpose) -> Result<Webhooks, GatekeeperError> {
        let found = self
            .exchange(&Access::Signed { key, purpose }, Method::GET, "/notices/webhooks", Vec::new())
            .await?;
        serde_json::from_slice(&found).map_err(|_| GatekeeperError::Malformed("an answer in another form"))
    }

    /// Removes a webhook.
    pub async fn remove_webhook(
        &self,
        key: &KeyPair,
        purpose: Purpose,
        id: &str,
    ) -> Result<(), GatekeeperError> {
        let id: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
        self.exchange(
            &Access::Signed { key, purpose },
            Method::DELETE,
            &format!("/notices/webhooks/{id}"),
            Vec::new(),
        )
        .await
        .map(drop)
    }
}

fn target(path: &str, patient: Option<RelationshipId>, since: Option<&str>) -> String {
    let patient = patient.map(|id| format!("patient={id}"));
    let since = since.map(|since| format!("since={since}"));
    let query: Vec<String> = patient.into_iter().chain(since).collect();
    match query.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", query.join("&")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_should_name_what_is_wanted_and_nothing_else() {
        let id = RelationshipId::new(0, 3);
        assert_eq!(target("/notices", None, None), "/notices");
        assert_eq!(target("/notices", Some(id), None), "/notices?patient=r0-3");
        assert_eq!(target("/notices", Some(id), Some("abc")), "/notices?patient=r0-3&since=abc");
    }
}
