//! What a ticket is wished for, and whether it can be.

use chrono::{NaiveDate, NaiveTime};
use medrec_primitives::{is_half_year, AccountId, MemberId, Moment, RelationshipId, DAY_MS};

use crate::{
    fetch::{fetch, Database, FetchError, Pseudonyms},
    mapping::Mapping,
    store::{pending_keys::TicketPurpose, Store, StoreError},
};

/// No half-year is longer (days).
const HALF_YEAR_DAYS: u64 = 184;

/// What a ticket is wished for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A patient's first key; `again` although there is a relationship, or a ticket, already.
    First {
        /// See above.
        again: bool,
    },
    /// A child's guardian's key.
    Minor {
        /// When the child comes of age.
        of_age: NaiveDate,
        /// As for a first key.
        again: bool,
    },
    /// A fresh key in the place of a lost one.
    Rekey {
        /// Which relationship, where the record has several.
        relationship: Option<RelationshipId>,
        /// Which of several guardians' keys is lost.
        lost: Option<AccountId>,
    },
    /// The own first key of a patient who has come of age.
    OfAge {
        /// Which relationship, where the record has several.
        relationship: Option<RelationshipId>,
    },
}

/// Why there is no ticket.
#[derive(Debug, thiserror::Error)]
pub enum WishError {
    /// Nothing is shown of the record at present.
    #[error("this record is suspended")]
    Suspended,
    /// Nothing is shown of any record at present.
    #[error("all records are in doubt, since a back-up of the gatekeeper's store was restored")]
    Doubted,
    /// There is a relationship already.
    #[error("this record is enrolled already, or has a ticket that is still good")]
    Enrolled,
    /// There is none yet.
    #[error("nobody is enrolled with this record")]
    NobodyEnrolled,
    /// There are several.
    #[error("this record has several relationships, {}: say which", names(.0))]
    Several(Vec<RelationshipId>),
    /// It is another record's.
    #[error("this record is not {asked}'s; it has {}", names(.has))]
    NotTheirs {
        /// What was asked for.
        asked: RelationshipId,
        /// What it has.
        has: Vec<RelationshipId>,
    },
    /// Nobody comes of age then.
    #[error("this is no date that a child could come of age on")]
    NoDate,
    /// The child is none any more.
    #[error("{0} is over: this patient is of age")]
    GrownUp(NaiveDate),
    /// The store complains.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn names(of: &[RelationshipId]) -> String {
    of.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Wish {
    /// What the ticket is to be for, if that can be.
    pub async fn purpose(
        &self,
        store: &Store,
        record: &str,
        now: Moment,
    ) -> Result<TicketPurpose, WishError> {
        if store.doubted_since().await?.is_some() {
            return Err(WishError::Doubted);
        }
        if store.is_suspended(record).await? {
            return Err(WishError::Suspended);
        }
        let again = match self {
            Self::Rekey { relationship, lost } => {
                let relationship = bound(store, record, *relationship).await?;
                return Ok(TicketPurpose::Rekey { relationship, lost: lost.clone() });
            }
            Self::OfAge { relationship } => {
                let relationship = bound(store, record, *relationship).await?;
                return Ok(TicketPurpose::OfAge { relationship });
            }
            Self::First { again } | Self::Minor { again, .. } => *again,
        };
        if !again && store.is_enrolled(record, now).await? {
            return Err(WishError::Enrolled);
        }
        Ok(match self {
            Self::Minor { of_age, .. } => TicketPurpose::Minor { handover: handover(*of_age, now)? },
            _ => TicketPurpose::First,
        })
    }
}

/// The relationship that is bound to the record.
async fn bound(
    store: &Store,
    record: &str,
    relationship: Option<RelationshipId>,
) -> Result<RelationshipId, WishError> {
    let bound = store.relationships_of(record).await?;
    match (relationship, bound.as_slice()) {
        (_, []) => Err(WishError::NobodyEnrolled),
        (None, [one]) => Ok(*one),
        (None, _) => Err(WishError::Several(bound)),
        (Some(id), all) if all.contains(&id) => Ok(id),
        (Some(asked), _) => Err(WishError::NotTheirs { asked, has: bound }),
    }
}

/// Whether the database has a patient with this record number, as far as the mapping can tell: where it maps no patients, yes.
pub async fn is_known(
    database: &Database,
    mapping: &Mapping,
    record: &str,
    pseudonyms: &Pseudonyms,
    member: MemberId,
    max_rows: u32,
) -> Result<bool, FetchError> {
    if !mapping.maps("Patient") {
        return Ok(true);
    }
    let nobody = RelationshipId::new(member, 0);
    let found = fetch(database, mapping, record, "Patient", pseudonyms, nobody, max_rows).await?;
    Ok(!found.is_empty())
}

/// The first half-year that starts on this day or later (ms).
fn handover(of_age: NaiveDate, now: Moment) -> Result<Moment, WishError> {
    let day = Moment::try_from(of_age.and_time(NaiveTime::MIN).and_utc().timestamp_millis()).unwrap_or(0);
    let date =
        (0..=HALF_YEAR_DAYS).map(|days| day.saturating_add(days * DAY_MS)).find(|day| is_half_year(*day));
    let date = date.ok_or(WishError::NoDate)?;
    if date > now {
        Ok(date)
    } else {
        Err(WishError::GrownUp(of_age))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const JULY_2031: Moment = 1_940_630_400_000;

    #[test]
    fn handover_should_be_the_next_half_year_when_a_child_comes_of_age() {
        let of_age = |text: &str, now| handover(text.parse().unwrap(), now);
        for day in ["2031-01-02", "2031-03-14", "2031-07-01"] {
            assert_eq!(of_age(day, 0).unwrap(), JULY_2031, "{day}");
        }
        assert_eq!(of_age("2031-07-02", 0).unwrap(), JULY_2031 + 184 * DAY_MS);
        assert!(of_age("2031-03-14", JULY_2031).is_err());
    }
}
