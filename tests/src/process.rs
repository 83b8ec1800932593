//! Child processes that never outlive the one that started them.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{mpsc, Arc, OnceLock},
    thread,
    time::{Duration, Instant},
};

use anyhow::{bail, Context, Result};

use crate::scratch::{tail, Scratch};

/// How long a process gets to end by itself before it is killed.
const PATIENCE: Duration = Duration::from_secs(15);

/// A running child process, with its output in a log file. Killed on drop.
///
/// Where `setpriv` of util-linux is installed (it is on every Debian), the kernel kills the child also if
/// this process ends without dropping anything, by a signal for instance.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    // Dropped after `Drop::drop` has killed the child, so that nobody writes into a folder that is gone.
    _scratch: Arc<Scratch>,
}

impl Process {
    /// Starts `command`, with nothing to read and its output appended to the log `name`.
    pub fn start(scratch: &Arc<Scratch>, name: &str, command: Command) -> Result<Self> {
        let log = scratch.log(name);
        let output = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = mortal(command);
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let child = spawn(command).with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name: name.to_owned(), child, log, _scratch: scratch.clone() })
    }

    /// The system's number for it.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it is called here.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it writes.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// What it wrote so far.
    pub fn log_text(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// An error, with the end of the log, if it has ended.
    pub fn ensure_running(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended ({status}):\n{}", self.name, tail(&self.log)),
        }
    }

    /// Stops it where it is (`SIGSTOP`), connections and all.
    pub fn pause(&self) -> Result<()> {
        self.signal("STOP")
    }

    /// Lets it go on after [`Process::pause`].
    pub fn resume(&self) -> Result<()> {
        self.signal("CONT")
    }

    /// Asks it to end (`SIGTERM`) and waits; kills it where it does not.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        if let Some(status) = self.child.try_wait()? {
            return Ok(status);
        }
        self.signal("TERM")?;
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(20));
        }
        self.kill()
    }

    /// Kills it (`SIGKILL`), as a power failure would.
    pub fn kill(&mut self) -> Result<ExitStatus> {
        // It may have ended by itself in between: then there is nothing to kill.
        let _ = self.child.kill();
        Ok(self.child.wait()?)
    }

    fn signal(&self, name: &str) -> Result<()> {
        let done = Command::new("sh")
            .arg("-c")
            .arg(format!("kill -{name} {}", self.child.id()))
            .stderr(Stdio::null())
            .status()
            .context("cannot run sh")?;
        if !done.success() {
            bail!("{} does not take signal {name}: has it ended?", self.name);
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(error) = self.kill() {
            eprintln!("cannot end {}: {error:#}", self.name);
        }
    }
}

/// Runs a command to its end and returns what it wrote, or an error with what it complained about.
pub fn run(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {name}"))?;
    if !output.status.success() {
        bail!(
            "{name} failed ({}):\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The same command, started so that the kernel kills it when its parent dies.
fn mortal(command: Command) -> Command {
    static SETPRIV: OnceLock<bool> = OnceLock::new();
    let available = *SETPRIV.get_or_init(|| {
        Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "true"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    });
    if !available {
        return command;
    }
    let mut wrapped = Command::new("setpriv");
    wrapped.args(["--pdeathsig", "KILL", "--"]).arg(command.get_program()).args(command.get_args());
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(key, value),
            None => wrapped.env_remove(key),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        wrapped.current_dir(folder);
    }
    wrapped
}

/// Spawns from a thread that lives as long as this process: for the kernel, the "parent" whose death kills the
/// child is the thread that spawned it, and a test's own thread ends with that test.
fn spawn(command: Command) -> Result<Child> {
    type Job = (Command, mpsc::Sender<std::io::Result<Child>>);
    static SPAWNER: OnceLock<mpsc::Sender<Job>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (sender, jobs) = mpsc::channel::<Job>();
        thread::spawn(move || {
            for (mut command, answer) in jobs {
                // Whoever asked may be gone; then the child goes with the dropped answer's receiver.
                let _ = answer.send(command.spawn());
            }
        });
        sender
    });
    let (answer, result) = mpsc::channel();
    spawner.clone().send((command, answer)).context("the spawning thread is gone")?;
    Ok(result.recv().context("the spawning thread is gone")??)
}
