//! `check` says the same of the same tables and indices, whatever the database knows of its rows: nothing, that there are few, that there
//! are many, or something that is not true any more.

use medrec_gatekeeper::{
    fetch::Database,
    mapping::{Mapping, Severity},
};

use crate::{
    exercise::patient_options,
    owner::{MariaDb, Owner, Postgres, Sqlite},
    planned,
};

/// Tables of one hospital: results by record number, and parts of results.
const TABLES: &str = "
CREATE TABLE result (id INTEGER PRIMARY KEY, mrn VARCHAR(12), voided INTEGER NOT NULL, ward VARCHAR(12), order_id INTEGER);
CREATE TABLE lab_order (id INTEGER NOT NULL, mrn VARCHAR(12), voided INTEGER NOT NULL);
CREATE TABLE part (result INTEGER, voided INTEGER NOT NULL, line INTEGER NOT NULL, word VARCHAR(12))";

/// A mapping with more in its head, and more after its elements.
fn mapping(patient: &str, head: &str, more: &str) -> Mapping {
    let text = format!(
        "version = 1\n[[resource]]\ntype = \"Observation\"\ntable = \"result\"\nkey = \"id\"\npatient = \"{patient}\"\n{head}\n\
         [resource.elements]\nstatus = \"final\"\n\"code.text\" = {{ column = \"ward\" }}\n{more}"
    );
    planned::mapping(&text)
}

const ORDER: &str =
    "[[resource.join]]\nname = \"o\"\ntable = \"lab_order\"\non = { id = \"order_id\" }\nrequired = true\n";
const STANDING: &str = "where = { voided = 0 }\n";

/// The parts of a result, which stand as its notes.
const PARTS: &str =
    "[[resource.many]]\nelement = \"note\"\ntable = \"part\"\non = { result = \"id\" }\norder = [\"line\"]\n\
                     [resource.many.elements]\ntext = { column = \"word\" }\n";

/// What is made before `check` looks, how the mapping finds its rows, and what is found wrong: words of each error.
struct Case {
    indices: &'static str,
    mapping: (&'static str, &'static str, &'static str),
    wrong: &'static [&'static str],
}

const fn case(
    indices: &'static str,
    mapping: (&'static str, &'static str, &'static str),
    wrong: &'static [&'static str],
) -> Case {
    Case { indices, mapping, wrong }
}

const RESULT: &[&str] = &["whole of `result`"];

/// What must hold on every database.
const EVERYWHERE: &[Case] = &[
    case("", ("mrn", "", ""), RESULT),
    case("CREATE INDEX a ON result (mrn)", ("mrn", "", ""), &[]),
    case("CREATE INDEX a ON result (mrn, ward)", ("mrn", STANDING, ""), &[]),
    // An index on a flag leads to no patient, also beside one that does.
    case("CREATE INDEX a ON result (voided)", ("mrn", STANDING, ""), RESULT),
    case("CREATE INDEX a ON result (voided); CREATE INDEX b ON result (mrn)", ("mrn", STANDING, ""), &[]),
    // The patient's column does not come first: only where what comes before it is one constant.
    case("CREATE INDEX a ON result (voided, mrn)", ("mrn", STANDING, ""), &[]),
    case(
        "CREATE INDEX a ON result (voided, mrn); CREATE INDEX b ON result (voided)",
        ("mrn", STANDING, ""),
        &[],
    ),
    case("CREATE INDEX a ON result (voided, mrn)", ("mrn", "where = { voided = [0, 1] }", ""), RESULT),
    case("CREATE INDEX a ON result (voided, mrn)", ("mrn", "", ""), RESULT),
    case("CREATE INDEX a ON result (ward, mrn)", ("mrn", STANDING, ""), RESULT),
    case("CREATE INDEX a ON result (voided, mrn); CREATE INDEX b ON result (mrn)", ("mrn", "", ""), &[]),
    // All that is read stands in the index, which is read from end to end all the same.
    case("CREATE INDEX a ON result (voided, ward, mrn, order_id, id)", ("mrn", STANDING, ""), RESULT),
    // By another table: from the record number along the join, and not the other way round.
    case("CREATE INDEX a ON lab_order (mrn); CREATE INDEX b ON result (order_id)", ("o.mrn", ORDER, ""), &[]),
    case("CREATE INDEX a ON lab_order (mrn)", ("o.mrn", ORDER, ""), RESULT),
    case(
        "CREATE INDEX a ON lab_order (id); CREATE INDEX b ON result (order_id)",
        ("o.mrn", ORDER, ""),
        &["whole of `lab_order`"],
    ),
    case("CREATE INDEX a ON result (mrn)", ("mrn", ORDER, ""), &["whole of `lab_order`"]),
    case("CREATE INDEX a ON result (mrn); CREATE INDEX b ON lab_order (id)", ("mrn", ORDER, ""), &[]),
    // Rows of another table that fill an array.
    case("CREATE INDEX a ON result (mrn); CREATE INDEX b ON part (result, line)", ("mrn", "", PARTS), &[]),
    case(
        "CREATE INDEX a ON result (mrn); CREATE INDEX b ON part (line)",
        ("mrn", "", PARTS),
        &["whole of `part`"],
    ),
    case("CREATE INDEX b ON part (result)", ("mrn", "", PARTS), RESULT),
];

/// Rows: so many of each table; half of them one patient's, so that no index seems to be of much use.
fn rows(number: usize) -> String {
    let values = |table: &str, row: &dyn Fn(usize) -> String| {
        let rows: Vec<String> = (1..=number).map(row).collect();
        format!("INSERT INTO {table} VALUES {};", rows.join(", "))
    };
    let mrn = |number: usize| if number.is_multiple_of(2) { "A1".to_owned() } else { format!("B{number}") };
    [
        values("result", &|n| format!("({n}, '{}', {}, 'W', {n})", mrn(n), usize::from(n % 50 == 0))),
        values("lab_order", &|n| format!("({n}, '{}', 0)", mrn(n))),
        values("part", &|n| format!("({}, 0, {n}, 'x')", n / 2)),
    ]
    .concat()
}

/// What `check` finds wrong, whatever the account may do.
async fn wrong(url: &str, mapping: &Mapping) -> Vec<String> {
    let database = Database::connect(url, patient_options()).await.unwrap();
    let findings = mapping.check(&database).await;
    database.close().await;
    let errors = findings.into_iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.message).filter(|message| !message.starts_with("this account")).collect()
}

/// `drop` throws the tables away, with all that hangs on them; `analyze` has the database look at how many rows there are of what.
async fn exercise(owner: &impl Owner, drop: &str, analyze: &str, own: &[Case]) {
    // Nothing known; few rows and many, known and not; known when there was nothing yet, and then filled.
    let states: [(&str, Vec<String>); 5] = [
        ("empty", vec![]),
        ("few, unknown", vec![rows(3)]),
        ("few, known", vec![rows(3), analyze.into()]),
        ("many, known", vec![rows(1_500), analyze.into()]),
        ("known when empty", vec![analyze.into(), rows(1_500)]),
    ];
    for case in EVERYWHERE.iter().chain(own) {
        let (patient, head, more) = case.mapping;
        let mapping = mapping(patient, head, more);
        let mut url = owner.run(&format!("{drop};{TABLES};{}", case.indices)).await;
        for (state, statements) in &states {
            owner.run("DELETE FROM part; DELETE FROM result; DELETE FROM lab_order").await;
            for statement in statements {
                url = owner.run(statement).await;
            }
            let found = wrong(&url, &mapping).await;
            let as_expected = found.len() == case.wrong.len()
                && found.iter().zip(case.wrong).all(|(found, words)| found.contains(words));
            assert!(as_expected, "{:?}, {patient} {head:?}, {state}: {found:?}", case.indices);
        }
    }
}

#[tokio::test]
async fn sqlite_check_should_say_the_same_whatever_is_known_of_the_rows() {
    let own = [
        case("CREATE INDEX a ON result (ward, mrn)", ("mrn", "where = { ward = \"W\" }", ""), &[]),
        case("CREATE INDEX a ON result (mrn) WHERE voided = 0", ("mrn", STANDING, ""), &[]),
        case("CREATE INDEX a ON result (mrn) WHERE voided = 0", ("mrn", "", ""), RESULT),
        case("CREATE INDEX a ON result (mrn) WHERE voided = 1", ("mrn", STANDING, ""), RESULT),
        // Compared otherwise than it is ordered.
        case(
            "CREATE INDEX a ON result (mrn COLLATE NOCASE)",
            ("mrn", "", ""),
            &["its index `a` cannot be used"],
        ),
        case("CREATE INDEX a ON result (UPPER(mrn))", ("mrn", "", ""), RESULT),
    ];
    let drop = "DROP TABLE IF EXISTS part; DROP TABLE IF EXISTS result; DROP TABLE IF EXISTS lab_order";
    exercise(&Sqlite::new(), drop, "ANALYZE", &own).await;
}

#[tokio::test]
async fn postgres_check_should_say_the_same_whatever_is_known_of_the_rows() {
    let own = [
        case("CREATE INDEX a ON result (ward, mrn)", ("mrn", "where = { ward = \"W\" }", ""), &[]),
        case("CREATE INDEX a ON result (mrn) WHERE voided = 0", ("mrn", STANDING, ""), &[]),
        case("CREATE INDEX a ON result (mrn) WHERE voided = 0; CREATE INDEX b ON result (voided)", ("mrn", STANDING, ""), &[]),
        case("CREATE INDEX a ON result (mrn) WHERE voided = 0", ("mrn", "", ""), RESULT),
        case("CREATE INDEX a ON result (mrn) WHERE voided = 1", ("mrn", STANDING, ""), RESULT),
        case("CREATE INDEX a ON result (mrn) WHERE mrn IS NOT NULL", ("mrn", "", ""), &[]),
        case("CREATE INDEX a ON result USING hash (mrn)", ("mrn", "", ""), &[]),
        // Says where to look at best, and has all of it looked at where rows of a patient lie anywhere.
        case("CREATE INDEX a ON result USING brin (mrn)", ("mrn", "", ""), RESULT),
        case("CREATE INDEX a ON result (upper(mrn))", ("mrn", "", ""), RESULT),
        case("CREATE INDEX a ON result (mrn COLLATE \"C\")", ("mrn", "", ""), &["its index `a` cannot be used"]),
        // The tables beneath a view are looked at in its stead.
        case(
            "ALTER TABLE result RENAME TO stored; CREATE VIEW result AS SELECT * FROM stored; CREATE INDEX a ON stored (mrn)",
            ("mrn", "", ""),
            &[],
        ),
        case("ALTER TABLE result RENAME TO stored; CREATE VIEW result AS SELECT * FROM stored", ("mrn", "", ""), &["whole of `stored`"]),
        // An index in which the record number does not come first is read from end to end, beneath a view, too.
        case(
            "ALTER TABLE result RENAME TO stored; CREATE VIEW result AS SELECT * FROM stored; CREATE INDEX a ON stored (ward, mrn)",
            ("mrn", "", ""),
            &["whole of `stored`"],
        ),
        case(
            "ALTER TABLE result RENAME TO stored; CREATE VIEW result AS SELECT * FROM stored; CREATE INDEX a ON stored (ward, mrn); \
             CREATE INDEX b ON stored (mrn)",
            ("mrn", "", ""),
            &[],
        ),
        // Numbers of two types are compared as the wider one, which the index is not of.
        case(
            "CREATE INDEX a ON lab_order (mrn); CREATE INDEX b ON result (order_id); ALTER TABLE lab_order ALTER id TYPE numeric",
            ("o.mrn", ORDER, ""),
            &["its index `b` cannot be used"],
        ),
    ];
    let drop = "DROP TABLE IF EXISTS stored CASCADE; DROP TABLE IF EXISTS part, result, lab_order";
    // With the map of what everybody sees, by which an index is read alone.
    exercise(&Postgres::start().await, drop, "VACUUM ANALYZE", &own).await;
}

#[tokio::test]
async fn mariadb_check_should_say_the_same_whatever_is_known_of_the_rows() {
    let own = [
        case("CREATE INDEX a ON result (ward, mrn)", ("mrn", "where = { ward = \"W\" }", ""), RESULT),
        case("CREATE FULLTEXT INDEX a ON result (mrn)", ("mrn", "", ""), RESULT),
        case("CREATE INDEX a ON result (mrn) IGNORED", ("mrn", "", ""), &["its index `a` cannot be used"]),
        // Joined by columns of two character sets.
        case(
            "ALTER TABLE lab_order MODIFY id VARCHAR(12) CHARACTER SET utf8mb4; \
             ALTER TABLE result MODIFY order_id VARCHAR(12) CHARACTER SET latin1; CREATE INDEX a ON lab_order (mrn); CREATE INDEX b ON result (order_id)",
            ("o.mrn", ORDER, ""),
            &["its index `b` cannot be used"],
        ),
    ];
    let analyze = "ANALYZE TABLE result, lab_order, part PERSISTENT FOR ALL";
    exercise(&MariaDb::start().await, "DROP TABLE IF EXISTS part, result, lab_order", analyze, &own).await;
}
