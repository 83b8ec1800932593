//! The draw: in which order the claims of a window are looked at, which decides who gets what is scarce.
//!
//! Claims are drawn one by one, each at random among those left, by a seed that nobody knew while the window was open. Whoever runs the
//! draw, and in how many steps, changes nothing.

use frame_support::{
    ensure,
    traits::Get,
    weights::{Weight, WeightMeter},
};
use medrec_primitives::{
    research::{AnswerKey, Claim, ClaimStatus, Credits, Fee, StudyId},
    MemberId,
};
use sp_io::hashing::blake2_256;

use codec::Encode;

use crate::{
    Authors, BalanceOf, BountyStudies, Claimant, Claims, Config, Draw, Drawn, Draws, Entries, Entry, Error,
    Event, NextClaim, Pallet, PerWindow, Rhythm, Rounds, Seed, BEACON_CHANGES, BEACON_EVERY,
};

/// A claimant whose claim was drawn.
struct Winner<Balance> {
    researcher: MemberId,
    study: StudyId,
    credits: Credits,
    era: u32,
    fee: Option<Fee<Balance>>,
}

impl<T: Config> Pallet<T> {
    /// The window in which now is.
    pub fn current_window() -> u32 {
        Self::count_of(Rhythm::<T>::get().window)
    }

    /// Enters a claim into a window that is open.
    pub(crate) fn enter(window: u32, entry: Entry<BalanceOf<T>>) -> Result<(), Error<T>> {
        let place = Rounds::<T>::get(window);
        let next = place.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
        Draws::<T>::try_mutate(|draw| {
            // With nothing waiting there is nothing to look through since the last draw.
            if draw.waiting == 0 {
                *draw = Draw { next: window, waiting: 0, seed: Seed::None };
            }
            draw.waiting = draw.waiting.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
            Ok::<_, Error<T>>(())
        })?;
        Rounds::<T>::insert(window, next);
        Entries::<T>::insert(window, place, entry);
        Ok(())
    }

    /// The most of a block that the draw may take in idle time.
    pub(crate) fn draw_limit() -> Weight {
        T::DrawShare::get() * T::BlockWeights::get().max_block
    }

    /// Draws what can be drawn, as far as the weight reaches and no more than `most` claims.
    pub(crate) fn run_draw(meter: &mut WeightMeter, most: u32) {
        if meter.try_consume(Self::draw_start_weight()).is_err() {
            return;
        }
        let mut draw = Draws::<T>::get();
        let before = draw;
        let open = Self::current_window();
        let mut drawn = 0u32;
        while draw.waiting > 0
            && draw.next < open
            && drawn < most
            && meter.try_consume(Self::draw_entry_weight()).is_ok()
        {
            let entries = Rounds::<T>::get(draw.next);
            if entries == 0 {
                draw.next = draw.next.saturating_add(1);
                draw.seed = Seed::None;
                continue;
            }
            let Some(seed) = Self::seed(&mut draw) else { break };
            drawn = drawn.saturating_add(1);
            draw.waiting = draw.waiting.saturating_sub(1);
            Self::draw_one(&seed, draw.next, entries);
        }
        if draw != before {
            Draws::<T>::put(draw);
        }
    }

    /// Draws one of a window's claims.
    pub(crate) fn draw_one(seed: &[u8; 32], window: u32, entries: u32) {
        if let Some(entry) = Self::take(window, entries, seed) {
            Self::decide(entry, seed, window);
        }
    }

    /// What decides the draw of the next window; `None` until the beacon has changed twice after the window was closed.
    fn seed(draw: &mut Draw) -> Option<[u8; 32]> {
        let now = Self::now();
        let (seen, changes) = match draw.seed {
            Seed::Known(seed) => return Some(seed),
            Seed::Waiting { looked, .. } if now < looked.saturating_add(BEACON_EVERY) => return None,
            Seed::Waiting { seen, changes, .. } => (Some(seen), changes),
            Seed::None => (None, 0),
        };
        let said = T::Beacon::get()?;
        let changes = match seen {
            Some(seen) if seen != said => changes.saturating_add(1),
            _ => changes,
        };
        if changes < BEACON_CHANGES {
            draw.seed = Seed::Waiting { seen: said, changes, looked: now };
            return None;
        }
        let seed = blake2_256(&(b"medrec/research/draw/v1", draw.next, said).encode());
        draw.seed = Seed::Known(seed);
        Some(seed)
    }

    /// Takes one of a window's claims out, at random.
    fn take(window: u32, entries: u32, seed: &[u8; 32]) -> Option<Entry<BalanceOf<T>>> {
        let last = entries.checked_sub(1)?;
        let place = below(seed, &(b"entry", entries), entries);
        let taken = Entries::<T>::get(window, place);
        if let Some(moved) = Entries::<T>::take(window, last).filter(|_| place != last) {
            Entries::<T>::insert(window, place, moved);
        }
        if last == 0 {
            Rounds::<T>::remove(window);
        } else {
            Rounds::<T>::insert(window, last);
        }
        taken
    }

    /// Grants a claim that was drawn, or gives back what was paid for it.
    fn decide(entry: Entry<BalanceOf<T>>, seed: &[u8; 32], window: u32) {
        let answer = entry.answer;
        let winner = match entry.claimant {
            Claimant::Paying { researcher, study, credits, era, fee } => {
                Some(Winner { researcher, study, credits, era, fee })
            }
            Claimant::Author { era, blocks } => Self::author(era, blocks, answer, seed),
        };
        let Some(winner) = winner else { return };
        if Self::grant(&winner, answer, window).is_err() {
            Self::give_back(winner.researcher, winner.credits, winner.era);
            if let Some(fee) = winner.fee {
                Self::release_fee(winner.researcher, fee);
            }
            Self::deposit_event(Event::NotGranted { researcher: winner.researcher, answer });
        }
    }

    /// One of an era's authors, if it has named a study for bounties.
    fn author(era: u32, blocks: u32, answer: AnswerKey, seed: &[u8; 32]) -> Option<Winner<BalanceOf<T>>> {
        let place = below(seed, &(b"author", answer), blocks);
        let researcher = Authors::<T>::get(Self::parity(era), place)?;
        let study = BountyStudies::<T>::get(researcher)?;
        Some(Winner { researcher, study, credits: 0, era, fee: None })
    }

    /// Grants a claim: debits the provider's ledger, if nobody's claim has before. All is checked before anything is written.
    fn grant(winner: &Winner<BalanceOf<T>>, answer: AnswerKey, window: u32) -> Result<(), Error<T>> {
        Self::ensure_active_researcher(winner.researcher)?;
        let table = Self::ensure_claimable(answer)?;
        Self::ensure_study(winner.study, winner.researcher, table.spec.purposes)?;
        let drawn = Drawn::<T>::get(answer.provider).of(window);
        let id = NextClaim::<T>::get();
        let next = id.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
        let room = drawn < T::DrawsPerWindow::get();
        let (attempt, asked) = Self::ask(answer, table.spec.rho, room)?;
        if asked {
            let drawn = PerWindow { window, count: drawn.saturating_add(1) };
            Drawn::<T>::insert(answer.provider, drawn);
        }
        NextClaim::<T>::put(next);
        Claims::<T>::insert(
            id,
            Claim {
                researcher: winner.researcher,
                study: winner.study,
                answer,
                attempt,
                credits: winner.credits,
                era: winner.era,
                fee: winner.fee,
                at: Self::now(),
                status: ClaimStatus::Open,
            },
        );
        Self::deposit_event(Event::Granted { claim: id, researcher: winner.researcher, answer });
        Ok(())
    }

    pub(crate) fn do_draw(steps: u32) -> Result<Weight, Error<T>> {
        let most = steps.min(crate::MAX_DRAWN);
        ensure!(most > 0, Error::<T>::NothingToDraw);
        let before = Draws::<T>::get();
        let mut meter = WeightMeter::with_limit(Self::draw_weight(most));
        Self::run_draw(&mut meter, most);
        ensure!(Draws::<T>::get() != before, Error::<T>::NothingToDraw);
        Ok(meter.consumed())
    }
}

/// A number below `end`, from a seed: as good as uniform, 128 bits folded onto 32. 0 if `end` is.
pub(crate) fn below(seed: &[u8; 32], what: &impl Encode, end: u32) -> u32 {
    let hash = blake2_256(&(seed, what).encode());
    let (half, _) = hash.split_at(16);
    let number = half.iter().fold(0u128, |number, byte| (number << 8) | u128::from(*byte));
    u32::try_from(number.checked_rem(u128::from(end)).unwrap_or(0)).unwrap_or(0)
}
