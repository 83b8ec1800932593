//! One signed request, to be sent as it is or spoilt.

use anyhow::Result;
use medrec_client::{
    keys::KeyPair,
    request::{self, Authorization, Request},
};
use medrec_policy::purpose::Purpose;
use medrec_primitives::{Moment, RelationshipId};
use rand::RngCore;
use sp_core::H256;

use super::{eventually, wall_clock, World};
use crate::wire::{self, RawAnswer};

/// What somebody asks of a practice's gatekeeper.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Whose gatekeeper: the practice's letter.
    pub practice: char,
    /// Who asks.
    pub key: KeyPair,
    /// What for.
    pub purpose: Purpose,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Path and query.
    pub target: String,
    /// The type of the body, if there is one, and the body.
    pub body: Option<(&'static str, Vec<u8>)>,
}

/// A request between signing and sending: every part can still be changed.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Where it goes.
    pub address: String,
    /// `GET` or `POST`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers besides those that every request has.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What the signature covers besides the request itself.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// The gatekeeper's address.
    pub audience: String,
    /// The chain.
    pub genesis: H256,
    /// Used once.
    pub nonce: [u8; 16],
    /// Until when (ms).
    pub expires: Moment,
}

impl Ask {
    /// `GET target`, for treatment.
    pub fn get(practice: char, key: &KeyPair, target: impl Into<String>) -> Self {
        let target = target.into();
        Self { practice, key: key.clone(), purpose: Purpose::Treatment, method: "GET", target, body: None }
    }

    /// Searches a type of resource of a relationship, for treatment.
    pub fn search(practice: char, key: &KeyPair, resource_type: &str, relationship: RelationshipId) -> Self {
        // A patient is not a patient's record: FHIR finds it by its own id.
        let parameter = if resource_type == "Patient" { "_id" } else { "patient" };
        Self::get(practice, key, format!("/fhir/{resource_type}?{parameter}={relationship}"))
    }

    /// For another purpose.
    pub fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// To another gatekeeper.
    pub fn at(mut self, practice: char) -> Self {
        self.practice = practice;
        self
    }

    /// By somebody else.
    pub fn by(mut self, key: &KeyPair) -> Self {
        self.key = key.clone();
        self
    }

    /// With this after the query.
    pub fn and(mut self, more: &str) -> Self {
        self.target.push_str(more);
        self
    }

    /// What is right for it at this moment, with a fresh nonce.
    pub fn circumstances<N>(&self, world: &World<N>) -> Circumstances {
        let mut nonce = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut nonce);
        Circumstances {
            audience: world.practice(self.practice).gatekeeper.url(),
            genesis: world.chain.genesis(),
            nonce,
            expires: wall_clock() + 60_000,
        }
    }

    /// Signs it as is right.
    pub fn sign<N>(&self, world: &World<N>) -> (Signed, Authorization) {
        self.sign_under(world, &self.circumstances(world))
    }

    /// Signs it under these circumstances.
    pub fn sign_under<N>(&self, world: &World<N>, circumstances: &Circumstances) -> (Signed, Authorization) {
        let body = self.body.as_ref().map(|(_, body)| body.clone()).unwrap_or_default();
        let request = Request {
            method: self.method,
            target: &self.target,
            body: &body,
            audience: &circumstances.audience,
            genesis: circumstances.genesis,
        };
        let Circumstances { nonce, expires, .. } = *circumstances;
        let authorization = request::build_with_nonce(&self.key, &request, self.purpose, nonce, expires);
        let mut headers = vec![("Authorization".to_owned(), authorization.to_string())];
        if let Some((content_type, _)) = &self.body {
            headers.push(("Content-Type".to_owned(), (*content_type).to_owned()));
        }
        let signed = Signed {
            address: world.practice(self.practice).gatekeeper.address(),
            method: self.method.to_owned(),
            target: self.target.clone(),
            headers,
            body,
        };
        (signed, authorization)
    }

    /// Signs and sends it.
    pub async fn send<N>(&self, world: &World<N>) -> Result<RawAnswer> {
        self.sign(world).0.send().await
    }

    /// Sends it again, signed anew, until the answer has this status.
    pub async fn until<N>(&self, world: &World<N>, status: u16) -> Result<RawAnswer> {
        eventually(&format!("{status} for {} {}", self.method, self.target), || async {
            let answer = self.send(world).await?;
            Ok(if answer.status == status {
                Ok(answer)
            } else {
                Err(format!("{} {}", answer.status, answer.text()))
            })
        })
        .await
    }
}

impl Signed {
    /// With this header in place of the one of that name.
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self = self.without_header(name);
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Without this header.
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(header, _)| !header.eq_ignore_ascii_case(name));
        self
    }

    /// The bytes that are sent.
    pub fn bytes(&self) -> Vec<u8> {
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        wire::request(&self.method, &self.target, &self.address, &headers, &self.body)
    }

    /// Sends it as it is.
    pub async fn send(&self) -> Result<RawAnswer> {
        wire::send(&self.address, &self.bytes()).await
    }
}
