//! Whether the columns' SQL types can give what the mapping makes of them.

use crate::{
    fetch::sql::Dialect,
    mapping::{
        model::{ColumnSource, Literal, NumberType, Test},
        value::Format,
    },
};

/// What a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Integer,
    Number,
    /// Numbers of which the database shows six digits only.
    Single,
    Text,
    Boolean,
    Date,
    Time,
    /// A timestamp, and whether it carries its zone.
    Timestamp {
        zoned: bool,
    },
    Bytes,
    Uuid,
    /// Anything, or a type that is not known here.
    Other,
}

impl Class {
    /// From the name that the database gives the type.
    pub(super) fn of(dialect: Dialect, name: &str) -> Self {
        let name = name.to_ascii_uppercase();
        match dialect {
            // SQLite's columns hold what they are given; the type only says what is meant.
            Dialect::Sqlite => Self::Other,
            Dialect::Postgres => match name.as_str() {
                "INT2" | "INT4" | "INT8" | "OID" => Self::Integer,
                "NUMERIC" | "FLOAT4" | "FLOAT8" | "MONEY" => Self::Number,
                "TEXT" | "VARCHAR" | "CHAR" | "BPCHAR" | "NAME" | "\"CHAR\"" | "CITEXT" => Self::Text,
                "BOOL" => Self::Boolean,
                "DATE" => Self::Date,
                "TIME" | "TIMETZ" => Self::Time,
                "TIMESTAMP" => Self::Timestamp { zoned: false },
                "TIMESTAMPTZ" => Self::Timestamp { zoned: true },
                "BYTEA" => Self::Bytes,
                "UUID" => Self::Uuid,
                _ => Self::Other,
            },
            Dialect::MySql => match name.as_str() {
                "BOOLEAN" => Self::Boolean,
                "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => Self::Integer,
                "DECIMAL" | "DOUBLE" => Self::Number,
                "FLOAT" => Self::Single,
                "VARCHAR" | "CHAR" | "TEXT" | "TINYTEXT" | "MEDIUMTEXT" | "LONGTEXT" | "ENUM" => Self::Text,
                "DATE" => Self::Date,
                "TIME" => Self::Time,
                // Local times; TIMESTAMP columns are read in UTC and printed without saying so.
                "DATETIME" | "TIMESTAMP" => Self::Timestamp { zoned: false },
                "BINARY" | "VARBINARY" | "BLOB" | "TINYBLOB" | "MEDIUMBLOB" | "LONGBLOB" => Self::Bytes,
                _ => Self::Other,
            },
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Integer => "whole numbers",
            Self::Number | Self::Single => "numbers",
            Self::Text => "text",
            Self::Boolean => "true or false",
            Self::Date => "dates",
            Self::Time => "times of day",
            Self::Timestamp { .. } => "timestamps",
            Self::Bytes => "bytes",
            Self::Uuid => "UUIDs",
            Self::Other => "something",
        }
    }
}

/// What is wrong with making an element of this type from a column of that class.
pub(super) fn element(fhir_type: &str, source: &ColumnSource, class: Class) -> Option<String> {
    let Some(map) = &source.map else { return plain(fhir_type, source, class) };
    let holds = class.words();
    let impossible = |fits: fn(&str) -> bool| {
        let mut keys: Vec<&str> = map.values.keys().map(String::as_str).filter(|key| !fits(key)).collect();
        keys.sort_unstable();
        (!keys.is_empty()).then(|| {
            format!("the column holds {holds}: `{}` in its map can never be found", keys.join("`, `"))
        })
    };
    match class {
        Class::Bytes => Some("the column holds bytes, which a map cannot tell apart".to_owned()),
        Class::Integer => impossible(|key| key.parse::<i128>().is_ok_and(|number| number.to_string() == key)),
        _ => None,
    }
}

/// What is doubtful about it, although it may be right.
pub(super) fn doubt(fhir_type: &str, source: &ColumnSource, class: Class) -> Option<&'static str> {
    if source.map.is_some() {
        return None;
    }
    match (&source.reading.format, fhir_type, class) {
        (_, "decimal", Class::Single) => Some(
            "FLOAT is shown with six digits at most (123456.7 as 123457): map a view that writes CAST(... AS DECIMAL(p, s)), or change the \
             column's type",
        ),
        (Format::Unix | Format::UnixMillis, "date" | "dateTime" | "instant", Class::Text) => Some(
            "the column holds text, of which only whole numbers are read as times since 1970: leave `format` away if it is written otherwise",
        ),
        _ => None,
    }
}

fn plain(fhir_type: &str, source: &ColumnSource, class: Class) -> Option<String> {
    use Class::*;
    let holds = class.words();
    let does_not_fit = || Some(format!("the column holds {holds}, which give no {fhir_type}"));
    match (fhir_type, class) {
        (_, Other) | ("base64Binary", _) => None,
        (_, Bytes) => does_not_fit(),
        (
            "decimal" | "integer" | "unsignedInt" | "positiveInt",
            Boolean | Date | Time | Timestamp { .. } | Uuid,
        ) => does_not_fit(),
        ("boolean", Date | Time | Timestamp { .. } | Uuid | Number | Single) => does_not_fit(),
        ("date" | "dateTime" | "instant", _) => moment(fhir_type, source, class),
        ("time", Integer | Number | Single | Boolean | Date | Timestamp { .. } | Uuid) => does_not_fit(),
        _ => None,
    }
}

fn moment(fhir_type: &str, source: &ColumnSource, class: Class) -> Option<String> {
    use Class::*;
    let holds = class.words();
    match (&source.reading.format, class) {
        (Format::Iso, Integer | Number | Single) => Some(format!(
            "the column holds {holds}: write `format = \"unix\"` or \"unix-ms\", or a strftime pattern, if they are times"
        )),
        (_, Boolean | Time | Uuid) => Some(format!("the column holds {holds}, which give no {fhir_type}")),
        (Format::Unix | Format::UnixMillis, Date | Timestamp { .. }) => {
            Some(format!("the column holds {holds}, not seconds since 1970: leave `format` away"))
        }
        (Format::Pattern(_), Date | Timestamp { .. }) => {
            Some(format!("the column holds {holds}, not text: leave `format` away"))
        }
        (_, Date) if fhir_type == "instant" => {
            Some("the column holds dates, and an instant needs a time".to_owned())
        }
        (Format::Iso, Timestamp { zoned: false }) if source.reading.zone.is_none() && fhir_type != "date" => {
            Some("the timestamps carry no zone: write `timezone`, or only their dates are shown".to_owned())
        }
        _ => None,
    }
}

/// What is wrong with a column that must hold record numbers.
pub(super) fn record_number(kind: NumberType, class: Class) -> Option<String> {
    let right = match (kind, class) {
        (_, Class::Other) => true,
        (NumberType::Text | NumberType::Char, class) => class == Class::Text,
        (NumberType::Integer, class) => class == Class::Integer,
        (NumberType::Uuid, class) => matches!(class, Class::Uuid | Class::Text),
    };
    let holds = class.words();
    (!right).then(|| format!("the patient's column holds {holds}: set `record_number_type` accordingly"))
}

/// What is wrong with comparing two columns.
pub(super) fn join(one: Class, other: Class) -> Option<String> {
    let same = |class: Class| match class {
        Class::Integer | Class::Number | Class::Single | Class::Boolean => 0,
        Class::Text | Class::Uuid => 1,
        Class::Date | Class::Timestamp { .. } => 2,
        Class::Time => 3,
        Class::Bytes => 4,
        Class::Other => 5,
    };
    let right = one == Class::Other || other == Class::Other || same(one) == same(other);
    (!right).then(|| {
        format!(
            "a column of {} is compared with one of {}: databases call things equal then that are not",
            one.words(),
            other.words()
        )
    })
}

/// What is wrong with a condition on a column.
pub(super) fn condition(test: &Test, class: Class) -> Option<String> {
    let (Test::OneOf(literals) | Test::NoneOf(literals)) = test else { return None };
    let wrong = literals.iter().any(|literal| {
        matches!(
            (literal, class),
            (
                Literal::Integer(_) | Literal::Boolean(_),
                Class::Text | Class::Date | Class::Timestamp { .. } | Class::Uuid
            ) | (Literal::Boolean(_), Class::Number | Class::Single)
        )
    });
    wrong.then(|| format!("the column holds {}: write what it is compared with in quotes", class.words()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::value::Reading;

    fn source(format: Format) -> ColumnSource {
        let reading = Reading { format, zone: None };
        ColumnSource { column: 0, map: None, reading, comparator: false, codes: &[] }
    }

    #[test]
    fn types_should_fit_when_the_column_can_give_the_element() {
        for (fhir_type, class) in [
            ("decimal", Class::Text),
            ("decimal", Class::Number),
            ("boolean", Class::Integer),
            ("date", Class::Timestamp { zoned: false }),
            ("dateTime", Class::Date),
            ("string", Class::Integer),
            ("base64Binary", Class::Bytes),
            ("instant", Class::Other),
        ] {
            assert_eq!(element(fhir_type, &source(Format::Iso), class), None, "{fhir_type} {class:?}");
        }
        assert_eq!(element("dateTime", &source(Format::Unix), Class::Integer), None);
    }

    #[test]
    fn types_should_be_refused_when_the_column_cannot_give_the_element() {
        for (fhir_type, class) in [
            ("decimal", Class::Date),
            ("boolean", Class::Timestamp { zoned: true }),
            ("date", Class::Integer),
            ("dateTime", Class::Timestamp { zoned: false }),
            ("instant", Class::Date),
            ("string", Class::Bytes),
            ("time", Class::Integer),
        ] {
            assert!(element(fhir_type, &source(Format::Iso), class).is_some(), "{fhir_type} {class:?}");
        }
        assert!(element("dateTime", &source(Format::Unix), Class::Date).is_some());
    }

    #[test]
    fn types_should_be_doubted_when_a_value_may_be_lost() {
        assert_eq!(Class::of(Dialect::MySql, "float"), Class::Single);
        for (fhir_type, format, class, is_doubtful) in [
            ("decimal", Format::Iso, Class::Single, true),
            ("decimal", Format::Iso, Class::Number, false),
            ("string", Format::Iso, Class::Single, false),
            ("dateTime", Format::Unix, Class::Text, true),
            ("dateTime", Format::UnixMillis, Class::Integer, false),
            ("dateTime", Format::Iso, Class::Text, false),
        ] {
            assert_eq!(element(fhir_type, &source(format.clone()), class), None, "{fhir_type} {class:?}");
            assert_eq!(
                doubt(fhir_type, &source(format), class).is_some(),
                is_doubtful,
                "{fhir_type} {class:?}"
            );
        }
    }

    #[test]
    fn comparison_should_be_refused_when_databases_would_convert() {
        assert!(join(Class::Integer, Class::Text).is_some() && join(Class::Integer, Class::Number).is_none());
        assert!(condition(&Test::OneOf(vec![Literal::Integer(0)]), Class::Text).is_some());
        assert!(condition(&Test::OneOf(vec![Literal::Integer(0)]), Class::Boolean).is_none());
        assert!(record_number(NumberType::Text, Class::Integer).is_some());
        assert!(record_number(NumberType::Uuid, Class::Text).is_none());
    }
}
