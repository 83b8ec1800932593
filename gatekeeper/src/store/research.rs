//! Answers to planned tables, once each, the gatekeeper's own ledger over them, and withdrawals.
//!
//! The chain debits a provider's budget; this ledger holds the same limits once more, by what was really made. Neither trusts the other.

use std::collections::BTreeSet;

use codec::{Compact, DecodeAll, Encode};
use medrec_primitives::{
    research::{Rho, TableId},
    AccountId, MemberId, Moment, RelationshipId,
};

use super::{
    account, signed,
    sql::{self, Row, Topic},
    suspended_records::is_shown,
    unsigned, Store, StoreError,
};

const PLACE: &str = "research_answers";

/// Why nothing new is answered for now: set where the store may lack withdrawals.
const PAUSED: &str = "research_paused";

/// What the gatekeeper's own ledger allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Over how many days, today among them, a year's budget counts.
    pub window: u32,
    /// The most in one window.
    pub yearly: Rho,
    /// The most ever.
    pub lifetime: Rho,
}

/// As `pallet-research` has them in the runtime: rho 0.1 in any 365 days, whatever the hour and however late an answer leaves, and 1.0
/// ever. No configuration raises them.
pub const LIMITS: Limits = Limits { window: 370, yearly: 100_000, lifetime: 1_000_000 };

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The table.
    pub table: TableId,
    /// Its epoch.
    pub epoch: u16,
    /// What it costs.
    pub rho: Rho,
    /// The day on which it was made: days since the Unix epoch.
    pub day: u32,
    /// Digest of the table's definition.
    pub definition: [u8; 32],
    /// What the table tells.
    pub title: String,
    /// The numbers with their noise, part by part.
    pub parts: Vec<Vec<i128>>,
    /// The salt of the commitment.
    pub salt: [u8; 32],
    /// What goes on chain.
    pub commitment: [u8; 32],
    /// The relationships that counted, ascending.
    pub counted: Vec<u32>,
    /// When it was made (ms).
    pub made: Moment,
}

/// What came of keeping an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// This one stands: the one that was to be kept, or one that was kept before.
    Stands(Box<KeptAnswer>),
    /// Nothing was kept: the year, or the lifetime, has no room for it.
    OverBudget,
}

/// A patient of this provider's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundPatient {
    /// The relationship's number at this member.
    pub index: u32,
    /// The record number.
    pub record: String,
    /// The key that it is bound to.
    pub account: AccountId,
}

impl Store {
    /// Keeps an answer, unless there is one to the same epoch of the same table: then that one stands for ever. It is on disk when
    /// this returns, and what it costs is counted in the same transaction. Days never count backwards, whatever clocks do.
    pub async fn keep_answer(&self, answer: &KeptAnswer, limits: &Limits) -> Result<Kept, StoreError> {
        let mut transaction = self.begin(Topic::Research).await?;
        let known = sql::query("SELECT * FROM research_answers WHERE number = $1 AND epoch = $2")
            .bind(i64::from(answer.table))
            .bind(i64::from(answer.epoch))
            .fetch_optional(&mut transaction)
            .await?;
        if let Some(row) = known {
            return Ok(Kept::Stands(Box::new(read(&row)?)));
        }
        let last: Option<i64> =
            sql::query_scalar("SELECT MAX(day) FROM research_answers").fetch_one(&mut transaction).await?;
        let day = i64::from(answer.day).max(last.unwrap_or_default());
        let (year, life): (i64, i64) = sql::query_as(
            "SELECT CAST(COALESCE(SUM(CASE WHEN day + $1 > $2 THEN rho END), 0) AS BIGINT),
                    CAST(COALESCE(SUM(rho), 0) AS BIGINT)
             FROM research_answers",
        )
        .bind(i64::from(limits.window))
        .bind(day)
        .fetch_one(&mut transaction)
        .await?;
        let with = |spent: i64| spent.saturating_add(i64::from(answer.rho));
        if with(year) > i64::from(limits.yearly) || with(life) > i64::from(limits.lifetime) {
            return Ok(Kept::OverBudget);
        }
        let counted: Vec<Compact<u32>> = answer.counted.iter().copied().map(Compact).collect();
        sql::query(
            "INSERT INTO research_answers
                 (number, epoch, rho, day, definition, title, parts, salt, commitment, counted, made)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(i64::from(answer.table))
        .bind(i64::from(answer.epoch))
        .bind(i64::from(answer.rho))
        .bind(day)
        .bind(answer.definition.as_slice())
        .bind(&answer.title)
        .bind(answer.parts.encode())
        .bind(answer.salt.as_slice())
        .bind(answer.commitment.as_slice())
        .bind(counted.encode())
        .bind(signed(answer.made))
        .execute(&mut transaction)
        .await?;
        transaction.commit().await?;
        let day = u32::try_from(day).map_err(|_| StoreError::Corrupt(PLACE))?;
        Ok(Kept::Stands(Box::new(KeptAnswer { day, ..answer.clone() })))
    }

    /// The answer to an epoch of a table, if one was made.
    pub async fn kept_answer(&self, table: TableId, epoch: u16) -> Result<Option<KeptAnswer>, StoreError> {
        let row = sql::query("SELECT * FROM research_answers WHERE number = $1 AND epoch = $2")
            .bind(i64::from(table))
            .bind(i64::from(epoch))
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// All answers that were made, the oldest first, at most so many of the newest.
    pub async fn kept_answers(&self, most: u32) -> Result<Vec<KeptAnswer>, StoreError> {
        let rows =
            sql::query("SELECT * FROM research_answers ORDER BY made DESC, number DESC, epoch DESC LIMIT $1")
                .bind(i64::from(most))
                .fetch_all(&self.read)
                .await?;
        rows.iter().rev().map(read).collect()
    }

    /// Patients who are bound and whose records are neither suspended nor in doubt, by number.
    pub async fn bound_patients(&self, member: MemberId) -> Result<Vec<BoundPatient>, StoreError> {
        let rows = sql::query(concat!(
            "SELECT number, record, account FROM bindings WHERE member = $1 AND number IS NOT NULL AND ",
            is_shown!("record"),
            " ORDER BY number",
        ))
        .bind(i64::from(member))
        .fetch_all(&self.read)
        .await?;
        let patient = |row: &Row| {
            let index: i64 = row.try_get("number")?;
            Ok(BoundPatient {
                index: u32::try_from(index).map_err(|_| StoreError::Corrupt("bindings"))?,
                record: row.try_get("record")?,
                account: account(row.try_get("account")?, "bindings")?,
            })
        };
        rows.iter().map(patient).collect()
    }

    /// Takes back what a relationship releases, or lets its choice on chain count again. It is on disk when this returns.
    pub async fn set_withdrawn(
        &self,
        of: RelationshipId,
        withdrawn: bool,
        now: Moment,
    ) -> Result<(), StoreError> {
        let query = if withdrawn {
            sql::query(
                "INSERT INTO research_withdrawals (withdrawn, member, number) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            )
            .bind(signed(now))
        } else {
            sql::query("DELETE FROM research_withdrawals WHERE member = $1 AND number = $2")
        };
        query.bind(i64::from(of.member)).bind(i64::from(of.index)).execute(&self.write).await?;
        Ok(())
    }

    /// The relationships of a member that were withdrawn.
    pub async fn withdrawn(&self, member: MemberId) -> Result<BTreeSet<u32>, StoreError> {
        let found: Vec<i64> = sql::query_scalar("SELECT number FROM research_withdrawals WHERE member = $1")
            .bind(i64::from(member))
            .fetch_all(&self.read)
            .await?;
        let index =
            |number: i64| u32::try_from(number).map_err(|_| StoreError::Corrupt("research_withdrawals"));
        found.into_iter().map(index).collect()
    }

    /// Why nothing new is answered, if so.
    pub async fn research_paused(&self) -> Result<Option<String>, StoreError> {
        Ok(self.meta(PAUSED).await?.filter(|reason| !reason.is_empty()))
    }

    /// Answers nothing new from now on, or goes on.
    pub async fn pause_research(&self, reason: Option<&str>) -> Result<(), StoreError> {
        self.set_meta(PAUSED, reason.unwrap_or_default().to_owned()).await
    }
}

fn read(row: &Row) -> Result<KeptAnswer, StoreError> {
    let corrupt = || StoreError::Corrupt(PLACE);
    let number = |column: &str| -> Result<u32, StoreError> {
        u32::try_from(row.try_get::<i64>(column)?).map_err(|_| corrupt())
    };
    let bytes = |column: &str| -> Result<[u8; 32], StoreError> {
        row.try_get::<Vec<u8>>(column)?.try_into().map_err(|_| corrupt())
    };
    let parts: Vec<u8> = row.try_get("parts")?;
    let counted: Vec<u8> = row.try_get("counted")?;
    let counted = Vec::<Compact<u32>>::decode_all(&mut counted.as_slice()).map_err(|_| corrupt())?;
    Ok(KeptAnswer {
        table: number("number")?,
        epoch: u16::try_from(number("epoch")?).map_err(|_| corrupt())?,
        rho: number("rho")?,
        day: number("day")?,
        definition: bytes("definition")?,
        title: row.try_get("title")?,
        parts: Vec::decode_all(&mut parts.as_slice()).map_err(|_| corrupt())?,
        salt: bytes("salt")?,
        commitment: bytes("commitment")?,
        counted: counted.into_iter().map(|Compact(index)| index).collect(),
        made: unsigned(row.try_get("made")?, PLACE)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::store::tests::{beside, temporary};

    fn answer(table: u32, epoch: u16, rho: Rho, day: u32, noise: i128) -> KeptAnswer {
        KeptAnswer {
            table,
            epoch,
            rho,
            day,
            definition: [1; 32],
            title: "Persons".into(),
            parts: vec![vec![noise], vec![1, -2, i128::MIN]],
            salt: [2; 32],
            commitment: [noise as u8; 32],
            counted: vec![0, 5, 70_000],
            made: u64::from(day) * 86_400_000,
        }
    }

    fn stands(kept: Kept) -> KeptAnswer {
        match kept {
            Kept::Stands(answer) => *answer,
            Kept::OverBudget => panic!("over budget"),
        }
    }

    #[tokio::test]
    async fn first_answer_should_stand_when_there_is_another() {
        let (store, folder) = temporary().await;
        let first = answer(1, 2, 500, 20_000, 3);
        assert_eq!(stands(store.keep_answer(&first, &LIMITS).await.unwrap()), first);
        let second = answer(1, 2, 500, 20_001, 4);
        assert_eq!(stands(store.keep_answer(&second, &LIMITS).await.unwrap()), first);
        assert_eq!(store.kept_answer(1, 2).await.unwrap(), Some(first.clone()));
        assert_eq!(store.kept_answer(1, 3).await.unwrap(), None);
        // Also after a restart, and for a second process on the same file.
        let other = beside(&folder).await;
        assert_eq!(stands(other.keep_answer(&second, &LIMITS).await.unwrap()), first);
        assert_eq!(other.kept_answers(10).await.unwrap(), [first]);
    }

    #[tokio::test]
    async fn one_answer_should_stand_when_many_are_made_at_once_by_two_processes() {
        let (store, folder) = temporary().await;
        let other = beside(&folder).await;
        let racing = (0..32).map(|n| {
            let store = if n % 2 == 0 { store.clone() } else { other.clone() };
            async move { stands(store.keep_answer(&answer(1, 0, 500, 1, n), &LIMITS).await.unwrap()) }
        });
        let all = futures::future::join_all(racing).await;
        assert!(all.iter().all(|answer| answer == &all[0]), "two noises for one answer");
    }

    #[tokio::test]
    async fn budget_should_not_be_exceeded_when_two_gatekeepers_answer_at_once() {
        let (store, folder) = temporary().await;
        let other = beside(&folder).await;
        let racing = (0..16).map(|n| {
            let store = if n % 2 == 0 { store.clone() } else { other.clone() };
            async move { store.keep_answer(&answer(n, 0, 30_000, 1, 1), &LIMITS).await.unwrap() }
        });
        let all = futures::future::join_all(racing).await;
        assert_eq!(all.iter().filter(|kept| matches!(kept, Kept::Stands(_))).count(), 3, "0.1 in a year");
    }

    #[tokio::test]
    async fn answer_should_not_be_kept_when_a_year_or_a_life_has_no_room_for_it() {
        let (store, _folder) = temporary().await;
        let over = |kept: Kept| kept == Kept::OverBudget;
        assert!(!over(store.keep_answer(&answer(0, 0, 60_000, 1_000, 1), &LIMITS).await.unwrap()));
        assert!(over(store.keep_answer(&answer(0, 1, 40_001, 1_000, 1), &LIMITS).await.unwrap()));
        assert!(!over(store.keep_answer(&answer(0, 1, 40_000, 1_001, 1), &LIMITS).await.unwrap()));
        assert!(over(store.keep_answer(&answer(0, 2, 1, 1_369, 1), &LIMITS).await.unwrap()));
        // A clock that was set back frees nothing; a year later there is room again.
        assert!(over(store.keep_answer(&answer(0, 2, 1, 5, 1), &LIMITS).await.unwrap()));
        assert!(!over(store.keep_answer(&answer(0, 2, 60_000, 1_370, 1), &LIMITS).await.unwrap()));
        let life = Limits { lifetime: 160_001, ..LIMITS };
        assert!(over(store.keep_answer(&answer(9, 0, 2, 9_000, 1), &life).await.unwrap()));
        assert!(!over(store.keep_answer(&answer(9, 0, 1, 9_000, 1), &life).await.unwrap()));
    }

    #[tokio::test]
    async fn withdrawal_should_stand_until_it_is_taken_back() {
        let (store, _folder) = temporary().await;
        let (one, two) = (RelationshipId::new(0, 1), RelationshipId::new(0, 2));
        for id in [one, one, two] {
            store.set_withdrawn(id, true, 5).await.unwrap();
        }
        store.set_withdrawn(two, false, 6).await.unwrap();
        assert_eq!(store.withdrawn(0).await.unwrap(), [1].into());
        assert!(store.withdrawn(1).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn research_should_stay_paused_until_it_goes_on() {
        let (store, _folder) = temporary().await;
        assert_eq!(store.research_paused().await.unwrap(), None);
        store.pause_research(Some("restored")).await.unwrap();
        assert_eq!(store.research_paused().await.unwrap().as_deref(), Some("restored"));
        store.pause_research(None).await.unwrap();
        assert_eq!(store.research_paused().await.unwrap(), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Whatever is asked for when, no 370 days and no life ever cost more than they may.
        #[test]
        fn budget_should_never_be_exceeded(
            asks in prop::collection::vec((0u32..6, 0u16..3, 1u32..60_000, 0u32..900), 1..40)
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (store, _folder) = temporary().await;
                let limits = Limits { lifetime: 250_000, ..LIMITS };
                for (table, epoch, rho, day) in asks {
                    store.keep_answer(&answer(table, epoch, rho, day, 1), &limits).await.unwrap();
                }
                let kept = store.kept_answers(1_000).await.unwrap();
                let sum = |from: u32| -> u32 {
                    let within = kept.iter().filter(|answer| (from..from + 370).contains(&answer.day));
                    within.map(|answer| answer.rho).sum()
                };
                assert!((0..900).all(|from| sum(from) <= limits.yearly));
                assert!(kept.iter().map(|answer| answer.rho).sum::<u32>() <= limits.lifetime);
            });
        }
    }
}
