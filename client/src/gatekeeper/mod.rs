//! An HTTP client for gatekeepers: enrol, sign in, read, search, see the log.
//!
//! The client takes the gatekeeper's address and key from the chain and believes no answer to a read that is
//! not signed by that key over exactly this request. It signs a challenge only after reading that it is for
//! this gatekeeper, this chain, this account and this purpose.

mod emergency;
mod error;
mod http;
mod links;
mod notices;
pub mod shared;

use medrec_policy::purpose::Purpose;
use medrec_primitives::{AccountId, MemberId, Moment, RelationshipId, RequestId};
use reqwest::{
    header::{AUTHORIZATION, CONTENT_TYPE},
    Method,
};
use sp_core::{crypto::Ss58Codec, H256};

pub use error::GatekeeperError;
pub(crate) use http::install_crypto;
pub use notices::NoticeStream;

use crate::{
    answer::{Answer, AnswerSignature, DATE_HEADER, SIGNATURE_HEADER},
    chain::State,
    enrol::{self, Ticket},
    keys::KeyPair,
    messages::{Challenge, ChallengeRequest, EnrolRequest, Enrolment, LogPage, Session, SessionRequest},
    question::{answer_digest, SALT_HEADER},
    request::{self, Request},
    research::definition::Definition,
    sealed::{self, SealedContext},
    sealing::SealingSecret,
    signin::{self, SignIn},
};

/// How long a signed request may be answered (ms).
const REQUEST_LIFE_MS: Moment = 60_000;

/// A member's gatekeeper.
#[derive(Clone, Debug)]
pub struct Gatekeeper {
    http: reqwest::Client,
    base: String,
    genesis: H256,
    member: MemberId,
    key: AccountId,
}

/// By what right something is asked: a session, or the request's own signature.
#[derive(Clone, Debug)]
pub enum Access<'a> {
    /// A session that was opened before.
    Session(&'a OpenSession),
    /// A signature over this one request.
    Signed {
        /// Who asks.
        key: &'a KeyPair,
        /// What for.
        purpose: Purpose,
    },
}

/// A session and whose it is.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// Who signed in.
    pub account: AccountId,
    /// What the gatekeeper gave.
    pub session: Session,
}

/// An answer whose signature was checked against the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Path and query that were asked.
    pub target: String,
    /// When it was answered (ms).
    pub date: Moment,
    /// The body as it was sent.
    pub body: Vec<u8>,
    /// The signature under it.
    pub signature: AnswerSignature,
    /// The salt of the digest in a receipt on chain, if this is that very answer.
    pub receipt_salt: Option<[u8; 32]>,
}

impl Verified {
    /// The body as JSON.
    pub fn json(&self) -> Result<serde_json::Value, GatekeeperError> {
        serde_json::from_slice(&self.body)
            .map_err(|_| GatekeeperError::Malformed("an answer that is not JSON"))
    }
}

impl Gatekeeper {
    /// The gatekeeper that the chain names for a member.
    pub async fn of_member(
        state: &State<'_>,
        genesis: H256,
        member: MemberId,
    ) -> Result<Self, GatekeeperError> {
        let found = state.member(member).await?.ok_or(GatekeeperError::NoSuchMember(member))?;
        let url = String::from_utf8(found.url.to_vec()).map_err(|_| GatekeeperError::NoGatekeeper(member))?;
        if url.is_empty() {
            return Err(GatekeeperError::NoGatekeeper(member));
        }
        Self::new(&url, genesis, member, found.gatekeeper)
    }

    /// The gatekeeper at an address, of which `key` is expected.
    pub fn new(url: &str, genesis: H256, member: MemberId, key: AccountId) -> Result<Self, GatekeeperError> {
        let base = url.trim_end_matches('/').to_owned();
        Ok(Self { http: http::client(&base)?, base, genesis, member, key })
    }

    /// Its public address, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.base
    }

    /// Redeems a ticket: the gatekeeper then proposes the relationship on chain.
    pub async fn enrol(&self, key: &KeyPair, ticket: &Ticket) -> Result<Enrolment, GatekeeperError> {
        if ticket.genesis != self.genesis || ticket.member != self.member {
            return Err(GatekeeperError::OtherTicket);
        }
        let body = EnrolRequest {
            ticket: ticket.secret.expose_hex(),
            account: key.account().to_ss58check(),
            signature: enrol::sign(key, ticket).to_hex(),
        };
        self.post("/enrol", &body).await
    }

    /// Signs in for one purpose, and for one relationship where one is named.
    pub async fn sign_in(
        &self,
        key: &KeyPair,
        purpose: Purpose,
        patient: Option<RelationshipId>,
    ) -> Result<OpenSession, GatekeeperError> {
        let account = key.account();
        let asked = ChallengeRequest {
            account: account.to_ss58check(),
            purpose: purpose.to_string(),
            patient: patient.map(|patient| patient.to_string()),
        };
        let challenge: Challenge = self.post("/auth/challenge", &asked).await?;
        self.check_challenge(&challenge, &account, purpose, patient)?;
        let answer = SessionRequest {
            signature: key.sign(challenge.message.as_bytes()).to_hex(),
            message: challenge.message,
            key_type: Some(key.key_type()),
        };
        Ok(OpenSession { account, session: self.post("/auth/session", &answer).await? })
    }

    /// Ends a session before its time.
    pub async fn sign_out(&self, open: OpenSession) -> Result<(), GatekeeperError> {
        let url = format!("{}/auth/session", self.base);
        let request = self.http.request(Method::DELETE, url).bearer_auth(&open.session.token);
        let answered = http::send(request, &self.base).await?;
        if answered.status.is_success() {
            Ok(())
        } else {
            Err(answered.refusal())
        }
    }

    /// Whatever asks for a signature must say what this client asked for, and nothing else.
    fn check_challenge(
        &self,
        challenge: &Challenge,
        account: &AccountId,
        purpose: Purpose,
        patient: Option<RelationshipId>,
    ) -> Result<(), GatekeeperError> {
        let sign_in = SignIn::parse(&challenge.message)?;
        let domain = signin::domain_of(&self.base).unwrap_or_default();
        // Its times are by the gatekeeper's clock, and for the gatekeeper to check.
        let expected =
            signin::Expected { domain, uri: &self.base, genesis: self.genesis, now: sign_in.issued_at };
        sign_in.check(&expected)?;
        let same = sign_in.account == *account && sign_in.purpose == purpose && sign_in.patient == patient;
        same.then_some(()).ok_or(GatekeeperError::OtherChallenge)
    }

    /// Reads one resource.
    pub async fn read(
        &self,
        access: &Access<'_>,
        resource_type: &str,
        id: &str,
    ) -> Result<Verified, GatekeeperError> {
        self.get(access, &Self::read_target(resource_type, id)).await
    }

    /// Where one resource is.
    pub fn read_target(resource_type: &str, id: &str) -> String {
        let (resource_type, id) =
            (crate::text::percent_encode(resource_type), crate::text::percent_encode(id));
        format!("/fhir/{resource_type}/{id}")
    }

    /// Searches the resources of one type.
    pub async fn search(
        &self,
        access: &Access<'_>,
        resource_type: &str,
        patient: RelationshipId,
        parameters: &[(String, String)],
    ) -> Result<Verified, GatekeeperError> {
        self.get(access, &Self::search_target(resource_type, patient, parameters)).await
    }

    /// Where the resources of one type are.
    pub fn search_target(
        resource_type: &str,
        patient: RelationshipId,
        parameters: &[(String, String)],
    ) -> String {
        let mut target = format!("/fhir/{}?patient={patient}", crate::text::percent_encode(resource_type));
        for (name, value) in parameters {
            target.push_str(&format!(
                "&{}={}",
                crate::text::percent_encode(name),
                crate::text::percent_encode(value)
            ));
        }
        target
    }

    /// Who asked for the records of a relationship, and what they were told.
    pub async fn log(
        &self,
        access: &Access<'_>,
        patient: RelationshipId,
    ) -> Result<LogPage, GatekeeperError> {
        let answer = self.get(access, &format!("/log?patient={patient}")).await?;
        serde_json::from_slice(&answer.body).map_err(|_| GatekeeperError::Malformed("a log in another form"))
    }

    /// One entry of it, with the proof that it is under a root on chain.
    pub async fn log_proof(
        &self,
        access: &Access<'_>,
        patient: RelationshipId,
        number: u64,
    ) -> Result<crate::log::LogProof, GatekeeperError> {
        let answer = self.get(access, &format!("/log/proof?patient={patient}&number={number}")).await?;
        serde_json::from_slice(&answer.body)
            .map_err(|_| GatekeeperError::Malformed("a proof in another form"))
    }

    /// The text of a planned table's definition, which proves itself by its digest.
    pub async fn definition(&self, digest: &[u8; 32]) -> Result<Definition, GatekeeperError> {
        let url = format!("{}/research/definitions/{}", self.base, hex::encode(digest));
        let answered = http::send(self.http.request(Method::GET, url), &self.base).await?;
        if !answered.status.is_success() {
            return Err(answered.refusal());
        }
        let other = GatekeeperError::Malformed("a definition that is not the one on chain");
        let text = String::from_utf8(answered.body)
            .map_err(|_| GatekeeperError::Malformed("a definition that is not text"))?;
        let definition = Definition::read(&text)
            .map_err(|_| GatekeeperError::Malformed("a definition in another form"))?;
        (definition.digest() == *digest).then_some(definition).ok_or(other)
    }

    /// Picks up the answer to a request that was made on chain. `digest` is that of the receipt: what has the same digest is
    /// what the receipt is about, and what has none was answered anew, since the records or the rules have changed.
    pub async fn pick_up(
        &self,
        access: &Access<'_>,
        request: RequestId,
        digest: &[u8; 32],
    ) -> Result<(Verified, bool), GatekeeperError> {
        let answer = self.get(access, &format!("/chain/requests/{request}")).await?;
        let same = answer.receipt_salt.is_some_and(|salt| answer_digest(&salt, &answer.body) == *digest);
        Ok((answer, same))
    }

    /// Asks for anything beneath the gatekeeper's address and checks the signature under the answer.
    pub async fn get(&self, access: &Access<'_>, target: &str) -> Result<Verified, GatekeeperError> {
        self.ask(access, Method::GET, target, Vec::new()).await
    }

    /// Sends something, and checks the signature under the answer.
    pub async fn send<A: serde::Serialize>(
        &self,
        access: &Access<'_>,
        target: &str,
        body: &A,
    ) -> Result<Verified, GatekeeperError> {
        let body = serde_json::to_vec(body).map_err(|_| GatekeeperError::Malformed("a body of ours"))?;
        self.ask(access, Method::POST, target, body).await
    }

    async fn ask(
        &self,
        access: &Access<'_>,
        method: Method,
        target: &str,
        body: Vec<u8>,
    ) -> Result<Verified, GatekeeperError> {
        let (asker, authorization) = self.authorize(access, method.as_str(), target, &body);
        let mut request = self.http.request(method, format!("{}{target}", self.base));
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let answered = http::send(request.header(AUTHORIZATION, authorization), &self.base).await?;
        if !answered.status.is_success() {
            return Err(answered.refusal());
        }
        let signature = AnswerSignature::parse(answered.header(SIGNATURE_HEADER).unwrap_or_default())?;
        let date = answered.header(DATE_HEADER).and_then(crate::text::number);
        let date = date.ok_or(GatekeeperError::Malformed("an answer without its time"))?;
        let answer = Answer {
            genesis: self.genesis,
            member: self.member,
            target,
            asker: &asker,
            status: answered.status.as_u16(),
            body: &answered.body,
            date,
        };
        answer.verify(&self.key, &signature)?;
        let receipt_salt = answered.header(SALT_HEADER).and_then(salt);
        Ok(Verified { target: target.to_owned(), date, body: answered.body, signature, receipt_salt })
    }

    /// Asks as [`Self::get`] does, and has the answer sealed to a key that nobody knew before: whoever stands between sees neither
    /// what was answered nor, but for [`crate::sealed::PADDING`], how much.
    pub async fn get_sealed(&self, access: &Access<'_>, target: &str) -> Result<Verified, GatekeeperError> {
        let secret = SealingSecret::generate();
        let target = sealed::with_key(target, &secret.public());
        let outer = self.get(access, &target).await?;
        let asker = match access {
            Access::Session(open) => open.account.clone(),
            Access::Signed { key, .. } => key.account(),
        };
        let context = SealedContext {
            genesis: self.genesis,
            member: self.member,
            target: &target,
            asker: &asker,
            status: 200,
        };
        let envelope = sealed::open_answer(&outer.body, &secret, &context)
            .map_err(|_| GatekeeperError::Malformed("an answer that does not open"))?;
        let signature = AnswerSignature::parse(&envelope.signature)?;
        let answer = Answer {
            genesis: self.genesis,
            member: self.member,
            target: &target,
            asker: &asker,
            status: 200,
            body: envelope.body.as_bytes(),
            date: envelope.date,
        };
        answer.verify(&self.key, &signature)?;
        let (date, body) = (envelope.date, envelope.body.into_bytes());
        Ok(Verified { target, date, body, signature, ..outer })
    }

    fn authorize(&self, access: &Access<'_>, method: &str, target: &str, body: &[u8]) -> (AccountId, String) {
        match access {
            Access::Session(open) => (open.account.clone(), format!("Bearer {}", open.session.token)),
            Access::Signed { key, purpose } => {
                let request = Request { method, target, body, audience: &self.base, genesis: self.genesis };
                let expires = now().saturating_add(REQUEST_LIFE_MS);
                let authorization = request::build(key, &request, *purpose, expires);
                (key.account(), authorization.to_string())
            }
        }
    }

    async fn post<A: serde::Serialize, R: serde::de::DeserializeOwned>(
        &self,
        target: &str,
        body: &A,
    ) -> Result<R, GatekeeperError> {
        let request = self.http.request(Method::POST, format!("{}{target}", self.base)).json(body);
        let answered = http::send(request, &self.base).await?;
        if !answered.status.is_success() {
            return Err(answered.refusal());
        }
        serde_json::from_slice(&answered.body)
            .map_err(|_| GatekeeperError::Malformed("an answer in another form"))
    }
}

fn salt(header: &str) -> Option<[u8; 32]> {
    let mut salt = [0; 32];
    hex::decode_to_slice(header.strip_prefix("0x")?, &mut salt).ok()?;
    Some(salt)
}

/// The time by this machine's clock (ms).
pub(crate) fn now() -> Moment {
    Moment::try_from(chrono::Utc::now().timestamp_millis()).unwrap_or_default()
}
