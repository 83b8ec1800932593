//! What tickets are for, and keys that are to take a place in a relationship that is bound already.
//!
//! ```text
//! issued --redeemed--> pending --asked for on chain--> waiting --named by the finalised chain--> named
//!    |                    |                               |
//!  expired              refused                 taken back, superseded by a newer ticket
//! ```

use medrec_primitives::{AccountId, Moment, RelationshipId, TicketDigest};

use super::{
    account, signed,
    sql::{self, Topic},
    suspended_records::is_shown,
    unsigned, Store, StoreError,
};

/// What a ticket is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketPurpose {
    /// The first key of a record's patient: a relationship is to be proposed.
    First,
    /// A guardian's key: a relationship is to be proposed for a minor.
    Minor {
        /// When the minor comes of age (ms).
        handover: Moment,
    },
    /// A fresh key in the place of a lost one; after a veto, the word on who is who.
    Rekey {
        /// The relationship, bound here.
        relationship: RelationshipId,
        /// The lost key, where it is one of several guardians'.
        lost: Option<AccountId>,
    },
    /// The own key of a patient who has come of age.
    OfAge {
        /// The relationship, bound here.
        relationship: RelationshipId,
    },
}

impl TicketPurpose {
    /// As the store and programs have it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Minor { .. } => "minor",
            Self::Rekey { .. } => "rekey",
            Self::OfAge { .. } => "of-age",
        }
    }
}

/// A key that waits for its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingKey {
    /// Digest of the ticket that it came with.
    pub digest: TicketDigest,
    /// The key.
    pub account: AccountId,
    /// Where it belongs.
    pub relationship: RelationshipId,
    /// The block in which the chain was asked to take it, if it was.
    pub asked: Option<u64>,
}

/// What a redeemed ticket for a bound relationship led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyRedeemed {
    /// The key waits for its place.
    Pending(PendingKey),
    /// The same key redeemed it before, and has its place.
    Named,
    /// Unknown, expired, used, superseded, or the key belongs elsewhere.
    Refused,
}

/// What became of a pending key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The chain refuses it for good.
    Refused,
    /// It was taken back on chain, or can no longer come through.
    TakenBack,
}

impl Ended {
    fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::TakenBack => "taken back",
        }
    }
}

const NAMED: &str = "named";
const SUPERSEDED: &str = "superseded";

type PendingRow = (Vec<u8>, Vec<u8>, i64, i64, Option<i64>);

impl Store {
    /// Keeps a new ticket together with what it is for.
    pub async fn add_ticket_for(
        &self,
        digest: &TicketDigest,
        record: &str,
        now: Moment,
        expires: Moment,
        purpose: &TicketPurpose,
    ) -> Result<(), StoreError> {
        let (handover, relationship, lost) = match purpose {
            TicketPurpose::First => return self.add_ticket(digest, record, now, expires).await,
            TicketPurpose::Minor { handover } => (Some(*handover), None, None),
            TicketPurpose::Rekey { relationship, lost } => (None, Some(relationship), lost.as_ref()),
            TicketPurpose::OfAge { relationship } => (None, Some(relationship), None),
        };
        let lost: Option<&[u8]> = lost.map(AsRef::as_ref);
        let mut transaction = self.begin(Topic::Enrolment).await?;
        sql::query("INSERT INTO tickets (digest, record, issued, expires) VALUES ($1, $2, $3, $4)")
            .bind(digest.as_slice())
            .bind(record)
            .bind(signed(now))
            .bind(signed(expires))
            .execute(&mut transaction)
            .await?;
        sql::query(
            "INSERT INTO ticket_purposes (digest, purpose, handover, member, number, lost) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(digest.as_slice())
        .bind(purpose.word())
        .bind(handover.map(signed))
        .bind(relationship.map(|id| i64::from(id.member)))
        .bind(relationship.map(|id| i64::from(id.index)))
        .bind(lost)
        .execute(&mut transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// What a ticket is for. One that nobody issued counts as one for a first key: redeeming it is refused.
    pub async fn ticket_purpose(&self, digest: &TicketDigest) -> Result<TicketPurpose, StoreError> {
        const PLACE: &str = "ticket_purposes";
        type Row = (String, Option<i64>, Option<i64>, Option<i64>, Option<Vec<u8>>);
        let row: Option<Row> = sql::query_as(
            "SELECT purpose, handover, member, number, lost FROM ticket_purposes WHERE digest = $1",
        )
        .bind(digest.as_slice())
        .fetch_optional(&self.read)
        .await?;
        let Some((word, handover, member, number, lost)) = row else { return Ok(TicketPurpose::First) };
        let relationship = || relationship(member.zip(number), PLACE);
        match word.as_str() {
            "minor" => {
                let handover = handover.ok_or(StoreError::Corrupt(PLACE))?;
                Ok(TicketPurpose::Minor { handover: unsigned(handover, PLACE)? })
            }
            "rekey" => {
                let lost = lost.map(|bytes| account(&bytes, PLACE)).transpose()?;
                Ok(TicketPurpose::Rekey { relationship: relationship()?, lost })
            }
            "of-age" => Ok(TicketPurpose::OfAge { relationship: relationship()? }),
            _ => Err(StoreError::Corrupt(PLACE)),
        }
    }

    /// Whether `by` could redeem this ticket now, or has redeemed it. Changes nothing.
    pub async fn may_redeem_key(
        &self,
        digest: &TicketDigest,
        by: &AccountId,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let bytes: &[u8] = by.as_ref();
        Ok(sql::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM pending_keys WHERE digest = $1 AND account = $2 AND ended IS NULL)
                 OR EXISTS (SELECT 1 FROM tickets WHERE digest = $1 AND used IS NULL AND expires > $3)",
        )
        .bind(digest.as_slice())
        .bind(bytes)
        .bind(signed(now))
        .fetch_one(&self.read)
        .await?)
    }

    /// Uses up a ticket for a key that is to take a place in a bound relationship. What waited there before is superseded, in
    /// the same step.
    pub async fn redeem_key(
        &self,
        digest: &TicketDigest,
        by: &AccountId,
        relationship: RelationshipId,
        now: Moment,
    ) -> Result<KeyRedeemed, StoreError> {
        let bytes: &[u8] = by.as_ref();
        let (member, number) = (i64::from(relationship.member), i64::from(relationship.index));
        let mut transaction = self.begin(Topic::Enrolment).await?;
        let used = sql::query(concat!(
            "UPDATE tickets SET used = $2 WHERE digest = $1 AND used IS NULL AND expires > $2
             AND EXISTS (SELECT 1 FROM ticket_purposes p WHERE p.digest = $1 AND p.member = $4 AND p.number = $5)
             AND EXISTS (SELECT 1 FROM bindings b WHERE b.member = $4 AND b.number = $5 AND ",
            is_shown!("b.record"),
            ")
             AND NOT EXISTS (SELECT 1 FROM bindings b WHERE b.account = $3
                             AND (b.member IS DISTINCT FROM $4 OR b.number IS DISTINCT FROM $5))
             AND NOT EXISTS (SELECT 1 FROM pending_keys k WHERE k.account = $3 AND k.ended IS NULL
                             AND (k.member <> $4 OR k.number <> $5))",
        ))
        .bind(digest.as_slice())
        .bind(signed(now))
        .bind(bytes)
        .bind(member)
        .bind(number)
        .execute(&mut transaction)
        .await?;
        if used == 1 {
            sql::query(
                "UPDATE pending_keys SET ended = $1 WHERE member = $2 AND number = $3 AND ended IS NULL",
            )
            .bind(SUPERSEDED)
            .bind(member)
            .bind(number)
            .execute(&mut transaction)
            .await?;
            sql::query(
                "INSERT INTO pending_keys (digest, account, member, number, created) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(digest.as_slice())
            .bind(bytes)
            .bind(member)
            .bind(number)
            .bind(signed(now))
            .execute(&mut transaction)
            .await?;
            transaction.commit().await?;
            let pending = PendingKey { digest: *digest, account: by.clone(), relationship, asked: None };
            return Ok(KeyRedeemed::Pending(pending));
        }
        let before: Option<(Option<i64>, Option<String>)> =
            sql::query_as("SELECT asked, ended FROM pending_keys WHERE digest = $1 AND account = $2")
                .bind(digest.as_slice())
                .bind(bytes)
                .fetch_optional(&mut transaction)
                .await?;
        Ok(match before {
            Some((asked, None)) => KeyRedeemed::Pending(PendingKey {
                digest: *digest,
                account: by.clone(),
                relationship,
                asked: asked.map(|block| unsigned(block, "pending_keys")).transpose()?,
            }),
            Some((_, Some(ended))) if ended == NAMED => KeyRedeemed::Named,
            _ => KeyRedeemed::Refused,
        })
    }

    /// Notes in which block the chain was asked to take a pending key.
    pub async fn note_asked(&self, digest: &TicketDigest, block: u64) -> Result<(), StoreError> {
        sql::query("UPDATE pending_keys SET asked = $1 WHERE digest = $2 AND ended IS NULL")
            .bind(signed(block))
            .bind(digest.as_slice())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Gives a pending key its place, in one step: the finalised chain names it. The patient's key takes the old one's place in the
    /// binding; a guardian's has none there.
    pub async fn name_key(&self, pending: &PendingKey, is_patient: bool) -> Result<(), StoreError> {
        let bytes: &[u8] = pending.account.as_ref();
        let mut transaction = self.begin(Topic::Enrolment).await?;
        let ended = sql::query("UPDATE pending_keys SET ended = $1 WHERE digest = $2 AND ended IS NULL")
            .bind(NAMED)
            .bind(pending.digest.as_slice())
            .execute(&mut transaction)
            .await?;
        // Somebody else was faster, or a newer ticket superseded it.
        if ended == 1 && is_patient {
            sql::query("UPDATE bindings SET account = $1 WHERE member = $2 AND number = $3")
                .bind(bytes)
                .bind(i64::from(pending.relationship.member))
                .bind(i64::from(pending.relationship.index))
                .execute(&mut transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Notes that nothing comes of a pending key.
    pub async fn end_pending_key(&self, digest: &TicketDigest, ended: Ended) -> Result<(), StoreError> {
        sql::query("UPDATE pending_keys SET ended = $1 WHERE digest = $2 AND ended IS NULL")
            .bind(ended.word())
            .bind(digest.as_slice())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// The keys that wait for their places, oldest first.
    pub async fn pending_keys(&self) -> Result<Vec<PendingKey>, StoreError> {
        let rows: Vec<PendingRow> = sql::query_as(
            "SELECT digest, account, member, number, asked FROM pending_keys WHERE ended IS NULL ORDER BY created",
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(pending_key).collect()
    }

    /// The key that waits for its place in a relationship.
    pub async fn pending_key(&self, id: RelationshipId) -> Result<Option<PendingKey>, StoreError> {
        let row: Option<PendingRow> = sql::query_as(
            "SELECT digest, account, member, number, asked FROM pending_keys
             WHERE member = $1 AND number = $2 AND ended IS NULL",
        )
        .bind(i64::from(id.member))
        .bind(i64::from(id.index))
        .fetch_optional(&self.read)
        .await?;
        row.map(pending_key).transpose()
    }
}

fn pending_key((digest, key, member, number, asked): PendingRow) -> Result<PendingKey, StoreError> {
    const PLACE: &str = "pending_keys";
    Ok(PendingKey {
        digest: digest.try_into().map_err(|_| StoreError::Corrupt(PLACE))?,
        account: account(&key, PLACE)?,
        relationship: relationship(Some((member, number)), PLACE)?,
        asked: asked.map(|block| unsigned(block, PLACE)).transpose()?,
    })
}

/// A relationship's two numbers as they are stored.
pub(super) fn relationship(
    numbers: Option<(i64, i64)>,
    place: &'static str,
) -> Result<RelationshipId, StoreError> {
    let number = |number: i64| u32::try_from(number).map_err(|_| StoreError::Corrupt(place));
    let (member, index) = numbers.ok_or(StoreError::Corrupt(place))?;
    Ok(RelationshipId::new(number(member)?, number(index)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::{
        bindings::Redeemed,
        tests::{bound_to, temporary},
    };

    const FIRST: TicketDigest = [1; 16];
    const SECOND: TicketDigest = [2; 16];
    const ID: RelationshipId = RelationshipId::new(0, 7);

    fn key(n: u8) -> AccountId {
        [n; 32].into()
    }

    /// A store in which `key(1)` is bound to record A-1.
    async fn bound() -> (Store, tempfile::TempDir) {
        let (store, folder) = temporary().await;
        store.add_ticket(&[9; 16], "A-1", 0, 100).await.unwrap();
        assert_eq!(store.redeem(&[9; 16], &key(1), 1).await.unwrap(), Redeemed::Fresh);
        store.bind(&key(1), ID).await.unwrap();
        for digest in [FIRST, SECOND] {
            let purpose = TicketPurpose::Rekey { relationship: ID, lost: None };
            store.add_ticket_for(&digest, "A-1", 0, 100, &purpose).await.unwrap();
            assert_eq!(store.ticket_purpose(&digest).await.unwrap(), purpose);
        }
        (store, folder)
    }

    async fn pending(store: &Store, digest: &TicketDigest, by: u8) -> PendingKey {
        match store.redeem_key(digest, &key(by), ID, 5).await.unwrap() {
            KeyRedeemed::Pending(pending) => pending,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn binding_should_keep_the_old_key_until_the_fresh_one_is_named() {
        let (store, _folder) = bound().await;
        let pending = pending(&store, &FIRST, 2).await;
        assert_eq!(store.record(ID).await.unwrap(), Some(bound_to("A-1", key(1))));
        store.name_key(&pending, true).await.unwrap();
        assert_eq!(store.record(ID).await.unwrap(), Some(bound_to("A-1", key(2))));
        assert_eq!(store.pending_keys().await.unwrap(), []);
        let again = store.redeem_key(&FIRST, &key(2), ID, 6).await.unwrap();
        assert_eq!(again, KeyRedeemed::Named);
    }

    #[tokio::test]
    async fn binding_should_keep_the_minors_account_when_a_guardians_key_is_named() {
        let (store, _folder) = bound().await;
        let pending = pending(&store, &FIRST, 2).await;
        store.name_key(&pending, false).await.unwrap();
        assert_eq!(store.record(ID).await.unwrap(), Some(bound_to("A-1", key(1))));
        assert_eq!(store.pending_keys().await.unwrap(), []);
    }

    #[tokio::test]
    async fn pending_key_should_be_superseded_when_a_newer_ticket_is_redeemed() {
        let (store, _folder) = bound().await;
        let older = pending(&store, &FIRST, 2).await;
        let newer = pending(&store, &SECOND, 3).await;
        assert_eq!(store.pending_keys().await.unwrap(), [newer]);
        store.name_key(&older, true).await.unwrap();
        assert_eq!(store.record(ID).await.unwrap(), Some(bound_to("A-1", key(1))), "superseded in between");
        assert_eq!(store.redeem_key(&FIRST, &key(2), ID, 6).await.unwrap(), KeyRedeemed::Refused);
    }

    #[tokio::test]
    async fn key_ticket_should_be_refused_when_expired_used_or_for_something_else() {
        let (store, _folder) = bound().await;
        let refused = [
            store.redeem_key(&FIRST, &key(2), ID, 100).await.unwrap(),
            store.redeem_key(&[9; 16], &key(2), ID, 5).await.unwrap(),
            store.redeem_key(&FIRST, &key(2), RelationshipId::new(0, 8), 5).await.unwrap(),
        ];
        assert!(refused.iter().all(|outcome| *outcome == KeyRedeemed::Refused), "{refused:?}");
        pending(&store, &FIRST, 2).await;
        assert_eq!(store.redeem_key(&FIRST, &key(3), ID, 6).await.unwrap(), KeyRedeemed::Refused);
        // Nor does it enrol anybody.
        assert_eq!(store.redeem(&SECOND, &key(3), 6).await.unwrap(), Redeemed::Refused);
    }

    #[tokio::test]
    async fn key_ticket_should_be_refused_when_the_key_or_the_record_is_not_free() {
        let (store, _folder) = bound().await;
        store.add_ticket(&[8; 16], "A-2", 0, 100).await.unwrap();
        assert_eq!(store.redeem(&[8; 16], &key(5), 1).await.unwrap(), Redeemed::Fresh);
        assert_eq!(store.redeem_key(&FIRST, &key(5), ID, 5).await.unwrap(), KeyRedeemed::Refused);
        store.suspend_record("A-1", "merge", 5).await.unwrap();
        assert_eq!(store.redeem_key(&FIRST, &key(2), ID, 5).await.unwrap(), KeyRedeemed::Refused);
        assert!(store.may_redeem_key(&FIRST, &key(2), 5).await.unwrap());
    }

    #[tokio::test]
    async fn pending_key_should_be_kept_with_its_block_and_end_when_taken_back() {
        let (store, _folder) = bound().await;
        pending(&store, &FIRST, 2).await;
        store.note_asked(&FIRST, 42).await.unwrap();
        let kept = store.pending_key(ID).await.unwrap().unwrap();
        assert_eq!((kept.asked, &kept.account), (Some(42), &key(2)));
        store.end_pending_key(&FIRST, Ended::TakenBack).await.unwrap();
        assert_eq!(store.pending_key(ID).await.unwrap(), None);
        assert_eq!(store.redeem_key(&FIRST, &key(2), ID, 6).await.unwrap(), KeyRedeemed::Refused);
    }
}
