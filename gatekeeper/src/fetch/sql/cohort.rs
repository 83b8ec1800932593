//! Queries for the rows of a cohort, and what the database sorts out of them by itself.

use std::collections::BTreeMap;

use super::{writer::Writer, Bind, Dialect, RecordNumber, Statement};
use crate::mapping::model::{Column, Many, ResourceMap};

/// What a code may be, in SQL: a first sieve, after which every row is looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodeTest {
    /// The code, or how it begins.
    pub(crate) code: String,
    /// Whether it is only the beginning.
    pub(crate) begins: bool,
}

/// Days that a date may be of, in SQL: a first sieve, as [`CodeTest`]. They are of ISO 8601 and four digits for the year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DayTest {
    /// The first day; `None` lets all days before the last pass.
    pub(crate) from: Option<String>,
    /// The day after the last one.
    pub(crate) before: String,
}

/// What the database sorts out by itself. Of columns one must pass; where there are none, all rows pass.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sieve<'a> {
    /// Columns of codes, with the tests of which one must be passed.
    pub(crate) codes: Vec<(&'a Column, Vec<CodeTest>)>,
    /// Columns of dates as ISO 8601 writes them.
    pub(crate) days: Vec<&'a Column>,
}

/// Some columns of the rows of several patients; with `many`, of those of another table that belong to them, too. All rows that the sieve
/// lets through: a limit would let one patient's rows push out another's.
pub(crate) fn select_cohort(
    dialect: Dialect,
    resource: &ResourceMap,
    many: Option<&Many>,
    columns: &[&Column],
    numbers: &[RecordNumber],
    sieve: &Sieve<'_>,
    days: Option<&DayTest>,
) -> Statement {
    let mut writer = Writer::new(dialect);
    writer.columns(columns.iter().copied());
    writer.from(&resource.source);
    if let Some(many) = many {
        writer.join(&many.source.table, &many.source.alias, &many.on, true);
        many.source.joins.iter().for_each(|join| writer.one_to_one(join));
    }
    writer.patients(resource, numbers);
    writer.filters(&resource.source.filters);
    if let Some(many) = many {
        writer.filters(&many.source.filters);
    }
    // Days first: they are the cheaper test.
    if let Some(days) = days {
        writer.days(&sieve.days, days);
    }
    writer.codes(&sieve.codes);
    writer.finish()
}

impl Writer {
    /// As [`Writer::patient`], for several.
    fn patients(&mut self, resource: &ResourceMap, numbers: &[RecordNumber]) {
        self.sql.push_str(" WHERE ");
        match resource.source.columns.get(resource.patient) {
            Some(column) if !numbers.is_empty() => self.name(column),
            _ => return self.sql.push_str("1 = 0"),
        }
        self.sql.push_str(" IN (");
        for (place, number) in numbers.iter().enumerate() {
            if place > 0 {
                self.sql.push_str(", ");
            }
            self.number(number);
        }
        self.sql.push(')');
    }

    /// Codes as text without blanks around it, compared letter by letter. What is looked at is written once for all codes of one length,
    /// so that the database works it out once.
    fn codes(&mut self, codes: &[(&Column, Vec<CodeTest>)]) {
        let mut before = " AND (";
        for (column, tests) in codes {
            let mut alike: BTreeMap<Option<usize>, Vec<&str>> = BTreeMap::new();
            for test in tests {
                let begins = test.begins.then(|| test.code.chars().count());
                alike.entry(begins).or_default().push(&test.code);
            }
            for (begins, codes) in alike {
                self.sql.push_str(before);
                before = " OR ";
                self.sql.push_str(if begins.is_some() { "SUBSTR(TRIM(" } else { "TRIM(" });
                self.as_text(column);
                self.sql.push(')');
                if let Some(length) = begins {
                    self.sql.push_str(&format!(", 1, {length})"));
                }
                self.letter_by_letter();
                for (place, code) in codes.into_iter().enumerate() {
                    self.sql.push_str(if place == 0 { " IN (" } else { ", " });
                    self.parameter(Bind::Text(code.to_owned()));
                }
                self.sql.push(')');
            }
        }
        if before == " OR " {
            self.sql.push(')');
        }
    }

    /// Dates as text: all that begin with a digit and are of other days are sorted out. What begins otherwise, with a blank say, is left
    /// to whoever looks at the rows.
    fn days(&mut self, columns: &[&Column], days: &DayTest) {
        for (place, column) in columns.iter().enumerate() {
            self.sql.push_str(if place == 0 { " AND (" } else { " OR " });
            let from = days.from.as_deref().map(|from| [(" >= ", from), (" < ", "0")]);
            let tests = from.into_iter().chain([[(" < ", days.before.as_str()), (" >= ", ":")]]);
            for (number, either) in tests.enumerate() {
                self.sql.push_str(if number == 0 { "(" } else { " AND (" });
                for (number, (comparison, day)) in either.into_iter().enumerate() {
                    self.sql.push_str(if number == 0 { "" } else { " OR " });
                    self.as_text(column);
                    self.letter_by_letter();
                    self.sql.push_str(comparison);
                    self.parameter(Bind::Text(day.to_owned()));
                }
                self.sql.push(')');
            }
        }
        if !columns.is_empty() {
            self.sql.push(')');
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::{super::records::tests::MAPPING, *};
    use crate::mapping::{model::NumberType, Mapping};

    #[test]
    fn select_cohort_should_bind_patients_and_sieve_codes_letter_by_letter_without_a_limit() {
        let mapping = Mapping::from_toml(MAPPING, Path::new("m.toml")).unwrap();
        let resource = &mapping.resources()[0];
        let numbers = ["A1", "B' OR 1=1 --"].map(|text| RecordNumber::new(NumberType::Text, text).unwrap());
        let column = &Column::text("t", "name");
        let test = |code: &str, begins| CodeTest { code: code.into(), begins };
        let tests = vec![test("E11", true), test("I10' --", false), test("C", true), test("E10", true)];
        let sieve = Sieve { codes: vec![(column, tests)], days: vec![column] };
        let of = |dialect| select_cohort(dialect, resource, None, &[column], &numbers, &sieve, None);
        let postgres = of(Dialect::Postgres);
        assert!(
            postgres.sql.contains(r#" WHERE "j_o"."mrn" IN ($3, $4) AND (CAST("t"."kind" AS text) = $5"#),
            "{}",
            postgres.sql
        );
        let end = r#" AND (TRIM(CAST("t"."name" AS text)) COLLATE "C" IN ($9) OR SUBSTR(TRIM(CAST("t"."name" AS text)), 1, 1) COLLATE "C" IN ($10) OR SUBSTR(TRIM(CAST("t"."name" AS text)), 1, 3) COLLATE "C" IN ($11, $12))"#;
        assert!(postgres.sql.ends_with(end), "{}", postgres.sql);
        assert!(of(Dialect::MySql).sql.contains("TRIM(CAST(`t`.`name` AS CHAR)) COLLATE utf8mb4_bin IN (?)"));
        for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql] {
            let statement = of(dialect);
            assert!(!statement.sql.contains("1=1") && !statement.sql.contains("I10"));
            assert_eq!(statement.binds.len(), 12);
        }
        // Nobody is nobody, and not everybody.
        let nobody = select_cohort(Dialect::Sqlite, resource, None, &[column], &[], &Sieve::default(), None);
        assert!(nobody.sql.contains("WHERE 1 = 0"));
    }

    #[test]
    fn select_cohort_should_sort_out_other_days_as_text_and_nothing_that_begins_otherwise() {
        let mapping = Mapping::from_toml(MAPPING, Path::new("m.toml")).unwrap();
        let resource = &mapping.resources()[0];
        let numbers = [RecordNumber::new(NumberType::Text, "A1").unwrap()];
        let column = &Column::text("t", "day");
        let sieve = Sieve { codes: Vec::new(), days: vec![column] };
        let of = |from: Option<&str>| {
            let days = DayTest { from: from.map(str::to_owned), before: "2026-04-03".into() };
            select_cohort(Dialect::Postgres, resource, None, &[column], &numbers, &sieve, Some(&days)).sql
        };
        let (day, upper) = (r#"CAST("t"."day" AS text) COLLATE "C""#, "2026-04-03");
        let end = format!(" AND (({day} >= $8 OR {day} < $9) AND ({day} < $10 OR {day} >= $11))");
        assert!(of(Some("2025-12-30")).ends_with(&end), "{}", of(Some("2025-12-30")));
        assert!(of(None).ends_with(&format!(" AND (({day} < $8 OR {day} >= $9))")), "{}", of(None));
        assert!(!of(None).contains(upper));
    }
}
