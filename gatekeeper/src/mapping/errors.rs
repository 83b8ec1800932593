//! What is wrong with a mapping file, in words and with the line.

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Everything that is wrong with a file; at least one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingErrors {
    file: PathBuf,
    errors: Vec<MappingError>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl MappingErrors {
    pub(super) fn new(file: &Path, mut errors: Vec<MappingError>) -> Self {
        errors.sort_by_key(|error| error.line);
        errors.dedup();
        Self { file: file.to_owned(), errors }
    }

    /// The errors in the order of their lines.
    pub fn iter(&self) -> impl Iterator<Item = &MappingError> {
        self.errors.iter()
    }
}

impl fmt::Display for MappingErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}:{}: {}", self.file.display(), error.line, error.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for MappingErrors {}
