//! The exact answer of a cohort: never to leave the gatekeeper, and kept nowhere.

use medrec_client::research::definition::Definition;
use medrec_release::{contribution::PersonId, Contributions};

use super::{
    bound::{merge_of, Bounded, Epoch},
    compile::{compile, Questions},
    ResearchError,
};
use crate::{
    fetch::{Database, FetchError, Session},
    mapping::Mapping,
};

/// How many persons one statement names.
const CHUNK: usize = 200;

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
    for view in &questions.persons {
        view.rows(session, &records, &mut |place, seen| bounded.person(place, &seen)).await?;
    }
    for question in &questions.rows {
        question.view.rows(session, &records, &mut |place, seen| bounded.row(place, question, &seen)).await?;
    }
    bounded.finish(id, all);
    Ok(())
}
