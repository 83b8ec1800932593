//! Queries for the rows of one patient.

use super::{writer::Writer, Dialect, RecordNumber, Statement};
use crate::mapping::model::{Many, ResourceMap};

/// The rows of one patient.
pub(crate) fn select(
    dialect: Dialect,
    resource: &ResourceMap,
    number: &RecordNumber,
    limit: u32,
) -> Statement {
    let mut writer = Writer::new(dialect);
    writer.columns(resource.source.columns.iter());
    writer.from(&resource.source);
    writer.patient(resource, number);
    writer.filters(&resource.source.filters);
    writer.limit(limit);
    writer.finish()
}

/// The rows of another table that belong to the rows of one patient. The patient's column and the key come first.
pub(crate) fn select_many(
    dialect: Dialect,
    resource: &ResourceMap,
    many: &Many,
    number: &RecordNumber,
    limit: u32,
) -> Statement {
    let mut writer = Writer::new(dialect);
    let base = std::iter::once(&resource.patient)
        .chain(&resource.key)
        .filter_map(|place| resource.source.columns.get(*place));
    writer.columns(base.chain(&many.source.columns));
    writer.from(&resource.source);
    writer.join(&many.source.table, &many.source.alias, &many.on, true);
    many.source.joins.iter().for_each(|join| writer.one_to_one(join));
    writer.patient(resource, number);
    writer.filters(&resource.source.filters);
    writer.filters(&many.source.filters);
    writer.order(&many.order);
    writer.limit(limit);
    writer.finish()
}

/// Of each row of one patient its key, whose it is, and what says when it was last changed, in this order.
pub(crate) fn select_changes(
    dialect: Dialect,
    resource: &ResourceMap,
    changed: usize,
    number: &RecordNumber,
    limit: u32,
) -> Statement {
    let mut writer = Writer::new(dialect);
    let places = resource.key.iter().chain([&resource.patient, &changed]);
    writer.columns(places.filter_map(|place| resource.source.columns.get(*place)));
    writer.from(&resource.source);
    writer.patient(resource, number);
    writer.filters(&resource.source.filters);
    writer.limit(limit);
    writer.finish()
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::{super::Bind, *};
    use crate::mapping::{model::NumberType, Mapping};

    /// What the tests of all queries are made of.
    pub(in super::super) const MAPPING: &str = r#"
        version = 1
        [[resource]]
        type = "Observation"
        table = "lab.result"
        key = "id"
        patient = "o.mrn"
        where = { kind = ["LAB", "POC"], voided = 0, state = { not = ["X"] }, gone = { null = true } }
        [[resource.join]]
        name = "o"
        table = "lab_order"
        on = { id = "order_id" }
        where = { list = "LAB", voided = 0 }
        required = true
        [resource.elements]
        status = "final"
        "code.text" = { column = "name" }
        [[resource.many]]
        element = "component"
        table = "part"
        on = { result = "id" }
        order = ["line"]
        [resource.many.elements]
        "code.text" = { column = "name" }
    "#;

    fn statements(dialect: Dialect) -> (Statement, Statement) {
        let mapping = Mapping::from_toml(MAPPING, Path::new("m.toml")).unwrap();
        let resource = &mapping.resources()[0];
        let number = RecordNumber::new(NumberType::Text, "A' OR 1=1 --").unwrap();
        (
            select(dialect, resource, &number, 10),
            select_many(dialect, resource, &resource.many[0], &number, 10),
        )
    }

    #[test]
    fn select_should_bind_the_record_number_and_quote_names_when_generated() {
        let (one, many) = statements(Dialect::Postgres);
        assert_eq!(
            one.sql,
            r#"SELECT CAST("t"."id" AS text), CAST("j_o"."mrn" AS text), CAST("t"."name" AS text) FROM "lab"."result" AS "t" JOIN "lab_order" AS "j_o" ON "j_o"."id" = "t"."order_id" AND (CAST("j_o"."list" AS text) = $1) AND ("j_o"."voided" = $2) WHERE "j_o"."mrn" = $3 AND (CAST("t"."kind" AS text) = $4 OR CAST("t"."kind" AS text) = $5) AND ("t"."voided" = $6) AND "t"."state" IS NOT NULL AND NOT (CAST("t"."state" AS text) = $7) AND "t"."gone" IS NULL LIMIT 11"#
        );
        assert_eq!(one.binds[2], Bind::Text("A' OR 1=1 --".into()));
        assert_eq!(one.binds.len(), 7);
        assert!(
            many.sql.contains(r#"JOIN "part" AS "m" ON "m"."result" = "t"."id" WHERE "j_o"."mrn" = $3"#),
            "{}",
            many.sql
        );
        assert!(many.sql.ends_with(r#" ORDER BY "m"."line" LIMIT 11"#));
    }

    #[test]
    fn select_should_never_contain_the_record_number_when_generated() {
        for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql] {
            let (one, many) = statements(dialect);
            assert!(!one.sql.contains("1=1") && !many.sql.contains("1=1"));
        }
        assert!(statements(Dialect::MySql).0.sql.contains("`j_o`.`mrn` = ?"));
    }
}
