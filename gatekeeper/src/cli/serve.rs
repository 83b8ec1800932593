//! `serve`: puts everything together and answers until stopped.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use medrec_primitives::Moment;
use sp_core::crypto::Ss58Codec;
use tokio::{
    net::TcpListener,
    signal::unix::{signal, Signal, SignalKind},
    task::JoinHandle,
};

use super::{
    identify::{identify, Identity},
    record::IN_DOUBT,
};
use crate::{
    anchor::keep_anchoring,
    chain::{
        anchorer::NodeAnchors, emergency::NodeEmergencies, events::NodeEvents, follower::Follower,
        proposer::NodeProposals, research::NodeResearch, ChainState,
    },
    clock::{SystemTimeSource, Time},
    config::{self, Config},
    decide::Tolerance,
    emergency::{snapshot::Keeper, submit::keep_submitting},
    fetch::{Database, Options},
    http::{self, door::Tls, portal::Portal},
    keys::{HandOverSecret, Secrets},
    log::{
        self,
        standing::{standing, Standing},
        AuditLog,
    },
    mapping::Mapping,
    metrics,
    notices::{deliver::webhook::keep_delivering, follow},
    pipeline::{Gatekeeper, Parts},
    research::{self, Definitions, Research},
    seal::Sealer,
    store::{continuity::Continuity, Store, StoreError},
};

/// Between attempts to find out where the gatekeeper belongs.
const PAUSE: Duration = Duration::from_secs(2);

/// How often the last finalised block is remembered.
const UPKEEP: Duration = Duration::from_secs(10);

/// How often, in upkeeps, pending enrolments are taken up and what has expired is forgotten. Not more often: a proposal that
/// fails in its block costs a fee each time.
const SELDOM: u32 = 30;

/// How often, in upkeeps, what is past retention is shredded: about once a day.
const DAILY: u32 = 8640;

/// Reads the mapping that a configuration names.
pub fn mapping(config: &Config) -> anyhow::Result<Mapping> {
    let path = &config.database.mapping;
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let before = bytes.iter().take(error.valid_up_to());
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        anyhow::anyhow!("{}:{line}: not UTF-8: save the file in this encoding", path.display())
    })?;
    Ok(Mapping::from_toml(text, path)?)
}

/// Connects to the database that a configuration names.
pub async fn database(config: &Config) -> anyhow::Result<Database> {
    let options = Options {
        timeout: Duration::from_millis(config.database.timeout_ms),
        max_connections: config.database.max_connections,
    };
    let (url, credentials) = (&config.database.url, config.database.credentials.as_deref());
    let connected = match url.starts_with("fhir+") {
        true => Database::connect_upstream(url, credentials, options).await,
        false => Database::connect(url, options).await,
    };
    // With its words alone: each cause says again what the one beneath it says.
    connected.map_err(|error| anyhow::anyhow!("cannot connect: {error}"))
}

/// What statistics are made from: the definitions, and a connection to the database with a time limit of its own.
pub async fn research_sources(
    config: &Config,
    research: &config::Research,
) -> anyhow::Result<(Definitions, Mapping, Database)> {
    let definitions = Definitions::load(&research.definitions)?;
    let options = Options { timeout: Duration::from_millis(research.timeout_ms), max_connections: 2 };
    let database = Database::connect(&config.database.url, options).await.map_err(|error| {
        anyhow::anyhow!("research: cannot connect (a FHIR server cannot be asked for statistics): {error}")
    })?;
    Ok((definitions, mapping(config)?, database))
}

/// Serves.
pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let stop = stop_signal()?;
    // From the first moment on, and also where there is no certificate: it would end the program otherwise.
    let hangups = signal(SignalKind::hangup())?;
    let secrets = Secrets::load(&config.keys)?;
    let hand_over =
        config.requests.as_ref().map(|requests| HandOverSecret::load(&requests.secret)).transpose()?;
    let tls = config.tls.clone().map(Tls::load).transpose()?.map(Arc::new);
    let mapping = mapping(&config)?;
    let database = database(&config).await?;
    let portal = config
        .portal
        .as_ref()
        .map(|portal| Portal::load(portal, &config.gatekeeper.public_url))
        .transpose()?;
    let store = Store::connect(&config.store).await?;
    let mut stop = Box::pin(stop);
    let identity = tokio::select! {
        identity = wait_for_identity(&config, &secrets, &store) => identity?,
        () = &mut stop => return Ok(ExitCode::SUCCESS),
    };
    tokio::select! {
        reached = wait_until_compared(&config, &store, identity) => reached?,
        () = &mut stop => return Ok(ExitCode::SUCCESS),
    }
    let listener = TcpListener::bind(config.gatekeeper.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.gatekeeper.listen))?;
    let metrics = match &config.metrics {
        Some(metrics) => Some(
            TcpListener::bind(metrics.listen)
                .await
                .with_context(|| format!("metrics: cannot listen on {}", metrics.listen))?,
        ),
        None => None,
    };
    let retention = config.audit.retention_years;

    let time: Arc<dyn Time> = Arc::new(SystemTimeSource);
    let marker = config.store.marker();
    continue_or_invalidate(&store, &marker, time.now().wall, config.sign_in.request_s).await?;
    let timeout = Duration::from_millis(config.chain.timeout_ms);
    let patience = Duration::from_millis(config.chain.max_finality_age_ms);
    let nodes = Arc::new(config.chain.nodes());
    let floor = store.floor().await?;
    let follower = Follower::start(nodes.clone(), identity.genesis, floor, (timeout, patience), time.clone());
    let follower = Arc::new(follower);
    let proposals = Arc::new(NodeProposals::new(nodes, identity.genesis, secrets.signing.clone()));
    let (log, writer) = AuditLog::start(store.clone());
    let statistics = match &config.research {
        Some(research) => {
            let (definitions, mapping, database) = research_sources(&config, research).await?;
            let parts = research::Parts {
                member: identity.member,
                chain: follower.clone(),
                reader: Arc::new(NodeResearch::new(proposals.clone(), identity.member)),
                time: time.clone(),
                tolerance: Tolerance {
                    max_finality_age_ms: config.chain.max_finality_age_ms,
                    max_clock_gap_ms: config.chain.max_clock_gap_ms,
                },
                store: store.clone(),
                log: log.clone(),
                sealer: Sealer::new(secrets.signing.clone(), identity.genesis, identity.member),
                sealing: secrets.sealing.clone(),
                mapping,
                database,
                definitions,
            };
            Some((Arc::new(Research::new(parts)), research.place))
        }
        None => None,
    };
    tracing::info!(
        listen = %config.gatekeeper.listen,
        url = config.gatekeeper.public_url,
        member = identity.member,
        genesis = format!("{:#x}", identity.genesis),
        account = secrets.signing.account().to_ss58check(),
        "serving"
    );
    let anchoring = config.anchors.clone();
    let node = Arc::new(NodeAnchors::new(proposals.clone(), identity.member));
    let noticing = config.notices.enabled;
    let offline = config.emergency.offline_hours > 0;
    let emergencies = Arc::new(NodeEmergencies::new(proposals.clone()));
    let mut reader = follow::Reader {
        chain: Arc::new(NodeEvents::new(proposals.clone())),
        store: store.clone(),
        member: identity.member,
        time: time.clone(),
        keeper: None,
        position: Default::default(),
    };
    let gatekeeper = Arc::new(Gatekeeper::new(Parts {
        config,
        secrets,
        hand_over,
        member: identity.member,
        chain: follower.clone(),
        proposals,
        time,
        store: store.clone(),
        log,
        mapping,
        database: database.clone(),
    }));
    // Before anything that asks whether it is on duty.
    store.take_duty().await?;
    let duty = |task: Duty| tokio::spawn(while_on_duty(store.clone(), task));
    let mut tasks = vec![
        tokio::spawn(renew(store.clone(), marker.clone())),
        tokio::spawn(keep_remembering(follower.clone(), store.clone())),
        tokio::spawn({
            let store = store.clone();
            async move { store.keep_duty().await }
        }),
    ];
    tasks.push(duty({
        let (gatekeeper, follower, store) = (gatekeeper.clone(), follower.clone(), store.clone());
        Box::new(move || Box::pin(upkeep(gatekeeper.clone(), follower.clone(), store.clone(), retention)))
    }));
    if let Some((research, place)) = statistics {
        gatekeeper.serve_research(research.clone());
        let answering = research.clone();
        tasks.push(duty(Box::new(move || Box::pin(research::follow::keep_answering(answering.clone())))));
        if place {
            tasks.push(duty(Box::new(move || Box::pin(research::place::keep_placing(research.clone())))));
        }
    }
    tasks.push(tokio::spawn(reload(hangups, tls.clone())));
    reader.keeper = offline.then(|| Keeper {
        snapshot: gatekeeper.emergencies.snapshot.clone(),
        chain: emergencies.clone(),
        store: store.clone(),
        member: identity.member,
        time: reader.time.clone(),
    });
    // What was broken before the setting changed still has to reach the chain.
    tasks.push(duty({
        let store = store.clone();
        Box::new(move || Box::pin(keep_submitting(store.clone(), emergencies.clone())))
    }));
    if noticing || offline {
        tasks.push(tokio::spawn(follow::keep_following(reader)));
    }
    if noticing {
        tasks.push(tokio::spawn(keep_delivering(gatekeeper.clone())));
    }
    if anchoring.enabled {
        let anchors = gatekeeper.anchors().clone();
        tasks.push(duty(Box::new(move || Box::pin(keep_anchoring(anchors.clone(), node.clone())))));
        let (gatekeeper, follower) = (gatekeeper.clone(), follower.clone());
        tasks.push(duty(Box::new(move || {
            Box::pin(keep_looking(gatekeeper.clone(), follower.clone(), anchoring.clone()))
        })));
    }
    let (stopped, numbers_end) = tokio::sync::oneshot::channel::<()>();
    let numbers = metrics.map(|listener| {
        // Watched to the end: an error is the sender's end, too.
        let end = async move { drop(numbers_end.await) };
        tokio::spawn(metrics::serve(listener, gatekeeper.clone(), end))
    });
    let replaced = until_replaced(store.clone(), marker.clone());
    let stop = async move {
        tokio::select! {
            () = stop => {}
            () = replaced => {}
        }
    };
    let served = http::serve(listener, tls, gatekeeper, portal, stop).await;

    drop(stopped);
    for task in tasks {
        stop_task(task).await;
    }
    if let Some(numbers) = numbers {
        // Whoever keeps a connection open must not keep the process.
        let _ = tokio::time::timeout(Duration::from_secs(1), numbers).await;
    }
    remember(&follower, &store).await;
    anyhow::ensure!(!store.is_replaced(), StoreError::Replaced);
    if let Err(error) = store.renew_marker(&marker, SystemTimeSource.now().wall).await {
        tracing::warn!(%error, "cannot renew the store's marker");
    }
    if let Err(error) = store.leave_duty().await {
        tracing::warn!(%error, "cannot leave the duty to another gatekeeper; it falls to one in some seconds");
    }
    // The writer ends when the last holder of the log is gone; a request that hangs must not keep the process.
    let _ = tokio::time::timeout(Duration::from_secs(5), writer).await;
    drop(follower);
    database.close().await;
    store.close().await;
    served.map(|()| ExitCode::SUCCESS)
}

/// Refuses a log that is behind what was anchored last. Until that can be asked, nothing is served.
async fn wait_until_compared(config: &Config, store: &Store, identity: Identity) -> anyhow::Result<()> {
    let standing = loop {
        match compare(config, store, identity).await {
            Ok(standing) => break standing,
            Err(error) if error.downcast_ref::<medrec_client::chain::ChainError>().is_none() => {
                return Err(error)
            }
            Err(error) => {
                tracing::warn!(reason = %error, "waiting for the node, to compare the log with its last anchor");
                tokio::time::sleep(PAUSE).await;
            }
        }
    };
    match standing.refusal(store.accepted_loss().await?) {
        Some(refusal) => anyhow::bail!(refusal),
        None => Ok(()),
    }
}

/// Where the log stands towards the member's last anchor.
pub async fn compare(config: &Config, store: &Store, identity: Identity) -> anyhow::Result<Standing> {
    let chain = config.chain.nodes().connect(Some(identity.genesis)).await?;
    let last = chain.finalised().await?.latest_anchor(identity.member).await?;
    Ok(standing(store, last.as_ref()).await?)
}

/// A restored back-up does not know what was used up since it was made, so everything earlier counts as used; nor which records were
/// suspended or renumbered, so nothing is shown of any, unless it cannot be older than some minutes.
pub async fn continue_or_invalidate(
    store: &Store,
    marker: &Path,
    now: Moment,
    request_s: u64,
) -> anyhow::Result<()> {
    if store.continuity(marker).await? == Continuity::Restored {
        tracing::warn!(
            marker = %marker.display(),
            "the store is a restored back-up, or its marker is gone: sessions are ended, open enrolment tickets and earlier signed \
             requests count as used"
        );
        let until = now.saturating_add(request_s.saturating_mul(1000));
        let old = store.may_be_old(marker, now).await?;
        store.invalidate(now, until, old).await?;
        // What patients took back since the back-up was made is not in it.
        store.pause_research(Some(research::RESTORED)).await?;
    }
    if store.doubted_since().await?.is_some() {
        tracing::error!("{IN_DOUBT}");
    }
    store.renew_marker(marker, now).await.with_context(|| format!("store.marker: {}", marker.display()))
}

/// Something that one gatekeeper of several does at a time, and can be stopped and begun anew anywhere.
type Duty = Box<dyn Fn() -> futures::future::BoxFuture<'static, ()> + Send + Sync>;

/// Does it while it is for this gatekeeper to do, and stops when it is not any more.
async fn while_on_duty(store: Store, work: Duty) {
    loop {
        store.on_duty().await;
        tokio::select! {
            () = work() => {}
            () = store.off_duty() => {}
        }
    }
}

/// Renews the store's marker, so that a back-up is known as one soon after it was made.
async fn renew(store: Store, marker: PathBuf) {
    let mut ticks = tokio::time::interval(UPKEEP);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if store.is_replaced() {
            continue;
        }
        if let Err(error) = store.renew_marker(&marker, SystemTimeSource.now().wall).await {
            tracing::error!(%error, "cannot renew the store's marker");
        }
    }
}

/// Waits until the store is found to be put back to an earlier state, and sees to it that the next start takes it for a restored back-up.
async fn until_replaced(store: Store, marker: PathBuf) {
    while !store.is_replaced() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    if let Err(error) = Store::distrust(&marker) {
        tracing::error!(%error, "cannot write the store's marker: remove it before the next start");
    }
    tracing::error!("{}; stopping", StoreError::Replaced);
}

async fn wait_for_identity(config: &Config, secrets: &Secrets, store: &Store) -> anyhow::Result<Identity> {
    loop {
        match identify(config, secrets, store).await {
            Ok(identity) => return Ok(identity),
            // A contradiction in what is written down does not go away by waiting.
            Err(error) if error.downcast_ref::<medrec_client::chain::ChainError>().is_none() => {
                return Err(error)
            }
            Err(error) => {
                tracing::warn!(reason = %error, "waiting for the node");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// What has to be done now and then, beside requests.
async fn upkeep(gatekeeper: Arc<Gatekeeper>, follower: Arc<Follower>, store: Store, retention: u16) {
    let mut ticks = tokio::time::interval(UPKEEP);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut changes = follower.watch();
    // Enrolments that a crash left behind are taken up as soon as there is a chain.
    while changes.borrow_and_update().heads.is_none() {
        if changes.changed().await.is_err() {
            return;
        }
    }
    for round in 0u32.. {
        ticks.tick().await;
        if round % DAILY == 0 {
            shred(&follower, &store, retention).await;
        }
        if round % SELDOM != 0 {
            continue;
        }
        if let Err(error) = gatekeeper.auth.prune().await {
            tracing::error!(%error, "cannot forget what has expired");
        }
        if let Err(error) = gatekeeper.share_links.prune().await {
            tracing::error!(%error, "cannot forget share links that have expired");
        }
        if let Err(error) = gatekeeper.prune_requests().await {
            tracing::error!(%error, "cannot forget old requests");
        }
        if let Err(error) = gatekeeper.prune_notices().await {
            tracing::error!(%error, "cannot forget old notices");
        }
        if follower.heads().is_some() {
            if let Err(error) = gatekeeper.enrolments.recover().await {
                tracing::error!(%error, "cannot take up pending enrolments");
            }
        }
    }
}

/// Keeps in the store how far the chain was relied on, for ever.
async fn keep_remembering(follower: Arc<Follower>, store: Store) {
    let mut ticks = tokio::time::interval(UPKEEP);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        remember(&follower, &store).await;
    }
}

/// Keeps in the store how far the chain was relied on.
async fn remember(follower: &Follower, store: &Store) {
    let floor = follower.watch().borrow().floor;
    if let Some(floor) = floor {
        if let Err(error) = store.set_floor(floor).await {
            tracing::error!(%error, "cannot remember the last finalised block");
        }
    }
}

/// Reads the certificate again at each `SIGHUP`.
async fn reload(mut hangups: Signal, tls: Option<Arc<Tls>>) {
    while hangups.recv().await.is_some() {
        match tls.as_ref().map(|tls| tls.reload()) {
            Some(Ok(())) => tracing::info!("the certificate was read again; new connections use it"),
            Some(Err(error)) => tracing::error!(%error, "the certificate in use stays"),
            None => tracing::info!("there is no section [tls], so nothing is read again"),
        }
    }
}

/// Destroys what is past retention. Later by the chain's clock than by the local one counts for nothing, and the other way round: a
/// clock that is wrong must not destroy anything.
async fn shred(follower: &Follower, store: &Store, retention: u16) {
    let Some(heads) = follower.heads() else { return };
    let now = SystemTimeSource.now().wall.min(heads.finalised.timestamp);
    match log::shred::shred(store, now, retention).await {
        Ok(done) if done.keys > 0 => {
            tracing::info!(done.keys, done.entries, "shredded what is past retention")
        }
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "cannot shred what is past retention"),
    }
}

/// Looks for new, changed and deleted records, again and again, as long as there is a chain to anchor them on.
async fn keep_looking(gatekeeper: Arc<Gatekeeper>, follower: Arc<Follower>, how: config::Anchors) {
    let mut ticks = tokio::time::interval(Duration::from_secs(how.look_s));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if follower.heads().is_none() {
            continue;
        }
        if let Err(error) = gatekeeper.look_at_all(how.reconcile_s.saturating_mul(1000)).await {
            tracing::error!(%error, "cannot look for changes");
        }
    }
}

async fn stop_task(task: JoinHandle<()>) {
    task.abort();
    // Its end is what is waited for, not its result.
    let _ = task.await;
}

/// Comes when the process is asked to stop.
fn stop_signal() -> anyhow::Result<impl std::future::Future<Output = ()> + Send + 'static> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
