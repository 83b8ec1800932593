//! `check`: looks at everything that has to be in order, and says of each thing whether it is.

use std::{
    fmt::Display, os::unix::fs::PermissionsExt, path::Path, process::ExitCode, sync::Arc, time::Duration,
};

use medrec_client::Chain;
use medrec_primitives::{Member, MemberStatus};
use rustls::pki_types::UnixTime;

use super::{
    identify::{identify, Identity},
    record, serve, WithConfig,
};
use crate::{
    chain::{follower::Follower, ChainState, Hash, Heads},
    clock::{SystemTimeSource, Time},
    config::{self, Config},
    decide::clock::clock,
    fetch::Database,
    http::{
        door::{objection, Tls},
        portal::Portal,
    },
    keys::{HandOverSecret, Secrets},
    log::verify::verify,
    mapping::{Mapping, Severity},
    research::{compile::compile, Definitions},
    store::Store,
};

/// How long to wait for finality to move.
const PATIENCE: Duration = Duration::from_secs(60);

/// So long before it expires a certificate is to be renewed.
const RENEWAL: Duration = Duration::from_secs(14 * 86_400);

/// Clocks of machines that are looked after are never further apart.
const WIDEST_GAP: Duration = Duration::from_secs(300);

/// What a gatekeeper that follows a light client has to do without.
const LIGHT: &str = "it decides, enrols, anchors and submits by it; notices of more than some minutes ago, statistics whose snapshot is as old, \
                     and requests that a node hands over need a full node";

/// Collects what is and what is not in order.
#[derive(Default)]
struct Report {
    failed: bool,
}

impl Report {
    fn ok(&self, what: impl Display) {
        println!("ok    {what}");
    }

    fn note(&self, what: impl Display) {
        println!("note  {what}");
    }

    fn fail(&mut self, what: impl Display) {
        self.failed = true;
        println!("FAIL  {what}");
    }

    /// What a step gives, or a line on why it gives nothing.
    fn take<T, E: Display>(&mut self, what: &str, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => {
                self.ok(what);
                Some(value)
            }
            Err(error) => {
                self.fail(format!("{what}: {error:#}"));
                None
            }
        }
    }

    fn expect(&mut self, right: bool, what: &str, otherwise: impl Display) {
        if right {
            self.ok(what);
        } else {
            self.fail(format!("{what}: {otherwise}"));
        }
    }
}

/// Does it. Ends with status 1 if anything is not in order.
pub async fn run(file: &WithConfig) -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    let Some(config) = report.take("configuration", file.load()) else { return Ok(ExitCode::FAILURE) };
    private(&mut report, &file.config, &config);
    let gap = Duration::from_millis(config.chain.max_clock_gap_ms);
    if gap > WIDEST_GAP {
        report.note(format!(
            "chain.max_clock_gap_ms lets clocks differ by {} s, and blocks that a node catches up with count although they are as old: for \
             development chains, whose time is another; write 30000 where there are patients",
            gap.as_secs()
        ));
    }
    let secrets = report.take("keys", Secrets::load(&config.keys));
    if let Some(requests) = &config.requests {
        report.take("secret of the node that hands requests over", HandOverSecret::load(&requests.secret));
    }
    if let Some(portal) = &config.portal {
        report.take("portal", Portal::load(portal, &config.gatekeeper.public_url));
    }
    let store = report.take("store", Store::connect(&config.store).await);
    if let Some(store) = &store {
        report.take("log", verify(store, None, SystemTimeSource.now().wall).await);
        match store.doubted_since().await {
            Ok(since) => report.expect(since.is_none(), "records are shown", record::IN_DOUBT),
            Err(error) => report.fail(error),
        }
    }
    if let Some(files) = &config.tls {
        if report.take("TLS certificate and key", Tls::load(files.clone())).is_some() {
            certificate(&mut report, &config, files);
        }
    }
    let mapping = report.take("mapping", serve::mapping(&config));
    let database = report.take("database", serve::database(&config).await);
    if let (Some(mapping), Some(database)) = (&mapping, &database) {
        fits(&mut report, mapping, database).await;
    }
    if let (Some(research), Some(mapping)) = (&config.research, &mapping) {
        let definitions =
            report.take("definitions of planned tables", Definitions::load(&research.definitions));
        for definition in definitions.iter().flat_map(Definitions::all) {
            report.take(&format!("\"{}\" can be answered", definition.title()), compile(mapping, definition));
        }
    }
    if let (Some(secrets), Some(store)) = (&secrets, &store) {
        let identity = report.take("chain and member", identify(&config, secrets, store).await);
        if let Some(identity) = identity {
            match (serve::compare(&config, store, identity).await, store.accepted_loss().await) {
                (Ok(standing), Ok(accepted)) => report.expect(
                    standing.refusal(accepted).is_none(),
                    "the log reaches its last anchor",
                    standing.refusal(accepted).unwrap_or_default(),
                ),
                (Err(error), _) => report.fail(format!("the log's last anchor: {error:#}")),
                (_, Err(error)) => report.fail(error),
            }
            on_chain(&mut report, &config, secrets, store, identity).await;
        }
    }
    println!();
    println!("{}", if report.failed { "Not everything is in order." } else { "Everything is in order." });
    Ok(if report.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Whether the configuration is its owner's alone, if there is a password in it.
fn private(report: &mut Report, path: &Path, config: &Config) {
    let url = &config.database.url;
    let authority =
        url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?']).next()).unwrap_or_default();
    let named = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    let password = named || url.contains("password=");
    let open = std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0);
    if password && open {
        report.fail(format!(
            "{} holds the database's password and can be read by others than its owner: run `chmod 600` on it",
            path.display()
        ));
    }
}

/// Whether clients take the certificate, now and in some days. That of a gatekeeper behind a proxy is for the proxy to judge.
fn certificate(report: &mut Report, config: &Config, files: &config::Tls) {
    let now = UnixTime::now();
    let soon = UnixTime::since_unix_epoch(Duration::from_secs(now.as_secs()) + RENEWAL);
    let domain = config.gatekeeper.domain();
    // The colons of an IPv6 address stand in brackets.
    let host =
        domain.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map_or(domain, |(host, _)| host);
    match (objection(files, host, now), objection(files, host, soon)) {
        (Err(error), _) | (_, Err(error)) => report.fail(error),
        (Ok(Some(error)), _) if config.gatekeeper.behind_proxy => {
            report.note(format!(
                "clients of {host} would not take the TLS certificate, so the proxy must: {error}"
            ));
        }
        (Ok(Some(error)), _) => {
            report.fail(format!("clients of {host} will not take the TLS certificate: {error}"))
        }
        (_, Ok(Some(error))) => {
            report.note(format!(
                "renew the TLS certificate: in {} days it will not be taken any more: {error}",
                RENEWAL.as_secs() / 86_400
            ));
        }
        (Ok(None), Ok(None)) => report.ok(format!("the TLS certificate is one for {host}")),
    }
}

async fn fits(report: &mut Report, mapping: &Mapping, database: &Database) {
    let findings = mapping.check(database).await;
    for finding in &findings {
        match finding.severity {
            Severity::Error => report.fail(finding),
            Severity::Note => report.note(finding),
        }
    }
    if findings.iter().all(|finding| finding.severity == Severity::Note) {
        report.ok("the mapping fits the database");
    }
}

async fn on_chain(
    report: &mut Report,
    config: &Config,
    secrets: &Secrets,
    store: &Store,
    identity: Identity,
) {
    let floor = match store.floor().await {
        Ok(floor) => floor,
        Err(error) => return report.fail(error),
    };
    let time = Arc::new(SystemTimeSource);
    let timeout = Duration::from_millis(config.chain.timeout_ms);
    let patience = Duration::from_millis(config.chain.max_finality_age_ms);
    nodes(report, config, identity).await;
    let nodes = Arc::new(config.chain.nodes());
    let follower = Follower::start(nodes, identity.genesis, floor, (timeout, patience), time.clone());
    let Some(heads) = wait(&follower).await else {
        let problem = follower.watch().borrow().problem.clone();
        return report.fail(format!("finality does not move: {}", problem.unwrap_or_default()));
    };
    report.ok(format!("finality moves: block {}", heads.finalised.number));
    let gap = clock(heads.all(), &time.now(), config.chain.max_clock_gap_ms);
    report.take("chain time and local clock", gap);
    match follower.member(heads.finalised.hash, identity.member).await {
        Ok(Some(member)) => {
            registered(report, config, secrets, &member);
            sealing(report, &follower, heads.finalised.hash, secrets, identity).await;
        }
        Ok(None) => report.fail(format!("there is no member {} on this chain", identity.member)),
        Err(error) => report.fail(error),
    }
}

/// Whether each of the nodes answers, and what it is.
async fn nodes(report: &mut Report, config: &Config, identity: Identity) {
    for url in config.chain.nodes().urls() {
        let asked = async {
            let chain = Chain::connect_unencrypted(url).await?;
            chain.expect_genesis(identity.genesis)?;
            chain.is_light().await
        };
        match asked.await {
            Ok(false) => report.ok(format!("a full node answers at {url}")),
            Ok(true) => report.note(format!("a light client answers at {url}: {LIGHT}")),
            Err(error) => report.fail(format!("the node at {url}: {error}")),
        }
    }
}

async fn wait(follower: &Follower) -> Option<Arc<Heads>> {
    let mut view = follower.watch();
    let seen = async {
        loop {
            let heads = view.borrow_and_update().heads.clone();
            if heads.is_some() || view.changed().await.is_err() {
                return heads;
            }
        }
    };
    tokio::time::timeout(PATIENCE, seen).await.ok().flatten()
}

fn registered(report: &mut Report, config: &Config, secrets: &Secrets, member: &Member) {
    let status = format!("the member is {:?}; only active members' gatekeepers answer", member.status);
    report.expect(member.status == MemberStatus::Active, "the member is active", status);
    let same = member.gatekeeper == secrets.signing.account();
    report.expect(
        same,
        "the signing key is the one on chain",
        "rotate it on chain, or use the key that is registered",
    );
    let url = String::from_utf8_lossy(&member.url);
    let otherwise = format!("the chain says {url}, the configuration {}", config.gatekeeper.public_url);
    report.expect(
        url == config.gatekeeper.public_url.as_str(),
        "the public address is the one on chain",
        otherwise,
    );
}

async fn sealing(report: &mut Report, follower: &Follower, at: Hash, secrets: &Secrets, identity: Identity) {
    let keys = match follower.sealing_keys(at, identity.member).await {
        Ok(keys) => keys,
        Err(error) => return report.fail(error),
    };
    for (id, key) in keys {
        let held = secrets.sealing.get(usize::from(id)).is_some_and(|secret| secret.public() == key.public);
        let otherwise = "keys.sealing must list the secrets in the order of their numbers on chain; what was sealed to a \
                         missing one cannot be opened";
        report.expect(held, &format!("sealing key {id} is held"), otherwise);
    }
}
