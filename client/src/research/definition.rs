//! What a planned table counts or sums, in words of FHIR and of public code systems: no provider's tables or columns. So two
//! providers can plan the same table, and their answers can be added.
//!
//! A definition is a TOML text. The chain has its BLAKE2b-256 digest, so a definition never changes; `docs/research.md` says what
//! each key means.

use medrec_primitives::research::{TableKind, MAX_CELLS};
use serde::Deserialize;
use sp_crypto_hashing::blake2_256;

/// The most decimals that a value's unit is divided by.
const MAX_DECIMALS: u32 = 9;

/// The longest definition (bytes).
pub const MAX_BYTES: usize = 256 * 1024;

/// The most codes of one definition.
const MAX_CODES: usize = 2_000;

/// A definition, read and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    text: String,
    title: String,
    resource: String,
    rows: Rows,
    labels: Vec<String>,
    what: What,
}

/// Which rows count, by their date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rows {
    /// Those dated within the epoch.
    #[default]
    InEpoch,
    /// Those dated before the epoch's end.
    SoFar,
}

/// What is counted or summed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Persons by group of codes, and by age and sex where that is asked for.
    Counts {
        /// The groups, in order.
        groups: Vec<Group>,
        /// Where age bands begin (years), ascending; nobody younger than the first counts. Empty: ages do not matter.
        ages: Vec<u16>,
        /// FHIR's codes for sex. Empty: sexes do not matter.
        sexes: Vec<String>,
        /// In how many cells one person counts, at most.
        per_person: u16,
    },
    /// The sum of a value.
    Sum(Values),
    /// The mean of a value.
    Mean(Values),
    /// Persons by the bin in which their value lies.
    Histogram {
        /// The value, within the first and the last edge.
        values: Values,
        /// Edges in units of the value, ascending: a bin holds its lower one and not its upper one, the last bin both.
        edges: Vec<i64>,
    },
    /// Persons by the part of the epoch in which their first event lies.
    Incidents {
        /// The events.
        codes: Vec<Pattern>,
        /// Into how many equal parts an epoch is divided.
        bins: u16,
    },
}

/// A group of codes that makes cells.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What it is called.
    pub title: String,
    /// Its codes.
    pub codes: Vec<Pattern>,
}

/// One value for each person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// Which rows have it.
    pub codes: Vec<Pattern>,
    /// Where it stands in a row.
    pub value: Value,
    /// How a person's values become one.
    pub merge: MergeRule,
    /// How many decimals its unit is divided by: 1 counts tenths.
    pub decimals: u32,
    /// The smallest, in those units; smaller ones count as this.
    pub lower: i64,
    /// The largest, in those units; larger ones count as this.
    pub upper: i64,
}

/// Where a value stands in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `valueQuantity`, in this unit of UCUM. Rows in other units do not count, nor do those with a comparator.
    Quantity {
        /// The unit.
        unit: String,
    },
    /// Days from the beginning of `period` to its end.
    Days,
}

/// How a person's values become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MergeRule {
    /// The latest; of several at one time the greatest.
    #[default]
    Latest,
    /// The greatest.
    Greatest,
    /// Their sum.
    Total,
}

/// A code of a system, or all that begin with it: `http://hl7.org/fhir/sid/icd-10|E11*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern {
    /// The code system.
    pub system: String,
    /// The code, or how it begins.
    pub code: String,
    /// Whether it is only the beginning.
    pub begins: bool,
}

impl Pattern {
    /// Whether a code is meant.
    pub fn matches(&self, system: &str, code: &str) -> bool {
        self.system == system && if self.begins { code.starts_with(&self.code) } else { self.code == code }
    }
}

impl TryFrom<String> for Pattern {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WORDS: &str = "write system|code, or system|beginning* for all codes that begin so";
        let (system, code) = text.split_once('|').ok_or(WORDS)?;
        let (code, begins) = code.strip_suffix('*').map_or((code, false), |code| (code, true));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'|');
        let right = !system.is_empty() && plain(system) && plain(code) && !code.contains('*');
        (right && (begins || !code.is_empty()))
            .then(|| Self { system: system.to_owned(), code: code.to_owned(), begins })
            .ok_or(WORDS)
    }
}

/// Why a text is no definition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DefinitionError {
    /// It is longer than [`MAX_BYTES`].
    #[error("a definition is at most {MAX_BYTES} bytes long")]
    TooLong,
    /// It is not TOML of this form; the message has line and column.
    #[error("{0}")]
    Form(String),
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
    title: String,
    resource: String,
    kind: Kind,
    #[serde(default)]
    rows: Rows,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    codes: Vec<Pattern>,
    #[serde(default)]
    group: Vec<Group>,
    #[serde(default)]
    ages: Vec<u16>,
    #[serde(default)]
    sexes: Vec<String>,
    per_person: Option<u16>,
    value: Option<ValueKind>,
    unit: Option<String>,
    merge: Option<MergeRule>,
    decimals: Option<u32>,
    lower: Option<i64>,
    upper: Option<i64>,
    edges: Option<Vec<i64>>,
    bins: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Counts,
    Sum,
    Mean,
    Histogram,
    Incidents,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ValueKind {
    Quantity,
    Days,
}

fn wrong(key: &'static str, reason: &'static str) -> DefinitionError {
    DefinitionError::Value { key, reason }
}

impl Definition {
    /// Reads a text.
    pub fn read(text: &str) -> Result<Self, DefinitionError> {
        if text.len() > MAX_BYTES {
            return Err(DefinitionError::TooLong);
        }
        let file: File = toml::from_str(text).map_err(|error| DefinitionError::Form(error.to_string()))?;
        if file.version != 1 {
            return Err(wrong("version", "this program reads version 1: write version = 1"));
        }
        if file.title.trim().is_empty() || file.title.contains(char::is_control) {
            return Err(wrong("title", "a line that says what the table tells"));
        }
        file.only_what_its_kind_has()?;
        let what = file.what()?;
        let definition = Self {
            text: text.to_owned(),
            title: file.title,
            resource: file.resource,
            rows: file.rows,
            labels: file.labels,
            what,
        };
        let codes = definition.patterns().count();
        if !(1..=MAX_CODES).contains(&codes) {
            return Err(wrong("codes", "from 1 to 2000 codes"));
        }
        match definition.kind() {
            Some(kind) if kind.is_well_formed() => Ok(definition),
            _ => Err(wrong("kind", "bounds or sizes are beyond what can be planned")),
        }
    }

    /// The text, as its digest is on chain.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// BLAKE2b-256 of the text.
    pub fn digest(&self) -> [u8; 32] {
        blake2_256(self.text.as_bytes())
    }

    /// What the table tells.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The FHIR type whose rows are looked at.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// Which rows count, by their date.
    pub fn rows(&self) -> Rows {
        self.rows
    }

    /// Security labels that rows may carry; a row with any other label does not count.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// What is counted or summed.
    pub fn what(&self) -> &What {
        &self.what
    }

    /// All codes in it.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let (groups, codes): (&[Group], &[Pattern]) = match &self.what {
            What::Counts { groups, .. } => (groups, &[]),
            What::Sum(values) | What::Mean(values) | What::Histogram { values, .. } => (&[], &values.codes),
            What::Incidents { codes, .. } => (&[], codes),
        };
        groups.iter().flat_map(|group| &group.codes).chain(codes)
    }

    /// What the chain must know the table as. `None` where it has too many cells to be counted.
    pub fn kind(&self) -> Option<TableKind> {
        let narrow = |cells: usize| u16::try_from(cells).ok().filter(|cells| *cells <= MAX_CELLS);
        Some(match &self.what {
            What::Counts { groups, ages, sexes, per_person } => {
                let cells = groups.len().checked_mul(ages.len().max(1))?.checked_mul(sexes.len().max(1))?;
                TableKind::Counts { cells: narrow(cells)?, per_person: *per_person }
            }
            What::Sum(values) => TableKind::Sum { lower: values.lower, upper: values.upper },
            What::Mean(values) => TableKind::Mean { lower: values.lower, upper: values.upper },
            What::Histogram { edges, .. } => {
                TableKind::Histogram { cells: narrow(edges.len().saturating_sub(1))? }
            }
            What::Incidents { bins, .. } => TableKind::Incidents { bins: *bins },
        })
    }

    /// What each number of the table is, the cohort aside, in the order of the answer.
    pub fn names(&self) -> Vec<String> {
        match &self.what {
            What::Counts { groups, ages, sexes, .. } => {
                let (bands, sexes) = (bands(ages), or_all(sexes.clone()));
                let mut names = Vec::new();
                for group in groups {
                    for band in &bands {
                        for sex in &sexes {
                            let parts = [group.title.as_str(), band, sex];
                            let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                            names.push(parts.join(", "));
                        }
                    }
                }
                names
            }
            What::Sum(_) => vec!["sum".to_owned()],
            What::Mean(_) => vec!["persons with a value".to_owned(), "sum above the lower bound".to_owned()],
            What::Histogram { edges, values } => {
                let text = |units: &i64| decimal(*units, values.decimals);
                edges.windows(2).map(|edge| edge.iter().map(text).collect::<Vec<_>>().join(" to ")).collect()
            }
            What::Incidents { bins, .. } => (1..=*bins).map(|bin| format!("part {bin} of {bins}")).collect(),
        }
    }

    /// The unit that values are in, for people; empty where persons are counted.
    pub fn unit(&self) -> &str {
        match &self.what {
            What::Sum(values) | What::Mean(values) | What::Histogram { values, .. } => match &values.value {
                Value::Quantity { unit } => unit,
                Value::Days => "d",
            },
            What::Counts { .. } | What::Incidents { .. } => "",
        }
    }

    /// How many decimals the unit is divided by.
    pub fn decimals(&self) -> u32 {
        match &self.what {
            What::Sum(values) | What::Mean(values) | What::Histogram { values, .. } => values.decimals,
            What::Counts { .. } | What::Incidents { .. } => 0,
        }
    }
}

fn bands(ages: &[u16]) -> Vec<String> {
    let named = ages.iter().enumerate().map(|(place, from)| match ages.get(place + 1) {
        Some(next) => format!("{from} to {} years", next.saturating_sub(1)),
        None => format!("{from} years or older"),
    });
    or_all(named.collect())
}

fn or_all(names: Vec<String>) -> Vec<String> {
    if names.is_empty() {
        vec![String::new()]
    } else {
        names
    }
}

/// Whole units as a decimal number.
pub fn decimal(units: i64, decimals: u32) -> String {
    let places = usize::try_from(decimals).unwrap_or_default();
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(places));
    let sign = if units < 0 { "-" } else { "" };
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

impl File {
    /// A key that would change nothing is a mistake.
    fn only_what_its_kind_has(&self) -> Result<(), DefinitionError> {
        use Kind::{Counts, Histogram, Incidents, Mean, Sum};
        let with_values = [Sum, Mean, Histogram];
        for (key, given, kinds) in [
            ("group", !self.group.is_empty(), &[Counts][..]),
            ("ages", !self.ages.is_empty(), &[Counts]),
            ("sexes", !self.sexes.is_empty(), &[Counts]),
            ("per_person", self.per_person.is_some(), &[Counts]),
            ("codes", !self.codes.is_empty(), &[Sum, Mean, Histogram, Incidents]),
            ("value", self.value.is_some(), &with_values),
            ("unit", self.unit.is_some(), &with_values),
            ("merge", self.merge.is_some(), &with_values),
            ("decimals", self.decimals.is_some(), &with_values),
            ("lower", self.lower.is_some(), &[Sum, Mean]),
            ("upper", self.upper.is_some(), &[Sum, Mean]),
            ("edges", self.edges.is_some(), &[Histogram]),
            ("bins", self.bins.is_some(), &[Incidents]),
        ] {
            if given && !kinds.contains(&self.kind) {
                return Err(wrong(key, "a table of this kind has no such key"));
            }
        }
        if self.kind == Incidents && self.rows != Rows::InEpoch {
            return Err(wrong("rows", "of incidents, the first ever counts if it lies within the epoch"));
        }
        Ok(())
    }

    fn what(&self) -> Result<What, DefinitionError> {
        Ok(match self.kind {
            Kind::Counts => {
                let per_person = self.per_person.ok_or_else(|| {
                    wrong("per_person", "in how many cells one person counts, at most: per_person = 1")
                })?;
                let ascending =
                    |ages: &[u16]| ages.iter().zip(ages.iter().skip(1)).all(|(one, next)| one < next);
                if !ascending(&self.ages) {
                    return Err(wrong("ages", "where age bands begin, ascending: ages = [0, 18, 65]"));
                }
                let known = ["female", "male", "other", "unknown"];
                let distinct = self.sexes.iter().collect::<std::collections::BTreeSet<_>>();
                if distinct.len() != self.sexes.len()
                    || !self.sexes.iter().all(|sex| known.contains(&sex.as_str()))
                {
                    return Err(wrong("sexes", "out of female, male, other, unknown, each once"));
                }
                if self.group.iter().any(|group| group.codes.is_empty() || group.title.trim().is_empty()) {
                    return Err(wrong("group", "each has a title and at least one code"));
                }
                What::Counts {
                    groups: self.group.clone(),
                    ages: self.ages.clone(),
                    sexes: self.sexes.clone(),
                    per_person,
                }
            }
            Kind::Sum => What::Sum(self.values(self.lower, self.upper)?),
            Kind::Mean => What::Mean(self.values(self.lower, self.upper)?),
            Kind::Histogram => {
                let edges = self.edges.clone().unwrap_or_default();
                let ascending = edges.iter().zip(edges.iter().skip(1)).all(|(one, next)| one < next);
                if edges.len() < 2 || !ascending {
                    return Err(wrong("edges", "two or more, ascending, in units of the value"));
                }
                let values = self.values(edges.first().copied(), edges.last().copied())?;
                What::Histogram { values, edges }
            }
            Kind::Incidents => What::Incidents {
                codes: self.codes.clone(),
                bins: self.bins.ok_or_else(|| wrong("bins", "into how many parts an epoch is divided"))?,
            },
        })
    }

    fn values(&self, lower: Option<i64>, upper: Option<i64>) -> Result<Values, DefinitionError> {
        let value = match (self.value, &self.unit) {
            (Some(ValueKind::Quantity) | None, Some(unit)) if !unit.trim().is_empty() => {
                Value::Quantity { unit: unit.clone() }
            }
            (Some(ValueKind::Days), None) => Value::Days,
            (Some(ValueKind::Days), Some(_)) => return Err(wrong("unit", "days have none")),
            _ => return Err(wrong("unit", "the unit of UCUM in which the value counts: unit = \"mmol/L\"")),
        };
        let decimals = self.decimals.unwrap_or_default();
        if decimals > MAX_DECIMALS {
            return Err(wrong("decimals", "9 at most"));
        }
        if value == Value::Days && decimals > 0 {
            return Err(wrong("decimals", "days are whole"));
        }
        let bound = |bound: Option<i64>, key| {
            bound.ok_or_else(|| wrong(key, "the bound of one person's value, in units of 10^-decimals"))
        };
        Ok(Values {
            codes: self.codes.clone(),
            value,
            merge: self.merge.unwrap_or_default(),
            decimals,
            lower: bound(lower, "lower")?,
            upper: bound(upper, "upper")?,
        })
    }
}
