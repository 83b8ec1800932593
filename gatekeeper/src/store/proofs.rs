//! What proofs are made of: versions of records, intervals and their roots. What they mean is in [`crate::anchor`].

use medrec_client::notices::{Change, Changed};
use medrec_primitives::{Moment, RelationshipId};

use super::{
    notices, signed,
    sql::{self, Row, Topic},
    unsigned, Store, StoreError,
};

/// A version of a record.
#[derive(Clone, PartialEq, Eq)]
pub struct Version {
    /// `Type/id`.
    pub resource: String,
    /// What its salts are made of.
    pub seed: [u8; 32],
    /// Digest of the whole record, salted by the seed.
    pub digest: [u8; 32],
    /// Its root.
    pub root: [u8; 32],
    /// The first interval whose roots are over it.
    pub first: Option<u32>,
}

/// How far an interval has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntervalState {
    /// It is settled which versions it is over.
    Open,
    /// Its roots are settled.
    Prepared,
    /// The chain has them, for good.
    Anchored,
    /// It was not anchored in time.
    Missed,
    /// The chain has other roots: another gatekeeper with another store anchored it.
    Foreign,
}

impl IntervalState {
    fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Prepared => "prepared",
            Self::Anchored => "anchored",
            Self::Missed => "missed",
            Self::Foreign => "foreign",
        }
    }

    fn parse(word: &str) -> Result<Self, StoreError> {
        let all = [Self::Open, Self::Prepared, Self::Anchored, Self::Missed, Self::Foreign];
        all.into_iter().find(|state| state.word() == word).ok_or(StoreError::Corrupt("proof_intervals"))
    }
}

/// An interval.
#[derive(Clone, PartialEq, Eq)]
pub struct Interval {
    /// Its number.
    pub interval: u32,
    /// What positions and fillings in its trees are made of.
    pub secret: [u8; 32],
    /// How far it has come.
    pub state: IntervalState,
    /// Its log root is over the entries after this one,
    pub log_after: u64,
    /// up to this one.
    pub log_until: u64,
    /// Root over records, once prepared.
    pub records: Option<[u8; 32]>,
    /// Root over log entries, once prepared.
    pub log: Option<[u8; 32]>,
}

impl Store {
    /// Relationships that are bound to a record, with its number.
    pub async fn bound_records(&self) -> Result<Vec<(RelationshipId, String)>, StoreError> {
        let rows: Vec<(i64, i64, String)> = sql::query_as(
            "SELECT member, number, record FROM bindings WHERE number IS NOT NULL ORDER BY member, number",
        )
        .fetch_all(&self.read)
        .await?;
        let id = |number: i64| u32::try_from(number).map_err(|_| StoreError::Corrupt("bindings"));
        rows.into_iter()
            .map(|(member, number, record)| Ok((RelationshipId::new(id(member)?, id(number)?), record)))
            .collect()
    }

    /// The current versions of a relationship's records.
    pub async fn current_versions(&self, of: RelationshipId) -> Result<Vec<Version>, StoreError> {
        let rows = sql::query("SELECT * FROM proof_versions WHERE relationship = $1 AND current = 1")
            .bind(of.to_string())
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(version).collect()
    }

    /// The current version of one record.
    pub async fn current_version(
        &self,
        of: RelationshipId,
        resource: &str,
    ) -> Result<Option<Version>, StoreError> {
        let row = sql::query(
            "SELECT * FROM proof_versions WHERE relationship = $1 AND resource = $2 AND current = 1",
        )
        .bind(of.to_string())
        .bind(resource)
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(version).transpose()
    }

    /// Puts new versions in the place of old ones, and takes away the records that are gone, in one step with the notice of that.
    pub async fn replace_versions(
        &self,
        relationship: RelationshipId,
        new: &[Version],
        gone: &[String],
        now: Moment,
    ) -> Result<(), StoreError> {
        let of = relationship.to_string();
        let mut transaction = self.begin(Topic::Notices).await?;
        let mut changes = Vec::with_capacity(new.len() + gone.len());
        for version in new {
            changes.push(notices::change(&mut transaction, &of, &version.resource).await?);
        }
        changes.extend(gone.iter().map(|gone| Changed { reference: gone.clone(), change: Change::Gone }));
        notices::note_records(&mut transaction, relationship, changes, now).await?;
        for resource in new.iter().map(|version| &version.resource).chain(gone) {
            sql::query(
                "DELETE FROM proof_versions WHERE relationship = $1 AND resource = $2 AND current = 1 AND first IS NULL",
            )
            .bind(&of)
            .bind(resource)
            .execute(&mut transaction)
            .await?;
            sql::query(
                "UPDATE proof_versions SET current = 0, last = (SELECT MAX(interval) FROM proof_intervals)
                 WHERE relationship = $1 AND resource = $2 AND current = 1",
            )
            .bind(&of)
            .bind(resource)
            .execute(&mut transaction)
            .await?;
        }
        for Version { resource, seed, digest, root, .. } in new {
            sql::query(
                "INSERT INTO proof_versions (relationship, resource, seed, digest, root, current)
                 VALUES ($1, $2, $3, $4, $5, 1)",
            )
            .bind(&of)
            .bind(resource)
            .bind(seed.as_slice())
            .bind(digest.as_slice())
            .bind(root.as_slice())
            .execute(&mut transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Settles which versions and log entries an interval is over, once: the first secret stays.
    pub async fn open_interval(&self, interval: u32, secret: &[u8; 32]) -> Result<Interval, StoreError> {
        let mut transaction = self.begin(Topic::Notices).await?;
        let made = sql::query(
            "INSERT INTO proof_intervals (interval, secret, state, log_after, log_until)
             VALUES ($1, $2, 'open',
                 (SELECT COALESCE(MAX(log_until), 0) FROM proof_intervals WHERE state = 'anchored'),
                 (SELECT COALESCE(MAX(number), 0) FROM log))
             ON CONFLICT (interval) DO NOTHING",
        )
        .bind(i64::from(interval))
        .bind(secret.as_slice())
        .execute(&mut transaction)
        .await?;
        if made == 1 {
            sql::query("UPDATE proof_versions SET first = $1 WHERE current = 1 AND first IS NULL")
                .bind(i64::from(interval))
                .execute(&mut transaction)
                .await?;
        }
        let row = sql::query("SELECT * FROM proof_intervals WHERE interval = $1")
            .bind(i64::from(interval))
            .fetch_one(&mut transaction)
            .await?;
        transaction.commit().await?;
        self::interval(&row)
    }

    /// The relationships of which an interval has records.
    pub async fn relationships_at(&self, interval: u32) -> Result<Vec<RelationshipId>, StoreError> {
        let found: Vec<String> = sql::query_scalar(
            "SELECT DISTINCT relationship FROM proof_versions WHERE first <= $1 AND (current = 1 OR last >= $1)",
        )
        .bind(i64::from(interval))
        .fetch_all(&self.read)
        .await?;
        found.iter().map(|text| relationship(text)).collect()
    }

    /// The versions of a relationship's records that an interval is over, as (resource, root).
    pub async fn versions_at(
        &self,
        interval: u32,
        of: RelationshipId,
    ) -> Result<Vec<(String, [u8; 32])>, StoreError> {
        let rows: Vec<(String, Vec<u8>)> = sql::query_as(
            "SELECT resource, root FROM proof_versions
             WHERE relationship = $2 AND first <= $1 AND (current = 1 OR last >= $1)",
        )
        .bind(i64::from(interval))
        .bind(of.to_string())
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(|(resource, root)| Ok((resource, array(&root)?))).collect()
    }

    /// Keeps an interval's roots, once.
    pub async fn prepare_interval(
        &self,
        interval: u32,
        records: &[u8; 32],
        log: &[u8; 32],
        roots: &[(RelationshipId, [u8; 32])],
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin(Topic::Notices).await?;
        let made = sql::query(
            "UPDATE proof_intervals SET state = 'prepared', records = $1, log = $2 WHERE interval = $3 AND state = 'open'",
        )
        .bind(records.as_slice())
        .bind(log.as_slice())
        .bind(i64::from(interval))
        .execute(&mut transaction)
        .await?;
        if made == 1 {
            for (relationship, root) in roots {
                sql::query("INSERT INTO proof_roots (interval, relationship, root) VALUES ($1, $2, $3)")
                    .bind(i64::from(interval))
                    .bind(relationship.to_string())
                    .bind(root.as_slice())
                    .execute(&mut transaction)
                    .await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// An interval.
    pub async fn interval(&self, interval: u32) -> Result<Option<Interval>, StoreError> {
        let row = sql::query("SELECT * FROM proof_intervals WHERE interval = $1")
            .bind(i64::from(interval))
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(self::interval).transpose()
    }

    /// The latest interval whose roots are on chain.
    pub async fn latest_anchored(&self) -> Result<Option<Interval>, StoreError> {
        let row = sql::query(
            "SELECT * FROM proof_intervals WHERE state = 'anchored' ORDER BY interval DESC LIMIT 1",
        )
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(self::interval).transpose()
    }

    /// Intervals before one of which it is not settled what became of them.
    pub async fn unsettled_intervals(&self, before: u32) -> Result<Vec<Interval>, StoreError> {
        let rows = sql::query(
            "SELECT * FROM proof_intervals WHERE interval < $1 AND state IN ('open', 'prepared') ORDER BY interval",
        )
        .bind(i64::from(before))
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(self::interval).collect()
    }

    /// Says what became of an interval. Of an anchored one, nothing else can be said.
    pub async fn settle_interval(&self, interval: u32, state: IntervalState) -> Result<(), StoreError> {
        sql::query("UPDATE proof_intervals SET state = $1 WHERE interval = $2 AND state <> 'anchored'")
            .bind(state.word())
            .bind(i64::from(interval))
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// The roots of all relationships in an interval.
    pub async fn roots_at(&self, interval: u32) -> Result<Vec<(RelationshipId, [u8; 32])>, StoreError> {
        let rows: Vec<(String, Vec<u8>)> =
            sql::query_as("SELECT relationship, root FROM proof_roots WHERE interval = $1")
                .bind(i64::from(interval))
                .fetch_all(&self.read)
                .await?;
        rows.into_iter().map(|(id, root)| Ok((relationship(&id)?, array(&root)?))).collect()
    }

    /// Forgets what only proofs to earlier intervals than this one need.
    pub async fn prune_proofs(&self, before: u32) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM proof_versions WHERE current = 0 AND (last IS NULL OR last < $1)",
            "DELETE FROM proof_roots WHERE interval < $1",
        ] {
            sql::query(sql).bind(i64::from(before)).execute(&self.write).await?;
        }
        Ok(())
    }

    /// When a relationship's records were last looked at as a whole, and what their change columns said.
    pub async fn last_look(
        &self,
        of: RelationshipId,
    ) -> Result<Option<(Moment, Option<Vec<u8>>)>, StoreError> {
        let row: Option<(i64, Option<Vec<u8>>)> =
            sql::query_as("SELECT looked, marks FROM proof_looks WHERE relationship = $1")
                .bind(of.to_string())
                .fetch_optional(&self.read)
                .await?;
        row.map(|(looked, marks)| Ok((unsigned(looked, "proof_looks")?, marks))).transpose()
    }

    /// Remembers a look.
    pub async fn set_look(
        &self,
        of: RelationshipId,
        looked: Moment,
        marks: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        sql::query(
            "INSERT INTO proof_looks (relationship, marks, looked) VALUES ($1, $2, $3)
             ON CONFLICT (relationship) DO UPDATE SET marks = excluded.marks, looked = excluded.looked",
        )
        .bind(of.to_string())
        .bind(marks)
        .bind(signed(looked))
        .execute(&self.write)
        .await?;
        Ok(())
    }
}

fn version(row: &Row) -> Result<Version, StoreError> {
    let bytes = |name: &str| array(&row.try_get::<Vec<u8>>(name)?);
    let first: Option<i64> = row.try_get("first")?;
    Ok(Version {
        resource: row.try_get("resource")?,
        seed: bytes("seed")?,
        digest: bytes("digest")?,
        root: bytes("root")?,
        first: first.map(number).transpose()?,
    })
}

fn interval(row: &Row) -> Result<Interval, StoreError> {
    let root = |name: &str| -> Result<Option<[u8; 32]>, StoreError> {
        row.try_get::<Option<Vec<u8>>>(name)?.as_deref().map(array).transpose()
    };
    Ok(Interval {
        interval: number(row.try_get("interval")?)?,
        secret: array(&row.try_get::<Vec<u8>>("secret")?)?,
        state: IntervalState::parse(row.try_get("state")?)?,
        log_after: unsigned(row.try_get("log_after")?, "proof_intervals")?,
        log_until: unsigned(row.try_get("log_until")?, "proof_intervals")?,
        records: root("records")?,
        log: root("log")?,
    })
}

fn number(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::Corrupt("proof_intervals"))
}

fn relationship(text: &str) -> Result<RelationshipId, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt("proof_roots"))
}

fn array(bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt("proofs"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::tests::temporary;

    const ID: RelationshipId = RelationshipId::new(0, 3);

    fn version(n: u8) -> Version {
        Version {
            resource: "Patient/r0-3".into(),
            seed: [n; 32],
            digest: [n; 32],
            root: [n; 32],
            first: None,
        }
    }

    #[tokio::test]
    async fn interval_should_keep_the_versions_that_it_was_opened_over() {
        let (store, _folder) = temporary().await;
        store.replace_versions(ID, &[version(1)], &[], 0).await.unwrap();
        store.open_interval(7, &[0; 32]).await.unwrap();
        assert_eq!(store.versions_at(7, ID).await.unwrap(), [("Patient/r0-3".into(), [1; 32])]);
        store.replace_versions(ID, &[version(2)], &[], 0).await.unwrap();
        // A version that no interval has seen leaves nothing behind.
        store.replace_versions(ID, &[version(3)], &[], 0).await.unwrap();
        assert_eq!(store.versions_at(7, ID).await.unwrap(), [("Patient/r0-3".into(), [1; 32])]);
        store.open_interval(9, &[0; 32]).await.unwrap();
        assert_eq!(store.versions_at(9, ID).await.unwrap(), [("Patient/r0-3".into(), [3; 32])]);
        store.replace_versions(ID, &[], &["Patient/r0-3".into()], 0).await.unwrap();
        assert_eq!(store.relationships_at(9).await.unwrap(), [ID]);
        store.open_interval(10, &[0; 32]).await.unwrap();
        assert_eq!(store.relationships_at(10).await.unwrap(), []);
        store.prune_proofs(10).await.unwrap();
        assert_eq!(store.versions_at(9, ID).await.unwrap(), []);
    }

    #[tokio::test]
    async fn interval_should_keep_its_first_secret_and_roots() {
        let (store, _folder) = temporary().await;
        assert_eq!(store.open_interval(7, &[1; 32]).await.unwrap().secret, [1; 32]);
        assert_eq!(store.open_interval(7, &[2; 32]).await.unwrap().secret, [1; 32]);
        store.prepare_interval(7, &[3; 32], &[4; 32], &[(ID, [5; 32])]).await.unwrap();
        store.prepare_interval(7, &[6; 32], &[6; 32], &[(ID, [6; 32])]).await.unwrap();
        let found = store.interval(7).await.unwrap().unwrap();
        assert_eq!((found.records, found.log), (Some([3; 32]), Some([4; 32])));
        assert_eq!(store.roots_at(7).await.unwrap(), [(ID, [5; 32])]);
        assert_eq!(store.unsettled_intervals(8).await.unwrap().len(), 1);
        store.settle_interval(7, IntervalState::Anchored).await.unwrap();
        store.settle_interval(7, IntervalState::Missed).await.unwrap();
        assert_eq!(store.latest_anchored().await.unwrap().unwrap().interval, 7);
    }
}
