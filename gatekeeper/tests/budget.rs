//! The gatekeeper's own ledger while its process is killed (`SIGKILL`) at random moments in the middle of a thousand claims at once, and
//! its clock jumps over years and back: what was told to anybody is what is kept, one noise for each answer, and no year costs more than
//! it may.
//!
//! `MEDREC_KILLS` says how often it is killed: `MEDREC_KILLS=200 cargo test "${MEDREC_CARGO_ARGS[@]}" --test budget`.

#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, HashSet},
    io::{Read, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use futures::future::join_all;
use medrec_gatekeeper::store::{
    research::{Kept, KeptAnswer, LIMITS},
    Store,
};
use rand::{rngs::OsRng, seq::SliceRandom, Rng, RngCore};

/// The store that a child is to work on.
const CHILD: &str = "MEDREC_BUDGET_STORE";

/// The first day of the story, the last of a year: 2026-12-31.
const FIRST: u32 = 20_818;

/// Days by which its clock is off: the edges of a day, of the window, of a year, and far behind.
const JUMPS: [u32; 8] = [0, 1, 2, 364, 369, 370, 371, 740];

/// An answer of a thousand, with noise of its own.
fn answer(table: u32, epoch: u16, day: u32) -> KeptAnswer {
    let mut commitment = [0; 32];
    OsRng.fill_bytes(&mut commitment);
    KeptAnswer {
        table,
        epoch,
        rho: 300 + 17 * table + u32::from(epoch),
        day,
        definition: [1; 32],
        title: "Persons".into(),
        parts: vec![vec![OsRng.gen::<i64>().into()]],
        salt: commitment,
        commitment,
        counted: vec![1, 2, 3],
        made: u64::from(day) * 86_400_000,
    }
}

/// Answers a thousand claims at once, over and over, and tells of each answer when it stands.
#[test]
#[ignore = "the other test starts it, and kills it"]
fn gatekeeper_answers_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(Path::new(&path)).await.unwrap();
        let mut day = FIRST;
        loop {
            day = FIRST + JUMPS.choose(&mut OsRng).unwrap() + (day - FIRST) % 3;
            let mut all: Vec<(u32, u16)> =
                (0..40).flat_map(|table| (0..25).map(move |epoch| (table, epoch))).collect();
            all.shuffle(&mut OsRng);
            join_all(all.into_iter().map(|(table, epoch)| {
                let store = &store;
                async move {
                    let made = answer(table, epoch, day);
                    if let Kept::Stands(kept) = store.keep_answer(&made, &LIMITS).await.unwrap() {
                        let line = format!("told {table} {epoch} {}\n", hex::encode(kept.commitment));
                        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                    }
                }
            }))
            .await;
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn budget_should_hold_and_no_answer_have_two_noises_when_the_gatekeeper_is_killed_at_random() {
    let kills: u32 = std::env::var("MEDREC_KILLS").map_or(8, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    Store::open(&path).await.unwrap().close().await;
    let mut told: BTreeMap<(u32, u16), HashSet<String>> = BTreeMap::new();
    for _ in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "gatekeeper_answers_until_it_is_killed", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = child.stdout.take().unwrap();
        let reader = std::thread::spawn(move || {
            let mut text = Vec::new();
            output.read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).into_owned()
        });
        tokio::time::sleep(Duration::from_millis(OsRng.gen_range(20..1_500))).await;
        child.kill().unwrap();
        child.wait().unwrap();
        for line in reader.join().unwrap().lines() {
            // The last one may be cut off.
            let [_, table, epoch, commitment] = line.split(' ').collect::<Vec<_>>()[..] else { continue };
            if let (Ok(table), Ok(epoch), 64) = (table.parse(), epoch.parse(), commitment.len()) {
                told.entry((table, epoch)).or_default().insert(commitment.to_owned());
            }
        }
        let store = Store::open(&path).await.unwrap();
        let kept = store.kept_answers(10_000).await.unwrap();
        for ((table, epoch), commitments) in &told {
            let stands = kept.iter().find(|answer| (answer.table, answer.epoch) == (*table, *epoch)).unwrap();
            assert_eq!(
                *commitments,
                HashSet::from([hex::encode(stands.commitment)]),
                "two noises of one answer"
            );
        }
        for from in kept.iter().map(|answer| answer.day) {
            let window = kept.iter().filter(|answer| (from..from + LIMITS.window).contains(&answer.day));
            assert!(window.map(|answer| answer.rho).sum::<u32>() <= LIMITS.yearly);
        }
        assert!(kept.iter().map(|answer| answer.rho).sum::<u32>() <= LIMITS.lifetime);
        store.close().await;
    }
    let store = Store::open(&path).await.unwrap();
    let spent: u32 = store.kept_answers(10_000).await.unwrap().iter().map(|answer| answer.rho).sum();
    println!("killed {kills} times; {} answers were told of, {spent} millionths spent", told.len());
    // There was work to be killed in.
    assert!(told.len() > 10 && spent > 50_000);
}
