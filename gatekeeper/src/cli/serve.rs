//! `serve`: puts everything together and answers until stopped.

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context;
use sp_core::crypto::Ss58Codec;
use tokio::{net::TcpListener, task::JoinHandle};

use super::{
    identify::{identify, Identity},
    WithConfig,
};
use crate::{
    chain::{follower::Follower, proposer::NodeProposals, ChainState},
    clock::{SystemTimeSource, Time},
    config::Config,
    fetch::{Database, Options},
    http,
    keys::{HandOverSecret, Secrets},
    log::AuditLog,
    mapping::Mapping,
    pipeline::{Gatekeeper, Parts},
    store::Store,
};

/// Between attempts to find out where the gatekeeper belongs.
const PAUSE: Duration = Duration::from_secs(2);

/// How often the last finalised block is remembered.
const UPKEEP: Duration = Duration::from_secs(10);

/// How often, in upkeeps, pending enrolments are taken up and what has expired is forgotten. Not more often: a proposal that
/// fails in its block costs a fee each time.
const SELDOM: u32 = 30;

/// Reads the mapping that a configuration names.
pub fn mapping(config: &Config) -> anyhow::Result<Mapping> {
    let path = &config.database.mapping;
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Mapping::from_toml(&text, path)?)
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
    connected.context("cannot connect to the database")
}

/// Serves.
pub async fn run(file: &WithConfig) -> anyhow::Result<ExitCode> {
    let stop = stop_signal()?;
    let config = file.load()?;
    let secrets = Secrets::load(&config.keys)?;
    let hand_over =
        config.requests.as_ref().map(|requests| HandOverSecret::load(&requests.secret)).transpose()?;
    let mapping = mapping(&config)?;
    let database = database(&config).await?;
    let store = Store::open(&config.store.path).await?;
    let mut stop = Box::pin(stop);
    let identity = tokio::select! {
        identity = wait_for_identity(&config, &secrets, &store) => identity?,
        () = &mut stop => return Ok(ExitCode::SUCCESS),
    };
    let listener = TcpListener::bind(config.gatekeeper.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.gatekeeper.listen))?;

    let time: Arc<dyn Time> = Arc::new(SystemTimeSource);
    let timeout = Duration::from_millis(config.chain.timeout_ms);
    let url = config.chain.url.clone();
    let floor = store.floor().await?;
    let follower = Arc::new(Follower::start(url.clone(), identity.genesis, floor, timeout, time.clone()));
    let proposals = Arc::new(NodeProposals::new(url, identity.genesis, secrets.signing.clone()));
    let (log, writer) = AuditLog::start(store.clone());
    tracing::info!(
        listen = %config.gatekeeper.listen,
        url = config.gatekeeper.public_url,
        member = identity.member,
        genesis = format!("{:#x}", identity.genesis),
        account = secrets.signing.account().to_ss58check(),
        "serving"
    );
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
    let upkeep = tokio::spawn(upkeep(gatekeeper.clone(), follower.clone(), store.clone()));
    let served = http::serve(listener, gatekeeper, stop).await;

    stop_upkeep(upkeep).await;
    remember(&follower, &store).await;
    // The writer ends when the last holder of the log is gone; a request that hangs must not keep the process.
    let _ = tokio::time::timeout(Duration::from_secs(5), writer).await;
    drop(follower);
    database.close().await;
    store.close().await;
    served.map(|()| ExitCode::SUCCESS)
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
async fn upkeep(gatekeeper: Arc<Gatekeeper>, follower: Arc<Follower>, store: Store) {
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
        remember(&follower, &store).await;
        if round % SELDOM != 0 {
            continue;
        }
        if let Err(error) = gatekeeper.auth.prune().await {
            tracing::error!(%error, "cannot forget what has expired");
        }
        if let Err(error) = gatekeeper.prune_requests().await {
            tracing::error!(%error, "cannot forget old requests");
        }
        if follower.heads().is_some() {
            if let Err(error) = gatekeeper.enrolments.recover().await {
                tracing::error!(%error, "cannot take up pending enrolments");
            }
        }
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

async fn stop_upkeep(upkeep: JoinHandle<()>) {
    upkeep.abort();
    // Its end is what is waited for, not its result.
    let _ = upkeep.await;
}

/// Comes when the process is asked to stop.
fn stop_signal() -> anyhow::Result<impl std::future::Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{signal, SignalKind};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
