//! Makes up inputs and watches what becomes of them.
//!
//! Inputs grow out of seeds by small changes and by words that the target knows; those that a target takes become seeds themselves.
//! A panic, or an input that takes too long, ends the run, with the input on disk and on standard error.

use std::{
    panic::{catch_unwind, AssertUnwindSafe},
    path::PathBuf,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Mutex,
    },
    time::{Duration, Instant},
};

use rand::{rngs::StdRng, seq::SliceRandom, Rng, SeedableRng};

/// How long one input may take. Generous: machines that run tests are busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// Inputs are cut off at this length.
const LONGEST: usize = 96 * 1024;

/// Seeds kept at most.
const SEEDS: usize = 1000;

/// What is fuzzed.
pub struct Target {
    /// Its name, also that of the file that a bad input is written to.
    pub name: &'static str,
    /// What it takes.
    pub seeds: Vec<Vec<u8>>,
    /// Words that mean something to it.
    pub words: &'static [&'static str],
}

/// How long each target is fuzzed: `MEDREC_FUZZ_SECONDS`, else two seconds.
fn seconds() -> u64 {
    std::env::var("MEDREC_FUZZ_SECONDS")
        .ok()
        .map_or(2, |text| text.parse().expect("MEDREC_FUZZ_SECONDS: a number"))
}

/// So many inputs are tried however long that takes on a busy machine.
const LEAST: u64 = 100;

/// Where everything random comes from: `MEDREC_FUZZ_SEED`, else chance.
fn seed() -> u64 {
    let given = std::env::var("MEDREC_FUZZ_SEED").ok();
    given.map_or_else(rand::random, |text| text.parse().expect("MEDREC_FUZZ_SEED: a number"))
}

/// What is tried right now, and since when.
type Watched = Mutex<Option<(Instant, Vec<u8>)>>;

/// Fuzzes until the time is over, and [`LEAST`] inputs at least. `check` says whether it took the input, and panics where something is wrong.
pub fn fuzz(mut target: Target, mut check: impl FnMut(&[u8]) -> bool) {
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let watched: Arc<Watched> = Arc::default();
    let over = Arc::new(AtomicBool::new(false));
    let watcher = std::thread::spawn({
        let (name, watched, over) = (target.name, watched.clone(), over.clone());
        move || watch(name, seed, &watched, &over)
    });
    let (mut count, mut taken) = (0u64, 0u64);
    for given in target.seeds.clone() {
        let text = String::from_utf8_lossy(&given).into_owned();
        assert!(
            run(&target, seed, &watched, &given, &mut check),
            "{}: a seed is not taken: {text}",
            target.name
        );
    }
    let end = Instant::now() + Duration::from_secs(seconds());
    while count < LEAST || Instant::now() < end {
        let input = change(&target, &mut random);
        count += 1;
        if run(&target, seed, &watched, &input, &mut check) {
            taken += 1;
            if target.seeds.len() < SEEDS {
                target.seeds.push(input);
            } else {
                let place = random.gen_range(0..SEEDS);
                target.seeds[place] = input;
            }
        }
    }
    over.store(true, Ordering::Relaxed);
    watcher.join().unwrap();
    println!("{}: {count} inputs, {taken} taken, seed {seed}", target.name);
}

fn run(
    target: &Target,
    seed: u64,
    watched: &Watched,
    input: &[u8],
    check: &mut impl FnMut(&[u8]) -> bool,
) -> bool {
    *watched.lock().unwrap() = Some((Instant::now(), input.to_vec()));
    let outcome = catch_unwind(AssertUnwindSafe(|| check(input)));
    *watched.lock().unwrap() = None;
    match outcome {
        Ok(taken) => taken,
        Err(_) => {
            panic!("{}: panics, seed {seed}, input in {}", target.name, keep(target.name, input).display())
        }
    }
}

/// Ends the process when an input takes too long: a thread that hangs cannot be ended by itself.
fn watch(name: &str, seed: u64, watched: &Watched, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        let slow = watched.lock().unwrap().as_ref().filter(|(since, _)| since.elapsed() > PATIENCE).cloned();
        if let Some((_, input)) = slow {
            eprintln!("{name}: hangs, seed {seed}, input in {}", keep(name, &input).display());
            std::process::exit(101);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn keep(name: &str, input: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("medrec-fuzz-{}", name.replace(' ', "-")));
    std::fs::write(&path, input).unwrap();
    path
}

/// A seed, changed a little or a lot.
fn change(target: &Target, random: &mut StdRng) -> Vec<u8> {
    let mut input = target.seeds.choose(random).cloned().unwrap_or_default();
    for _ in 0..random.gen_range(1..6) {
        let place = random.gen_range(0..=input.len());
        let end = random.gen_range(place..=input.len().min(place + 32));
        match random.gen_range(0..9) {
            0 if place < input.len() => input[place] ^= 1 << random.gen_range(0..8),
            1 if place < input.len() => input[place] = random.gen(),
            2 => drop(input.drain(place..end)),
            3 => {
                let part = input[place..end].to_vec();
                input.splice(place..place, part);
            }
            4 | 5 => {
                let word = target.words.choose(random).copied().unwrap_or_default();
                input.splice(place..end, word.bytes());
            }
            6 => {
                let other = target.seeds.choose(random).cloned().unwrap_or_default();
                let from = random.gen_range(0..=other.len());
                input.truncate(place);
                input.extend_from_slice(&other[from..]);
            }
            // Deep nesting and long repetition.
            7 if random.gen_ratio(1, 10) => {
                let word = target.words.choose(random).copied().unwrap_or_default();
                let often = 1 << random.gen_range(1..14);
                input.splice(place..place, word.repeat(often).into_bytes());
            }
            _ => {
                let bytes: Vec<u8> = (0..random.gen_range(1..8)).map(|_| random.gen()).collect();
                input.splice(place..end, bytes);
            }
        }
        input.truncate(LONGEST);
    }
    input
}
