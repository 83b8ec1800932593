//! The inbox: what was sent to be added to the records, and what staff made of it.

use medrec_client::notices::{Change, Changed, Details};
use medrec_primitives::{AccountId, Moment};

use super::{
    account, notices, signed,
    sql::{self, Row, Topic, Transaction},
    unsigned, Store, StoreError,
};

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
            sql::query_scalar("SELECT count(*) FROM inbox WHERE relationship = $1 AND status = 'pending'")
                .bind(relationship)
                .fetch_one(&self.read)
                .await?;
        unsigned(count, "inbox")
    }

    /// Items in the order of their arrival: all, or those of one status.
    pub async fn inbox(&self, status: Option<Status>) -> Result<Vec<Item>, StoreError> {
        let rows = sql::query("SELECT * FROM inbox WHERE $1 IS NULL OR status = $1 ORDER BY number")
            .bind(status.map(Status::word))
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(read).collect()
    }

    /// What waits, the oldest first, `count` at most; and how many wait in all.
    pub async fn inbox_waiting(&self, count: u32) -> Result<(Vec<Item>, u64), StoreError> {
        let rows = sql::query("SELECT * FROM inbox WHERE status = 'pending' ORDER BY number LIMIT $1")
            .bind(i64::from(count))
            .fetch_all(&self.read)
            .await?;
        let all: i64 = sql::query_scalar("SELECT count(*) FROM inbox WHERE status = 'pending'")
            .fetch_one(&self.read)
            .await?;
        Ok((rows.iter().map(read).collect::<Result<_, _>>()?, unsigned(all, "inbox")?))
    }

    /// One item.
    pub async fn inbox_item(&self, number: u64) -> Result<Option<Item>, StoreError> {
        let row = sql::query("SELECT * FROM inbox WHERE number = $1")
            .bind(signed(number))
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// What staff have accepted of one relationship and type.
    pub async fn accepted(&self, relationship: &str, resource_type: &str) -> Result<Vec<Item>, StoreError> {
        let rows = sql::query(
            "SELECT * FROM inbox WHERE relationship = $1 AND status = 'accepted' AND resource_type = $2 ORDER BY number",
        )
        .bind(relationship)
        .bind(resource_type)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Accepts an item with these labels, in one step with the notice of a new record. `reference` is what it is served as, `Type/id`. Returns
    /// whether it was pending.
    pub async fn accept_item(
        &self,
        number: u64,
        labels: &[String],
        reference: &str,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let labels = serde_json::to_string(labels).map_err(|_| StoreError::Corrupt("inbox"))?;
        let mut transaction = self.begin(Topic::Notices).await?;
        let of: Option<String> = sql::query_scalar(
            "UPDATE inbox SET status = 'accepted', decided = $2, labels = $3 WHERE number = $1 AND status = 'pending'
             RETURNING relationship",
        )
        .bind(signed(number))
        .bind(signed(now))
        .bind(labels)
        .fetch_optional(&mut transaction)
        .await?;
        let Some(of) = of else { return Ok(false) };
        let record = Changed { reference: reference.to_owned(), change: Change::New };
        let notice = notices::NewNotice {
            relationship: Some(of.parse().map_err(|_| StoreError::Corrupt("inbox"))?),
            kind: "records".into(),
            subject: None,
            source: format!("inbox {number}"),
            details: Details { records: vec![record], ..Details::default() },
        };
        notices::insert(&mut transaction, &notice, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Rejects an item. Returns whether it was pending.
    pub async fn reject_item(&self, number: u64, reason: &str, now: Moment) -> Result<bool, StoreError> {
        let done = sql::query(
            "UPDATE inbox SET status = 'rejected', decided = $2, reason = $3 WHERE number = $1 AND status = 'pending'",
        )
        .bind(signed(number))
        .bind(signed(now))
        .bind(reason)
        .execute(&self.write)
        .await?;
        Ok(done == 1)
    }
}

/// Keeps an item, within the transaction that puts it on the log.
pub(super) async fn insert(transaction: &mut Transaction, item: &NewItem) -> Result<(), StoreError> {
    let account: &[u8] = item.account.as_ref();
    sql::query(
        "INSERT INTO inbox (relationship, resource_type, resource, account, capacity, purpose, received)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&item.relationship)
    .bind(&item.resource_type)
    .bind(&item.resource)
    .bind(account)
    .bind(&item.capacity)
    .bind(&item.purpose)
    .bind(signed(item.received))
    .execute(transaction)
    .await?;
    Ok(())
}

fn read(row: &Row) -> Result<Item, StoreError> {
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
            let mut transaction = store.begin(Topic::Log).await.unwrap();
            insert(&mut transaction, &item()).await.unwrap();
            transaction.commit().await.unwrap();
        }
        let (number, second) = (1, 2);
        assert_eq!(store.pending_items("r0-3").await.unwrap(), 2);
        assert!(store.accepted("r0-3", "Observation").await.unwrap().is_empty());
        assert!(store.accept_item(number, &["s|c".into()], "Observation/x", 9).await.unwrap());
        assert!(store.reject_item(second, "no", 9).await.unwrap());
        assert!(!store.accept_item(second, &[], "Observation/y", 9).await.unwrap());
        assert!(!store.reject_item(number, "no", 9).await.unwrap());
        let accepted = store.accepted("r0-3", "Observation").await.unwrap();
        assert_eq!((accepted.len(), accepted[0].labels.as_slice()), (1, &["s|c".to_owned()][..]));
        assert!(store.accepted("r0-4", "Observation").await.unwrap().is_empty());
        assert!(store.accepted("r0-3", "Condition").await.unwrap().is_empty());
        assert_eq!(store.inbox(Some(Status::Pending)).await.unwrap(), []);
        assert_eq!(store.inbox(None).await.unwrap().len(), 2);
        let told = store.notices_after(0, None, 9).await.unwrap();
        let records: Vec<_> = told.iter().flat_map(|notice| &notice.details.records).collect();
        assert_eq!(records, [&Changed { reference: "Observation/x".into(), change: Change::New }]);
    }
}
