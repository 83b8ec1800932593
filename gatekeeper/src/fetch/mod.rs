//! Rows of the provider's database as full FHIR resources, of one patient and one type at a time.
//!
//! What may be selected is what the mapping names. Every query carries the record number that enrolment bound to the relationship,
//! and every row that comes back is looked at again: collations and implicit conversions of databases call things equal that
//! are not. All queries of one call see one snapshot, and run within one time limit.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Instant,
};

use medrec_primitives::RelationshipId;

mod assemble;
pub(crate) mod cohort;
mod database;
mod pseudonym;
mod reader;
pub(crate) mod record;
pub(crate) mod sql;
#[cfg(test)]
mod tests;
pub(crate) mod upstream;

pub(crate) use assemble::hold;
pub(crate) use database::{Cell, Row, Session};
pub use database::{Database, Options};
pub use pseudonym::Pseudonyms;
pub use record::{OwnedCoding, OwnedRow, Record};

use crate::mapping::{model::ResourceMap, Mapping};
use assemble::{Assembler, Notes};
use sql::RecordNumber;

/// Why nothing could be fetched. Texts are for the gatekeeper's own log and tell nothing about a patient.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address is of no kind of database that is known.
    #[error("not a database address: it must begin with sqlite:, postgres:, mysql: or fhir+https:")]
    Address,
    /// The database said no.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// What was added through the inbox cannot be looked up.
    #[error("the gatekeeper's inbox cannot be read")]
    Inbox,
    /// The time limit is over.
    #[error("the database took longer than its time limit")]
    Timeout,
    /// The foreign FHIR server is not as it must be, or its answer is not.
    #[error("the FHIR server: {0}")]
    Upstream(String),
    /// The foreign FHIR server cannot be reached, or says that it cannot answer now.
    #[error("the FHIR server does not answer: {0}")]
    UpstreamAway(String),
    /// A mapping of tables with a FHIR server, or the other way round.
    #[error("the mapping is for another kind of source: [[resource]] is for databases, [upstream] for a FHIR server")]
    OtherKind,
    /// The mapping has no such type.
    #[error("the mapping has no such resource type")]
    NotMapped,
    /// The patient has more rows than one answer may look at.
    #[error("more than {limit} rows of one patient in mapping `{mapping}`")]
    TooMany {
        /// Which mapping.
        mapping: String,
        /// How many are looked at.
        limit: u32,
    },
    /// A join found more than one row, or the key is none.
    #[error(
        "two rows of mapping `{mapping}` have the same key: a join finds more than one row, or `key` does not name a row (blanks at its end do \
         not count)"
    )]
    DuplicateKey {
        /// Which mapping.
        mapping: String,
    },
    /// A row without key.
    #[error("a row of mapping `{mapping}` has NULL in its key")]
    NullKey {
        /// Which mapping.
        mapping: String,
    },
    /// The bound record number cannot be one of this database.
    #[error("the bound record number does not fit the record_number_type of mapping `{mapping}` (an integer has no zeros in front, a UUID 36 letters)")]
    RecordNumber {
        /// Which mapping.
        mapping: String,
    },
}

impl FetchError {
    /// Whether the same question may be answered a little later: the database is slow, away or being restarted.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Timeout | Self::UpstreamAway(_) => true,
            Self::Database(error) => database::is_passing(error),
            _ => false,
        }
    }
}

/// All records of one type that the patient with this record number has. `limit` rows of one mapping are looked at; more are an
/// error and not cut off, because what is cut off would look as if it did not exist.
///
/// The records come in the order of their ids, which is none that tells anything.
pub async fn fetch(
    database: &Database,
    mapping: &Mapping,
    record_number: &str,
    resource_type: &str,
    pseudonyms: &Pseudonyms,
    relationship: RelationshipId,
    limit: u32,
) -> Result<Vec<Record>, FetchError> {
    match (mapping.upstream(), database.upstream()) {
        (Some(upstream), Some(server)) => {
            let call = upstream::Call { server, upstream, pseudonyms, relationship, limit };
            let mut records = database.within_time(call.records(record_number, resource_type)).await?;
            records.sort_by(|one, two| one.id().cmp(two.id()));
            return Ok(records);
        }
        (None, None) => {}
        _ => return Err(FetchError::OtherKind),
    }
    let resources: Vec<&ResourceMap> =
        mapping.resources().iter().filter(|resource| resource.resource_type == resource_type).collect();
    if resources.is_empty() {
        return Err(FetchError::NotMapped);
    }
    let assembler = Assembler { mapping, pseudonyms, relationship };
    let all = async {
        let mut session = match resources.as_slice() {
            [resource] if resource.many.is_empty() => database.single().await?,
            _ => database.session().await?,
        };
        let mut records = Vec::new();
        for resource in resources {
            records.extend(fetch_one(&mut session, &assembler, resource, record_number, limit).await?);
        }
        session.end().await?;
        Ok(records)
    };
    let mut records = database.within_time(all).await?;
    records.sort_by(|one, two| one.id().cmp(two.id()));
    // Each mapping has seen to its own keys: this is about the patient's own resource, of which there is one.
    match records.windows(2).any(|pair| pair[0].id() == pair[1].id()) {
        true => Err(FetchError::DuplicateKey { mapping: resource_type.to_owned() }),
        false => Ok(records),
    }
}

/// Which rows of a mapping the patient with this record number has, and what the change column says of each, sorted; `None` if the
/// mapping names no such column.
pub async fn change_marks(
    database: &Database,
    resource: &ResourceMap,
    record_number: &str,
    limit: u32,
) -> Result<Option<Vec<(Vec<String>, String)>>, FetchError> {
    let Some(changed) = resource.changed else { return Ok(None) };
    let number = RecordNumber::new(resource.number_type, record_number)
        .ok_or_else(|| FetchError::RecordNumber { mapping: resource.name.clone() })?;
    let rows = database.within_time(async {
        let mut session = database.single().await?;
        let statement = sql::select_changes(session.dialect(), resource, changed, &number, limit);
        let rows = session.rows(statement).await?;
        session.end().await?;
        Ok(rows)
    });
    let rows = rows.await?;
    if rows.len() > limit as usize {
        return Err(FetchError::TooMany { mapping: resource.name.clone(), limit });
    }
    let keys: Vec<usize> = (0..resource.key.len()).collect();
    let mut marks = Vec::with_capacity(rows.len());
    for row in &rows {
        // The patient stands behind the key, the change behind the patient.
        if !row.get(keys.len()).is_some_and(|cell| number.equals(cell.text())) {
            continue;
        }
        let key = key_of(row, &keys).ok_or_else(|| FetchError::NullKey { mapping: resource.name.clone() })?;
        let mark = row.get(keys.len() + 1).and_then(Cell::text).unwrap_or_default();
        marks.push((key, mark.to_owned()));
    }
    marks.sort_unstable();
    Ok(Some(marks))
}

/// The records of one mapping.
async fn fetch_one(
    session: &mut Session,
    assembler: &Assembler<'_>,
    resource: &ResourceMap,
    record_number: &str,
    limit: u32,
) -> Result<Vec<Record>, FetchError> {
    let number = RecordNumber::new(resource.number_type, record_number)
        .ok_or_else(|| FetchError::RecordNumber { mapping: resource.name.clone() })?;
    let too_many = || FetchError::TooMany { mapping: resource.name.clone(), limit };
    let rows = session.rows(sql::select(session.dialect(), resource, &number, limit)).await?;
    if rows.len() > limit as usize {
        return Err(too_many());
    }
    let total = rows.len();
    let rows: Vec<Row> = rows.into_iter().filter(|row| is_patients(resource, row, &number)).collect();
    if rows.len() < total {
        tracing::warn!(
            mapping = resource.name,
            dropped = total - rows.len(),
            "rows of another record number were dropped"
        );
    }
    let mut keys = Vec::new();
    for row in &rows {
        keys.push(
            key_of(row, &resource.key)
                .ok_or_else(|| FetchError::NullKey { mapping: resource.name.clone() })?,
        );
    }
    if keys.iter().collect::<HashSet<_>>().len() < keys.len() {
        return Err(FetchError::DuplicateKey { mapping: resource.name.clone() });
    }
    let mut items: Vec<HashMap<Vec<String>, Vec<Row>>> = Vec::new();
    for many in &resource.many {
        let mut by_key: HashMap<Vec<String>, Vec<Row>> = HashMap::new();
        if !rows.is_empty() {
            let many_limit = limit.saturating_mul(4);
            let found = session
                .rows(sql::select_many(session.dialect(), resource, many, &number, many_limit))
                .await?;
            if found.len() > many_limit as usize {
                return Err(too_many());
            }
            for mut row in found {
                // The resource's patient and key come first; what follows is the item's own.
                let own = row.split_off(1 + resource.key.len());
                let places: Vec<usize> = (1..row.len()).collect();
                let same = row.first().is_some_and(|cell| number.equals(cell.text()));
                let checked = many.source.checks.iter().all(|check| sql::passes(check, &own, &number));
                match key_of(&row, &places) {
                    Some(key) if same && checked => by_key.entry(key).or_default().push(own),
                    _ => {}
                }
            }
        }
        items.push(by_key);
    }
    let mut notes = Notes::default();
    let records = rows.iter().zip(&keys).map(|(row, key)| {
        let items: Vec<&[Row]> =
            items.iter().map(|by_key| by_key.get(key).map_or(&[][..], Vec::as_slice)).collect();
        assembler.record(resource, row, key, &items, &mut notes)
    });
    let records = records.collect();
    tell_unfit(assembler.mapping, resource, &notes.malformed);
    Ok(records)
}

/// Says in the log in which columns values stand that do not fit their elements. Not each time: a patient may read often.
fn tell_unfit(mapping: &Mapping, resource: &ResourceMap, lines: &BTreeSet<usize>) {
    let now = Instant::now();
    for line in lines.iter().filter(|line| mapping.is_to_tell(**line, now)) {
        let columns = resource.columns_of_line(*line).join(", ");
        let place = format!("{}:{line}", mapping.file().display());
        tracing::warn!(
            mapping = resource.name,
            columns,
            place,
            "values do not fit the type of their element, which is marked `error`"
        );
    }
}

/// Looks at every fetched row again, letter by letter.
fn is_patients(resource: &ResourceMap, row: &Row, number: &RecordNumber) -> bool {
    row.get(resource.patient).is_some_and(|cell| number.equals(cell.text()))
        && resource.source.checks.iter().all(|check| sql::passes(check, row, number))
}

/// The key of a row as text, `None` if a part is NULL.
fn key_of(row: &Row, columns: &[usize]) -> Option<Vec<String>> {
    columns.iter().map(|column| row.get(*column)?.text().map(|text| text.trim_end().to_owned())).collect()
}
