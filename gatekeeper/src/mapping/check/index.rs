//! Which indices a table has, which of them lead to rows, and which let no two rows be the same.

use crate::{
    fetch::{sql, Cell, FetchError, Row, Session},
    mapping::model::Table,
};

/// An index of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Index {
    /// Its name.
    pub name: String,
    /// Whether no two rows have the same in it.
    pub unique: bool,
    /// Whether it is over some of the rows only.
    pub partial: bool,
    /// `btree`, `hash`, `brin` and so on, in small letters.
    pub kind: String,
    /// Its columns in order; `None` is an expression.
    pub columns: Vec<Option<String>>,
}

/// What SQLite's tables are ordered by.
const ROWID: &str = "rowid";

/// The indices of a table, as it is; `None` if it is a view or something else that has none of its own.
pub(super) async fn read(session: &mut Session, table: &Table) -> Result<Option<Vec<Index>>, FetchError> {
    let rows = session.rows(sql::indices(session.dialect(), table)).await?;
    if rows.first().and_then(|row| row.first()).and_then(Cell::text) != Some("table") {
        return Ok(None);
    }
    let mut indices: Vec<Index> = Vec::new();
    for row in rows {
        let text = |place: usize| row.get(place).and_then(Cell::text);
        let Some(kind) = text(3).map(str::to_ascii_lowercase) else { continue };
        let (name, column) = (text(1), text(4).map(str::to_owned));
        if name.is_none() && kind != ROWID {
            continue;
        }
        let name = name.unwrap_or(ROWID);
        match indices.iter_mut().find(|index| index.name == name) {
            Some(index) => index.columns.push(column),
            None => {
                let (partial, unique) = (text(2) == Some("true"), text(5) == Some("true"));
                indices.push(Index { name: name.to_owned(), unique, partial, kind, columns: vec![column] });
            }
        }
    }
    Ok(Some(indices))
}

/// Whether an index of the table that an index of PostgreSQL is of begins with one of these columns, or with an expression, of which it cannot be
/// told.
pub(super) async fn begins_one(
    session: &mut Session,
    index: &str,
    columns: &[&str],
) -> Result<bool, FetchError> {
    let rows = session.rows(sql::first_columns(index)).await?;
    let first = |row: &Row| row.first().and_then(Cell::text).is_none_or(|first| among(columns, first));
    Ok(rows.iter().any(first))
}

/// Whether a column is one of these: databases do not tell capital letters from small ones.
pub(super) fn among(names: &[&str], column: &str) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(column))
}

impl Index {
    pub(super) fn is_rowid(&self) -> bool {
        self.kind == ROWID
    }

    /// The columns of which no two rows of the table have the same; `None` if nothing keeps them from it.
    pub(super) fn names(&self) -> Option<Vec<&str>> {
        let columns: Option<Vec<&str>> = self.columns.iter().map(Option::as_deref).collect();
        columns.filter(|columns| self.unique && !self.partial && !columns.is_empty())
    }

    /// Whether it leads to rows of which `keys` are given, if the columns of `fixed` are, too: one of the keys comes first, or after fixed
    /// columns only.
    pub(super) fn leads(&self, keys: &[&str], fixed: &[&str]) -> bool {
        match self.kind.as_str() {
            "btree" | ROWID => self.begins(keys, fixed),
            // All of it or nothing.
            "hash" => {
                let given = |column: &Option<String>| {
                    column.as_ref().is_some_and(|column| among(keys, column) || among(fixed, column))
                };
                self.columns.iter().all(given) && self.begins(keys, fixed)
            }
            // Their columns have no order.
            "gin" | "gist" | "spgist" => self.columns.iter().flatten().any(|column| among(keys, column)),
            // Others (`brin`, `fulltext`, ...) say where to look at best.
            _ => false,
        }
    }

    fn begins(&self, keys: &[&str], fixed: &[&str]) -> bool {
        for column in &self.columns {
            match column {
                Some(column) if among(keys, column) => return true,
                Some(column) if among(fixed, column) => {}
                _ => return false,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(kind: &str, columns: &[Option<&str>]) -> Index {
        let columns = columns.iter().map(|column| column.map(str::to_owned)).collect();
        Index { name: "i".into(), unique: false, partial: false, kind: kind.into(), columns }
    }

    #[test]
    fn index_should_name_rows_when_it_is_unique_over_all_of_them() {
        let unique =
            |partial, columns: &[Option<&str>]| Index { unique: true, partial, ..index("btree", columns) };
        assert_eq!(unique(false, &[Some("mrn"), Some("day")]).names(), Some(vec!["mrn", "day"]));
        assert_eq!(unique(true, &[Some("mrn")]).names(), None);
        assert_eq!(unique(false, &[Some("mrn"), None]).names(), None);
        assert_eq!(index("btree", &[Some("mrn")]).names(), None);
    }

    #[test]
    fn index_should_lead_when_a_key_comes_first_or_after_what_is_fixed() {
        for (kind, columns, fixed, leads) in [
            ("btree", &[Some("mrn")] as &[_], &[] as &[_], true),
            ("btree", &[Some("MRN"), Some("day")], &[], true),
            ("btree", &[Some("voided"), Some("mrn")], &["voided"], true),
            ("btree", &[Some("voided"), Some("mrn")], &[], false),
            ("btree", &[Some("voided")], &["voided"], false),
            ("btree", &[None, Some("mrn")], &["voided"], false),
            ("btree", &[], &[], false),
            ("rowid", &[Some("mrn")], &[], true),
            ("hash", &[Some("mrn")], &[], true),
            ("hash", &[Some("mrn"), Some("day")], &[], false),
            ("gin", &[Some("words"), Some("mrn")], &[], true),
            ("brin", &[Some("mrn")], &[], false),
            ("fulltext", &[Some("mrn")], &[], false),
        ] {
            assert_eq!(index(kind, columns).leads(&["mrn"], fixed), leads, "{kind} {columns:?} {fixed:?}");
        }
    }
}
