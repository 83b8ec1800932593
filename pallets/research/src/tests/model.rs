//! Years of earning, claiming, answering, losing and closing at random: credits are conserved, and no ledger is ever exceeded.

use std::collections::BTreeMap;

use medrec_primitives::{
    research::{AnswerKey, AnswerStatus},
    DAY_MS,
};
use proptest::prelude::*;

use crate::{mock::*, Answers, Claims, Draws, Issuance, NextClaim, NextTable, BEACON_EVERY};

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    Wait { hours: u64 },
    Author { who: u8, blocks: u32 },
    Plan { who: u8, rho: u32, price: u32 },
    Claim { who: u8, provider: u32, table: u32, epoch: u16 },
    Beacon { said: u8 },
    Commit { nth: usize },
    Lose { nth: usize },
    Dispute { who: u8, nth: u32 },
    Resolve { nth: u32, upheld: bool },
    Close { nth: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1u64..400).prop_map(|hours| Step::Wait { hours }),
        3 => (3u8..6, 1u32..4).prop_map(|(who, blocks)| Step::Author { who, blocks }),
        1 => (1u8..3, 100u32..12_000, 1u32..900).prop_map(|(who, rho, price)| Step::Plan { who, rho, price }),
        6 => (3u8..6, 0u32..2, 0u32..6, 0u16..10)
            .prop_map(|(who, provider, table, epoch)| Step::Claim { who, provider, table, epoch }),
        6 => any::<u8>().prop_map(|said| Step::Beacon { said }),
        3 => any::<usize>().prop_map(|nth| Step::Commit { nth }),
        1 => any::<usize>().prop_map(|nth| Step::Lose { nth }),
        1 => (3u8..6, 0u32..40).prop_map(|(who, nth)| Step::Dispute { who, nth }),
        1 => (0u32..40, any::<bool>()).prop_map(|(nth, upheld)| Step::Resolve { nth, upheld }),
        3 => (0u32..40).prop_map(|nth| Step::Close { nth }),
    ]
}

/// The answers that wait for a provider.
fn awaited() -> Vec<AnswerKey> {
    Answers::<Test>::iter()
        .filter(|(_, answer)| answer.status == AnswerStatus::Awaited)
        .map(|((provider, table, epoch), _)| AnswerKey { provider, table, epoch })
        .collect()
}

fn take(step: Step) {
    match step {
        Step::Wait { hours } => set_time(now() + hours * DAY_MS / 24),
        Step::Author { who, blocks } => author(who, blocks),
        Step::Plan { who, rho, price } => {
            let tables = vec![table(rho, price), table(rho / 2 + 100, price / 2 + 1)];
            let _ = Research::publish_plan(signed(who), now(), tables.try_into().unwrap(), Some(1));
        }
        Step::Claim { who, provider, table, epoch } => {
            let table = NextTable::<Test>::get(provider).saturating_sub(1 + table % 2);
            let answer = AnswerKey { provider, table, epoch };
            let _ = frame_support::storage::with_storage_layer(|| {
                Research::claim(signed(who), u32::from(who) - 3, answer)
            });
        }
        Step::Beacon { said } => {
            set_beacon(Some([said; 32]));
            set_time(now() + BEACON_EVERY);
            idle();
        }
        Step::Commit { nth } => {
            let all = awaited();
            if let Some(key) = all.get(nth % all.len().max(1)) {
                let due = Research::answer(*key).unwrap().due;
                set_time(now().max(due));
                let signer = signed(key.provider as u8 + 1);
                let _ = Research::commit(signer, key.table, key.epoch, [1; 32]);
            }
        }
        Step::Lose { nth } => {
            let all = awaited();
            if let Some(key) = all.get(nth % all.len().max(1)) {
                let _ = Research::declare_lost(signed(key.provider as u8 + 1), key.table, key.epoch);
            }
        }
        Step::Dispute { who, nth } => {
            let _ = Research::dispute(signed(who), nth, [1; 32]);
        }
        Step::Resolve { nth, upheld } => {
            let _ = Research::resolve(RuntimeOrigin::root(), nth, upheld);
        }
        Step::Close { nth } => {
            let _ = Research::close_claim(signed(9), nth);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn credits_and_ledgers_should_hold_over_years_whatever_happens(
        steps in prop::collection::vec(step(), 150..400)
    ) {
        new_test_ext().execute_with(|| {
            provider(1);
            provider(2);
            for n in [3, 4, 5] {
                researcher(n);
                study(n);
            }
            let mut rho_of: BTreeMap<AnswerKey, u32> = BTreeMap::new();
            let mut before = Issuance::<Test>::get();
            for step in steps {
                let authored = matches!(step, Step::Author { .. } | Step::Claim { .. });
                take(step.clone());
                check();
                let after = Issuance::<Test>::get();
                // Credits come of blocks that were made, when they are next looked at, and of nothing else.
                assert!(after.minted == before.minted || authored, "{step:?} made credits");
                assert!(after.spent >= before.spent && after.expired >= before.expired);
                before = after;
                // What an answer cost stays what it cost.
                for ((provider, table, epoch), answer) in Answers::<Test>::iter() {
                    let key = AnswerKey { provider, table, epoch };
                    assert_eq!(*rho_of.entry(key).or_insert(answer.rho), answer.rho);
                }
                for provider in [0, 1] {
                    let budget = Research::research_budget(provider);
                    assert!(budget.year <= 100_000 && budget.life <= 1_000_000);
                }
            }
        });
    }
}

#[test]
fn a_thousand_claims_at_once_should_cost_no_more_than_a_year_may() {
    new_test_ext().execute_with(|| {
        provider(1);
        // More is claimed at once than the provider is asked for.
        researcher(2);
        plan(1, vec![table(5_000, 1), table(5_000, 1)]);
        earn(2);
        let study = study(2);
        set_time(START + 14 * DAY_MS);
        let window = Research::current_window();
        // Straight into the window: the cap of an institution is not what is tried here.
        for n in 0..1_000u16 {
            let answer = key(u32::from(n) % 2, n / 2 % 10);
            let era = Research::set_aside(1, 1).unwrap();
            let claimant = crate::Claimant::Paying { researcher: 1, study, credits: 1, era, fee: None };
            Research::enter(window, crate::Entry { claimant, answer }).unwrap();
        }
        check();
        draw();
        // A block's idle time draws some of them.
        let mut blocks = 0;
        while Draws::<Test>::get().waiting > 0 {
            idle();
            blocks += 1;
        }
        assert!((10..200).contains(&blocks), "{blocks}");
        check();
        // Two new answers a window; every claim to one of them is granted, whatever it cost before.
        assert_eq!(Answers::<Test>::iter().count(), 2);
        assert_eq!(ledger(0).lifetime, 10_000);
        assert_eq!(NextClaim::<Test>::get(), Claims::<Test>::iter().count() as u32);
        assert!(Claims::<Test>::iter().count() >= 50);
        let kept = credits(1) + Claims::<Test>::iter().count() as u32;
        assert_eq!(kept, 1_000);
    });
}
