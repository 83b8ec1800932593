//! Breaks of the glass while the chain was away: open here, and waiting to be made on chain.

use medrec_client::notices::Details;
use medrec_primitives::{AccountId, Moment, RelationshipId, StaffId};

use super::{
    account, notices, signed,
    sql::{self, Row, Topic, Transaction},
    unsigned, Store, StoreError,
};

/// What counts for quotas (ms).
const DAY: Moment = 24 * 3_600_000;

/// A break to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBreak {
    /// Who broke it.
    pub account: AccountId,
    /// The person.
    pub staff: StaffId,
    /// Whose records.
    pub relationship: RelationshipId,
    /// From when (ms).
    pub from: Moment,
    /// Until when (ms), without the chain.
    pub until: Moment,
    /// The signed transaction that breaks it on chain.
    pub extrinsic: Vec<u8>,
    /// Its place among the signer's transactions.
    pub nonce: u64,
    /// The number of the last block that may have it.
    pub last_block: u64,
}

/// A break that is open here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenBreak {
    /// From when (ms).
    pub from: Moment,
    /// Until when (ms).
    pub until: Moment,
}

/// A break that waits for the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedBreak {
    /// Its number here.
    pub number: u64,
    /// What was kept.
    pub made: NewBreak,
}

/// How a break was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It was.
    Yes,
    /// The person has one open at this relationship already.
    Again,
    /// Another of the person's breaks has this one's place in the queue.
    Taken,
    /// The person has broken as many as it may.
    StaffQuota,
    /// The member's staff has.
    MemberQuota,
}

impl Store {
    /// What [`Store::add_break`] would do. Nothing is kept.
    pub async fn would_add_break(
        &self,
        new: &NewBreak,
        per_staff: u32,
        per_member: u32,
    ) -> Result<Kept, StoreError> {
        let mut transaction = self.begin(Topic::Notices).await?;
        room(&mut transaction, new, per_staff, per_member).await
    }

    /// Keeps a break with the notice of it, within quotas for 24 hours.
    pub async fn add_break(
        &self,
        new: &NewBreak,
        per_staff: u32,
        per_member: u32,
    ) -> Result<Kept, StoreError> {
        let NewBreak { account, staff, relationship, from, until, extrinsic, nonce, last_block } = new;
        let account: &[u8] = account.as_ref();
        let mut transaction = self.begin(Topic::Notices).await?;
        let kept = room(&mut transaction, new, per_staff, per_member).await?;
        if kept != Kept::Yes {
            return Ok(kept);
        }
        let number: i64 = sql::query_scalar(
            "INSERT INTO offline_breaks (account, member, staff, relationship, began, until, extrinsic, nonce, last_block)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             RETURNING number",
        )
        .bind(account)
        .bind(i64::from(staff.member))
        .bind(i64::from(staff.index))
        .bind(relationship.to_string())
        .bind(signed(*from))
        .bind(signed(*until))
        .bind(extrinsic)
        .bind(signed(*nonce))
        .bind(signed(*last_block))
        .fetch_one(&mut transaction)
        .await?;
        let details = Details {
            staff: Some(staff.to_string()),
            until: Some(*until),
            outcome: Some("offline".into()),
            ..Details::default()
        };
        let notice = notices::NewNotice {
            relationship: Some(*relationship),
            kind: "glass-broken".into(),
            subject: None,
            source: format!("offline break {}", number),
            details,
        };
        notices::insert(&mut transaction, &notice, *from).await?;
        transaction.commit().await?;
        Ok(Kept::Yes)
    }

    /// A person's break at a relationship that is open at `now`.
    pub async fn open_break(
        &self,
        by: &AccountId,
        relationship: RelationshipId,
        now: Moment,
    ) -> Result<Option<OpenBreak>, StoreError> {
        let by: &[u8] = by.as_ref();
        let row: Option<(i64, i64)> = sql::query_as(
            "SELECT began, until FROM offline_breaks WHERE account = $1 AND relationship = $2 AND began <= $3 AND until > $3
             ORDER BY until DESC LIMIT 1",
        )
        .bind(by)
        .bind(relationship.to_string())
        .bind(signed(now))
        .fetch_optional(&self.read)
        .await?;
        let moment = |moment| unsigned(moment, "offline_breaks");
        row.map(|(from, until)| Ok(OpenBreak { from: moment(from)?, until: moment(until)? })).transpose()
    }

    /// Breaks that wait for the chain, in the order in which they were made.
    pub async fn queued_breaks(&self) -> Result<Vec<QueuedBreak>, StoreError> {
        let rows = sql::query("SELECT * FROM offline_breaks WHERE ended IS NULL ORDER BY number")
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(read).collect()
    }

    /// How many breaks of an account wait for the chain.
    pub async fn queued_of(&self, by: &AccountId) -> Result<u64, StoreError> {
        let by: &[u8] = by.as_ref();
        let count: i64 =
            sql::query_scalar("SELECT count(*) FROM offline_breaks WHERE ended IS NULL AND account = $1")
                .bind(by)
                .fetch_one(&self.read)
                .await?;
        unsigned(count, "offline_breaks")
    }

    /// Says what became of a break on chain: the glass, or why there is none. Said once.
    pub async fn end_break(&self, number: u64, ended: &str) -> Result<(), StoreError> {
        sql::query("UPDATE offline_breaks SET ended = $1 WHERE number = $2 AND ended IS NULL")
            .bind(ended)
            .bind(signed(number))
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

/// Whether a break could be kept.
async fn room(
    transaction: &mut Transaction,
    new: &NewBreak,
    per_staff: u32,
    per_member: u32,
) -> Result<Kept, StoreError> {
    let NewBreak { account, staff, relationship, from, nonce, .. } = new;
    let account: &[u8] = account.as_ref();
    let since = signed(from.saturating_sub(DAY));
    let (open, of_staff, of_member, taken): (i64, i64, i64, i64) = sql::query_as(
        "SELECT count(CASE WHEN account = $1 AND relationship = $2 AND until > $3 THEN 1 END),
                count(CASE WHEN member = $4 AND staff = $5 AND began > $6 THEN 1 END),
                count(CASE WHEN member = $4 AND began > $6 THEN 1 END),
                count(CASE WHEN account = $1 AND nonce = $7 AND ended IS NULL THEN 1 END) FROM offline_breaks",
    )
    .bind(account)
    .bind(relationship.to_string())
    .bind(signed(*from))
    .bind(i64::from(staff.member))
    .bind(i64::from(staff.index))
    .bind(since)
    .bind(signed(*nonce))
    .fetch_one(transaction)
    .await?;
    for (found, most, refused) in [
        (open, 1, Kept::Again),
        (of_staff, i64::from(per_staff), Kept::StaffQuota),
        (of_member, i64::from(per_member), Kept::MemberQuota),
        (taken, 1, Kept::Taken),
    ] {
        if found >= most {
            return Ok(refused);
        }
    }
    Ok(Kept::Yes)
}

fn read(row: &Row) -> Result<QueuedBreak, StoreError> {
    let corrupt = || StoreError::Corrupt("offline_breaks");
    let id = |name: &str| u32::try_from(row.try_get::<i64>(name)?).map_err(|_| corrupt());
    let relationship: String = row.try_get("relationship")?;
    Ok(QueuedBreak {
        number: unsigned(row.try_get("number")?, "offline_breaks")?,
        made: NewBreak {
            account: account(row.try_get("account")?, "offline_breaks")?,
            staff: StaffId::new(id("member")?, id("staff")?),
            relationship: relationship.parse().map_err(|_| corrupt())?,
            from: unsigned(row.try_get("began")?, "offline_breaks")?,
            until: unsigned(row.try_get("until")?, "offline_breaks")?,
            extrinsic: row.try_get("extrinsic")?,
            nonce: unsigned(row.try_get("nonce")?, "offline_breaks")?,
            last_block: unsigned(row.try_get("last_block")?, "offline_breaks")?,
        },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::tests::temporary;

    fn new(staff: u32, number: u32, from: Moment) -> NewBreak {
        NewBreak {
            account: [staff as u8; 32].into(),
            staff: StaffId::new(4, staff),
            relationship: RelationshipId::new(0, number),
            from,
            until: from + 100,
            extrinsic: vec![1, 2],
            nonce: u64::from(number),
            last_block: 64,
        }
    }

    #[tokio::test]
    async fn break_should_be_open_for_its_time_and_told_of() {
        let (store, _folder) = temporary().await;
        assert_eq!(store.add_break(&new(1, 3, 1000), 9, 9).await.unwrap(), Kept::Yes);
        assert_eq!(store.add_break(&new(1, 3, 1050), 9, 9).await.unwrap(), Kept::Again);
        let id = RelationshipId::new(0, 3);
        let open = async |staff: u8, at| store.open_break(&[staff; 32].into(), id, at).await.unwrap();
        assert_eq!(open(1, 1000).await, Some(OpenBreak { from: 1000, until: 1100 }));
        assert_eq!((open(1, 999).await, open(1, 1100).await, open(2, 1000).await), (None, None, None));
        let told = store.notices_after(0, Some(id), 9).await.unwrap();
        assert_eq!((told.len(), told[0].details.outcome.as_deref()), (1, Some("offline")));
    }

    #[tokio::test]
    async fn break_should_be_refused_when_a_quota_is_used_up() {
        let (store, _folder) = temporary().await;
        for n in 0..2 {
            assert_eq!(store.would_add_break(&new(1, n, 1000), 2, 3).await.unwrap(), Kept::Yes);
            assert_eq!(store.add_break(&new(1, n, 1000), 2, 3).await.unwrap(), Kept::Yes);
        }
        assert_eq!(store.would_add_break(&new(1, 2, 1001), 2, 3).await.unwrap(), Kept::StaffQuota);
        assert_eq!(store.add_break(&new(1, 2, 1001), 2, 3).await.unwrap(), Kept::StaffQuota);
        assert_eq!(store.add_break(&new(2, 2, 1001), 2, 3).await.unwrap(), Kept::Yes);
        assert_eq!(store.add_break(&new(3, 3, 1002), 2, 3).await.unwrap(), Kept::MemberQuota);
        assert_eq!(store.add_break(&new(1, 4, 1000 + DAY + 1), 2, 3).await.unwrap(), Kept::Yes);
    }

    #[tokio::test]
    async fn break_should_not_be_kept_when_another_has_its_place_in_the_queue() {
        let (store, _folder) = temporary().await;
        let same = |number| NewBreak { nonce: 7, ..new(1, number, 1000) };
        assert_eq!(store.add_break(&same(3), 9, 9).await.unwrap(), Kept::Yes);
        assert_eq!(store.add_break(&same(4), 9, 9).await.unwrap(), Kept::Taken);
        let others = NewBreak { nonce: 7, ..new(2, 4, 1000) };
        assert_eq!(store.add_break(&others, 9, 9).await.unwrap(), Kept::Yes);
    }

    #[tokio::test]
    async fn break_should_wait_for_the_chain_until_something_became_of_it() {
        let (store, _folder) = temporary().await;
        store.add_break(&new(1, 3, 1000), 9, 9).await.unwrap();
        store.add_break(&new(1, 4, 1000), 9, 9).await.unwrap();
        assert_eq!(store.queued_of(&[1; 32].into()).await.unwrap(), 2);
        let queued = store.queued_breaks().await.unwrap();
        assert_eq!(queued[0].made, new(1, 3, 1000));
        store.end_break(queued[0].number, "g4-0").await.unwrap();
        store.end_break(queued[0].number, "other").await.unwrap();
        assert_eq!(store.queued_breaks().await.unwrap().len(), 1);
    }
}
