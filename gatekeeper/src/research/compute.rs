//! The exact answer of a cohort: never to leave the gatekeeper, and kept nowhere.

use chrono::{DateTime, Days};
use medrec_client::research::definition::{Definition, Rows, What};
use medrec_release::{contribution::PersonId, Contributions};

use super::{
    bound::{merge_of, Bounded, Epoch},
    compile::{compile, Questions},
    ResearchError,
};
use crate::{
    fetch::{cohort::Seen, sql::DayTest, Database, FetchError, Session},
    mapping::Mapping,
};

/// How many persons one statement names.
const CHUNK: usize = 500;

/// The exact answer to a definition for one epoch, of persons with these record numbers and nobody else, part by part as
/// `TableKind::parts` has them. All statements see one read-only snapshot of the database.
///
/// Record numbers are of different persons. What rows say can move numbers within the stated bounds, and can make nothing fail.
pub async fn exact(
    database: &Database,
    mapping: &Mapping,
    definition: &Definition,
    epoch: Epoch,
    records: &[String],
) -> Result<Vec<Vec<i128>>, ResearchError> {
    let questions = compile(mapping, definition)?;
    let kind = definition.kind().ok_or(ResearchError::OtherTable)?;
    let all = database.within_time(async {
        let mut session = database.session().await?;
        let mut all = Contributions::new();
        for (number, chunk) in records.chunks(CHUNK).enumerate() {
            let first = number * CHUNK;
            gather(&mut session, &questions, definition, epoch, chunk, first, &mut all).await?;
        }
        session.end().await?;
        Ok::<_, FetchError>(all)
    });
    Ok(all.await?.exact(kind, merge_of(definition)))
}

async fn gather(
    session: &mut Session,
    questions: &Questions<'_>,
    definition: &Definition,
    epoch: Epoch,
    chunk: &[String],
    first: usize,
    all: &mut Contributions,
) -> Result<(), FetchError> {
    let id = |place: usize| (first + place) as PersonId;
    let records: Vec<&str> = chunk.iter().map(String::as_str).collect();
    (0..records.len()).for_each(|place| all.person(id(place)));
    let mut bounded = Bounded::new(definition, epoch);
    let days = days(definition, epoch);
    for question in &questions.rows {
        let row = &mut |place, seen: Seen| bounded.row(place, question, &seen);
        question.view.rows(session, &records, days.as_ref(), row).await?;
    }
    // Who is in no group is in no cell, of whatever age and sex.
    let counted: Vec<usize> = bounded.grouped().collect();
    let numbers: Vec<&str> = counted.iter().filter_map(|place| records.get(*place).copied()).collect();
    for view in &questions.persons {
        let person = &mut |place: usize, seen: Seen| {
            if let Some(place) = counted.get(place) {
                bounded.person(*place, &seen);
            }
        };
        view.rows(session, &numbers, None, person).await?;
    }
    bounded.finish(id, all);
    Ok(())
}

/// The days that rows which count can be of, two more at either end for zones of time. `None` if there are no such days.
fn days(definition: &Definition, epoch: Epoch) -> Option<DayTest> {
    let day = |moment: u64| Some(DateTime::from_timestamp_millis(i64::try_from(moment).ok()?)?.date_naive());
    let text = |day: chrono::NaiveDate| {
        let text = day.format("%Y-%m-%d").to_string();
        (text.len() == 10).then_some(text)
    };
    let before = text(day(epoch.ends)?.checked_add_days(Days::new(3))?)?;
    let from = match (definition.what(), definition.rows()) {
        (What::Incidents { .. }, _) | (_, Rows::SoFar) => None,
        (_, Rows::InEpoch) => Some(text(day(epoch.begins)?.checked_sub_days(Days::new(2))?)?),
    };
    Some(DayTest { from, before })
}
