//! HAProxy in front of two gatekeepers, with `packaging/haproxy.cfg`: only names of files, addresses and ports are a test's own.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use anyhow::{ensure, Context, Result};

use crate::{
    checkout, ports,
    practice::{ask::Signed, eventually},
    process::{run, Process},
    scratch::Scratch,
    wire::{self, RawAnswer},
};

/// How long an answer may take, in seconds.
const PATIENCE: &str = "30";

/// A running HAProxy, asked over TLS by curl.
pub struct HaProxy {
    process: Process,
    port: u16,
    /// The certificate that clients are to believe.
    certificate: PathBuf,
    /// Where it answers about itself.
    socket: PathBuf,
}

/// What HAProxy says of one of the gatekeepers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Whether it is asked.
    pub up: bool,
    /// How many requests it was given.
    pub requests: u64,
}

/// Makes a key and a certificate for 127.0.0.1 that believes in nobody but itself: `<name>.key` and `<name>.pem`.
pub fn certify(folder: &Path, name: &str) -> Result<()> {
    let (key, certificate) = (folder.join(format!("{name}.key")), folder.join(format!("{name}.pem")));
    run(Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "30",
        ])
        .args(["-subj", &format!("/CN={name}"), "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(certificate))?;
    Ok(fs::set_permissions(key, fs::Permissions::from_mode(0o600))?)
}

impl HaProxy {
    /// Starts it before two gatekeepers: their addresses, and the certificates that they show.
    pub fn start(scratch: &Arc<Scratch>, gatekeepers: [(String, PathBuf); 2]) -> Result<Self> {
        let folder = scratch.folder("haproxy")?;
        certify(&folder, "name")?;
        let read = |path: PathBuf| {
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        let certificate = folder.join("name.pem");
        // Both in one file, as HAProxy wants it.
        let (own, key) = (read(certificate.clone())?, read(folder.join("name.key"))?);
        fs::write(folder.join("both.pem"), own + &key)?;
        let [(first, certificate_a), (second, certificate_b)] = gatekeepers;
        fs::write(folder.join("gatekeepers.pem"), read(certificate_a)? + &read(certificate_b)?)?;
        let port = ports::free_port()?;
        let mut config = read(checkout().join("packaging/haproxy.cfg"))?;
        let shown = |file: &str| folder.join(file).display().to_string();
        for (packaged, ours, times) in [
            (":443 ", format!("127.0.0.1:{port} "), 1),
            ("/etc/haproxy/gatekeeper.hospital.example.pem", shown("both.pem"), 1),
            ("/etc/haproxy/gatekeepers.pem", shown("gatekeepers.pem"), 2),
            ("10.0.0.11:8443", first, 1),
            ("10.0.0.12:8443", second, 1),
        ] {
            ensure!(config.matches(packaged).count() == times, "`{packaged}` in packaging/haproxy.cfg");
            config = config.replace(packaged, &ours);
        }
        let (path, socket) = (folder.join("haproxy.cfg"), folder.join("socket"));
        fs::write(&path, config)?;
        let beside = folder.join("socket.cfg");
        fs::write(&beside, format!("global\n    stats socket {} mode 600\n", socket.display()))?;
        let mut command = Command::new("/usr/sbin/haproxy");
        command.arg("-db").arg("-f").arg(&beside).arg("-f").arg(&path);
        let process =
            Process::start(scratch, "haproxy", command).context("haproxy is missing: run scripts/setup")?;
        Ok(Self { process, port, certificate, socket })
    }

    /// What it says of the gatekeepers: `a`, `b`.
    pub fn servers(&self) -> Result<[Server; 2]> {
        let mut stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"show stat\n")?;
        let mut said = String::new();
        stream.read_to_string(&mut said)?;
        let mut lines = said.lines();
        let head: Vec<&str> = lines.next().unwrap_or_default().trim_start_matches("# ").split(',').collect();
        let rows: Vec<BTreeMap<&str, &str>> =
            lines.map(|line| head.iter().copied().zip(line.split(',')).collect()).collect();
        let server = |name: &str| -> Result<Server> {
            let row = rows.iter().find(|row| row.get("svname") == Some(&name)).context("no such server")?;
            let value = |column: &str| row.get(column).copied().with_context(|| format!("no {column}"));
            Ok(Server { up: value("status")?.starts_with("UP"), requests: value("stot")?.parse()? })
        };
        Ok([server("a")?, server("b")?])
    }

    /// Waits until it asks exactly these.
    pub async fn until_up(&self, up: [bool; 2]) -> Result<()> {
        eventually(&format!("HAProxy asks {up:?}"), || async {
            Ok(match self.servers() {
                Ok([a, b]) if [a.up, b.up] == up => Ok(()),
                found => Err(format!("{found:?}")),
            })
        })
        .await
        .with_context(|| self.process.log_text())
    }

    /// Sends a request to the common name; the answer comes from one of the two, or from HAProxy.
    pub async fn send(&self, signed: &Signed) -> Result<RawAnswer> {
        let mut command = self.curl(signed);
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        ensure!(output.status.success(), "curl: {}", String::from_utf8_lossy(&output.stderr));
        wire::read(&output.stdout)
    }

    /// Sends a request whose answer has no end, and writes what comes to the log `name`.
    pub fn listen(&self, scratch: &Arc<Scratch>, name: &str, signed: &Signed) -> Result<Process> {
        Process::start(scratch, name, self.curl(signed))
    }

    fn curl(&self, signed: &Signed) -> Command {
        let mut command = Command::new("curl");
        command
            .args(["--silent", "--show-error", "--include", "--no-buffer", "--max-time", PATIENCE])
            .args(["--noproxy", "*", "--request", &signed.method, "--cacert"])
            .arg(&self.certificate);
        for (name, value) in &signed.headers {
            command.args(["--header", &format!("{name}: {value}")]);
        }
        if !signed.body.is_empty() {
            command.arg("--data-binary").arg(String::from_utf8_lossy(&signed.body).into_owned());
        }
        command.arg(format!("https://127.0.0.1:{}{}", self.port, signed.target));
        command
    }
}
