//! Whether `key` names a row, and each join finds one at most: otherwise nothing of a patient with such rows can be read.
//!
//! The catalogue's unique indices tell, for ever. Where they do not, the rows that are there now are looked at.

use std::collections::{HashMap, HashSet};

use super::{index, Check};
use crate::{
    fetch::{
        sql::{self, Statement},
        Database, FetchError, Session,
    },
    mapping::model::{Column, Filter, Source, Table, Test},
};

/// A table of a source.
struct Known {
    /// Its name.
    table: String,
    /// Where it stands in the file.
    line: usize,
    /// Sets of its columns of which no two rows have the same; `None` if it is a view or the like, which has no indices.
    names: Option<Vec<Vec<String>>>,
}

/// Tables by alias.
type Tables = HashMap<String, Known>;

impl<'a> Check<'a> {
    /// Looks for rows that no key tells apart, and for what could lead to them.
    pub(super) async fn keys(&mut self, database: &Database) {
        if let Err(error) = self.own_keys(database).await {
            self.note(self.resource.line, format!("whether `key` names each row cannot be told: {error}"));
        }
        let resource = self.resource;
        for many in resource.many.iter().filter(|many| !many.source.joins.is_empty()) {
            match tables(database, &many.source, many.line).await {
                Ok(tables) => {
                    let item = HashSet::from([many.source.alias.clone()]);
                    let named = determined(&many.source, &[], item, &tables);
                    self.unproven(&tables, &named, "an item stands twice where there are two");
                }
                Err(error) => {
                    self.note(many.line, format!("whether its joins find one row cannot be told: {error}"))
                }
            }
        }
    }

    async fn own_keys(&mut self, database: &Database) -> Result<(), FetchError> {
        let resource = self.resource;
        let source = &resource.source;
        for column in self.named_by() {
            if any(database, |session| sql::null(session.dialect(), resource, column)).await? {
                let message = format!(
                    "there are rows with NULL in `{}`, which belongs to `key`: nothing of their patients can be read; leave them out by `where`",
                    column.name
                );
                self.error(resource.line, message);
            }
        }
        let tables = tables(database, source, resource.line).await?;
        let mut given = self.named_by();
        given.extend(source.columns.get(resource.patient));
        let named = determined(source, &given, HashSet::new(), &tables);
        if named.len() == tables.len() {
            return Ok(());
        }
        if any(database, |session| sql::twice(session.dialect(), resource, &given)).await? {
            let cause = self.cause(&tables, &named);
            self.error(
                resource.line,
                format!("there are patients of whom nothing can be read, since {cause}"),
            );
        } else {
            self.unproven(&tables, &named, "nothing of a patient can be read where there are two");
        }
        Ok(())
    }

    /// The columns that name a row of a patient: none for the patient's own resource, of which there is one.
    fn named_by(&self) -> Vec<&'a Column> {
        let resource = self.resource;
        match resource.resource_type {
            "Patient" => Vec::new(),
            _ => resource.key.iter().filter_map(|place| resource.source.columns.get(*place)).collect(),
        }
    }

    /// Why rows are there twice: by the table itself, by a join, or by one of both.
    fn cause(&self, tables: &Tables, named: &HashSet<String>) -> String {
        let resource = self.resource;
        let source = &resource.source;
        let joins = source.joins.iter().filter(|join| !named.contains(&join.alias));
        let joins: Vec<&str> =
            joins.filter_map(|join| tables.get(&join.alias)).map(|known| known.table.as_str()).collect();
        let own = match resource.resource_type {
            "Patient" => {
                format!("`{}` has several rows of a patient: leave out all but one by `where`", source.table)
            }
            _ => format!("`key` does not name a row of `{}`: add the columns that do", source.table),
        };
        let joined = format!(
            "the join with `{}` finds several rows: add to its `on` or `where` what tells them apart",
            joins.join("`, `")
        );
        match (named.contains(&source.alias), joins.is_empty()) {
            (true, _) => joined,
            (false, true) => own,
            (false, false) => format!("{own}; or {joined}"),
        }
    }

    /// Notes the tables, but for views, of which only the rows that are there now say that all is well.
    fn unproven(&mut self, tables: &Tables, named: &HashSet<String>, then: &str) {
        let mut doubtful: Vec<&Known> = tables
            .iter()
            .filter(|(alias, known)| known.names.is_some() && !named.contains(*alias))
            .map(|(_, known)| known)
            .collect();
        doubtful.sort_by_key(|known| (known.line, known.table.clone()));
        for known in doubtful {
            let message = format!(
                "no unique index of `{}` promises that one row at most is found: {then}",
                known.table
            );
            self.note(known.line, message);
        }
    }
}

/// Whether a question has an answer.
async fn any(database: &Database, ask: impl Fn(&Session) -> Statement) -> Result<bool, FetchError> {
    database
        .within_time(async {
            let mut session = database.session().await?;
            let statement = ask(&session);
            let rows = session.rows(statement).await?;
            session.end().await?;
            Ok(!rows.is_empty())
        })
        .await
}

/// What the catalogue says of a source's tables.
async fn tables(database: &Database, source: &Source, line: usize) -> Result<Tables, FetchError> {
    let of = |table: &Table, line, indices: Option<Vec<index::Index>>| {
        let names = indices.map(|indices| {
            indices
                .iter()
                .filter_map(index::Index::names)
                .map(|names| names.iter().map(|name| name.to_ascii_lowercase()).collect())
                .collect()
        });
        Known { table: table.to_string(), line, names }
    };
    database
        .within_time(async {
            let mut session = database.session().await?;
            let own = of(&source.table, line, index::read(&mut session, &source.table).await?);
            let mut tables = HashMap::from([(source.alias.clone(), own)]);
            for join in &source.joins {
                let known = of(&join.table, join.line, index::read(&mut session, &join.table).await?);
                tables.insert(join.alias.clone(), known);
            }
            session.end().await?;
            Ok(tables)
        })
        .await
}

/// Aliases of the tables of which there is one row at most where `given` columns have one value each: those whose unique indices lie
/// within what is given, or follows from it along the joins. `named` are known to begin with.
fn determined(
    source: &Source,
    given: &[&Column],
    mut named: HashSet<String>,
    tables: &Tables,
) -> HashSet<String> {
    type Set = HashSet<(String, String)>;
    let name = |alias: &str, column: &str| (alias.to_owned(), column.to_ascii_lowercase());
    let filters = source.filters.iter().chain(source.joins.iter().flat_map(|join| &join.filters));
    let constants = filters.filter(|filter| is_constant(filter)).map(|filter| &filter.column);
    let mut columns: Set =
        given.iter().copied().chain(constants).map(|column| name(&column.alias, &column.name)).collect();
    loop {
        let before = (columns.len(), named.len());
        for (alias, known) in tables {
            let has = |column: &String| columns.contains(&(alias.clone(), column.clone()));
            if known.names.iter().flatten().any(|names| names.iter().all(has)) {
                named.insert(alias.clone());
            }
        }
        for join in &source.joins {
            for (own, known) in &join.on {
                let (own, known) = (name(&join.alias, own), name(&known.alias, &known.name));
                let is_given = |columns: &Set, column: &(String, String)| {
                    columns.contains(column) || named.contains(&column.0)
                };
                if is_given(&columns, &known) {
                    columns.insert(own);
                } else if join.required && is_given(&columns, &own) {
                    // Without `required` there are rows beside those that join, of which nothing follows.
                    columns.insert(known);
                }
            }
        }
        if before == (columns.len(), named.len()) {
            return named;
        }
    }
}

fn is_constant(filter: &Filter) -> bool {
    matches!(&filter.test, Test::OneOf(literals) if literals.len() == 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::*;
    use crate::mapping::Mapping;

    const MAPPING: &str = r#"
        version = 1
        [[resource]]
        type = "Observation"
        table = "result"
        key = ["order_id", "line"]
        patient = "o.mrn"
        [[resource.join]]
        name = "o"
        table = "lab_order"
        on = { id = "order_id" }
        required = true
        [[resource.join]]
        name = "u"
        table = "unit"
        on = { code = "unit" }
        where = { list = "LAB" }
        [resource.elements]
        status = "final"
        "code.text" = { column = "u.name" }
    "#;

    /// The aliases that are named by the mapping's key where these sets of columns are unique.
    fn named(unique: &[(&str, &[&str])]) -> Vec<String> {
        let mapping = Mapping::from_toml(MAPPING, Path::new("m.toml")).unwrap();
        let resource = &mapping.resources()[0];
        let tables = ["t", "j_o", "j_u"].iter().map(|alias| {
            let sets = unique.iter().filter(|(of, _)| of == alias);
            let names =
                Some(sets.map(|(_, set)| set.iter().map(|name| (*name).to_owned()).collect()).collect());
            ((*alias).to_owned(), Known { table: (*alias).to_owned(), line: 1, names })
        });
        let key: Vec<&Column> = resource.key.iter().map(|place| &resource.source.columns[*place]).collect();
        let mut named: Vec<String> =
            determined(&resource.source, &key, HashSet::new(), &tables.collect()).into_iter().collect();
        named.sort();
        named
    }

    #[test]
    fn key_should_name_a_row_when_unique_indices_lead_from_it_along_the_joins() {
        let own: (&str, &[&str]) = ("t", &["line", "order_id"]);
        assert_eq!(named(&[own, ("j_o", &["id"]), ("j_u", &["list", "code"])]), ["j_o", "j_u", "t"]);
        assert_eq!(named(&[own, ("j_o", &["id"])]), ["j_o", "t"]);
        assert_eq!(named(&[own, ("j_o", &["id", "version"]), ("j_u", &["code"])]), ["j_u", "t"]);
        assert_eq!(named(&[("t", &["order_id", "line", "part"]), ("j_o", &["id"])]), ["j_o"]);
        assert_eq!(named(&[]), Vec::<String>::new());
    }
}
