//! A database server of a test's own.

use std::{
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use sqlx::{Connection, PgConnection};

/// A running server; it is stopped and its folder removed when this goes.
pub struct Server {
    command: Command,
    child: Child,
    stop_signal: &'static str,
    pub folder: tempfile::TempDir,
}

/// The account a server runs under: servers refuse root.
#[derive(Clone, Copy)]
pub struct User {
    uid: u32,
    gid: u32,
}

impl User {
    /// The system's account of that name if the test runs as root, else the one that runs the test.
    pub fn of(name: &str, package: &str) -> Option<Self> {
        let id = |args: &[&str]| -> Option<u32> {
            let output = Command::new("id").args(args).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().parse().ok()
        };
        if id(&["-u"]) != Some(0) {
            return None;
        }
        let missing = || {
            panic!("there is no user `{name}`: install the Debian package `{package}` (scripts/setup does)")
        };
        Some(Self {
            uid: id(&["-u", name]).unwrap_or_else(missing),
            gid: id(&["-g", name]).unwrap_or_else(missing),
        })
    }
}

pub fn command(program: &Path, user: Option<User>) -> Command {
    let mut command = Command::new(program);
    if let Some(User { uid, gid }) = user {
        command.uid(uid).gid(gid);
    }
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

pub fn folder(user: Option<User>) -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("medrec").tempdir_in("/tmp").unwrap();
    if let Some(User { uid, gid }) = user {
        chown(folder.path(), Some(uid), Some(gid)).unwrap();
    }
    folder
}

/// Runs something that prepares a server's folder; what it said if it failed.
pub fn prepare(command: &mut Command) -> Result<(), String> {
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}: {}", output.status, String::from_utf8_lossy(&said)))
}

/// A program, wherever Debian puts it.
pub fn program(name: &str, folders: &[&str], package: &str) -> PathBuf {
    let found = folders.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.exists());
    found.unwrap_or_else(|| {
        panic!("there is no `{name}`: install the Debian package `{package}` (scripts/setup does)")
    })
}

impl Server {
    /// Starts a server and waits until it answers.
    pub async fn start(
        mut command: Command,
        folder: tempfile::TempDir,
        stop_signal: &'static str,
        ready: impl AsyncFn(&Path) -> bool,
    ) -> Self {
        let child = command.spawn().unwrap();
        let server = Self { command, child, stop_signal, folder };
        server.wait(ready).await;
        server
    }

    async fn wait(&self, ready: impl AsyncFn(&Path) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !ready(self.folder.path()).await {
            assert!(Instant::now() < deadline, "the server does not answer");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Stops the server and leaves its folder as it is.
    pub fn stop(&mut self) {
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args([self.stop_signal, &pid]).status();
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts a stopped server on the same data.
    pub async fn start_again(&mut self, ready: impl AsyncFn(&Path) -> bool) {
        self.child = self.command.spawn().unwrap();
        self.wait(ready).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            self.stop();
        }
    }
}

/// A PostgreSQL on a socket, with a superuser `hospital` and these settings.
pub async fn postgres(settings: &[&str]) -> Server {
    const FOLDERS: &[&str] =
        &["/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/15/bin"];
    let user = User::of("postgres", "postgresql");
    let folder = folder(user);
    let data = folder.path().join("data");
    let mut init = command(&program("initdb", FOLDERS, "postgresql"), user);
    init.args(["--auth=trust", "--username=hospital", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
    init.arg("-D").arg(&data);
    prepare(&mut init).unwrap();
    let mut run = command(&program("postgres", FOLDERS, "postgresql"), user);
    run.arg("-D").arg(&data).arg("-k").arg(folder.path()).args(["-c", "listen_addresses="]).args(settings);
    Server::start(run, folder, "-INT", postgres_ready).await
}

/// The address of a database of the PostgreSQL in this folder.
pub fn postgres_address(folder: &Path, user: &str, database: &str) -> String {
    format!("postgresql:///{database}?host={}&user={user}", folder.display())
}

/// Whether the PostgreSQL in this folder answers.
pub async fn postgres_ready(folder: &Path) -> bool {
    PgConnection::connect(&postgres_address(folder, "hospital", "postgres")).await.is_ok()
}
