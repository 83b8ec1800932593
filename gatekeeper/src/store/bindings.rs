//! Tickets, and the binding of relationships to record numbers.
//!
//! ```text
//! issued --redeemed--> pending --final on chain--> bound
//!    |                    |
//!  expired             refused by the chain
//! ```

use medrec_primitives::{AccountId, Moment, RelationshipId, TicketDigest};

use super::{
    account,
    pending_keys::relationship,
    recall::{changes, AsOf},
    signed,
    sql::{self, Topic},
    suspended_records::is_shown,
    unsigned, Store, StoreError,
};

/// What a redeemed ticket led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// The account is now bound to the record, and the relationship is to be proposed.
    Fresh,
    /// The same account redeemed it before, and the proposal has not come through yet.
    Pending,
    /// The same account redeemed it before, and this came of it.
    Bound(RelationshipId),
    /// Unknown, expired, or used.
    Refused,
}

/// The record that a relationship is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundRecord {
    /// Its number in the provider's database.
    pub number: String,
    /// The key that was enrolled.
    pub key: AccountId,
    /// Whether anything came through the inbox and was accepted.
    pub has_accepted: bool,
}

/// A binding that has no relationship yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingBinding {
    /// The patient's key, or the guardian's.
    pub account: AccountId,
    /// Digest of the ticket.
    pub digest: TicketDigest,
    /// When the patient comes of age (ms), if a minor, whose guardian's the key is.
    pub handover: Option<Moment>,
}

impl Store {
    /// Keeps a new ticket.
    pub async fn add_ticket(
        &self,
        digest: &TicketDigest,
        record: &str,
        now: Moment,
        expires: Moment,
    ) -> Result<(), StoreError> {
        sql::query("INSERT INTO tickets (digest, record, issued, expires) VALUES ($1, $2, $3, $4)")
            .bind(digest.as_slice())
            .bind(record)
            .bind(signed(now))
            .bind(signed(expires))
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Uses up a ticket for an account, in one step with the binding.
    pub async fn redeem(
        &self,
        digest: &TicketDigest,
        by: &AccountId,
        now: Moment,
    ) -> Result<Redeemed, StoreError> {
        let bytes: &[u8] = by.as_ref();
        let mut transaction = self.begin(Topic::Enrolment).await?;
        let used = sql::query(concat!(
            "UPDATE tickets SET used = $2 WHERE digest = $1 AND used IS NULL AND expires > $2
             AND NOT EXISTS (SELECT 1 FROM bindings WHERE account = $3)
             AND NOT EXISTS (SELECT 1 FROM guardians WHERE account = $3)
             AND NOT EXISTS (SELECT 1 FROM pending_keys WHERE account = $3 AND ended IS NULL)
             AND NOT EXISTS (SELECT 1 FROM ticket_purposes WHERE digest = $1 AND purpose <> 'minor')
             AND ",
            is_shown!("record"),
        ))
        .bind(digest.as_slice())
        .bind(signed(now))
        .bind(bytes)
        .execute(&mut transaction)
        .await?;
        if used == 1 {
            sql::query(
                "INSERT INTO bindings (account, digest, record, created)
                 SELECT $2, digest, record, $3 FROM tickets WHERE digest = $1",
            )
            .bind(digest.as_slice())
            .bind(bytes)
            .bind(signed(now))
            .execute(&mut transaction)
            .await?;
            sql::query("INSERT INTO guardians (account, digest) SELECT $2, digest FROM ticket_purposes WHERE digest = $1")
                .bind(digest.as_slice())
                .bind(bytes)
                .execute(&mut transaction)
                .await?;
            transaction.commit().await?;
            return Ok(Redeemed::Fresh);
        }
        let before: Option<(Option<i64>, Option<i64>)> = sql::query_as(
            "SELECT member, number FROM bindings WHERE digest = $1 AND refused IS NULL
             AND (account = $2 OR EXISTS (SELECT 1 FROM guardians WHERE digest = $1 AND account = $2))",
        )
        .bind(digest.as_slice())
        .bind(bytes)
        .fetch_optional(&mut transaction)
        .await?;
        Ok(match before {
            None => Redeemed::Refused,
            Some((Some(member), Some(number))) => {
                Redeemed::Bound(relationship(Some((member, number)), "bindings")?)
            }
            Some(_) => Redeemed::Pending,
        })
    }

    /// Names the relationship that a pending binding became.
    pub async fn bind(&self, account: &AccountId, relationship: RelationshipId) -> Result<(), StoreError> {
        let bytes: &[u8] = account.as_ref();
        sql::query("UPDATE bindings SET member = $1, number = $2 WHERE account = $3 AND number IS NULL")
            .bind(i64::from(relationship.member))
            .bind(i64::from(relationship.index))
            .bind(bytes)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Names the relationship that a minor's pending binding became, and puts the account that holds the minor's place on chain
    /// where the guardian's key stood.
    pub async fn bind_minor(
        &self,
        guardian: &AccountId,
        place: &AccountId,
        relationship: RelationshipId,
    ) -> Result<(), StoreError> {
        let (guardian, place): (&[u8], &[u8]) = (guardian.as_ref(), place.as_ref());
        sql::query(
            "UPDATE bindings SET account = $1, member = $2, number = $3 WHERE account = $4 AND number IS NULL",
        )
        .bind(place)
        .bind(i64::from(relationship.member))
        .bind(i64::from(relationship.index))
        .bind(guardian)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Notes that the chain refuses a pending binding for good.
    pub async fn refuse_binding(&self, account: &AccountId, reason: &str) -> Result<(), StoreError> {
        let bytes: &[u8] = account.as_ref();
        sql::query("UPDATE bindings SET refused = $1 WHERE account = $2 AND number IS NULL")
            .bind(reason)
            .bind(bytes)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Bindings whose proposal has not come through yet, oldest first.
    pub async fn pending_bindings(&self) -> Result<Vec<PendingBinding>, StoreError> {
        let rows = sql::query(
            "SELECT account, digest, handover FROM bindings LEFT JOIN ticket_purposes USING (digest)
             WHERE bindings.number IS NULL AND refused IS NULL ORDER BY created",
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter()
            .map(|row| {
                let digest: Vec<u8> = row.try_get("digest")?;
                let handover: Option<i64> = row.try_get("handover")?;
                Ok(PendingBinding {
                    account: account(row.try_get("account")?, "bindings")?,
                    digest: digest.try_into().map_err(|_| StoreError::Corrupt("bindings"))?,
                    handover: handover.map(|date| unsigned(date, "ticket_purposes")).transpose()?,
                })
            })
            .collect()
    }

    /// What a relationship is bound to; nothing while the record is suspended or in doubt.
    pub async fn record(&self, relationship: RelationshipId) -> Result<Option<BoundRecord>, StoreError> {
        let row: Option<(String, Vec<u8>, bool, i64)> = sql::query_as(concat!(
            "SELECT record, account,
                 EXISTS (SELECT 1 FROM inbox WHERE relationship = $3 AND status = 'accepted'), ",
            changes!(),
            " FROM bindings WHERE member = $1 AND number = $2 AND ",
            is_shown!("record"),
        ))
        .bind(i64::from(relationship.member))
        .bind(i64::from(relationship.index))
        .bind(relationship.to_string())
        .fetch_optional(&self.read)
        .await?;
        let Some((number, bytes, has_accepted, count)) = row else { return Ok(None) };
        let bound = BoundRecord { number, key: account(&bytes, "bindings")?, has_accepted };
        self.recall.records.keep(relationship, bound.clone(), count);
        Ok(Some(bound))
    }

    /// The same, remembered or read.
    pub async fn record_as_of(
        &self,
        relationship: RelationshipId,
    ) -> Result<Option<(BoundRecord, AsOf)>, StoreError> {
        self.recall.records.or_read(&relationship, |_| true, self.record(relationship)).await
    }

    /// Relationships that are bound, at most so many, the newest first.
    pub async fn newest_bindings(&self, most: u32) -> Result<Vec<RelationshipId>, StoreError> {
        let rows: Vec<(i64, i64)> = sql::query_as(
            "SELECT member, number FROM bindings WHERE number IS NOT NULL ORDER BY created DESC, number DESC LIMIT $1",
        )
        .bind(i64::from(most))
        .fetch_all(&self.read)
        .await?;
        let id = |number: i64| u32::try_from(number).map_err(|_| StoreError::Corrupt("bindings"));
        rows.into_iter().map(|(member, number)| Ok(RelationshipId::new(id(member)?, id(number)?))).collect()
    }

    /// Whether a record is bound, pending, or has a ticket that is still good.
    pub async fn is_enrolled(&self, record: &str, now: Moment) -> Result<bool, StoreError> {
        Ok(sql::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM bindings WHERE record = $1 AND refused IS NULL)
                 OR EXISTS (SELECT 1 FROM tickets WHERE record = $1 AND used IS NULL AND expires > $2)",
        )
        .bind(record)
        .bind(signed(now))
        .fetch_one(&self.read)
        .await?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::{
        pending_keys::TicketPurpose,
        tests::{bound_to, temporary},
    };

    const DIGEST: TicketDigest = [5; 16];

    fn key(n: u8) -> AccountId {
        [n; 32].into()
    }

    #[tokio::test]
    async fn ticket_should_be_refused_when_unknown_or_expired() {
        let (store, _folder) = temporary().await;
        assert_eq!(store.redeem(&DIGEST, &key(1), 0).await.unwrap(), Redeemed::Refused);
        store.add_ticket(&DIGEST, "A-1", 0, 100).await.unwrap();
        assert_eq!(store.redeem(&DIGEST, &key(1), 100).await.unwrap(), Redeemed::Refused);
        assert_eq!(store.redeem(&DIGEST, &key(1), 99).await.unwrap(), Redeemed::Fresh);
    }

    #[tokio::test]
    async fn ticket_should_be_refused_when_another_account_redeemed_it() {
        let (store, _folder) = temporary().await;
        store.add_ticket(&DIGEST, "A-1", 0, 100).await.unwrap();
        assert_eq!(store.redeem(&DIGEST, &key(1), 1).await.unwrap(), Redeemed::Fresh);
        assert_eq!(store.redeem(&DIGEST, &key(2), 2).await.unwrap(), Redeemed::Refused);
    }

    #[tokio::test]
    async fn ticket_should_lead_to_the_same_when_redeemed_again_by_the_same_account() {
        let (store, _folder) = temporary().await;
        store.add_ticket(&DIGEST, "A-1", 0, 100).await.unwrap();
        assert_eq!(store.redeem(&DIGEST, &key(1), 1).await.unwrap(), Redeemed::Fresh);
        assert_eq!(store.redeem(&DIGEST, &key(1), 2).await.unwrap(), Redeemed::Pending);
        assert_eq!(
            store.pending_bindings().await.unwrap(),
            [PendingBinding { account: key(1), digest: DIGEST, handover: None }]
        );
        store.bind(&key(1), RelationshipId::new(3, 4)).await.unwrap();
        let bound = Redeemed::Bound(RelationshipId::new(3, 4));
        assert_eq!(store.redeem(&DIGEST, &key(1), 3).await.unwrap(), bound);
        assert_eq!(store.redeem(&DIGEST, &key(2), 3).await.unwrap(), Redeemed::Refused);
        assert_eq!(store.pending_bindings().await.unwrap(), []);
        assert_eq!(store.record(RelationshipId::new(3, 4)).await.unwrap(), Some(bound_to("A-1", key(1))));
        assert_eq!(store.record(RelationshipId::new(3, 5)).await.unwrap(), None);
    }

    #[tokio::test]
    async fn ticket_should_be_refused_when_the_account_is_bound_already() {
        let (store, _folder) = temporary().await;
        store.add_ticket(&DIGEST, "A-1", 0, 100).await.unwrap();
        store.add_ticket(&[6; 16], "A-2", 0, 100).await.unwrap();
        assert_eq!(store.redeem(&DIGEST, &key(1), 1).await.unwrap(), Redeemed::Fresh);
        assert_eq!(store.redeem(&[6; 16], &key(1), 1).await.unwrap(), Redeemed::Refused);
        assert_eq!(store.redeem(&[6; 16], &key(2), 1).await.unwrap(), Redeemed::Fresh);
    }

    #[tokio::test]
    async fn minor_should_be_bound_by_the_account_in_its_place_when_the_guardian_enrolled() {
        let (store, _folder) = temporary().await;
        let purpose = TicketPurpose::Minor { handover: 7 };
        store.add_ticket_for(&DIGEST, "A-1", 0, 100, &purpose).await.unwrap();
        assert_eq!(store.redeem(&DIGEST, &key(1), 1).await.unwrap(), Redeemed::Fresh);
        let pending = PendingBinding { account: key(1), digest: DIGEST, handover: Some(7) };
        assert_eq!(store.pending_bindings().await.unwrap(), [pending]);
        let id = RelationshipId::new(3, 4);
        store.bind_minor(&key(1), &key(8), id).await.unwrap();
        assert_eq!(store.record(id).await.unwrap(), Some(bound_to("A-1", key(8))));
        assert_eq!(store.redeem(&DIGEST, &key(1), 2).await.unwrap(), Redeemed::Bound(id));
        assert_eq!(store.redeem(&DIGEST, &key(2), 2).await.unwrap(), Redeemed::Refused);
        // A guardian's key is used up by one child.
        store.add_ticket_for(&[6; 16], "A-2", 0, 100, &purpose).await.unwrap();
        assert_eq!(store.redeem(&[6; 16], &key(1), 2).await.unwrap(), Redeemed::Refused);
    }

    #[tokio::test]
    async fn record_should_count_as_enrolled_when_a_ticket_is_still_good() {
        let (store, _folder) = temporary().await;
        store.add_ticket(&DIGEST, "A-1", 0, 100).await.unwrap();
        assert!(store.is_enrolled("A-1", 50).await.unwrap());
        assert!(!store.is_enrolled("A-1", 100).await.unwrap());
        assert!(!store.is_enrolled("A-2", 50).await.unwrap());
    }
}
