//! What an observer of the whole chain would see of a population, by variant.
//!
//! The tools as they are (`medrec-client`): each relationship has a key of its own, derived hard (`//medrec//<n>`); a command that
//! acts on one relationship acts at once, and one that acts on several spreads its calls over a week; `--until +30d` means the end of that
//! day, and `--until 2027-01-31` that midnight. They do not choose a viewer's key. Where a variant's end is to the millisecond, the attacker
//! has it easier than with our tools.

use medrec_client::keys::{KeyType, PatientKeys};
use medrec_primitives::{AccountId, Moment, DAY_MS};
use rand::{rngs::StdRng, seq::index, Rng, SeedableRng};

/// How long the ledger goes back.
const SPAN: Moment = 3 * 365 * DAY_MS;

/// The end of the ledger: some day in 2026.
const NOW: Moment = 1_790_000_000_000;

/// A block's time.
const SLOT: Moment = 6_000;

/// Half a year, to which handover dates are rounded.
const HALF_YEAR: Moment = 365 * DAY_MS / 2;

const MINUTE: Moment = 60_000;

/// How people and tools behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// A key per relationship, for viewers and custodians as well; each relationship is acted on in its own time.
    Defaults,
    /// One key for all of a person's relationships. The chain refuses this: it takes no key twice.
    OneKey,
    /// As the defaults, but a person grants one and the same doctor's key everywhere.
    SameDoctor,
    /// As the defaults, but a person grants one and the same member's staff everywhere.
    SameStaff,
    /// As the defaults, but a person grants everywhere in one sitting, one command after the other, for the same time.
    OneSitting,
    /// The same, if tools spread those commands over a week, with ends at midnight some days apart.
    OneSittingSpread,
    /// As the defaults, but everybody is a minor: custodians with keys of their own, handover dates rounded to half-years.
    Minors,
    /// The same, if handover dates were birthdays.
    MinorsExact,
}

impl Variant {
    /// In the order of tables.
    pub const ALL: [Self; 8] = [
        Self::Defaults,
        Self::OneKey,
        Self::SameDoctor,
        Self::SameStaff,
        Self::OneSitting,
        Self::OneSittingSpread,
        Self::Minors,
        Self::MinorsExact,
    ];

    /// For tables.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Defaults => "a key per relationship, for viewers and custodians too (our tools' defaults)",
            Self::OneKey => "one key per person (refused by the chain)",
            Self::SameDoctor => "defaults, but the same doctor's key is granted everywhere",
            Self::SameStaff => "defaults, but the staff of the same member is granted everywhere",
            Self::OneSitting => "defaults, but all grants are made in one sitting",
            Self::OneSittingSpread => {
                "the same, spread over a week, as our tools do with several relationships in one command"
            }
            Self::Minors => "defaults, minors only, handover dates rounded to half-years",
            Self::MinorsExact => "the same, if handover dates were birthdays",
        }
    }
}

/// Who there is, and with which keys.
pub struct Population {
    persons: Vec<Person>,
    providers: u32,
}

struct Person {
    /// The providers, and the person's key for each.
    relationships: Vec<(u32, AccountId)>,
}

impl Population {
    /// Persons with 2 to 6 relationships each, at different providers, and keys as our tools derive them.
    pub fn new(persons: u32, providers: u32, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let person = |_| {
            let secret: [u8; 32] = rng.gen();
            let suri: String = secret.iter().fold("0x".to_owned(), |text, byte| format!("{text}{byte:02x}"));
            let keys = PatientKeys::new(&suri, KeyType::Sr25519).expect("a seed is a secret URI");
            let count = rng.gen_range(2..=6);
            let chosen = index::sample(&mut rng, providers as usize, count);
            let account = |n: usize| keys.key(n as u32).expect("hard derivation cannot fail").account();
            let relationships =
                chosen.iter().enumerate().map(|(n, provider)| (provider as u32, account(n))).collect();
            Person { relationships }
        };
        Self { persons: (0..persons).map(person).collect(), providers }
    }
}

/// Whom a rule is about, as the chain shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seen {
    /// A key.
    Key(AccountId),
    /// A member's staff.
    Staff(u32),
    /// A group's staff.
    Group(u32),
    /// A custodian's key.
    Custodian(AccountId),
    /// The day on which a rule ends or a custodian's rights do.
    End(Moment),
}

/// One relationship as the chain shows it.
pub struct Relationship {
    /// Whose it is, which no observer sees.
    pub person: u32,
    /// With which provider.
    pub member: u32,
    /// The patient's key.
    pub key: AccountId,
    /// The times of its blocks, ascending.
    pub times: Vec<Moment>,
    /// Everything else that is open.
    pub seen: Vec<Seen>,
    /// Whether it has custodians.
    pub minor: bool,
}

/// All relationships.
pub struct Ledger {
    /// In no order that tells anything.
    pub relationships: Vec<Relationship>,
    /// How many providers there are.
    pub providers: u32,
}

impl Ledger {
    /// What the chain shows of a population that behaves so.
    pub fn of(population: &Population, variant: Variant, rng: &mut StdRng) -> Self {
        let mut relationships = Vec::new();
        for (number, person) in population.persons.iter().enumerate() {
            let habits = Habits::of(variant, population.providers, rng);
            for (nth, (member, key)) in person.relationships.iter().enumerate() {
                let key = match variant {
                    Variant::OneKey => &person.relationships[0].1,
                    _ => key,
                };
                relationships.push(habits.relationship(number as u32, nth as u64, *member, key.clone(), rng));
            }
        }
        Self { relationships, providers: population.providers }
    }
}

/// What is the same in all of a person's relationships.
struct Habits {
    variant: Variant,
    doctor: AccountId,
    staff: u32,
    sitting: Moment,
    days: Moment,
    handover: Moment,
    providers: u32,
}

impl Habits {
    fn of(variant: Variant, providers: u32, rng: &mut StdRng) -> Self {
        // A doctor's key is on a staff list: each is some forty people's.
        let doctor = rng.gen_range(0..250u32);
        let mut key = [0xD0; 32];
        key[..4].copy_from_slice(&doctor.to_le_bytes());
        Self {
            variant,
            doctor: AccountId::new(key),
            staff: rng.gen_range(0..providers),
            // Late enough that every relationship is there.
            sitting: daytime(rng, NOW - 30 * DAY_MS, 30 * DAY_MS),
            days: days(rng),
            handover: NOW + rng.gen_range(0..18 * 365) * DAY_MS,
            providers,
        }
    }

    fn relationship(
        &self,
        person: u32,
        nth: u64,
        member: u32,
        key: AccountId,
        rng: &mut StdRng,
    ) -> Relationship {
        let enrolled = daytime(rng, NOW - SPAN, SPAN - 60 * DAY_MS);
        // Proposed while the patient is at the desk; accepted there or at home.
        let accepted = enrolled + rng.gen_range(MINUTE..2 * DAY_MS);
        let mut times = vec![block(enrolled), block(accepted)];
        let mut seen = Vec::new();
        for _ in 0..rng.gen_range(1..=4) {
            let granted = daytime(rng, accepted, NOW - accepted);
            self.rule(granted, rng, &mut times, &mut seen);
        }
        let together = match self.variant {
            // Half a minute for each command.
            Variant::OneSitting => Some((self.sitting + nth * 30_000, self.days)),
            Variant::OneSittingSpread => {
                Some((self.sitting + rng.gen_range(0..7 * DAY_MS), self.days + rng.gen_range(0..7)))
            }
            _ => None,
        };
        if let Some((granted, days)) = together {
            times.push(block(granted));
            let until = block(granted) + days * DAY_MS;
            let midnight = self.variant == Variant::OneSittingSpread;
            seen.push(Seen::Key(fresh(rng)));
            seen.push(Seen::End(if midnight { until - until % DAY_MS } else { until }));
        }
        let minor = matches!(self.variant, Variant::Minors | Variant::MinorsExact);
        if minor {
            for _ in 0..rng.gen_range(1..=2) {
                seen.push(Seen::Custodian(fresh(rng)));
            }
            let handover = match self.variant {
                Variant::Minors => self.handover.div_ceil(HALF_YEAR) * HALF_YEAR,
                _ => self.handover,
            };
            seen.push(Seen::End(handover - handover % DAY_MS));
        }
        times.sort_unstable();
        Relationship { person, member, key, times, seen, minor }
    }

    /// One grant, and often its revocation.
    fn rule(&self, granted: Moment, rng: &mut StdRng, times: &mut Vec<Moment>, seen: &mut Vec<Seen>) {
        times.push(block(granted));
        let viewer = match self.variant {
            Variant::SameDoctor => Seen::Key(self.doctor.clone()),
            Variant::SameStaff => Seen::Staff(self.staff),
            // A key of the viewer's for this relationship alone; staff at this provider or another; emergency rooms.
            _ => match rng.gen_range(0..10) {
                0..=5 => Seen::Key(fresh(rng)),
                6..=7 => Seen::Staff(rng.gen_range(0..self.providers)),
                _ => Seen::Group(0),
            },
        };
        seen.push(viewer);
        let days = days(rng);
        match rng.gen_range(0..3) {
            // Until a day that was written; until a span from now; until revoked.
            0 => seen.push(Seen::End((granted + days * DAY_MS) / DAY_MS * DAY_MS)),
            1 => seen.push(Seen::End(block(granted) + days * DAY_MS)),
            _ if rng.gen_bool(0.5) => times.push(block(daytime(rng, granted, NOW - granted))),
            _ => {}
        }
    }
}

/// For how long people grant.
fn days(rng: &mut StdRng) -> Moment {
    [7, 30, 90, 365][rng.gen_range(0..4)]
}

/// Some moment between seven and twenty-two o'clock.
fn daytime(rng: &mut StdRng, from: Moment, span: Moment) -> Moment {
    let day = (from + rng.gen_range(0..span.max(1))) / DAY_MS * DAY_MS;
    (day + rng.gen_range(7 * 60 * MINUTE..22 * 60 * MINUTE)).clamp(from, from + span)
}

/// The time of the block that a transaction of then gets into.
fn block(at: Moment) -> Moment {
    at.div_ceil(SLOT) * SLOT
}

/// A key that is used once.
fn fresh(rng: &mut StdRng) -> AccountId {
    AccountId::new(rng.gen())
}
