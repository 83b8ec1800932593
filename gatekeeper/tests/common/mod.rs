//! A gatekeeper before a small hospital database and a simulated chain.
#![allow(dead_code, clippy::unwrap_used)]

use std::{path::Path, sync::Arc};

use axum::{
    body::{to_bytes, Body},
    http::{header, Method, Request as HttpRequest, Response},
    Router,
};
use medrec_client::{
    answer::{Answer, AnswerSignature, DATE_HEADER, SIGNATURE_HEADER},
    messages::{Challenge, ChallengeRequest, Session, SessionRequest},
    request::{build, Request},
    sealing::{seal_terms, TermsContext},
    KeyPair, KeyType, SealingSecret,
};
use medrec_gatekeeper::{
    chain::{
        simulated::{SimulatedChain, State},
        ChainState, Hash,
    },
    cli::serve::continue_or_invalidate,
    clock::ManualTime,
    config::Config,
    enrol,
    fetch::{Database, Options},
    http,
    keys::{HandOverSecret, Secrets},
    log::AuditLog,
    mapping::Mapping,
    pipeline::{Gatekeeper, Parts},
    store::Store,
};
use medrec_policy::Purpose;
use medrec_primitives::{AccountId, Effect, Grant, GrantFacts, GrantTerms, Moment, RelationshipId, Viewer};
use serde_json::Value;
use sp_core::crypto::Ss58Codec;
use tower::ServiceExt;
use zeroize::Zeroizing;

pub const START: Moment = 1_750_000_000_000;
pub const AUDIENCE: &str = "https://gate.example.org";
pub const HOUR: u64 = 3_600_000;
pub const HAND_OVER_SECRET: &str = "0123456789abcdef0123456789abcdef";

const MAPPING: &str = r#"
version = 1
timezone = "UTC"

[[resource]]
type = "Patient"
table = "patient"
key = "mrn"
patient = "mrn"
[resource.elements]
"name[0].family" = { column = "name" }

[[resource]]
type = "Observation"
table = "result"
key = "id"
patient = "mrn"
[resource.elements]
status = "final"
subject = { reference = "Patient" }
encounter = { reference = "Encounter", column = "stay" }
"category[0].coding[0].code" = "laboratory"
"code.coding[0].system" = "http://loinc.org"
"code.coding[0].code" = { column = "loinc" }
effectiveDateTime = { column = "taken" }
"valueQuantity.value" = { column = "value" }
"valueQuantity.unit" = { column = "unit" }

[[resource]]
type = "Encounter"
table = "stay"
key = "id"
patient = "mrn"
[resource.elements]
status = "finished"
"class.code" = "IMP"
[[resource.label]]
system = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
column = "ward"
map = { SURGERY = [], PSYCHIATRY = "PSY" }
"#;

const TABLES: &str = "
CREATE TABLE patient (mrn TEXT PRIMARY KEY, name TEXT);
CREATE TABLE result (id INTEGER PRIMARY KEY, mrn TEXT NOT NULL, loinc TEXT, taken TEXT, value TEXT, unit TEXT, stay INTEGER);
CREATE TABLE stay (id INTEGER PRIMARY KEY, mrn TEXT NOT NULL, ward TEXT);
CREATE INDEX result_by_mrn ON result (mrn);
INSERT INTO patient VALUES ('A-1', 'Archer'), ('B-2', 'Baker');
INSERT INTO result VALUES
    (1, 'A-1', '718-7', '2025-01-02', '7.2', 'g/dL', 1),
    (2, 'A-1', '2345-7', '2025-01-03', '95', 'mg/dL', 2),
    (3, 'B-2', '718-7', '2025-01-04', '13.9', 'g/dL', NULL);
INSERT INTO stay VALUES (1, 'A-1', 'SURGERY'), (2, 'A-1', 'PSYCHIATRY');
";

/// A gatekeeper that can be stopped and started on its own files.
pub struct Fixture {
    pub folder: tempfile::TempDir,
    pub time: Arc<ManualTime>,
    pub chain: Arc<SimulatedChain>,
    pub store: Store,
    pub gatekeeper: Arc<Gatekeeper>,
    pub router: Router,
    pub sealing: SealingSecret,
    mapping: String,
}

impl Fixture {
    pub async fn new() -> Self {
        Self::with("").await
    }

    /// With these changes to the hospital's database.
    pub async fn with(sql: &str) -> Self {
        Self::with_mapping(sql, "").await
    }

    /// With these changes to the hospital's database, and more in its mapping.
    pub async fn with_mapping(sql: &str, more: &str) -> Self {
        let mapping = format!("{MAPPING}{more}");
        let folder = tempfile::tempdir().unwrap();
        let time = Arc::new(ManualTime::new(START));
        let chain = Arc::new(SimulatedChain::new(0, time.clone(), State::default()));
        let path = folder.path().join("hospital.sqlite");
        let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}?mode=rwc", path.display())).await.unwrap();
        sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&pool).await.unwrap();
        pool.close().await;
        let sealing = SealingSecret::generate();
        let (store, gatekeeper, router) = start(folder.path(), &time, &chain, &sealing, &mapping).await;
        Self { folder, time, chain, store, gatekeeper, router, sealing, mapping }
    }

    /// Stops and starts the gatekeeper; chain and clocks go on.
    pub async fn restart(self) -> Self {
        let Self { folder, time, chain, store, gatekeeper, router, sealing, mapping } = self;
        drop((gatekeeper, router));
        store.close().await;
        let (store, gatekeeper, router) = start(folder.path(), &time, &chain, &sealing, &mapping).await;
        Self { folder, time, chain, store, gatekeeper, router, sealing, mapping }
    }

    /// Stops the gatekeeper, puts a copy of its store in the store's place, and starts it as `serve` does.
    pub async fn restore(self, copy: &Path) -> Self {
        let Self { folder, time, chain, store, gatekeeper, router, sealing, mapping } = self;
        let config = config(folder.path()).store;
        drop((gatekeeper, router));
        store.close().await;
        for beside in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{beside}", config.path.display()));
        }
        std::fs::copy(copy, &config.path).unwrap();
        let (store, gatekeeper, router) = start(folder.path(), &time, &chain, &sealing, &mapping).await;
        let now = medrec_gatekeeper::clock::Time::now(&*time).wall;
        continue_or_invalidate(&store, &config.marker(), now, 300).await.unwrap();
        Self { folder, time, chain, store, gatekeeper, router, sealing, mapping }
    }

    /// From now on the log takes no entry; everything else of the store works.
    pub async fn jam_log(&self) {
        let path = config(self.folder.path()).store.path;
        let file = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.unwrap();
        let jam = "CREATE TRIGGER jam BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'jammed'); END";
        sqlx::raw_sql(jam).execute(&file).await.unwrap();
        file.close().await;
    }

    /// Enrols a patient for a record, and accepts.
    pub async fn enrol(&self, key: &KeyPair, record: &str) -> RelationshipId {
        let issued = enrol::issue(&self.store, AUDIENCE, self.chain.genesis(), 0, record, START, 1000 * HOUR)
            .await
            .unwrap();
        let request = medrec_client::messages::EnrolRequest {
            ticket: issued.ticket.secret.expose_hex(),
            account: key.account().to_ss58check(),
            signature: medrec_client::enrol::sign(key, &issued.ticket).to_hex(),
        };
        let enrolment = self.gatekeeper.enrolments.enrol(&request).await.unwrap();
        let id = enrolment.relationship.parse().unwrap();
        self.chain.advance(|state| {
            state.relationships.get_mut(&id).unwrap().status = medrec_primitives::RelationshipStatus::Active;
        });
        id
    }

    /// A rule about one key, with sealed terms.
    pub fn rule(&self, relationship: RelationshipId, viewer: &KeyPair, effect: Effect, terms: &str) -> Grant {
        self.rule_for(relationship, viewer.account(), effect, terms)
    }

    /// A rule about one account, with sealed terms.
    pub fn rule_for(
        &self,
        relationship: RelationshipId,
        viewer: AccountId,
        effect: Effect,
        terms: &str,
    ) -> Grant {
        let mut grant = Grant {
            viewer: Viewer::Key(viewer),
            effect,
            terms: GrantTerms::Everything,
            not_before: None,
            not_after: None,
            may_share: false,
            parent: None,
        };
        let context = TermsContext::of_grant(self.chain.genesis(), relationship, &grant);
        let terms = terms.parse().unwrap();
        grant.terms = GrantTerms::Sealed(seal_terms(&terms, &self.sealing.public(), 0, &context).unwrap());
        grant
    }

    /// A final grant.
    pub fn grant(&self, relationship: RelationshipId, viewer: &KeyPair, terms: &str) {
        let rule = self.rule(relationship, viewer, Effect::Allow, terms);
        self.chain.advance(add(relationship, rule));
    }

    /// Signs in.
    pub async fn sign_in(&self, key: &KeyPair, purpose: &str, patient: Option<RelationshipId>) -> String {
        let asked = ChallengeRequest {
            account: key.account().to_ss58check(),
            purpose: purpose.into(),
            patient: patient.map(|patient| patient.to_string()),
        };
        let (status, body) = self.post("/auth/challenge", &serde_json::to_value(asked).unwrap()).await;
        assert_eq!(status, 200, "{body}");
        let challenge: Challenge = serde_json::from_value(body).unwrap();
        let answer = SessionRequest {
            signature: key.sign_wrapped(challenge.message.as_bytes()).to_hex(),
            message: challenge.message,
            key_type: None,
        };
        let (status, body) = self.post("/auth/session", &serde_json::to_value(answer).unwrap()).await;
        assert_eq!(status, 200, "{body}");
        let session: Session = serde_json::from_value(body).unwrap();
        session.token
    }

    pub async fn send(&self, request: HttpRequest<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn post(&self, target: &str, body: &Value) -> (u16, Value) {
        let request = HttpRequest::post(target)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        read(self.send(request).await).await
    }

    /// A `GET` with a token.
    pub async fn get(&self, token: &str, target: &str) -> (u16, Value) {
        read(self.send(with_token(Method::GET, token, target)).await).await
    }

    /// A `GET` signed by itself.
    pub async fn get_signed(&self, key: &KeyPair, purpose: Purpose, target: &str) -> (u16, Value) {
        read(self.send(self.signed(key, purpose, target)).await).await
    }

    /// A signed request.
    pub fn signed(&self, key: &KeyPair, purpose: Purpose, target: &str) -> HttpRequest<Body> {
        let request = self.unsigned(target);
        let now = medrec_gatekeeper::clock::Time::now(&*self.time).wall;
        let authorization = build(key, &request, purpose, now + 60_000).to_string();
        HttpRequest::get(target).header(header::AUTHORIZATION, authorization).body(Body::empty()).unwrap()
    }

    /// What a signature for this gatekeeper covers.
    pub fn unsigned<'a>(&self, target: &'a str) -> Request<'a> {
        Request { method: "GET", target, body: b"", audience: AUDIENCE, genesis: self.chain.genesis() }
    }

    /// Whether an answer is signed by this gatekeeper for this asker and target. Gives status and body.
    pub async fn verified(&self, response: Response<Body>, asker: &AccountId, target: &str) -> (u16, Value) {
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        let (signature, date) = (header(SIGNATURE_HEADER), header(DATE_HEADER));
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let answer = Answer {
            genesis: self.chain.genesis(),
            member: 0,
            target,
            asker,
            status,
            body: &body,
            date: date.parse().unwrap(),
        };
        answer.verify(&gate().account(), &AnswerSignature::parse(&signature).unwrap()).unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }
}

/// The configuration of a gatekeeper in this folder.
pub fn config(folder: &Path) -> Config {
    let text = format!(
        "[gatekeeper]\npublic_url = \"{AUDIENCE}\"\n[keys]\nsigning = \"s\"\nsealing = [\"x\"]\npseudonyms = \"p\"\n\
         [chain]\nurl = \"ws://127.0.0.1:1\"\n[database]\nurl = \"sqlite:{}\"\nmapping = \"m\"\n\
         [cors]\norigins = [\"https://portal.example.org\"]\n\
         [notices]\nwebhooks_to_loopback = true\nstreams_per_account = 2\nwebhooks_per_account = 2\n\
         [emergency]\noffline_per_staff = 1\n\
         [limits]\nconnections_per_address = 4\n\
         [smart]\nrefresh_s = 3600\n\
         [[smart.client]]\nid = \"chart\"\nname = \"Growth chart\"\nredirect_uris = [\"https://app.example/cb\"]\n\
         [[smart.client]]\nid = \"other\"\nname = \"Other\"\nredirect_uris = [\"https://other.example/cb?x=1\"]\n",
        folder.join("hospital.sqlite").display()
    );
    Config::parse(&text, &folder.join("gatekeeper.toml")).unwrap()
}

async fn start(
    folder: &Path,
    time: &Arc<ManualTime>,
    chain: &Arc<SimulatedChain>,
    sealing: &SealingSecret,
    mapping: &str,
) -> (Store, Arc<Gatekeeper>, Router) {
    let config = config(folder);
    let secrets =
        Secrets { signing: gate(), sealing: vec![sealing.clone()], pseudonyms: Zeroizing::new([9; 32]) };
    let store = Store::open(&config.store.path).await.unwrap();
    let (log, _) = AuditLog::start(store.clone());
    let database = Database::connect(&config.database.url, Options::default()).await.unwrap();
    let gatekeeper = Arc::new(Gatekeeper::new(Parts {
        mapping: Mapping::from_toml(mapping, &folder.join("mapping.toml")).unwrap(),
        config,
        secrets,
        hand_over: Some(HandOverSecret::new(HAND_OVER_SECRET)),
        member: 0,
        chain: chain.clone(),
        proposals: chain.clone(),
        time: time.clone(),
        store: store.clone(),
        log,
        database,
    }));
    let (router, _) = http::router(gatekeeper.clone(), None).unwrap();
    (store, gatekeeper, router)
}

pub fn add(relationship: RelationshipId, grant: Grant) -> impl FnOnce(&mut State) {
    move |state| {
        let grants = &mut state.relationships.get_mut(&relationship).unwrap().grants;
        let id = grants.last().map_or(0, |last| last.id + 1);
        grants.push(GrantFacts { id, grant, sharer: None });
    }
}

pub fn revoke_all(relationship: RelationshipId) -> impl FnOnce(&mut State) {
    move |state| state.relationships.get_mut(&relationship).unwrap().grants.clear()
}

pub async fn read(response: Response<Body>) -> (u16, Value) {
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

pub fn with_token(method: Method, token: &str, target: &str) -> HttpRequest<Body> {
    let request = HttpRequest::builder().method(method).uri(target);
    request.header(header::AUTHORIZATION, format!("Bearer {token}")).body(Body::empty()).unwrap()
}

pub fn gate() -> KeyPair {
    KeyPair::from_suri("//Gate", KeyType::Sr25519).unwrap()
}

pub fn person(name: &str) -> KeyPair {
    KeyPair::from_suri(&format!("//{name}"), KeyType::Sr25519).unwrap()
}

pub fn other_genesis() -> Hash {
    Hash::repeat_byte(0xee)
}

/// The resources of a Bundle.
pub fn entries(bundle: &Value) -> Vec<&Value> {
    bundle["entry"]
        .as_array()
        .map(|entries| entries.iter().map(|entry| &entry["resource"]).collect())
        .unwrap_or_default()
}
