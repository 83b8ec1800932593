//! In which order the tables of a query are found: from the record number on, along what joins them.

use crate::{
    fetch::sql::{By, Dialect, Lookup},
    mapping::model::{Column, Filter, Join, Literal, Many, ResourceMap, Source, Table, Test},
};

/// The tables of a query as they are found, each with its line in the file.
pub(super) fn lookups<'a>(resource: &'a ResourceMap, many: Option<&'a Many>) -> Vec<(Lookup<'a>, usize)> {
    let base = tables(&resource.source, resource.line);
    let more = many.into_iter().flat_map(|many| tables(&many.source, many.line));
    let all: Vec<(&Table, &str, usize)> = base.chain(more).collect();
    let filters = filters(resource, many);
    let of = |alias: &str| filters.iter().copied().filter(|filter| filter.column.alias == alias).collect();
    let equal = equal(resource, many);

    let Some(patient) = resource.source.columns.get(resource.patient) else { return Vec::new() };
    let mut found: Vec<(Lookup<'a>, usize)> = Vec::new();
    if let Some((table, alias, line)) = all.iter().copied().find(|(_, alias, _)| *alias == patient.alias) {
        found.push((Lookup { table, alias, by: By::Number(patient), filters: of(alias) }, line));
    }
    loop {
        let is_found = |alias: &str| found.iter().any(|(lookup, _)| lookup.alias == alias);
        let next =
            all.iter().copied().filter(|(_, alias, _)| !is_found(alias)).find_map(|(table, alias, line)| {
                let joins = |one: &Column, other: &Column| one.alias == alias && is_found(&other.alias);
                let on: Vec<(Column, Column)> = equal
                    .iter()
                    .filter(|(own, known)| joins(own, known) || joins(known, own))
                    .cloned()
                    .collect();
                (!on.is_empty()).then_some((table, alias, line, on))
            });
        let Some((table, alias, line, on)) = next else { return found };
        let needed = |lookup: &Lookup<'_>| {
            on.iter().any(|(own, known)| own.alias == lookup.alias || known.alias == lookup.alias)
        };
        let before = found.iter().map(|(lookup, _)| lookup).filter(|lookup| needed(lookup));
        let before = before.map(|lookup| (lookup.table, lookup.alias)).collect();
        let by = By::Rows { found: before, on };
        found.push((Lookup { table, alias, by, filters: of(alias) }, line));
    }
}

/// Columns of a table that are one constant each, as an index can take them: MySQL's text is compared as another text than it is stored.
pub(super) fn fixed<'a>(dialect: Dialect, lookup: &Lookup<'a>) -> Vec<&'a str> {
    let one = |filter: &&&'a Filter| match &filter.test {
        Test::OneOf(literals) => match literals.as_slice() {
            [Literal::Text(_)] => dialect != Dialect::MySql,
            [_] => true,
            _ => false,
        },
        Test::Null => true,
        Test::NoneOf(_) | Test::NotNull => false,
    };
    lookup.filters.iter().filter(one).map(|filter| filter.column.name.as_str()).collect()
}

fn tables(source: &Source, line: usize) -> impl Iterator<Item = (&Table, &str, usize)> {
    let joined = source.joins.iter().map(|join| (&join.table, join.alias.as_str(), join.line));
    std::iter::once((&source.table, source.alias.as_str(), line)).chain(joined)
}

fn joins<'a>(resource: &'a ResourceMap, many: Option<&'a Many>) -> impl Iterator<Item = &'a Join> {
    resource.source.joins.iter().chain(many.into_iter().flat_map(|many| &many.source.joins))
}

fn filters<'a>(resource: &'a ResourceMap, many: Option<&'a Many>) -> Vec<&'a Filter> {
    let own = resource.source.filters.iter().chain(many.into_iter().flat_map(|many| &many.source.filters));
    own.chain(joins(resource, many).flat_map(|join| &join.filters)).collect()
}

/// Pairs of columns that must be equal, as the query has them.
fn equal(resource: &ResourceMap, many: Option<&Many>) -> Vec<(Column, Column)> {
    let joined = joins(resource, many).map(|join| (&join.alias, &join.on));
    let rows = many.into_iter().map(|many| (&many.source.alias, &many.on));
    let pairs = |(alias, on): (&String, &Vec<(String, Column)>)| -> Vec<(Column, Column)> {
        on.iter().map(|(own, known)| (Column::text(alias, own), known.clone())).collect()
    };
    joined.chain(rows).flat_map(pairs).collect()
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
        key = "id"
        patient = "o.mrn"
        where = { voided = 0, kind = ["A", "B"] }
        [[resource.join]]
        name = "o"
        table = "lab_order"
        on = { id = "order_id" }
        required = true
        [[resource.join]]
        name = "s"
        table = "stay"
        on = { id = "o.stay_id" }
        where = { kind = "I" }
        [resource.elements]
        status = "final"
        "code.text" = { column = "s.name" }
    "#;

    #[test]
    fn lookups_should_begin_at_the_record_number_and_go_along_the_joins() {
        let mapping = Mapping::from_toml(MAPPING, Path::new("m.toml")).unwrap();
        let found = lookups(&mapping.resources()[0], None);
        let tables: Vec<String> = found.iter().map(|(lookup, _)| lookup.table.to_string()).collect();
        assert_eq!(tables, ["lab_order", "result", "stay"]);
        let keys: Vec<&str> =
            found.iter().flat_map(|(lookup, _)| lookup.keys()).map(|column| column.name.as_str()).collect();
        assert_eq!(keys, ["mrn", "order_id", "id"]);
        assert!(matches!(found[0].0.by, By::Number(_)));
        assert_eq!(fixed(Dialect::MySql, &found[1].0), ["voided"]);
        assert_eq!(fixed(Dialect::MySql, &found[0].0), Vec::<&str>::new());
        assert_eq!(fixed(Dialect::MySql, &found[2].0), Vec::<&str>::new());
        assert_eq!(fixed(Dialect::Postgres, &found[2].0), ["kind"]);
    }
}
