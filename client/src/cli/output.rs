//! What commands say.

use std::{io::Write, process::ExitCode};

use serde_json::{json, Value};

/// What a command says: to people, or to programs.
#[derive(Debug, Default)]
pub struct Output {
    lines: Vec<String>,
    notes: Vec<String>,
    json: Value,
}

impl Output {
    /// For programs, this value; for people, the lines that are added.
    pub fn new(json: Value) -> Self {
        Self { json, ..Self::default() }
    }

    /// What several commands say, one after the other; a list for programs.
    pub fn all(outputs: Vec<Self>) -> Self {
        let mut all = Self::default();
        let mut json = Vec::new();
        for output in outputs {
            all.lines.extend(output.lines);
            all.notes.extend(output.notes);
            json.push(output.json);
        }
        Self { json: Value::Array(json), ..all }
    }

    /// Adds a line for people.
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// Adds lines for people.
    pub fn lines(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.lines.extend(lines);
        self
    }

    /// Adds a remark for people beside the output itself: it goes to standard error.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Prints it.
    pub fn print(&self, as_json: bool) -> ExitCode {
        let text = if as_json { pretty(&self.json) } else { self.lines.join("\n") };
        if !as_json {
            self.notes.iter().for_each(|note| eprintln!("{note}"));
        }
        // A reader that has seen enough, such as head, is no failure.
        match writeln!(std::io::stdout().lock(), "{text}") {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
            _ => ExitCode::SUCCESS,
        }
    }

    /// Prints why there is none.
    pub fn print_error(error: &anyhow::Error, as_json: bool) {
        if as_json {
            let _ =
                writeln!(std::io::stdout().lock(), "{}", pretty(&json!({ "error": format!("{error:#}") })));
        } else {
            eprintln!("medrec: {error:#}");
        }
    }
}

/// JSON as people read it.
pub fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// A stranger's text, fit for a terminal.
pub fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// A time as people read it.
pub fn time(moment: u64) -> String {
    let time = i64::try_from(moment).ok().and_then(chrono::DateTime::from_timestamp_millis);
    time.map_or_else(|| format!("{moment} ms"), |time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}
