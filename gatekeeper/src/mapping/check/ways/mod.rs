//! Whether the rows of a query are found by indices, whatever the database believes at the moment of how many rows there are.
//!
//! A plan depends on that belief, which `ANALYZE`, or the server by itself, renews: with few rows a scan is planned although there is an
//! index, and an index is gone through from end to end, or one on a flag is taken, as it happens. So the plan of the query is not what is
//! judged. Table by table it is asked whether an index leads to its rows, from the record number or from rows of tables found before; and
//! whether the database can use it, in a question that leaves it no other way. Views and the like have no indices of their own: of the
//! tables beneath them the query's plan must not go through any as a whole.

use std::collections::{HashMap, HashSet};

use super::{
    error_of,
    index::{self, Index},
    Check,
};
use crate::{
    fetch::{
        sql::{self, Asked, Dialect, Lookup, RecordNumber, Statement},
        FetchError, Row, Session,
    },
    mapping::model::{Many, NumberType},
};

mod order;
mod plan;

use plan::Way;

/// A table whose rows are not found by an index.
enum Fault {
    /// No index leads to them.
    Missing,
    /// This one would, but cannot be used.
    Unusable(String),
}

impl Check<'_> {
    /// Asks the database how it would find the rows of this mapping.
    pub(super) async fn ways(&mut self, session: &mut Session) -> Result<(), FetchError> {
        let resource = self.resource;
        let any = match resource.number_type {
            NumberType::Uuid => "00000000-0000-0000-0000-000000000000",
            NumberType::Integer | NumberType::Text | NumberType::Char => "1",
        };
        let Some(number) = RecordNumber::new(resource.number_type, any) else { return Ok(()) };
        let dialect = session.dialect();
        let mut tables = HashSet::new();
        let statement = sql::select(dialect, resource, &number, 1);
        self.query(session, statement, None, &number, &mut tables).await?;
        for many in &resource.many {
            let statement = sql::select_many(dialect, resource, many, &number, 1);
            self.query(session, statement, Some(many), &number, &mut tables).await?;
        }
        Ok(())
    }

    /// One query. `seen` holds the aliases that were looked at already, and gets those of this one.
    async fn query(
        &mut self,
        session: &mut Session,
        statement: Statement,
        many: Option<&Many>,
        number: &RecordNumber,
        seen: &mut HashSet<String>,
    ) -> Result<(), FetchError> {
        let dialect = session.dialect();
        let line = many.map_or(self.resource.line, |many| many.line);
        let plan = match explained(session, statement).await? {
            Ok(plan) => plan,
            Err(refused) => {
                self.error(
                    line,
                    format!("the database refuses the query of this mapping: {}", refused.message()),
                );
                return Ok(());
            }
        };
        let (mut tables, mut views) = (HashSet::new(), HashMap::new());
        for (lookup, line) in order::lookups(self.resource, many) {
            let Some(indices) = index::read(session, lookup.table).await? else {
                views.insert(lookup.alias, (lookup.table.to_string(), line));
                continue;
            };
            tables.insert(lookup.alias);
            if !seen.contains(lookup.alias) {
                if let Some(fault) = judge(session, &lookup, &indices, number).await? {
                    self.fault(&lookup, line, fault);
                }
            }
        }
        let mut whole = plan::whole(dialect, &plan);
        for used in plan::used(dialect, &plan) {
            if !tables.contains(used.alias.as_str()) && !whole.contains(&used.alias) {
                let given: Vec<&str> = used.condition.iter().map(String::as_str).collect();
                if !index::begins_one(session, &used.index, &given).await? {
                    whole.push(used.alias);
                }
            }
        }
        for alias in whole {
            if !tables.contains(alias.as_str()) && !seen.contains(&alias) {
                let (name, line) = views.remove(alias.as_str()).unwrap_or((alias, line));
                self.scans(&name, line, "add an index on the columns it is found by");
            }
        }
        // The tables of one-to-many rows all go by the same aliases.
        if many.is_none() {
            seen.extend(tables.into_iter().chain(views.into_keys()).map(str::to_owned));
        }
        Ok(())
    }

    fn fault(&mut self, lookup: &Lookup<'_>, line: usize, fault: Fault) {
        let names: Vec<&str> = lookup.keys().iter().map(|column| column.name.as_str()).collect();
        let names = names.join(", ");
        let table = lookup.table.to_string();
        let cure = match fault {
            Fault::Missing => {
                format!("add an index on the columns it is found by ({names}), one of them in its first place")
            }
            Fault::Unusable(index) => format!(
                "its index `{index}` cannot be used, since type or collation of the columns it is found by ({names}) are not those of \
                 what they are compared with: make them the same"
            ),
        };
        self.scans(&table, line, &cure);
    }

    fn scans(&mut self, table: &str, line: usize, cure: &str) {
        if !self.resource.allow_scan {
            self.error(
                line,
                format!("the query scans the whole of `{table}`: {cure}, or write `allow_scan = true`"),
            );
        }
    }
}

/// The plan of a statement, or why the database refuses it.
async fn explained(
    session: &mut Session,
    statement: Statement,
) -> Result<Result<Vec<Row>, Box<dyn sqlx::error::DatabaseError>>, FetchError> {
    let explain = sql::explain(session.dialect(), statement);
    session.mark().await?;
    match session.rows(explain).await {
        Ok(rows) => Ok(Ok(rows)),
        Err(error) => {
            let refused = error_of(error)?;
            session.back().await?;
            Ok(Err(refused))
        }
    }
}

/// What is wrong with the way to the rows of a table.
async fn judge(
    session: &mut Session,
    lookup: &Lookup<'_>,
    indices: &[Index],
    number: &RecordNumber,
) -> Result<Option<Fault>, FetchError> {
    let keys: Vec<&str> = lookup.keys().iter().map(|column| column.name.as_str()).collect();
    let dialect = session.dialect();
    let fixed = order::fixed(dialect, lookup);
    let leading: Vec<&Index> = indices.iter().filter(|index| index.leads(&keys, &fixed)).collect();
    let Some(first) = leading.first() else { return Ok(Some(Fault::Missing)) };
    // One that is over some rows only serves those who ask for just these.
    let unusable = || match leading.iter().all(|index| index.partial) {
        true => Fault::Missing,
        false => Fault::Unusable(first.name.clone()),
    };
    let mut way = async |asked: Asked<'_>| -> Result<Way, FetchError> {
        let statement = sql::lookup(dialect, lookup, number, asked);
        Ok(match explained(session, statement).await? {
            Ok(plan) => plan::way(dialect, &plan, lookup.alias, &keys, indices),
            // An index that it was told to use, and cannot.
            Err(_) => Way::Whole,
        })
    };
    match dialect {
        Dialect::Sqlite => {
            for index in &leading {
                // Whether an index over some rows serves shows when the constants are known, which is after the question is understood.
                let only = [index.name.as_str()];
                let indices: &[&str] = if index.partial || index.is_rowid() { &[] } else { &only };
                if index.is_rowid() || way(Asked { indices, filtered: true }).await? == Way::ByKey {
                    return Ok(None);
                }
            }
            Ok(Some(unusable()))
        }
        Dialect::MySql => {
            let only: Vec<&str> = leading.iter().map(|index| index.name.as_str()).collect();
            let found = way(Asked { indices: &only, filtered: true }).await?;
            Ok((found != Way::ByKey).then(unusable))
        }
        Dialect::Postgres => {
            // Without the constants an index on one of them cannot be taken by mistake.
            if way(Asked::default()).await? == Way::ByKey {
                return Ok(None);
            }
            let found = way(Asked { filtered: true, ..Asked::default() }).await?;
            let whole = leading.iter().any(|index| !index.partial);
            // It may prefer an index on constants to one that begins with them, for now.
            let led = found == Way::ByKey || (found == Way::ByOther && whole);
            Ok((!led).then(unusable))
        }
    }
}
