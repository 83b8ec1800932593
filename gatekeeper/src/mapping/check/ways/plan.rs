//! Reading plans, as each database tells them.

use serde_json::Value;

use super::super::index::{among, Index};
use crate::fetch::{sql::Dialect, Cell, Row};

/// How a plan finds the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By an index that leads to them.
    ByKey,
    /// By an index that leads elsewhere.
    ByOther,
    /// By going through all of it.
    Whole,
}

/// How a plan finds the rows of one table, by `keys`.
pub(super) fn way(dialect: Dialect, plan: &[Row], alias: &str, keys: &[&str], indices: &[Index]) -> Way {
    match dialect {
        Dialect::Sqlite => plan.iter().find_map(|row| sqlite_way(row, alias, keys)).unwrap_or(Way::Whole),
        // What is not in the plan, it read already: by a key that is there once at most.
        Dialect::MySql => {
            plan.iter().find_map(|row| mysql_way(row, alias, keys, indices)).unwrap_or(Way::ByKey)
        }
        Dialect::Postgres => {
            let plan = postgres(plan);
            plan.and_then(|plan| postgres_way(&plan, alias, keys, indices)).unwrap_or(Way::Whole)
        }
    }
}

/// Aliases of the tables that a plan goes through as a whole.
pub(super) fn whole(dialect: Dialect, plan: &[Row]) -> Vec<String> {
    let mut found = Vec::new();
    match dialect {
        Dialect::Sqlite => found.extend(plan.iter().filter_map(sqlite_whole)),
        Dialect::Postgres => {
            if let Some(plan) = postgres(plan) {
                postgres_whole(&plan, None, &mut found);
            }
        }
        Dialect::MySql => found.extend(plan.iter().filter_map(mysql_whole)),
    }
    found.sort();
    found.dedup();
    found
}

/// The words of a condition such as `((mrn)::text = 'A1'::text)`.
fn words(condition: &str) -> Vec<&str> {
    condition.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').collect()
}

/// What SQLite says of one step: `SCAN t`, `SCAN t USING COVERING INDEX i`, `SEARCH t USING INDEX i (mrn=?)`,
/// `SEARCH t USING AUTOMATIC COVERING INDEX (mrn=?)`, whose index is made by going through the table.
fn sqlite_step(row: &Row) -> Option<(&str, &str, &str)> {
    let detail = row.last()?.text()?;
    let mut parts = detail.splitn(3, ' ');
    Some((parts.next()?, parts.next()?, parts.next().unwrap_or_default()))
}

fn sqlite_way(row: &Row, alias: &str, keys: &[&str]) -> Option<Way> {
    let (verb, _, how) = sqlite_step(row)
        .filter(|(verb, of, _)| matches!(*verb, "SCAN" | "SEARCH") && of.eq_ignore_ascii_case(alias))?;
    if verb == "SCAN" || how.contains("AUTOMATIC") {
        return Some(Way::Whole);
    }
    let columns = how.rsplit_once('(').map_or("", |(_, rest)| rest.split(')').next().unwrap_or_default());
    // It may try every value of a first column that is not given, `ANY(a) AND b=?`, as long as it believes that there are few.
    let led = !how.contains("ANY(") && words(columns).iter().any(|word| among(keys, word));
    Some(if led { Way::ByKey } else { Way::ByOther })
}

fn sqlite_whole(row: &Row) -> Option<String> {
    let (verb, alias, how) = sqlite_step(row)?;
    let whole = match verb {
        "SCAN" => alias != "CONSTANT",
        "SEARCH" => how.contains("AUTOMATIC") || how.contains("ANY("),
        _ => false,
    };
    whole.then(|| alias.to_owned())
}

fn postgres(plan: &[Row]) -> Option<Value> {
    serde_json::from_str(plan.first()?.first()?.text()?).ok()
}

const BY_INDEX: &[&str] = &["Index Scan", "Index Only Scan", "Bitmap Index Scan"];

fn text<'a>(node: &'a Value, key: &str) -> Option<&'a str> {
    node.get(key).and_then(Value::as_str)
}

/// Nodes below a node of a plan.
fn below(node: &Value) -> impl Iterator<Item = &Value> {
    let first = node.get("Plan").into_iter();
    first.chain(node.get("Plans").and_then(Value::as_array).into_iter().flatten())
}

fn postgres_way(node: &Value, alias: &str, keys: &[&str], indices: &[Index]) -> Option<Way> {
    if let Value::Array(items) = node {
        return items.iter().find_map(|item| postgres_way(item, alias, keys, indices));
    }
    if text(node, "Alias") != Some(alias) {
        return below(node).find_map(|node| postgres_way(node, alias, keys, indices));
    }
    Some(match text(node, "Node Type") {
        Some("Index Scan" | "Index Only Scan") => postgres_index(node, keys, indices),
        Some("Bitmap Heap Scan") => below(node).map(|node| postgres_bitmap(node, keys, indices)).next()?,
        _ => Way::Whole,
    })
}

/// Of several indices one that leads narrows the rest, if all must hold; if one of them is enough, each must lead.
fn postgres_bitmap(node: &Value, keys: &[&str], indices: &[Index]) -> Way {
    let mut parts = below(node).map(|node| postgres_bitmap(node, keys, indices));
    let led = match text(node, "Node Type") {
        Some("BitmapAnd") => parts.any(|part| part == Way::ByKey),
        Some("BitmapOr") => parts.all(|part| part == Way::ByKey),
        _ => return postgres_index(node, keys, indices),
    };
    if led {
        Way::ByKey
    } else {
        Way::ByOther
    }
}

/// A condition on a column that does not come first has the whole index read: what counts are the columns it has from the first on.
fn postgres_index(node: &Value, keys: &[&str], indices: &[Index]) -> Way {
    let Some(condition) = text(node, "Index Cond") else { return Way::Whole };
    let given: Vec<&str> = words(condition);
    let held: Vec<&str> = keys.iter().copied().filter(|key| among(&given, key)).collect();
    let index = text(node, "Index Name").and_then(|name| indices.iter().find(|index| index.name == name));
    if index.is_some_and(|index| index.leads(&held, &given)) {
        Way::ByKey
    } else {
        Way::ByOther
    }
}

/// How PostgreSQL uses an index: the table's alias, the index, the words of the condition.
pub(super) struct Used {
    pub alias: String,
    pub index: String,
    pub condition: Vec<String>,
}

/// The indices by which a plan of PostgreSQL finds rows: it may read one from end to end for a condition on a column that does not come first.
pub(super) fn used(dialect: Dialect, plan: &[Row]) -> Vec<Used> {
    let mut found = Vec::new();
    if let Some(plan) = (dialect == Dialect::Postgres).then(|| postgres(plan)).flatten() {
        postgres_used(&plan, None, &mut found);
    }
    found
}

fn postgres_used(node: &Value, alias: Option<&str>, found: &mut Vec<Used>) {
    if let Value::Array(items) = node {
        return items.iter().for_each(|item| postgres_used(item, alias, found));
    }
    let alias = text(node, "Alias").or(alias);
    if let (Some(alias), Some(index), Some(condition)) =
        (alias, text(node, "Index Name"), text(node, "Index Cond"))
    {
        let condition = words(condition).into_iter().map(str::to_owned).collect();
        found.push(Used { alias: alias.to_owned(), index: index.to_owned(), condition });
    }
    below(node).for_each(|node| postgres_used(node, alias, found));
}

fn postgres_whole(node: &Value, alias: Option<&str>, found: &mut Vec<String>) {
    if let Value::Array(items) = node {
        return items.iter().for_each(|item| postgres_whole(item, alias, found));
    }
    // The index scan beneath a bitmap scan has the alias of that.
    let alias = text(node, "Alias").or(alias);
    let kind = text(node, "Node Type").unwrap_or_default();
    if kind == "Seq Scan" || (BY_INDEX.contains(&kind) && text(node, "Index Cond").is_none()) {
        let name = alias.or(text(node, "Relation Name")).or(text(node, "Index Name"));
        found.push(name.unwrap_or("a table").to_owned());
    }
    below(node).for_each(|node| postgres_whole(node, alias, found));
}

/// What MySQL and MariaDB say of one table.
struct MySqlStep<'a> {
    alias: &'a str,
    kind: &'a str,
    /// Indices that could be used.
    possible: &'a str,
    key: &'a str,
    /// What the columns of the index are compared with.
    compared: &'a str,
}

/// Columns: id, select_type, table, (partitions in MySQL), type, possible_keys, key, key_len, ref, ...
fn mysql_step(row: &Row) -> Option<MySqlStep<'_>> {
    const KINDS: &[&str] = &[
        "ALL",
        "index",
        "range",
        "ref",
        "eq_ref",
        "const",
        "system",
        "ref_or_null",
        "index_merge",
        "fulltext",
        "unique_subquery",
        "index_subquery",
    ];
    let text = |place: usize| row.get(place).and_then(Cell::text);
    let first = if text(3).is_some_and(|kind| KINDS.contains(&kind)) { 3 } else { 4 };
    let word = |place: usize| text(first + place).unwrap_or_default();
    Some(MySqlStep {
        alias: text(2)?,
        kind: text(first)?,
        possible: word(1),
        key: word(2),
        compared: word(4),
    })
}

fn mysql_way(row: &Row, alias: &str, keys: &[&str], indices: &[Index]) -> Option<Way> {
    let step = mysql_step(row).filter(|step| step.alias == alias)?;
    let index = indices.iter().find(|index| index.name == step.key);
    // As many columns from the first on are compared as there are things that they are compared with.
    let compared = step.compared.split(',').filter(|part| !part.is_empty()).count();
    let given = |count: usize| {
        let columns = index.into_iter().flat_map(|index| index.columns.iter().take(count).flatten());
        columns.into_iter().any(|column| among(keys, column))
    };
    let led = match step.kind {
        "ALL" | "index" | "fulltext" => return Some(Way::Whole),
        "system" => true,
        "range" | "index_merge" => given(1),
        _ => given(compared),
    };
    Some(if led { Way::ByKey } else { Way::ByOther })
}

fn mysql_whole(row: &Row) -> Option<String> {
    let step = mysql_step(row)?;
    (matches!(step.kind, "ALL" | "index") && step.possible.is_empty()).then(|| step.alias.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn row(cells: &[Option<&str>]) -> Row {
        cells.iter().map(|cell| cell.map_or(Cell::Null, |text| Cell::Text(text.to_owned()))).collect()
    }

    fn index(name: &str, columns: &[&str]) -> Index {
        let columns = columns.iter().map(|column| Some((*column).to_owned())).collect();
        Index { name: name.into(), unique: false, partial: false, kind: "btree".into(), columns }
    }

    #[test]
    fn way_should_be_read_when_sqlite_plans_it() {
        let plan = |detail| [row(&[Some("2"), Some("0"), Some("0"), Some(detail)])];
        for (detail, way) in [
            ("SCAN t", Way::Whole),
            ("SCAN t USING COVERING INDEX i", Way::Whole),
            ("SEARCH t USING AUTOMATIC COVERING INDEX (mrn=?)", Way::Whole),
            ("SEARCH t USING INDEX voided (voided=?)", Way::ByOther),
            ("SEARCH t USING INDEX both (ANY(voided) AND mrn=?)", Way::ByOther),
            ("SEARCH t USING INDEX mrn (mrn=?)", Way::ByKey),
            ("SEARCH t USING COVERING INDEX both (voided=? AND mrn=?) LEFT-JOIN", Way::ByKey),
            ("SEARCH other USING INDEX mrn (mrn=?)", Way::Whole),
            ("USE TEMP B-TREE FOR ORDER BY", Way::Whole),
        ] {
            assert_eq!(super::way(Dialect::Sqlite, &plan(detail), "t", &["mrn"], &[]), way, "{detail}");
        }
        assert_eq!(whole(Dialect::Sqlite, &plan("SCAN v")), ["v"]);
        assert_eq!(whole(Dialect::Sqlite, &plan("SCAN CONSTANT ROW")), Vec::<String>::new());
        assert_eq!(whole(Dialect::Sqlite, &plan("SEARCH v USING INDEX i (a=?)")), Vec::<String>::new());
        assert_eq!(whole(Dialect::Sqlite, &plan("SEARCH v USING INDEX i (ANY(b) AND a=?)")), ["v"]);
    }

    #[test]
    fn way_should_be_read_when_postgres_plans_it() {
        let indices =
            [index("mrn", &["mrn"]), index("both", &["voided", "mrn"]), index("voided", &["voided"])];
        let scan = |kind: &str, name: &str, condition: &str| {
            format!(r#"{{"Node Type":"{kind}","Alias":"t","Index Name":"{name}"{condition}}}"#)
        };
        let condition = |text: &str| format!(r#","Index Cond":"{text}""#);
        let bitmap =
            |node: &str| format!(r#"{{"Node Type":"Bitmap Heap Scan","Alias":"t","Plans":[{node}]}}"#);
        let several = |kind: &str, nodes: &[String]| {
            bitmap(&format!(r#"{{"Node Type":"{kind}","Plans":[{}]}}"#, nodes.join(",")))
        };
        let by_mrn = scan("Bitmap Index Scan", "mrn", &condition("(mrn = 1)"));
        let by_flag = scan("Bitmap Index Scan", "voided", &condition("(voided = 0)"));
        for (node, way) in [
            (r#"{"Node Type":"Seq Scan","Alias":"t"}"#.to_owned(), Way::Whole),
            (scan("Index Scan", "mrn", ""), Way::Whole),
            (scan("Index Scan", "mrn", &condition("((mrn)::text = 'A1'::text)")), Way::ByKey),
            (scan("Index Scan", "voided", &condition("(voided = 0)")), Way::ByOther),
            (scan("Index Only Scan", "both", &condition("(mrn = 1)")), Way::ByOther),
            (scan("Index Scan", "both", &condition("((voided = 0) AND (mrn = 1))")), Way::ByKey),
            (bitmap(&by_mrn), Way::ByKey),
            (bitmap(&by_flag), Way::ByOther),
            (several("BitmapAnd", &[by_flag.clone(), by_mrn.clone()]), Way::ByKey),
            (several("BitmapOr", &[by_flag, by_mrn]), Way::ByOther),
        ] {
            let plan = format!(
                r#"[{{"Plan":{{"Node Type":"Nested Loop","Plans":[{{"Node Type":"Seq Scan","Alias":"before"}},{node}]}}}}]"#
            );
            let found = super::way(Dialect::Postgres, &[row(&[Some(&plan)])], "t", &["mrn"], &indices);
            assert_eq!(found, way, "{node}");
        }
        let plan = r#"[{"Plan":{"Node Type":"Nested Loop","Plans":[{"Node Type":"Seq Scan","Alias":"a","Relation Name":"x"},
            {"Node Type":"Index Scan","Alias":"b","Index Cond":"(x = 1)"},{"Node Type":"Index Scan","Alias":"c"}]}}]"#;
        assert_eq!(whole(Dialect::Postgres, &[row(&[Some(plan)])]), ["a", "c"]);
        let plan = several(
            "BitmapAnd",
            &[scan("Bitmap Index Scan", "both", &condition("((mrn)::text = 'A1'::text)"))],
        );
        let plan = format!(r#"[{{"Plan":{plan}}}]"#);
        let used = used(Dialect::Postgres, &[row(&[Some(&plan)])]);
        assert!(used.len() == 1 && used[0].alias == "t" && used[0].index == "both");
        assert!(used[0].condition.contains(&"mrn".to_owned()));
    }

    #[test]
    fn way_should_be_read_when_mysql_plans_it() {
        let indices =
            [index("by_mrn", &["mrn"]), index("both", &["voided", "mrn"]), index("flag", &["voided"])];
        let (id, select, table) = (Some("1"), Some("SIMPLE"), Some("t"));
        for (kind, key, compared, way) in [
            ("ALL", None, None, Way::Whole),
            ("index", Some("by_mrn"), None, Way::Whole),
            ("ref", Some("by_mrn"), Some("const"), Way::ByKey),
            ("eq_ref", Some("by_mrn"), Some("hospital.o.mrn"), Way::ByKey),
            ("ref", Some("flag"), Some("const"), Way::ByOther),
            ("ref", Some("both"), Some("const"), Way::ByOther),
            ("ref", Some("both"), Some("const,const"), Way::ByKey),
            ("range", Some("both"), None, Way::ByOther),
            ("range", Some("by_mrn"), None, Way::ByKey),
        ] {
            let plain =
                row(&[id, select, table, Some(kind), None, key, Some("4"), compared, Some("1"), None]);
            let partitioned =
                row(&[id, select, table, None, Some(kind), None, key, Some("4"), compared, Some("1"), None]);
            for plan in [plain, partitioned] {
                assert_eq!(
                    super::way(Dialect::MySql, &[plan], "t", &["mrn"], &indices),
                    way,
                    "{kind} {key:?}"
                );
            }
        }
        let gone = row(&[id, select, None, None, None, None, None, None, None]);
        assert_eq!(super::way(Dialect::MySql, &[gone], "t", &["mrn"], &indices), Way::ByKey);
        let all =
            |possible| row(&[id, select, Some("v"), Some("ALL"), possible, None, None, None, None, None]);
        assert_eq!(whole(Dialect::MySql, &[all(None)]), ["v"]);
        assert_eq!(whole(Dialect::MySql, &[all(Some("i"))]), Vec::<String>::new());
    }
}
