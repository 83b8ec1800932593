//! Share links, as the patient's side asks for them.

use medrec_primitives::{AccountId, RelationshipId};
use reqwest::{
    header::{AUTHORIZATION, CONTENT_TYPE},
    Method,
};
use serde::de::DeserializeOwned;
use sp_core::crypto::Ss58Codec;

use super::{error::GatekeeperError, http, Access, Gatekeeper};
use crate::messages::{LinkRequest, Links, MadeLink};

impl Gatekeeper {
    /// Makes a share link. It shows nothing until its account is granted something on chain.
    pub async fn make_link(
        &self,
        access: &Access<'_>,
        request: &LinkRequest,
    ) -> Result<MadeLink, GatekeeperError> {
        let body = serde_json::to_vec(request)
            .map_err(|_| GatekeeperError::Malformed("a link nobody can ask for"))?;
        read(&self.exchange(access, Method::POST, "/links", body).await?)
    }

    /// The share links of a relationship.
    pub async fn links(
        &self,
        access: &Access<'_>,
        patient: RelationshipId,
    ) -> Result<Links, GatekeeperError> {
        read(&self.exchange(access, Method::GET, &format!("/links?patient={patient}"), Vec::new()).await?)
    }

    /// Ends a share link.
    pub async fn end_link(
        &self,
        access: &Access<'_>,
        patient: RelationshipId,
        account: &AccountId,
    ) -> Result<(), GatekeeperError> {
        let target = format!("/links/{}?patient={patient}", account.to_ss58check());
        self.exchange(access, Method::DELETE, &target, Vec::new()).await.map(drop)
    }

    /// Asks for what is about the asker's own affairs, and not about records: the answer is not signed.
    pub(super) async fn exchange(
        &self,
        access: &Access<'_>,
        method: Method,
        target: &str,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, GatekeeperError> {
        let (_, authorization) = self.authorize(access, method.as_str(), target, &body);
        let mut request = self.http.request(method, format!("{}{target}", self.base));
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let answered = http::send(request.header(AUTHORIZATION, authorization), &self.base).await?;
        match answered.status.is_success() {
            true => Ok(answered.body),
            false => Err(answered.refusal()),
        }
    }
}

fn read<R: DeserializeOwned>(body: &[u8]) -> Result<R, GatekeeperError> {
    serde_json::from_slice(body).map_err(|_| GatekeeperError::Malformed("an answer in another form"))
}
