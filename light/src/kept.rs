//! What is kept of a chain from one start to the next: nodes that answered, and, where its specification has a checkpoint, how far
//! the synchronisation came. Nothing in it is believed without proof.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context;

/// The longest that is kept or read (bytes).
pub const LONGEST: u64 = 4 * 1024 * 1024;

/// The file of one chain.
#[derive(Clone, Debug)]
pub struct Kept(PathBuf);

impl Kept {
    /// `<folder>/<name>.json`, in a folder that is made if need be.
    pub fn new(folder: &Path, name: &str) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        Ok(Self(folder.join(format!("{name}.json"))))
    }

    /// What was kept; empty if nothing was, or nothing that can be used.
    pub fn read(&self) -> String {
        match fs::metadata(&self.0) {
            Ok(file) if file.len() > LONGEST => {
                tracing::warn!(file = %self.0.display(), "longer than what is ever kept: not read");
                return String::new();
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return String::new(),
            _ => {}
        }
        fs::read_to_string(&self.0).unwrap_or_else(|error| {
            tracing::warn!(file = %self.0.display(), %error, "cannot read what was kept: starting afresh");
            String::new()
        })
    }

    /// Keeps this instead, in one step.
    pub fn write(&self, content: &str) {
        let part = self.0.with_extension("json.part");
        let written = fs::write(&part, content).and_then(|()| fs::rename(&part, &self.0));
        if let Err(error) = written {
            tracing::warn!(file = %self.0.display(), %error, "cannot keep what is known of the network");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_should_be_read_again_when_it_was_kept() {
        let folder = std::env::temp_dir().join(format!("medrec-light-kept-{}", std::process::id()));
        let kept = Kept::new(&folder.join("a"), "relay-chain").unwrap();
        assert_eq!(kept.read(), "");
        kept.write("one");
        kept.write("two");
        assert_eq!(kept.read(), "two");
        kept.write(&"x".repeat(LONGEST as usize + 1));
        assert_eq!(kept.read(), "");
        assert_eq!(fs::read_dir(folder.join("a")).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }
}
