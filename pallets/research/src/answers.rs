//! Answers: paid for once, committed to once, lost for ever.

use alloc::vec::Vec;

use frame_support::{dispatch::DispatchResult, ensure};
use medrec_primitives::{
    research::{Answer, AnswerKey, AnswerStatus, Rho, TableId},
    MemberId, Moment,
};
use sp_runtime::traits::UniqueSaturatedInto;

use crate::{ledger::Refusal, Answers, Config, Error, Event, Ledgers, Pallet, Rhythm};

impl<T: Config> Pallet<T> {
    /// An answer that was paid for.
    pub fn answer(key: AnswerKey) -> Option<Answer> {
        Answers::<T>::get((key.provider, key.table, key.epoch))
    }

    /// A page of a provider's answers to one table, ascending from epoch `start`, at most 100 at a time.
    pub fn answers(provider: MemberId, table: TableId, start: u16, count: u32) -> Vec<(u16, Answer)> {
        let epochs = crate::Tables::<T>::get(provider, table).map_or(0, |table| table.spec.epochs);
        let count = u16::try_from(count.min(100)).unwrap_or(100);
        let end = start.saturating_add(count).min(epochs);
        let of = |epoch| Answers::<T>::get((provider, table, epoch)).map(|answer| (epoch, answer));
        (start..end).filter_map(of).collect()
    }

    pub(crate) fn is_failed(key: AnswerKey) -> bool {
        Self::answer(key).is_some_and(|answer| answer.status == AnswerStatus::Failed)
    }

    /// Sees to it that there is an answer, or will be: answers with its attempt, and whether it had to be asked for. The first to ask
    /// pays rho. Who asks again after a time-out pays none, but lets the payment count from today, when the answer leaves at last.
    /// Nothing has changed where this refuses.
    pub(crate) fn ask(key: AnswerKey, rho: Rho, room: bool) -> Result<(u8, bool), Error<T>> {
        let now = Self::now();
        let limits = Self::limits();
        let known = Self::answer(key);
        let attempt = match known {
            None => 1,
            Some(answer) => match answer.status {
                AnswerStatus::Failed => return Err(Error::<T>::AnswerFailed),
                AnswerStatus::Committed { .. } => return Ok((answer.attempt, false)),
                AnswerStatus::Awaited if now < answer.deadline => return Ok((answer.attempt, false)),
                AnswerStatus::Awaited => answer.attempt.checked_add(1).ok_or(Error::<T>::IdsExhausted)?,
            },
        };
        ensure!(room, Error::<T>::TooManyClaims);
        let day = Ledgers::<T>::try_mutate(key.provider, |ledger| {
            match known {
                None => ledger.spend(Self::today(), rho, &limits),
                Some(answer) => ledger.move_to(answer.day, Self::today(), answer.rho, &limits),
            }
            .map_err(|refusal| match refusal {
                Refusal::Year => Error::<T>::OverBudget,
                Refusal::Lifetime => Error::<T>::LifetimeSpent,
            })
        })?;
        let due = Self::due(now);
        let answer = Answer {
            rho: known.map_or(rho, |answer| answer.rho),
            day,
            attempt,
            due,
            deadline: due.saturating_add(Rhythm::<T>::get().grace),
            snapshot: frame_system::Pallet::<T>::block_number().unique_saturated_into(),
            status: AnswerStatus::Awaited,
        };
        Answers::<T>::insert((key.provider, key.table, key.epoch), answer);
        Self::deposit_event(Event::Asked { answer: key, due });
        Ok((attempt, true))
    }

    /// The second of the fixed times that follow `now` (ms).
    fn due(now: Moment) -> Moment {
        let every = Rhythm::<T>::get().answer;
        let begun = now.checked_div(every).unwrap_or(0);
        begun.saturating_add(2).saturating_mul(every)
    }

    pub(crate) fn do_commit(
        provider: MemberId,
        table: TableId,
        epoch: u16,
        commitment: [u8; 32],
    ) -> DispatchResult {
        let key = AnswerKey { provider, table, epoch };
        let answer = Self::answer(key).ok_or(Error::<T>::NotAskedFor)?;
        match answer.status {
            AnswerStatus::Committed { .. } => return Err(Error::<T>::AlreadyCommitted.into()),
            AnswerStatus::Failed => return Err(Error::<T>::AnswerFailed.into()),
            AnswerStatus::Awaited => {}
        }
        let at = Self::now();
        ensure!(answer.due <= at, Error::<T>::TooEarly);
        ensure!(at < answer.deadline, Error::<T>::TooLate);
        let status = AnswerStatus::Committed { commitment, at };
        Answers::<T>::insert((provider, table, epoch), Answer { status, ..answer });
        Self::deposit_event(Event::Committed { answer: key, commitment });
        Ok(())
    }

    pub(crate) fn do_declare_lost(provider: MemberId, table: TableId, epoch: u16) -> DispatchResult {
        let key = AnswerKey { provider, table, epoch };
        let answer = Self::answer(key).ok_or(Error::<T>::NotAskedFor)?;
        ensure!(answer.status != AnswerStatus::Failed, Error::<T>::AnswerFailed);
        Answers::<T>::insert((provider, table, epoch), Answer { status: AnswerStatus::Failed, ..answer });
        Self::deposit_event(Event::AnswerLost { answer: key });
        Ok(())
    }
}
