//! The queue of notices: kept in one step with what they are about, and forgotten after a while.

use medrec_client::notices::{Change, Changed, Details};
use medrec_primitives::{Moment, RelationshipId};
use rand::RngCore;

use super::{
    meta::{block, keep_later},
    signed,
    sql::{self, Row, Topic, Transaction},
    unsigned, Store, StoreError,
};
use crate::chain::Hash;

/// How far the chain was read for events.
const POSITION: &str = "notices_block";

/// Records of one notice, at most: where more have changed, there are more notices.
const RECORDS: usize = 100;

/// A notice to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    /// Whose records; none where it is about the gatekeeper itself.
    pub relationship: Option<RelationshipId>,
    /// What happened, in one word.
    pub kind: String,
    /// What it is about within the relationship.
    pub subject: Option<String>,
    /// Counts once: where it comes from.
    pub source: String,
    /// What it says.
    pub details: Details,
}

/// A notice as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredNotice {
    /// Counts upwards.
    pub number: u64,
    /// Whose records; none where it is about the gatekeeper itself.
    pub relationship: Option<RelationshipId>,
    /// What happened, in one word.
    pub kind: String,
    /// When it was noticed (ms).
    pub made: Moment,
    /// What it says.
    pub details: Details,
}

impl Store {
    /// Keeps what the events of a block say, in one step with how far the chain was read.
    pub async fn add_notices(
        &self,
        notices: &[NewNotice],
        now: Moment,
        position: (u64, Hash),
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin(Topic::Notices).await?;
        for notice in notices {
            insert(&mut transaction, notice, now).await?;
        }
        keep_later(&mut transaction, POSITION, position).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The last block whose events were read.
    pub async fn notices_position(&self) -> Result<Option<(u64, Hash)>, StoreError> {
        self.meta(POSITION).await?.map(|text| block(&text)).transpose()
    }

    /// Notices after a number, of one relationship (and of none) or of all; at most so many.
    pub async fn notices_after(
        &self,
        after: u64,
        of: Option<RelationshipId>,
        most: u32,
    ) -> Result<Vec<StoredNotice>, StoreError> {
        let rows = sql::query(
            "SELECT number, relationship, kind, made, details FROM notices
             WHERE number > $1 AND ($2 IS NULL OR relationship IS NULL OR relationship = $2) ORDER BY number LIMIT $3",
        )
        .bind(signed(after))
        .bind(of.map(|id| id.to_string()))
        .bind(i64::from(most))
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(read).collect()
    }

    /// The number of the newest notice; 0 where there was none.
    pub async fn newest_notice(&self) -> Result<u64, StoreError> {
        let newest: Option<i64> = sql::query_scalar("SELECT last FROM counters WHERE name = 'notices'")
            .fetch_optional(&self.read)
            .await?;
        unsigned(newest.unwrap_or(0), "notices")
    }

    /// What was noticed first about something, such as the grant that is revoked now.
    pub async fn first_notice_about(
        &self,
        subject: &str,
        of: Option<RelationshipId>,
    ) -> Result<Option<StoredNotice>, StoreError> {
        let row = sql::query(
            "SELECT number, relationship, kind, made, details FROM notices
             WHERE subject = $1 AND ($2 IS NULL OR relationship = $2) ORDER BY number LIMIT 1",
        )
        .bind(subject)
        .bind(of.map(|id| id.to_string()))
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Forgets notices that were made at `before` or earlier.
    pub async fn prune_notices(&self, before: Moment) -> Result<(), StoreError> {
        sql::query("DELETE FROM notices WHERE made <= $1").bind(signed(before)).execute(&self.write).await?;
        Ok(())
    }
}

/// Keeps a notice, once.
pub(super) async fn insert(
    transaction: &mut Transaction,
    notice: &NewNotice,
    now: Moment,
) -> Result<(), StoreError> {
    let details = serde_json::to_string(&notice.details).map_err(|_| StoreError::Corrupt("notices"))?;
    let known: bool = sql::query_scalar("SELECT EXISTS (SELECT 1 FROM notices WHERE source = $1)")
        .bind(&notice.source)
        .fetch_one(&mut *transaction)
        .await?;
    if known {
        return Ok(());
    }
    // Counted here and not by the engine: numbers are then committed in their order, and who has read up to one has missed none.
    let number: i64 = sql::query_scalar(
        "INSERT INTO counters (name, last) VALUES ('notices', 1)
         ON CONFLICT (name) DO UPDATE SET last = counters.last + 1 RETURNING last",
    )
    .fetch_one(&mut *transaction)
    .await?;
    sql::query(
        "INSERT INTO notices (number, relationship, kind, subject, made, source, details)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(number)
    .bind(notice.relationship.map(|id| id.to_string()))
    .bind(&notice.kind)
    .bind(&notice.subject)
    .bind(signed(now))
    .bind(&notice.source)
    .bind(details)
    .execute(transaction)
    .await?;
    Ok(())
}

/// Keeps that records of a relationship are new, changed or gone, within the transaction that notes their versions. What is found at
/// the first look was there before anybody could be told.
pub(super) async fn note_records(
    transaction: &mut Transaction,
    of: RelationshipId,
    changes: Vec<Changed>,
    now: Moment,
) -> Result<(), StoreError> {
    let looked: bool = sql::query_scalar("SELECT EXISTS (SELECT 1 FROM proof_looks WHERE relationship = $1)")
        .bind(of.to_string())
        .fetch_one(&mut *transaction)
        .await?;
    if !looked {
        return Ok(());
    }
    for records in changes.chunks(RECORDS) {
        let mut source = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut source);
        let notice = NewNotice {
            relationship: Some(of),
            kind: "records".into(),
            subject: None,
            source: format!("records {}", hex::encode(source)),
            details: Details { records: records.to_vec(), ..Details::default() },
        };
        insert(transaction, &notice, now).await?;
    }
    Ok(())
}

/// A record that is about to get another version: whether it is new.
pub(super) async fn change(
    transaction: &mut Transaction,
    of: &str,
    resource: &str,
) -> Result<Changed, StoreError> {
    let known: bool = sql::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM proof_versions WHERE relationship = $1 AND resource = $2 AND current = 1)",
    )
    .bind(of)
    .bind(resource)
    .fetch_one(transaction)
    .await?;
    let change = if known { Change::Changed } else { Change::New };
    Ok(Changed { reference: resource.to_owned(), change })
}

fn read(row: &Row) -> Result<StoredNotice, StoreError> {
    let corrupt = || StoreError::Corrupt("notices");
    let relationship: Option<String> = row.try_get("relationship")?;
    let details: String = row.try_get("details")?;
    Ok(StoredNotice {
        number: unsigned(row.try_get("number")?, "notices")?,
        relationship: relationship.map(|id| id.parse().map_err(|_| corrupt())).transpose()?,
        kind: row.try_get("kind")?,
        made: unsigned(row.try_get("made")?, "notices")?,
        details: serde_json::from_str(&details).map_err(|_| corrupt())?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::{proofs::Version, tests::temporary};

    const ID: RelationshipId = RelationshipId::new(0, 3);
    const OTHER: RelationshipId = RelationshipId::new(0, 4);

    fn notice(of: Option<RelationshipId>, source: &str) -> NewNotice {
        NewNotice {
            relationship: of,
            kind: "granted".into(),
            subject: Some("grant 7".into()),
            source: source.into(),
            details: Details { grant: Some(7), ..Details::default() },
        }
    }

    fn version(resource: &str, n: u8) -> Version {
        Version { resource: resource.into(), seed: [n; 32], digest: [n; 32], root: [n; 32], first: None }
    }

    #[tokio::test]
    async fn notice_should_count_once_when_its_block_is_read_again() {
        let (store, _folder) = temporary().await;
        assert_eq!(store.notices_position().await.unwrap(), None);
        let notices = [notice(Some(ID), "a 1"), notice(Some(OTHER), "a 2"), notice(None, "a 3")];
        for _ in 0..2 {
            store.add_notices(&notices, 5, (9, Hash::repeat_byte(1))).await.unwrap();
        }
        assert_eq!(store.notices_position().await.unwrap(), Some((9, Hash::repeat_byte(1))));
        assert_eq!(store.notices_after(0, None, 10).await.unwrap().len(), 3);
        assert_eq!(store.newest_notice().await.unwrap(), 3);
        let own = store.notices_after(0, Some(ID), 10).await.unwrap();
        assert_eq!(own.iter().map(|notice| notice.relationship).collect::<Vec<_>>(), [Some(ID), None]);
        assert_eq!(store.notices_after(1, Some(ID), 10).await.unwrap().len(), 1);
        let first = store.first_notice_about("grant 7", Some(OTHER)).await.unwrap().unwrap();
        assert_eq!((first.number, first.details.grant), (2, Some(7)));
    }

    #[tokio::test]
    async fn numbers_should_not_be_given_twice_when_notices_are_forgotten() {
        let (store, _folder) = temporary().await;
        store.add_notices(&[notice(None, "a")], 5, (1, Hash::zero())).await.unwrap();
        store.prune_notices(5).await.unwrap();
        assert_eq!(store.notices_after(0, None, 10).await.unwrap(), []);
        assert_eq!(store.newest_notice().await.unwrap(), 1);
        store.add_notices(&[notice(None, "b")], 6, (2, Hash::zero())).await.unwrap();
        assert_eq!(store.newest_notice().await.unwrap(), 2);
    }

    #[tokio::test]
    async fn records_should_be_noticed_with_their_versions_when_they_change_after_the_first_look() {
        let (store, _folder) = temporary().await;
        store
            .replace_versions(ID, &[version("Patient/r0-3", 1), version("Observation/a", 1)], &[], 5)
            .await
            .unwrap();
        assert_eq!(store.notices_after(0, None, 10).await.unwrap(), []);
        store.set_look(ID, 5, None).await.unwrap();
        let new = [version("Patient/r0-3", 2), version("Observation/b", 1)];
        store.replace_versions(ID, &new, &["Observation/a".into()], 6).await.unwrap();
        let found = store.notices_after(0, None, 10).await.unwrap();
        let changes: Vec<_> = found[0]
            .details
            .records
            .iter()
            .map(|changed| (changed.reference.as_str(), changed.change))
            .collect();
        let expected = [
            ("Patient/r0-3", Change::Changed),
            ("Observation/b", Change::New),
            ("Observation/a", Change::Gone),
        ];
        assert_eq!((found.len(), changes), (1, expected.to_vec()));
        let many: Vec<Version> = (0..250).map(|n| version(&format!("Observation/{n}"), 1)).collect();
        store.replace_versions(ID, &many, &[], 7).await.unwrap();
        assert_eq!(store.notices_after(1, None, 10).await.unwrap().len(), 3);
    }
}
