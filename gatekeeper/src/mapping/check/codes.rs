//! How many rows have codes that the mapping does not know.

use super::Check;
use crate::{
    fetch::{hold, sql, Cell, Database, FetchError, Row},
    mapping::model::{Column, Condition, Item, LabelCodes, Source, SourceKind, ValueSource},
};

/// Different values that are looked at.
const MOST: u32 = 10_000;
/// A value is named only if so many rows have it: what is rare may be somebody's.
const COMMON: u64 = 10;
/// Values that are named.
const NAMED: usize = 5;

impl Check<'_> {
    /// Counts, over all patients, the rows whose codes no map has.
    pub(super) async fn codes(&mut self, database: &Database) {
        let resource = self.resource;
        let own = resource.elements.iter().flat_map(|element| &element.sources);
        for source in own {
            self.element_codes(database, &resource.source, source).await;
        }
        for many in &resource.many {
            match &many.item {
                Item::Object(elements) => {
                    for source in elements.iter().flat_map(|element| &element.sources) {
                        self.element_codes(database, &many.source, source).await;
                    }
                }
                Item::Value(sources) => {
                    for source in sources {
                        self.element_codes(database, &many.source, source).await;
                    }
                }
            }
        }
        for rule in &resource.labels {
            let LabelCodes::Column { column, map, otherwise, null } = &rule.codes else { continue };
            let known = |text: Option<&str>| match text {
                Some(text) => otherwise.is_some() || map.contains_key(text) || map.contains_key(text.trim()),
                None => null.is_some(),
            };
            let then = "the rows are restricted";
            self.count(database, &resource.source, *column, &rule.when, rule.line, known, then).await;
        }
    }

    async fn element_codes(&mut self, database: &Database, source: &Source, value: &ValueSource) {
        let SourceKind::Column(column) = &value.kind else { return };
        let Some(map) = column.map.as_ref().filter(|map| !map.harmless || map.otherwise.is_none()) else {
            return;
        };
        let known = |text: Option<&str>| {
            text.is_none_or(|text| {
                text.trim().is_empty()
                    || map.values.contains_key(text)
                    || map.values.contains_key(text.trim())
            })
        };
        let then = match (map.harmless, map.otherwise.is_some()) {
            (true, _) => "the element is marked `unsupported`",
            (false, false) => "the element is marked `unsupported` and the rows are restricted",
            (false, true) => "the rows are restricted",
        };
        self.count(database, source, column.column, &value.when, value.line, known, then).await;
    }

    #[allow(clippy::too_many_arguments)]
    async fn count(
        &mut self,
        database: &Database,
        source: &Source,
        column: usize,
        when: &[Condition],
        line: usize,
        known: impl Fn(Option<&str>) -> bool,
        then: &str,
    ) {
        let Some(name) = source.columns.get(column).map(|column| column.name.clone()) else { return };
        match values(database, source, column, when).await {
            Ok(values) => {
                let mut unknown: Vec<(Option<&str>, u64)> = values
                    .iter()
                    .map(|(value, rows)| (value.as_deref(), *rows))
                    .filter(|(value, _)| !known(*value))
                    .collect();
                if unknown.is_empty() {
                    return;
                }
                unknown.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
                let rows: u64 = unknown.iter().map(|(_, rows)| rows).sum();
                let named: Vec<String> = unknown
                    .iter()
                    .filter(|(_, rows)| *rows >= COMMON)
                    .take(NAMED)
                    .map(|(value, rows)| match value {
                        Some(value) => format!("{:?} {rows} times", value.chars().take(20).collect::<String>()),
                        None => format!("NULL {rows} times"),
                    })
                    .collect();
                let named = if named.is_empty() { String::new() } else { format!(" ({})", named.join(", ")) };
                let values = unknown.len();
                self.note(line, format!("column `{name}`: the map lacks {values} of its values, in {rows} rows{named}; {then}"));
            }
            Err(FetchError::Timeout) => self.note(
                line,
                format!("column `{name}`: counting the values that the map lacks takes longer than the time limit"),
            ),
            Err(error) => self.note(line, format!("column `{name}`: its values cannot be counted: {error}")),
        }
    }
}

/// The values of a column in rows for which conditions hold, with the number of rows.
async fn values(
    database: &Database,
    source: &Source,
    column: usize,
    when: &[Condition],
) -> Result<Vec<(Option<String>, u64)>, FetchError> {
    let places: Vec<usize> =
        std::iter::once(column).chain(when.iter().map(|condition| condition.column)).collect();
    let columns: Vec<&Column> = places.iter().filter_map(|place| source.columns.get(*place)).collect();
    let conditions: Vec<Condition> = when
        .iter()
        .enumerate()
        .map(|(place, condition)| Condition { column: place + 1, test: condition.test.clone() })
        .collect();
    let rows = database
        .within_time(async {
            let mut session = database.session().await?;
            let rows = session.rows(sql::count(session.dialect(), source, &columns, MOST)).await?;
            session.end().await?;
            Ok(rows)
        })
        .await?;
    let value = |row: &Row| -> Option<(Option<String>, u64)> {
        let value = match row.first()? {
            Cell::Text(text) => Some(text.clone()),
            Cell::Bytes(_) | Cell::Null => None,
        };
        Some((value, row.last()?.text()?.parse().ok()?))
    };
    Ok(rows.iter().filter(|row| hold(&conditions, row)).filter_map(value).collect())
}
