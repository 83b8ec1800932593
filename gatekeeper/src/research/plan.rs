//! A provider's plan for a year, as a file: which definitions, when, at what price.

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate};
use medrec_client::{
    chain::research::Balance,
    research::{
        choice::purpose,
        definition::{Definition, DefinitionError},
    },
};
use medrec_primitives::{
    research::{DuoPurposes, Fee, Payee, TableSpec},
    Moment, DAY_MS,
};
use serde::Deserialize;

/// What goes on chain, and the definitions that it names.
#[derive(Clone, Debug)]
pub struct Planned {
    /// From when (ms).
    pub starts: Moment,
    /// The tables.
    pub tables: Vec<TableSpec<Balance>>,
    /// The place in the list of the table that anchors carry.
    pub bounty: Option<u32>,
    /// The definitions, in the order of the tables.
    pub definitions: Vec<Definition>,
}

/// Why a plan file is refused.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A file cannot be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is not TOML of this form.
    #[error("{path}: {error}")]
    Form {
        /// Which.
        path: PathBuf,
        /// Why, with line and column.
        error: Box<toml::de::Error>,
    },
    /// A definition is none.
    #[error("{path}: {error}")]
    Definition {
        /// Which.
        path: PathBuf,
        /// Why.
        error: DefinitionError,
    },
    /// A value makes no sense.
    #[error("{key}: {reason}")]
    Value {
        /// Which key.
        key: &'static str,
        /// What would be right.
        reason: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    starts: String,
    bounty: Option<u32>,
    table: Vec<FileTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTable {
    definition: PathBuf,
    purposes: Vec<String>,
    first: String,
    length: String,
    epochs: u16,
    rho: u32,
    price: u32,
    fee: Option<FileFee>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileFee {
    /// Plancks, as text: they may not fit TOML's numbers.
    amount: String,
    payee: FilePayee,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum FilePayee {
    Provider,
    Fund,
}

fn wrong(key: &'static str, reason: &'static str) -> PlanError {
    PlanError::Value { key, reason }
}

impl Planned {
    /// Reads a plan file. Definitions are named relative to it.
    pub fn load(path: &Path) -> Result<Self, PlanError> {
        let read = |path: &Path| {
            std::fs::read_to_string(path).map_err(|error| PlanError::Read { path: path.to_owned(), error })
        };
        let file: File = toml::from_str(&read(path)?)
            .map_err(|error| PlanError::Form { path: path.to_owned(), error: Box::new(error) })?;
        if file.version != 1 {
            return Err(wrong("version", "this program reads version 1: write version = 1"));
        }
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        let (mut tables, mut definitions) = (Vec::new(), Vec::new());
        for table in &file.table {
            let path = folder.join(&table.definition);
            let definition = Definition::read(&read(&path)?)
                .map_err(|error| PlanError::Definition { path: path.clone(), error })?;
            tables.push(table.spec(&definition)?);
            definitions.push(definition);
        }
        Ok(Self { starts: moment("starts", &file.starts)?, tables, bounty: file.bounty, definitions })
    }

    /// What all answers of the plan cost together, in millionths of rho.
    pub fn rho(&self) -> u64 {
        self.tables.iter().map(TableSpec::total_rho).sum()
    }
}

impl FileTable {
    fn spec(&self, definition: &Definition) -> Result<TableSpec<Balance>, PlanError> {
        let kind = definition.kind().ok_or_else(|| wrong("definition", "it has too many cells"))?;
        let mut purposes = DuoPurposes::default();
        for name in &self.purposes {
            purposes.0 |= purpose(name)
                .ok_or_else(|| {
                    wrong(
                        "table.purposes",
                        "out of general, biomedical, disease, ancestry, methods, commercial",
                    )
                })?
                .0;
        }
        if !purposes.is_well_formed() {
            return Err(wrong("table.purposes", "at least one"));
        }
        let fee = |fee: &FileFee| {
            let amount = fee.amount.parse();
            let amount =
                amount.map_err(|_| wrong("table.fee.amount", "plancks, as text: \"1000000000000\""))?;
            let payee = match fee.payee {
                FilePayee::Provider => Payee::Provider,
                FilePayee::Fund => Payee::Fund,
            };
            Ok(Fee { amount, payee })
        };
        Ok(TableSpec {
            kind,
            definition: definition.digest(),
            purposes,
            first: moment("table.first", &self.first)?,
            length: span(&self.length)?,
            epochs: self.epochs,
            rho: self.rho,
            price: self.price,
            fee: self.fee.as_ref().map(fee).transpose()?,
        })
    }
}

/// A day, from midnight UTC on, or a time (ms).
fn moment(key: &'static str, text: &str) -> Result<Moment, PlanError> {
    let day = || Some(text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis());
    let time = || Some(DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis());
    day()
        .or_else(time)
        .and_then(|time| Moment::try_from(time).ok())
        .ok_or_else(|| wrong(key, "a day such as 2027-01-01, or a time such as 2027-01-01T00:00:00Z"))
}

/// A span (ms).
fn span(text: &str) -> Result<Moment, PlanError> {
    let words = || wrong("table.length", "a span such as 90d, 12h or 5m");
    let unit = text.chars().last().ok_or_else(words)?;
    let number = text.strip_suffix(unit).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let number: Moment = number.and_then(|digits| digits.parse().ok()).ok_or_else(words)?;
    let each = match unit {
        'd' => DAY_MS,
        'h' => DAY_MS / 24,
        'm' => 60_000,
        _ => return Err(words()),
    };
    number.checked_mul(each).filter(|length| *length > 0).ok_or_else(words)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const DEFINITION: &str =
        "version = 1\ntitle = \"Mean HbA1c\"\nresource = \"Observation\"\nkind = \"mean\"\n\
        codes = [\"http://loinc.org|4548-4\"]\nunit = \"%\"\ndecimals = 1\nlower = 40\nupper = 120\n";
    const PLAN: &str = "version = 1\nstarts = \"2027-01-01\"\nbounty = 0\n[[table]]\ndefinition = \"mean.toml\"\n\
        purposes = [\"general\", \"biomedical\"]\nfirst = \"2027-01-01\"\nlength = \"90d\"\nepochs = 4\nrho = 2500\nprice = 10\n\
        fee = { amount = \"5000000000000000000000\", payee = \"fund\" }\n";

    fn load(plan: &str) -> Result<Planned, PlanError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mean.toml"), DEFINITION).unwrap();
        let path = folder.path().join("plan.toml");
        std::fs::write(&path, plan).unwrap();
        Planned::load(&path)
    }

    #[test]
    fn plan_should_become_what_the_chain_takes() {
        let planned = load(PLAN).unwrap();
        assert_eq!((planned.starts, planned.bounty, planned.rho()), (1_798_761_600_000, Some(0), 10_000));
        let table = planned.tables[0];
        assert_eq!(table.definition, Definition::read(DEFINITION).unwrap().digest());
        assert_eq!((table.purposes, table.length), (DuoPurposes(3), 90 * DAY_MS));
        assert_eq!(table.fee.unwrap().amount, 5_000_000_000_000_000_000_000);
    }

    #[test]
    fn plan_should_be_refused_when_something_in_it_has_no_meaning() {
        for (from, to) in [
            ("version = 1", "version = 2"),
            ("\"2027-01-01\"", "\"soon\""),
            ("90d", "90"),
            ("90d", "0d"),
            ("90d", "d"),
            ("90d", "90dd"),
            ("90d", "+90d"),
            ("90d", "9e9d"),
            ("90d", "99999999999999999999d"),
            ("90d", "18446744073709551615d"),
            ("\"general\", \"biomedical\"", ""),
            ("\"general\"", "\"marketing\""),
            ("mean.toml", "median.toml"),
            ("\"fund\"", "\"patient\""),
            ("price = 10", "prize = 10"),
        ] {
            assert!(load(&PLAN.replacen(from, to, 1)).is_err(), "{from} -> {to}");
        }
    }
}
