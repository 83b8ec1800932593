//! Temporary folders, gone after a success and kept after a failure.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Mutex,
    },
};

use anyhow::{Context, Result};
use tempfile::TempDir;

/// How many lines of each log are shown after a failure.
const TAIL_LINES: usize = 25;

/// A temporary folder for one network of processes: their databases, configurations and logs.
///
/// It is removed on drop, unless the thread that drops it is panicking, [`Scratch::keep`] was called, or
/// `MEDREC_KEEP=1` is set: then its path and the ends of the logs in it are printed.
pub struct Scratch {
    folder: Mutex<Option<TempDir>>,
    path: PathBuf,
    keep: AtomicBool,
}

impl Scratch {
    /// A new folder, with `name` in its name.
    pub fn new(name: &str) -> Result<Arc<Self>> {
        let folder = tempfile::Builder::new()
            .prefix(&format!("medrec-{name}-"))
            .tempdir()
            .context("cannot make a temporary folder")?;
        let path = folder.path().to_path_buf();
        fs::create_dir(path.join("logs"))?;
        let keep = AtomicBool::new(std::env::var_os("MEDREC_KEEP").is_some());
        Ok(Arc::new(Self { folder: Mutex::new(Some(folder)), path, keep }))
    }

    /// This folder, which stays where it is.
    pub fn at(folder: &Path) -> Result<Arc<Self>> {
        fs::create_dir_all(folder.join("logs"))
            .with_context(|| format!("cannot make {}", folder.display()))?;
        let path = folder.canonicalize()?;
        Ok(Arc::new(Self { folder: Mutex::new(None), path, keep: AtomicBool::new(true) }))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path in the folder.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// A folder in the folder, made if it is not there.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.join(name);
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(path)
    }

    /// Where the process `name` writes its log.
    pub fn log(&self, name: &str) -> PathBuf {
        self.path.join("logs").join(format!("{name}.log"))
    }

    /// Keeps the folder, whatever happens.
    pub fn keep(&self) {
        self.keep.store(true, Ordering::Relaxed);
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let folder = self.folder.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
        if !(std::thread::panicking() || self.keep.load(Ordering::Relaxed)) {
            return;
        }
        if let Some(folder) = folder {
            let path = folder.keep();
            let mut logs: Vec<_> = fs::read_dir(path.join("logs"))
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path())
                .collect();
            logs.sort();
            for log in logs {
                eprintln!("--- the end of {}", log.display());
                eprintln!("{}", tail(&log));
            }
            eprintln!("--- kept: {}", path.display());
        }
    }
}

/// The last lines of a log.
pub fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}
