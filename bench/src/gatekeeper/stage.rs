//! A node, a gatekeeper with an enrolled patient and a viewer who is signed in, and the other side.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{ensure, Context};
use medrec_client::{gatekeeper::Gatekeeper, KeyPair};
use medrec_policy::Purpose;
use medrec_tests::{
    ports,
    practice::{rules::Rule, Patient, World},
    process::Process,
    wire,
};

use super::load::Target;

/// The core of what is measured.
const SERVER: &str = "0";
/// The core of everything else.
const LOAD: &str = "1";

/// All of it, running.
pub struct Stage {
    /// Node and gatekeeper.
    pub world: World,
    /// Whose records are read.
    pub patient: Patient,
    /// Who reads them.
    pub viewer: KeyPair,
    bare: Process,
    bare_address: String,
}

impl Stage {
    /// Starts everything, with a block each so many milliseconds.
    pub async fn new(block_ms: u64) -> anyhow::Result<Self> {
        let cores = std::thread::available_parallelism()?.get();
        ensure!(cores > 1, "two cores are needed, one for the server and one for the load");
        let settings = [
            ("limits", "per_address_per_minute", "100000000"),
            ("limits", "per_account_per_minute", "100000000"),
            ("sign_in", "session_s", "86400"),
            ("sign_in", "sessions_per_account", "1000"),
        ];
        let mut world = World::start_at_pace("bench", &['a'], &settings, block_ms).await?;
        let patient = world.admit_patient('a').await?;
        let viewer = world.key("viewer");
        world.rule(&patient, &Rule::allow(&viewer, TERMS)).await?;

        let port = ports::free_port()?;
        let bare_address = format!("127.0.0.1:{port}");
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["bare", "--listen", &bare_address, "--database"])
            .arg(world.scratch.join("practice-a.sqlite"));
        command.arg("--store").arg(world.scratch.join("bare.sqlite"));
        let bare = Process::start(&world.scratch, "bare", command)?;
        world.practice_mut('a').gatekeeper.wait_until_ready().await?;
        let mut stage = Self { world, patient, viewer, bare, bare_address };
        stage.wait_for_bare().await?;
        stage.pin()?;
        Ok(stage)
    }

    /// Puts each process onto its core; to be repeated where one was started anew.
    pub fn pin(&mut self) -> anyhow::Result<()> {
        pin(self.world.practice_mut('a').gatekeeper.process()?.id(), SERVER)?;
        pin(self.bare.id(), SERVER)?;
        pin(self.world.node.process().id(), LOAD)?;
        pin(std::process::id(), LOAD)
    }

    /// The read as the gatekeeper is asked for it, by a viewer who signs in for it now.
    pub async fn through_gatekeeper(&self, viewer: &KeyPair) -> anyhow::Result<Target> {
        let member = self.patient.relationship.member;
        let state = self.world.chain.finalised().await?;
        let client = Gatekeeper::of_member(&state, self.world.chain.genesis(), member).await?;
        let open = client.sign_in(viewer, Purpose::Treatment, None).await?;
        let target = format!("/fhir/Observation?patient={}", self.patient.relationship);
        let authorization = format!("Bearer {}", open.session.token);
        Ok(Target::new(&self.world.practice('a').gatekeeper.address(), &target, &authorization))
    }

    /// The same rows, as the other side is asked for them.
    pub fn through_bare(&self) -> Target {
        let target = format!("/rows?record={}", self.patient.person.file_no);
        Target::new(&self.bare_address, &target, "Bearer none")
    }

    async fn wait_for_bare(&mut self) -> anyhow::Result<()> {
        for _ in 0..200 {
            self.bare.ensure_running()?;
            if wire::get(&self.bare_address, "/rows?record=none")
                .await
                .is_ok_and(|answer| answer.status == 200)
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("the other side does not answer at {}", self.bare_address)
    }
}

/// What is granted: laboratory results, three elements, for treatment.
pub const TERMS: &str =
    "patient/Observation.rs?category=laboratory&_elements=code,effectiveDateTime,valueQuantity;purpose=TREAT";

fn pin(process: u32, core: &str) -> anyhow::Result<()> {
    let done = Command::new("taskset")
        .args(["-a", "-c", "-p", core, &process.to_string()])
        .stdout(Stdio::null())
        .status()
        .context("cannot run taskset: install Debian's util-linux")?;
    ensure!(done.success(), "taskset does not take process {process}");
    Ok(())
}
