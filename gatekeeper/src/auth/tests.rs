#![allow(clippy::unwrap_used)]

use medrec_client::{
    messages::{ChallengeRequest, SessionRequest},
    request::{build, Request},
    KeyPair, KeyType,
};
use sp_core::crypto::Ss58Codec;

use super::*;
use crate::{
    clock::ManualTime,
    store::tests::{again, temporary},
};

const AUDIENCE: &str = "https://gatekeeper.example.org";
const START: u64 = 1_750_000_000_000;

struct Fixture {
    store: Store,
    folder: tempfile::TempDir,
    time: Arc<ManualTime>,
    auth: Authenticator,
}

impl Fixture {
    async fn new() -> Self {
        let (store, folder) = temporary().await;
        let time = Arc::new(ManualTime::new(START));
        let auth = authenticator(&store, &time);
        Self { store, folder, time, auth }
    }

    /// Stops and starts the gatekeeper.
    async fn restart(self) -> Self {
        self.store.close().await;
        let store = again(&self.folder).await;
        let auth = authenticator(&store, &self.time);
        Self { store, auth, ..self }
    }

    async fn answer(&self, key: &KeyPair) -> SessionRequest {
        let challenge = self.auth.challenge(&request(key, "TREAT")).await.unwrap();
        signed(key, challenge.message)
    }
}

fn authenticator(store: &Store, time: &Arc<ManualTime>) -> Authenticator {
    Authenticator::new(store.clone(), time.clone(), SignIn::default(), AUDIENCE.into(), Hash::repeat_byte(7))
}

fn alice(key_type: KeyType) -> KeyPair {
    KeyPair::from_suri("//Alice", key_type).unwrap()
}

fn request(key: &KeyPair, purpose: &str) -> ChallengeRequest {
    ChallengeRequest {
        account: key.account().to_ss58check(),
        purpose: purpose.into(),
        patient: Some("r0-3".into()),
    }
}

fn signed(key: &KeyPair, message: String) -> SessionRequest {
    let signature = key.sign(message.as_bytes()).to_hex();
    SessionRequest { message, signature, key_type: None }
}

#[tokio::test]
async fn session_should_open_when_the_text_is_signed_by_any_kind_of_key() {
    let fixture = Fixture::new().await;
    for key_type in KeyType::ALL {
        let key = alice(key_type);
        let session = fixture.auth.open_session(&fixture.answer(&key).await).await.unwrap();
        let asker = fixture.auth.session(&session.token).await.unwrap();
        assert_eq!(asker.account, key.account());
        assert_eq!(asker.purpose, Purpose::Treatment);
        assert_eq!(asker.patient, Some(RelationshipId::new(0, 3)));
    }
}

#[tokio::test]
async fn session_should_open_when_the_wallet_wraps_the_text() {
    let fixture = Fixture::new().await;
    let key = alice(KeyType::Sr25519);
    let mut answer = fixture.answer(&key).await;
    answer.signature = key.sign_wrapped(answer.message.as_bytes()).to_hex();
    fixture.auth.open_session(&answer).await.unwrap();
}

#[tokio::test]
async fn session_should_be_refused_when_the_text_is_used_twice() {
    let fixture = Fixture::new().await;
    let answer = fixture.answer(&alice(KeyType::Sr25519)).await;
    fixture.auth.open_session(&answer).await.unwrap();
    assert!(matches!(fixture.auth.open_session(&answer).await, Err(AuthError::Replay)));
}

#[tokio::test]
async fn session_should_be_refused_when_the_text_is_used_after_a_restart() {
    let fixture = Fixture::new().await;
    let (used, unused) =
        (fixture.answer(&alice(KeyType::Sr25519)).await, fixture.answer(&alice(KeyType::Sr25519)).await);
    fixture.auth.open_session(&used).await.unwrap();
    let fixture = fixture.restart().await;
    if fixture.store.is_shared() {
        // The others go on, and so does what they gave out.
        assert!(matches!(fixture.auth.open_session(&used).await, Err(AuthError::Replay)));
        fixture.auth.open_session(&unused).await.unwrap();
        return;
    }
    for answer in [used, unused] {
        assert!(matches!(fixture.auth.open_session(&answer).await, Err(AuthError::NotOurs)));
    }
}

#[tokio::test]
async fn session_should_be_refused_when_the_text_is_changed() {
    let fixture = Fixture::new().await;
    let key = alice(KeyType::Sr25519);
    let challenge = fixture.auth.challenge(&request(&key, "TREAT")).await.unwrap().message;
    let bob = KeyPair::from_suri("//Bob", KeyType::Sr25519).unwrap();
    for changed in [
        challenge.replace("TREAT", "HPAYMT"),
        challenge.replace("r0-3", "r0-4"),
        challenge.replace("\n- urn:medrec:patient:r0-3", ""),
        challenge.replace(AUDIENCE, "https://other.example.org"),
        challenge.replace("gatekeeper.example.org wants", "other.example.org wants"),
        challenge.replace("0707", "0708"),
        challenge.replace("2025", "2026"),
        format!("{challenge}\n"),
    ] {
        assert_ne!(changed, challenge);
        assert!(fixture.auth.open_session(&signed(&key, changed.clone())).await.is_err(), "{changed}");
    }
    let stolen = challenge.replace(&key.account().to_ss58check(), &bob.account().to_ss58check());
    assert!(matches!(fixture.auth.open_session(&signed(&bob, stolen)).await, Err(AuthError::NotOurs)));
    assert!(matches!(
        fixture.auth.open_session(&signed(&bob, challenge)).await,
        Err(AuthError::Signature(_))
    ));
}

#[tokio::test]
async fn session_should_be_refused_when_the_named_kind_of_key_is_another() {
    let fixture = Fixture::new().await;
    let mut answer = fixture.answer(&alice(KeyType::Sr25519)).await;
    answer.key_type = Some(KeyType::Ed25519);
    assert!(matches!(fixture.auth.open_session(&answer).await, Err(AuthError::Signature(_))));
}

#[tokio::test]
async fn session_should_be_refused_when_the_challenge_has_expired() {
    let fixture = Fixture::new().await;
    let answer = fixture.answer(&alice(KeyType::Sr25519)).await;
    fixture.time.advance(300_000);
    assert!(matches!(fixture.auth.open_session(&answer).await, Err(AuthError::SignIn(_))));
}

#[tokio::test]
async fn session_should_end_when_its_time_is_over() {
    let fixture = Fixture::new().await;
    let session = fixture.auth.open_session(&fixture.answer(&alice(KeyType::Sr25519)).await).await.unwrap();
    fixture.time.advance(899_999);
    fixture.auth.session(&session.token).await.unwrap();
    fixture.time.advance(1);
    assert!(matches!(fixture.auth.session(&session.token).await, Err(AuthError::NoSession)));
}

#[tokio::test]
async fn session_should_live_on_when_the_gatekeeper_restarts() {
    let fixture = Fixture::new().await;
    let session = fixture.auth.open_session(&fixture.answer(&alice(KeyType::Sr25519)).await).await.unwrap();
    let fixture = fixture.restart().await;
    fixture.auth.session(&session.token).await.unwrap();
    fixture.auth.end_session(&session.token).await.unwrap();
    assert!(matches!(fixture.auth.session(&session.token).await, Err(AuthError::NoSession)));
}

#[tokio::test]
async fn challenge_should_be_refused_when_a_value_makes_no_sense() {
    let fixture = Fixture::new().await;
    let good = request(&alice(KeyType::Sr25519), "TREAT");
    for bad in [
        ChallengeRequest { account: "5Grw".into(), ..good.clone() },
        ChallengeRequest { purpose: "treat".into(), ..good.clone() },
        ChallengeRequest { patient: Some("3".into()), ..good.clone() },
    ] {
        assert!(matches!(fixture.auth.challenge(&bad).await, Err(AuthError::Value(_))));
    }
}

const TARGET: &str = "/fhir/Observation?patient=r0-3";

fn header(key: &KeyPair, request: &Request<'_>, expires: u64) -> Credential {
    Credential::parse(&build(key, request, Purpose::Treatment, expires).to_string()).unwrap()
}

fn get() -> Request<'static> {
    Request { method: "GET", target: TARGET, body: b"", audience: AUDIENCE, genesis: Hash::repeat_byte(7) }
}

#[tokio::test]
async fn request_should_be_accepted_once_when_signed() {
    let fixture = Fixture::new().await;
    for key_type in KeyType::ALL {
        let key = alice(key_type);
        let credential = header(&key, &get(), START + 60_000);
        let asker = fixture.auth.authenticate(&credential, "GET", TARGET, b"").await.unwrap();
        assert_eq!((asker.account, asker.patient), (key.account(), None));
        let again = fixture.auth.authenticate(&credential, "GET", TARGET, b"").await;
        assert!(matches!(again, Err(AuthError::Replay)));
    }
}

#[tokio::test]
async fn request_should_be_refused_when_replayed_after_a_restart() {
    let fixture = Fixture::new().await;
    let credential = header(&alice(KeyType::Sr25519), &get(), START + 60_000);
    fixture.auth.authenticate(&credential, "GET", TARGET, b"").await.unwrap();
    let fixture = fixture.restart().await;
    let again = fixture.auth.authenticate(&credential, "GET", TARGET, b"").await;
    assert!(matches!(again, Err(AuthError::Replay)));
}

#[tokio::test]
async fn request_should_be_refused_when_replayed_after_the_clock_was_set_back() {
    let fixture = Fixture::new().await;
    let credential = header(&alice(KeyType::Sr25519), &get(), START + 60_000);
    fixture.auth.authenticate(&credential, "GET", TARGET, b"").await.unwrap();
    fixture.time.advance(3_600_000);
    fixture.auth.prune().await.unwrap();
    fixture.time.set_wall(START);
    let again = fixture.auth.authenticate(&credential, "GET", TARGET, b"").await;
    assert!(matches!(again, Err(AuthError::Replay)));
}

#[tokio::test]
async fn request_should_be_refused_when_anything_signed_is_another() {
    let fixture = Fixture::new().await;
    let key = alice(KeyType::Sr25519);
    let expires = START + 60_000;
    let good = Request { method: "POST", body: b"code=1", ..get() };
    let refused =
        |credential: Credential, method: &'static str, target: &'static str, body: &'static [u8]| {
            let auth = &fixture.auth;
            async move {
                matches!(auth.authenticate(&credential, method, target, body).await, Err(AuthError::Request))
            }
        };
    assert!(refused(header(&key, &good, expires), "GET", TARGET, b"code=1").await);
    assert!(refused(header(&key, &good, expires), "POST", "/fhir/Observation?patient=r0-4", b"code=1").await);
    assert!(refused(header(&key, &good, expires), "POST", TARGET, b"code=2").await);
    let elsewhere = Request { audience: "https://other.example.org", ..good };
    assert!(refused(header(&key, &elsewhere, expires), "POST", TARGET, b"code=1").await);
    let other_chain = Request { genesis: Hash::repeat_byte(8), ..good };
    assert!(refused(header(&key, &other_chain, expires), "POST", TARGET, b"code=1").await);
    let header = build(&key, &good, Purpose::Treatment, expires).to_string();
    for (from, to) in [("TREAT", "HPAYMT"), ("sr25519", "ed25519")] {
        let changed = Credential::parse(&header.replace(from, to)).unwrap();
        assert!(refused(changed, "POST", TARGET, b"code=1").await, "{to}");
    }
}

#[tokio::test]
async fn request_should_be_refused_when_its_expiry_is_past_or_too_far() {
    let fixture = Fixture::new().await;
    let key = alice(KeyType::Sr25519);
    let past = fixture.auth.authenticate(&header(&key, &get(), START), "GET", TARGET, b"").await;
    assert!(matches!(past, Err(AuthError::Expired)));
    let far = fixture.auth.authenticate(&header(&key, &get(), START + 300_001), "GET", TARGET, b"").await;
    assert!(matches!(far, Err(AuthError::TooFarAhead)));
}

#[test]
fn credential_should_be_refused_when_in_another_form() {
    for header in
        ["", "Basic YWxhZGRpbg==", "Bearer", "bearerx", "MedRec-Signature", "MedRec-Signature account=\"\""]
    {
        assert!(matches!(Credential::parse(header), Err(AuthError::Malformed)), "{header}");
    }
    assert!(matches!(Credential::parse("bearer x"), Ok(Credential::Bearer(token)) if token == "x"));
}
