//! The one way through: decide, fetch, redact, seal, log. Both interfaces end here, and nothing else reads records.

use std::{
    convert::Infallible,
    future::Future,
    net::IpAddr,
    sync::{atomic::AtomicBool, Arc, OnceLock},
    time::{Duration, Instant},
};

use medrec_policy::scope::Action;
use medrec_primitives::{DenyReason, MemberId};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    anchor::Anchors,
    auth::{Asker, Authenticator},
    chain::{ChainState, Proposals},
    clock::Time,
    config,
    decide::{openings::Openings, Decider, Question, Refusal, Tolerance},
    emergency::Emergencies,
    enrol::Enrolments,
    fetch::{Database, Pseudonyms},
    fhir,
    keys::{HandOverSecret, Secrets},
    limits::RateLimits,
    links::ShareLinks,
    log::{AuditLog, Entry},
    mapping::Mapping,
    metrics::{Decided, Metrics},
    notices::Notices,
    probe::Probe,
    research::Research,
    seal::{Seal, Sealer},
    smart::{derived, Smart},
    store::{recall::AsOf, Store},
};

mod ask;
mod basis;
mod create;
mod desk;
mod emergency;
mod everything;
mod limit;
mod links;
mod notices;
mod outcome;
mod picker;
mod prove;
mod settle;
mod show;
mod vitals;
mod webhooks;

pub use ask::{Ask, Refused};
use basis::Basis;
pub use desk::DeskRefusal;
pub use emergency::EmergencyRefusal;
pub use links::{FileError, Opened};
pub use notices::{NoticesError, Told};
use outcome::{internal_error, throttled, Outcome};
pub use prove::LookError;
pub use settle::PickedUp;
pub use vitals::{ChainVitals, Vitals};
pub use webhooks::WebhookRefusal;

/// Which interface a request came by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interface {
    /// HTTP, be it FHIR or not.
    Fhir,
    /// JSON-RPC.
    Rpc,
    /// A request on chain.
    Chain,
    /// A share link, opened by somebody who goes by this name.
    ShareLink(String),
}

impl Interface {
    fn words(&self) -> String {
        match self {
            Self::Fhir => "fhir".to_owned(),
            Self::Rpc => "rpc".to_owned(),
            Self::Chain => "chain".to_owned(),
            Self::ShareLink(recipient) => format!("share link, opened by {recipient}"),
        }
    }
}

/// A finished answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// JSON text.
    pub body: String,
    /// Whether the body is a FHIR resource.
    pub fhir: bool,
    /// When to try again (s).
    pub retry_after: Option<u64>,
    /// The signature under all this.
    pub seal: Seal,
}

/// What was remembered for an answer is no longer so, or could not be seen to be: the answer did not leave, and is not on the log.
struct Stale;

/// A request on its way.
#[derive(Clone, Copy)]
struct Request<'a> {
    asker: &'a Asker,
    ask: &'a Ask,
    target: &'a str,
    interface: &'a Interface,
    started: Instant,
}

/// Settings that requests are handled by.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The public address.
    pub public_url: String,
    /// The proxies that say where requests come from, if there are any; none named: whoever connects is one.
    pub proxies: Option<Vec<IpAddr>>,
    /// See the configuration.
    pub limits: config::Limits,
    /// Origins whose pages may read answers.
    pub origins: Vec<String>,
    /// Rows of one patient and type looked at for one answer.
    pub max_rows: u32,
    /// How long an enrolment ticket counts (ms).
    pub ticket_ms: u64,
    /// How it stops.
    pub stopping: Stopping,
}

/// How a gatekeeper stops.
#[derive(Clone, Copy, Debug)]
pub struct Stopping {
    /// From the wish to stop until new connections are refused.
    pub delay: Duration,
    /// From then until requests on their way are given up.
    pub timeout: Duration,
}

/// What a gatekeeper is made of.
pub struct Parts {
    /// The configuration.
    pub config: config::Config,
    /// Its secrets.
    pub secrets: Secrets,
    /// What the provider's node proves itself by, if it may hand requests over.
    pub hand_over: Option<HandOverSecret>,
    /// The member it answers for.
    pub member: MemberId,
    /// The chain, read.
    pub chain: Arc<dyn ChainState>,
    /// The chain, written.
    pub proposals: Arc<dyn Proposals>,
    /// The clocks.
    pub time: Arc<dyn Time>,
    /// Its own file.
    pub store: Store,
    /// The log in it.
    pub log: AuditLog,
    /// How rows become resources.
    pub mapping: Mapping,
    /// The provider's database.
    pub database: Database,
}

/// A gatekeeper at work.
pub struct Gatekeeper {
    /// Settings that requests are handled by.
    pub settings: Settings,
    /// Finds out who asks.
    pub auth: Authenticator,
    /// Signs people in to apps.
    pub smart: Smart,
    /// Enrols patients.
    pub enrolments: Enrolments,
    /// Makes share links and knows them again.
    pub share_links: ShareLinks,
    /// How much one address or account may ask for.
    pub rates: RateLimits,
    /// What the provider's node proves itself by, if it may hand requests over.
    pub hand_over: Option<HandOverSecret>,
    /// What is counted and measured.
    pub metrics: Metrics,
    /// What patients, custodians and viewers are told of its own accord.
    pub notices: Notices,
    /// What it needs while the chain is away.
    pub emergencies: Emergencies,
    /// Statistics for researchers, if there are any.
    research: OnceLock<Arc<Research>>,
    member: MemberId,
    /// Whether it was asked to stop.
    stopping: AtomicBool,
    /// Held while requests on chain are settled, so that none is looked at twice at a time.
    settling: tokio::sync::Mutex<()>,
    database_works: Probe,
    decider: Decider,
    anchors: Arc<Anchors>,
    sealer: Sealer,
    store: Store,
    log: AuditLog,
    mapping: Mapping,
    database: Database,
    pseudonyms: Pseudonyms,
    /// Behind the links from page to page.
    links: Zeroizing<[u8; 32]>,
    time: Arc<dyn Time>,
}

impl Gatekeeper {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        let Parts {
            config,
            secrets,
            hand_over,
            member,
            chain,
            proposals,
            time,
            store,
            log,
            mapping,
            database,
        } = parts;
        let genesis = chain.genesis();
        let tolerance = Tolerance {
            max_finality_age_ms: config.chain.max_finality_age_ms,
            max_clock_gap_ms: config.chain.max_clock_gap_ms,
        };
        let audience = config.gatekeeper.public_url.clone();
        let sealer = Sealer::new(secrets.signing, genesis, member);
        let origins = config.origins();
        Self {
            anchors: Arc::new(Anchors::new(store.clone(), log.clone(), sealer.clone())),
            smart: Smart::new(
                config.smart,
                audience.clone(),
                &secrets.pseudonyms,
                store.clone(),
                time.clone(),
            ),
            share_links: ShareLinks::new(
                derived(&secrets.pseudonyms, b"medrec/share-links/v1"),
                audience.clone(),
                store.clone(),
                time.clone(),
            ),
            auth: Authenticator::new(store.clone(), time.clone(), config.sign_in, audience.clone(), genesis),
            enrolments: Enrolments::new(store.clone(), chain.clone(), proposals, time.clone(), member),
            decider: Decider::new(
                chain,
                time.clone(),
                member,
                Openings::new(genesis, secrets.sealing),
                tolerance,
            ),
            sealer,
            rates: RateLimits::new(&config.limits),
            hand_over,
            metrics: Metrics::new(log.seconds()),
            emergencies: Emergencies::new(config.emergency, tolerance, store.clone(), time.clone()),
            notices: Notices::new(config.notices, derived(&secrets.pseudonyms, b"medrec/notices/v1")),
            research: OnceLock::new(),
            member,
            stopping: AtomicBool::new(false),
            settling: tokio::sync::Mutex::default(),
            database_works: Probe::default(),
            settings: Settings {
                public_url: audience,
                proxies: config
                    .gatekeeper
                    .behind_proxy
                    .then(|| config.gatekeeper.proxies.iter().map(IpAddr::to_canonical).collect()),
                limits: config.limits,
                origins,
                max_rows: config.database.max_rows,
                ticket_ms: config.enrolment.ticket_s.saturating_mul(1000),
                stopping: Stopping {
                    delay: Duration::from_millis(config.gatekeeper.stop_delay_ms),
                    timeout: Duration::from_millis(config.gatekeeper.stop_timeout_ms),
                },
            },
            links: derived(&secrets.pseudonyms, b"medrec/links/v1"),
            pseudonyms: Pseudonyms::new(*secrets.pseudonyms),
            store,
            log,
            mapping,
            database,
            time,
        }
    }

    /// Serves statistics for researchers, too. Counts once.
    pub fn serve_research(&self, research: Arc<Research>) {
        let _ = self.research.set(research);
    }

    /// Statistics for researchers, if there are any.
    pub fn research(&self) -> Option<&Arc<Research>> {
        self.research.get()
    }

    /// The CapabilityStatement.
    pub fn capabilities(&self) -> Value {
        fhir::capability(&self.mapping, &self.settings.public_url)
    }

    fn fhir_url(&self) -> String {
        format!("{}/fhir", self.settings.public_url)
    }

    /// Refuses what makes no sense, whoever it is about. Nothing was decided, so nothing is logged.
    pub fn refuse(&self, asker: &Asker, refused: &Refused, target: &str) -> Answer {
        self.seal(asker, target, refused.status, refused.body.clone(), refused.fhir, None)
    }

    /// Answers. When this returns, the answer is on the log.
    pub async fn answer(&self, asker: &Asker, ask: &Ask, target: &str, interface: Interface) -> Answer {
        let request = Request { asker, ask, target, interface: &interface, started: Instant::now() };
        let read = || async { Ok::<_, Infallible>(asker.clone()) };
        match self.answer_request(request, AsOf::NOW, read).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        }
    }

    /// The same for somebody who is known by what is remembered ([`Authenticator::recognise`]). If that, or anything else that was
    /// remembered for the answer, is no longer so, nothing of it is on the log, and the answer is made anew for whom `look_up` finds then.
    pub async fn answer_as_of<F, E>(
        &self,
        (asker, as_of): (&Asker, AsOf),
        ask: &Ask,
        target: &str,
        interface: Interface,
        look_up: impl FnOnce() -> F,
    ) -> Result<Answer, E>
    where
        F: Future<Output = Result<Asker, E>>,
    {
        let request = Request { asker, ask, target, interface: &interface, started: Instant::now() };
        self.answer_request(request, as_of, look_up).await
    }

    async fn answer_request<F, E>(
        &self,
        request: Request<'_>,
        as_of: AsOf,
        look_up: impl FnOnce() -> F,
    ) -> Result<Answer, E>
    where
        F: Future<Output = Result<Asker, E>>,
    {
        let limited = self.limited(&request);
        if limited.is_none() {
            if let Ok(answer) = self.answer_on(&request, &Basis::remembering(as_of)).await {
                return Ok(answer);
            }
        }
        // Nothing leaves on the word of what is remembered alone.
        let asker = if as_of.is_now() { request.asker.clone() } else { look_up().await? };
        let request = Request { asker: &asker, ..request };
        let answer = match limited {
            Some(seconds) => return Ok(self.seal_for(&request, 429, throttled(), Some(seconds))),
            None => self.answer_on(&request, &Basis::anew()).await,
        };
        // What is read does not go stale.
        Ok(answer.unwrap_or_else(|Stale| self.seal_for(&request, 500, internal_error(), None)))
    }

    /// When to try again (s), if the account asks too often. What cannot be answered for want of a chain uses nothing up.
    fn limited(&self, request: &Request<'_>) -> Option<u64> {
        self.decider.heads().ok()?;
        self.rates.accounts.take(request.asker.account.clone(), request.started).err()
    }

    /// Makes an answer on some basis, and puts it on the log.
    async fn answer_on(&self, request: &Request<'_>, basis: &Basis) -> Result<Answer, Stale> {
        let Request { asker, ask, interface, started, .. } = *request;
        let mut outcome = self.consider(basis, asker, ask).await;
        let item = outcome.item.take();
        let (status, retry_after) = (outcome.status, outcome.retry_after);
        let entry = self.entry(asker, ask, interface, &outcome);
        let answer = self.seal_for(request, status, outcome.body, retry_after);
        let answer = match self.log.append_with(&entry, item, basis.as_of()).await {
            Ok(()) => answer,
            // Whether what was remembered still holds could not be seen either.
            Err(_) if !basis.as_of().is_now() => return Err(Stale),
            Err(_) => self.seal_for(request, 500, internal_error(), None),
        };
        self.metrics.decided(Decided::of_status(answer.status), started.elapsed().as_secs_f64());
        if answer.status == 403 {
            self.wait_for_quantum(started).await;
        }
        Ok(answer)
    }

    async fn consider(&self, basis: &Basis, asker: &Asker, ask: &Ask) -> Outcome {
        let relationship = ask.relationship();
        if let Ask::Everything { query, .. } = ask {
            return self.show_everything(basis, asker, query, ask).await;
        }
        if let Ask::Create { resource, .. } = ask {
            return self.create(basis, asker, resource, ask).await;
        }
        let question = Question {
            asker: &asker.account,
            relationship,
            purpose: asker.purpose,
            action: ask.action(),
            resource_type: ask.resource_type(),
        };
        let mut ruling = match self.decide(&question).await {
            Ok(ruling) => ruling,
            Err(unavailable) => return Outcome::unavailable(&unavailable),
        };
        if asker.patient.is_some_and(|patient| patient != relationship) {
            ruling.outcome = Err(Refusal::OtherPatient);
        }
        if asker.app.as_ref().is_some_and(|app| !limit::reaches(app, ask)) {
            ruling.outcome = Err(Refusal::Scope);
        }
        let permit = match std::mem::replace(&mut ruling.outcome, Err(Refusal::Policy(DenyReason::NoGrant))) {
            Ok(permit) => permit,
            Err(refusal) => return Outcome::denied(refusal, &ruling, ask),
        };
        match ask {
            Ask::Log { after, .. } => self.show_log(relationship, *after, permit, &ruling, ask).await,
            Ask::LogProof { number, .. } => {
                self.show_log_proof(relationship, *number, permit, &ruling, ask).await
            }
            Ask::AuditEvents { .. } | Ask::AuditEvent { .. } => {
                self.show_events(relationship, permit, &ruling, ask).await
            }
            Ask::Read { .. } | Ask::Search { .. } | Ask::Everything { .. } | Ask::Create { .. } => {
                self.show_records(basis, asker, permit, &ruling, ask).await
            }
        }
    }

    fn seal_for(&self, request: &Request<'_>, status: u16, body: Value, retry_after: Option<u64>) -> Answer {
        self.seal(request.asker, request.target, status, body, request.ask.is_fhir(), retry_after)
    }

    fn seal(
        &self,
        asker: &Asker,
        target: &str,
        status: u16,
        body: Value,
        fhir: bool,
        retry_after: Option<u64>,
    ) -> Answer {
        // Quicker than by `Display`, and the same text.
        let body = serde_json::to_string(&body).unwrap_or_else(|_| body.to_string());
        let seal = self.sealer.seal(target, &asker.account, status, body.as_bytes(), self.time.now().wall);
        Answer { status, body, fhir, retry_after, seal }
    }

    fn entry(&self, asker: &Asker, ask: &Ask, interface: &Interface, outcome: &Outcome) -> Entry {
        let action = match ask.action() {
            Action::Read => "read",
            Action::Create => "create",
            _ => "search",
        };
        let (patient, what) = (ask.relationship().to_string(), (action, ask.resource_type()));
        Entry {
            staff: outcome.staff.map(|staff| staff.to_string()),
            capacity: outcome.capacity.map(|capacity| format!("{capacity:?}").to_lowercase()),
            id: ask.id(),
            parameters: ask.parameters(),
            permitted: outcome.capacity.is_some(),
            status: outcome.status,
            reason: outcome.reason.clone(),
            grants: outcome.grants.clone(),
            records: u32::try_from(outcome.records).unwrap_or(u32::MAX),
            blocks: outcome.blocks.iter().map(|hash| format!("{hash:#x}")).collect(),
            ..self.blank_entry(asker, patient, what, interface)
        }
    }

    /// An entry about something that was permitted and is no answer about records; to be completed by who logs it.
    fn permitted_entry(
        &self,
        asker: &Asker,
        patient: String,
        capacity: &str,
        what: (&str, &str),
        interface: &Interface,
    ) -> Entry {
        Entry { capacity: Some(capacity.into()), ..self.blank_entry(asker, patient, what, interface) }
    }

    fn blank_entry(
        &self,
        asker: &Asker,
        patient: String,
        what: (&str, &str),
        interface: &Interface,
    ) -> Entry {
        let purpose = asker.purpose.to_string();
        let who = (&asker.account, purpose.as_str());
        Entry::new(self.time.now().wall, patient, who, what, self.interface_words(asker, interface))
    }

    fn interface_words(&self, asker: &Asker, interface: &Interface) -> String {
        match &asker.app {
            Some(app) => format!("{} through the app {}", interface.words(), app.client),
            None => interface.words(),
        }
    }

    /// A denial takes as long as the next multiple of the quantum, so that how much was looked at does not show.
    async fn wait_for_quantum(&self, started: Instant) {
        let quantum = self.settings.limits.denial_quantum_ms;
        if quantum == 0 {
            return;
        }
        let took = started.elapsed().as_millis() as u64;
        let until = (took / quantum + 1) * quantum;
        tokio::time::sleep_until((started + Duration::from_millis(until)).into()).await;
    }
}
