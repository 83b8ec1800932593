//! The people of a practice whose every value is unmistakable: whatever of it turns up where it should not is a leak.

use std::path::Path;

use anyhow::{Context, Result};
use sqlx::{
    sqlite::{SqliteConnectOptions, SqliteConnection},
    AssertSqlSafe, ConnectOptions, Connection,
};

/// The schema of the practice's database.
pub const SCHEMA: &str = include_str!("../../data/canary/schema.sql");

/// Its tables.
pub const TABLES: [&str; 4] = ["person", "result", "prescription", "note"];

/// Its mapping file.
pub const MAPPING: &str = include_str!("../../data/canary/mapping.toml");

/// The system of the practice's own codes.
pub const CODE_SYSTEM: &str = "https://canary.example/tests";

/// Someone whose records the practice keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The record number.
    pub file_no: String,
    /// Family name.
    pub surname: String,
    /// Given name.
    pub forename: String,
    /// Birth date.
    pub born: String,
    /// What was measured.
    pub results: Vec<TestResult>,
    /// The drug prescribed.
    pub drug: String,
    /// The title of the note of a visit.
    pub visit: String,
    /// What is written in a psychotherapy note, which nobody is shown.
    pub confided: String,
}

/// A laboratory result or vital sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResult {
    /// `LAB` or `VIT`.
    pub kind: &'static str,
    /// Its code in [`CODE_SYSTEM`]; the same for everybody.
    pub code: &'static str,
    /// What it is called.
    pub name: String,
    /// The number measured.
    pub value: String,
    /// In what.
    pub unit: String,
    /// When.
    pub taken_at: String,
    /// A remark.
    pub remark: String,
    /// Who did it.
    pub performer: String,
    /// Whether it is labelled `HIV`.
    pub sensitive: bool,
}

/// A laboratory result that grants of the tests are about.
pub const SUGAR: &str = "QX-SUGAR";
/// Another one, of the same category.
pub const IRON: &str = "QX-IRON";
/// A vital sign.
pub const PULSE: &str = "QX-PULSE";
/// A laboratory result with a sensitivity label.
pub const VIRUS: &str = "QX-VIRUS";
/// A laboratory result of long ago.
pub const ANCIENT: &str = "QX-ANCIENT";

impl Person {
    /// Number `n` (at most 99) of the practice with this letter.
    pub fn new(practice: char, n: usize) -> Self {
        let tag = format!("{practice}{n:02}");
        let result = |place: usize, kind, code, year: u32| TestResult {
            kind,
            code,
            name: format!("Qtest{place}{tag}"),
            // Five digits that name the test, the person and nothing else.
            value: format!("{}.{place}7{n:02}3", 60 + place),
            // Too long to turn up in what is sealed, by accident.
            unit: format!("qunit{place}{tag}"),
            taken_at: format!("{year}-0{}-1{place}T1{place}:2{place}:3{place}Z", place + 1),
            remark: format!("Qremark{place}{tag}"),
            performer: format!("Qdoctor{place}{tag}"),
            sensitive: code == VIRUS,
        };
        Self {
            file_no: format!("QF-{tag}-7310"),
            surname: format!("Quillfeather{tag}"),
            forename: format!("Zephyrine{tag}"),
            born: format!("19{:02}-0{}-2{}", 31 + n % 60, 1 + n % 9, n % 8),
            results: vec![
                result(1, "LAB", SUGAR, 2024),
                result(2, "LAB", IRON, 2024),
                result(3, "VIT", PULSE, 2024),
                result(4, "LAB", VIRUS, 2024),
                result(5, "LAB", ANCIENT, 2001),
            ],
            drug: format!("Qdrug{tag}"),
            visit: format!("Qvisit{tag}"),
            confided: format!("Qconfided{tag}"),
        }
    }

    /// The result with this code.
    pub fn result(&self, code: &str) -> &TestResult {
        self.results.iter().find(|result| result.code == code).expect("a code of this module")
    }

    /// Every text that tells something of this person.
    pub fn canaries(&self) -> Vec<String> {
        let mut canaries = vec![
            self.file_no.clone(),
            self.surname.clone(),
            self.forename.clone(),
            self.born.clone(),
            self.drug.clone(),
        ];
        canaries.extend([self.visit.clone(), self.confided.clone()]);
        for result in &self.results {
            canaries.extend(result.canaries());
        }
        canaries
    }
}

impl TestResult {
    /// Every text that tells something of this result.
    pub fn canaries(&self) -> Vec<String> {
        let Self { code, name, value, unit, taken_at, remark, performer, .. } = self;
        let taken_at = taken_at.trim_end_matches('Z').to_owned();
        let mut canaries = vec![(*code).to_owned(), taken_at];
        canaries.extend([name, value, unit, remark, performer].into_iter().cloned());
        canaries
    }
}

/// Makes the practice's database at `path`.
pub async fn fill(path: &Path, people: &[Person]) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut database = options.connect().await.with_context(|| format!("cannot make {}", path.display()))?;
    sqlx::raw_sql(AssertSqlSafe(SCHEMA)).execute(&mut database).await.context("the schema")?;
    sqlx::raw_sql("BEGIN").execute(&mut database).await?;
    for person in people {
        fill_person(&mut database, person).await.with_context(|| person.file_no.clone())?;
    }
    sqlx::raw_sql("COMMIT").execute(&mut database).await?;
    Ok(database.close().await?)
}

async fn fill_person(database: &mut SqliteConnection, person: &Person) -> Result<()> {
    let Person { file_no, surname, forename, born, .. } = person;
    insert(database, "INSERT INTO person VALUES (?, ?, ?, ?, 'F')", &[file_no, surname, forename, born])
        .await?;
    for result in &person.results {
        let TestResult { kind, code, name, value, unit, taken_at, remark, performer, sensitive } = result;
        let label = if *sensitive { "H" } else { "N" };
        insert(
            database,
            "INSERT INTO result (file_no, kind, code, name, value, unit, taken_at, remark, performer, sensitivity)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            &[file_no, kind, code, name, value, unit, taken_at, remark, performer, label],
        )
        .await?;
    }
    insert(
        database,
        "INSERT INTO prescription (file_no, drug, written) VALUES (?, ?, '2024-03-03')",
        &[file_no, &person.drug],
    )
    .await?;
    let note =
        "INSERT INTO note (file_no, note_type, title, body, written_at) VALUES (?, ?, ?, ?, '2024-03-04')";
    insert(database, note, &[file_no, "VISIT", &person.visit, "nothing to remark"]).await?;
    insert(database, note, &[file_no, "PSYCH", &person.confided, &person.confided]).await
}

async fn insert(database: &mut SqliteConnection, sql: &'static str, values: &[&str]) -> Result<()> {
    let mut query = sqlx::query(sql);
    for value in values {
        query = query.bind(*value);
    }
    query.execute(database).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn canaries_should_be_distinct_when_people_are() {
        let own = |person: &Person| -> BTreeSet<String> {
            let codes = [SUGAR, IRON, PULSE, VIRUS, ANCIENT];
            // Codes are everybody's; so are the moments of the tests.
            let shared = |text: &String| {
                codes.contains(&text.as_str()) || text.contains('T') && text.starts_with("20")
            };
            person.canaries().into_iter().filter(|text| !shared(text)).collect()
        };
        let mut seen = BTreeSet::new();
        for practice in ['a', 'b'] {
            for n in 0..40 {
                for canary in own(&Person::new(practice, n)) {
                    // Numbers and dates differ from person to person, not from practice to practice.
                    let number = canary.starts_with(|first: char| first.is_ascii_digit());
                    assert!(seen.insert((number.then_some(practice), canary.clone())), "{canary}");
                }
            }
        }
    }
}
