//! The inbox: what was sent to be added to the records, and what staff made of it.

use medrec_primitives::{AccountId, Moment};
use sqlx::{sqlite::SqliteRow, Row, SqliteConnection};

use super::{account, signed, unsigned, Store, StoreError};

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nobody has looked at it.
    Pending,
    /// It is served.
    Accepted,
    /// It is not, for good.
    Rejected,
}

impl Status {
    /// As the table has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }

    fn read(word: &str) -> Result<Self, StoreError> {
        let all = [Self::Pending, Self::Accepted, Self::Rejected];
        all.into_iter().find(|status| status.word() == word).ok_or(StoreError::Corrupt("inbox"))
    }
}

/// An item to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewItem {
    /// Whose records it is to be added to.
    pub relationship: String,
    /// Its type.
    pub resource_type: String,
    /// The resource, as JSON text.
    pub resource: String,
    /// Who sent it.
    pub account: AccountId,
    /// As what: `patient`, `custodian` or `viewer`.
    pub capacity: String,
    /// What for.
    pub purpose: String,
    /// When (ms).
    pub received: Moment,
}

/// An item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its number.
    pub number: u64,
    /// What was sent.
    pub sent: NewItem,
    /// What became of it.
    pub status: Status,
    /// When that was decided (ms).
    pub decided: Option<Moment>,
    /// Security labels that staff gave it, each `system|code`.
    pub labels: Vec<String>,
    /// Why it was rejected.
    pub reason: Option<String>,
}

impl Store {
    /// How many items of a relationship are pending.
    pub async fn pending_items(&self, relationship: &str) -> Result<u64, StoreError> {
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM inbox WHERE relationship = ? AND status = 'pending'")
                .bind(relationship)
                .fetch_one(&self.read)
                .await?;
        unsigned(count, "inbox")
    }

    /// Items in the order of their arrival: all, or those of one status.
    pub async fn inbox(&self, status: Option<Status>) -> Result<Vec<Item>, StoreError> {
        let rows = sqlx::query("SELECT * FROM inbox WHERE ?1 IS NULL OR status = ?1 ORDER BY number")
            .bind(status.map(Status::word))
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(read).collect()
    }

    /// What waits, the oldest first, `count` at most; and how many wait in all.
    pub async fn inbox_waiting(&self, count: u32) -> Result<(Vec<Item>, u64), StoreError> {
        let rows = sqlx::query("SELECT * FROM inbox WHERE status = 'pending' ORDER BY number LIMIT ?")
            .bind(count)
            .fetch_all(&self.read)
            .await?;
        let all: i64 = sqlx::query_scalar("SELECT count(*) FROM inbox WHERE status = 'pending'")
            .fetch_one(&self.read)
            .await?;
        Ok((rows.iter().map(read).collect::<Result<_, _>>()?, unsigned(all, "inbox")?))
    }

    /// One item.
    pub async fn inbox_item(&self, number: u64) -> Result<Option<Item>, StoreError> {
        let row = sqlx::query("SELECT * FROM inbox WHERE number = ?")
            .bind(signed(number))
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// What staff have accepted of one relationship and type.
    pub async fn accepted(&self, relationship: &str, resource_type: &str) -> Result<Vec<Item>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM inbox WHERE relationship = ? AND status = 'accepted' AND resource_type = ? ORDER BY number",
        )
        .bind(relationship)
        .bind(resource_type)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Accepts an item with these labels. Returns whether it was pending.
    pub async fn accept_item(&self, number: u64, labels: &[String], now: Moment) -> Result<bool, StoreError> {
        let labels = serde_json::to_string(labels).map_err(|_| StoreError::Corrupt("inbox"))?;
        let done = sqlx::query(
            "UPDATE inbox SET status = 'accepted', decided = ?2, labels = ?3 WHERE number = ?1 AND status = 'pending'",
        )
        .bind(signed(number))
        .bind(signed(now))
        .bind(labels)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Rejects an item. Returns whether it was pending.
    pub async fn reject_item(&self, number: u64, reason: &str, now: Moment) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE inbox SET status = 'rejected', decided = ?2, reason = ?3 WHERE number = ?1 AND status = 'pending'",
        )
        .bind(signed(number))
        .bind(signed(now))
        .bind(reason)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

/// Keeps an item, within the transaction that puts it on the log.
pub(super) async fn insert(connection: &mut SqliteConnection, item: &NewItem) -> Result<(), StoreError> {
    let account: &[u8] = item.account.as_ref();
    sqlx::query(
        "INSERT INTO inbox (relationship, resource_type, resource, account, capacity, purpose, received)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&item.relationship)
    .bind(&item.resource_type)
    .bind(&item.resource)
    .bind(account)
    .bind(&item.capacity)
    .bind(&item.purpose)
    .bind(signed(item.received))
    .execute(connection)
    .await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<Item, StoreError> {
    let corrupt = || StoreError::Corrupt("inbox");
    let labels: String = row.try_get("labels")?;
    let decided: Option<i64> = row.try_get("decided")?;
    Ok(Item {
        number: unsigned(row.try_get("number")?, "inbox")?,
        sent: NewItem {
            relationship: row.try_get("relationship")?,
            resource_type: row.try_get("resource_type")?,
            resource: row.try_get("resource")?,
            account: account(row.try_get("account")?, "inbox")?,
            capacity: row.try_get("capacity")?,
            purpose: row.try_get("purpose")?,
            received: unsigned(row.try_get("received")?, "inbox")?,
        },
        status: Status::read(row.try_get("status")?)?,
        decided: decided.map(|decided| unsigned(decided, "inbox")).transpose()?,
        labels: serde_json::from_str(&labels).map_err(|_| corrupt())?,
        reason: row.try_get("reason")?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::tests::temporary;

    fn item() -> NewItem {
        NewItem {
            relationship: "r0-3".into(),
            resource_type: "Observation".into(),
            resource: "{}".into(),
            account: [1; 32].into(),
            capacity: "patient".into(),
            purpose: "PATRQT".into(),
            received: 5,
        }
    }

    #[tokio::test]
    async fn item_should_be_served_once_accepted_and_never_decided_twice() {
        let (store, _folder) = temporary().await;
        for _ in 0..2 {
            let mut connection = store.write.acquire().await.unwrap();
            insert(&mut connection, &item()).await.unwrap();
        }
        let (number, second) = (1, 2);
        assert_eq!(store.pending_items("r0-3").await.unwrap(), 2);
        assert!(store.accepted("r0-3", "Observation").await.unwrap().is_empty());
        assert!(store.accept_item(number, &["s|c".into()], 9).await.unwrap());
        assert!(store.reject_item(second, "no", 9).await.unwrap());
        assert!(!store.accept_item(second, &[], 9).await.unwrap());
        assert!(!store.reject_item(number, "no", 9).await.unwrap());
        let accepted = store.accepted("r0-3", "Observation").await.unwrap();
        assert_eq!((accepted.len(), accepted[0].labels.as_slice()), (1, &["s|c".to_owned()][..]));
        assert!(store.accepted("r0-4", "Observation").await.unwrap().is_empty());
        assert!(store.accepted("r0-3", "Condition").await.unwrap().is_empty());
        assert_eq!(store.inbox(Some(Status::Pending)).await.unwrap(), []);
        assert_eq!(store.inbox(None).await.unwrap().len(), 2);
    }
}
