//! Enrols thousands: each patient's own key accepts its relationship and seals its choice, on chain, as by a wallet. Left out is only how
//! a patient comes to a ticket and redeems it over HTTP: what that leaves in the gatekeeper's store is written there at once.

use std::time::{Duration, Instant};

use anyhow::{bail, Context, Result};
use futures::{stream, StreamExt};
use medrec_client::{
    chain::{
        calls::{self, Call},
        offline::{OfflineSigning, Turn},
        research::Standing,
        Chain,
    },
    research::choice::{seal_choice, ReleaseContext},
    KeyPair,
};
use medrec_primitives::{research::ReleaseChoice, RelationshipId, RelationshipStatus, TicketDigest};
use sp_core::H256;
use sqlx::{sqlite::SqliteConnectOptions, ConnectOptions, Connection};
use subxt::rpcs::rpc_params;

use super::Hospital;
use crate::practice::World;

/// How many transactions of different accounts are handed to the node before it is waited until they are in blocks.
const WAVE: usize = 2_000;

/// How many of one account: a pool that loses one loses all after it.
const ROW: usize = 400;

/// How many of different accounts are handed over at once.
const SIDE_BY_SIDE: usize = 16;

/// For how many blocks they are valid.
const MORTALITY: u64 = 64;

/// How long a wave may stand still: nobody gets on in all this time.
const PATIENCE: Duration = Duration::from_secs(180);

/// After so long, what is not in a block is sent once more: a pool may drop what it took.
const AGAIN: Duration = Duration::from_secs(6);

/// Arguments of a node that takes waves.
pub const NODE_ARGUMENTS: [&str; 4] = ["--pool-limit", "20000", "--pool-kbytes", "65536"];

/// Enrols everybody whom a hospital knows, in their order, so that relationship 0 is the first one's; nobody was enrolled before.
/// `choice` says what each releases. Gives the patients' keys.
pub async fn everybody(
    world: &World,
    hospital: &Hospital,
    choice: impl Fn(usize) -> ReleaseChoice,
) -> Result<Vec<KeyPair>> {
    let chain = &world.chain;
    let bulk = Bulk { chain, signing: chain.offline_signing().await?, hospital };
    let name = hospital.name;
    let keys: Vec<KeyPair> =
        hospital.people.iter().map(|person| world.key(&format!("{name} {}", person.mrn))).collect();

    let count = keys.len();
    let first = chain.nonce_at(chain.best_head().await?, &hospital.key.account()).await?;
    // One after another: they are one account's.
    bulk.all(count, 1, &[], |place| {
        let call = calls::relationships::propose(&keys[place].account(), digest(place));
        Ok((call, &hospital.key, first + place as u64))
    })
    .await
    .context("proposals")?;
    bulk.all(count, SIDE_BY_SIDE, &[RelationshipStatus::Proposed], |place| {
        Ok((calls::relationships::accept(bulk.relationship(place)), &keys[place], 0))
    })
    .await
    .context("acceptances")?;
    let (id, key) =
        chain.finalised().await?.current_sealing_key(hospital.member).await?.context("no key to seal to")?;
    bulk.all(count, SIDE_BY_SIDE, &[RelationshipStatus::Active], |place| {
        let context = ReleaseContext { genesis: chain.genesis(), relationship: bulk.relationship(place) };
        let sealed = seal_choice(choice(place), &key.public, id, &context)?;
        Ok((calls::research::set_release(bulk.relationship(place), &sealed), &keys[place], 1))
    })
    .await
    .context("release choices")?;
    bind(hospital, &keys).await.context("the gatekeeper's store")?;
    Ok(keys)
}

/// Tells one ticket from another. There is no ticket behind it.
fn digest(place: usize) -> TicketDigest {
    (place as u128 + 1).to_be_bytes()
}

struct Bulk<'a> {
    chain: &'a Chain,
    signing: OfflineSigning,
    hospital: &'a Hospital,
}

impl Bulk<'_> {
    fn relationship(&self, place: usize) -> RelationshipId {
        RelationshipId::new(self.hospital.member, place as u32)
    }

    /// Sends a transaction for each place, in waves, until everybody's relationship has gone on from where it stood (`from`: none yet,
    /// proposed, or active without a choice).
    async fn all<'k>(
        &self,
        count: usize,
        side_by_side: usize,
        from: &[RelationshipStatus],
        make: impl Fn(usize) -> Result<(Call, &'k KeyPair, u64)>,
    ) -> Result<()> {
        let started = Instant::now();
        let wave = if side_by_side == 1 { ROW } else { WAVE };
        for wave in (0..count).collect::<Vec<_>>().chunks(wave) {
            let (mut moved, mut left) = (Instant::now(), wave.len());
            let mut sent: Option<Instant> = None;
            let mut refusal = String::new();
            loop {
                let due = self.not_yet(wave, from).await?;
                if due.is_empty() {
                    break;
                }
                if due.len() < left {
                    (moved, left) = (Instant::now(), due.len());
                }
                if moved.elapsed() > PATIENCE {
                    bail!("{} of {} stand still; the node said: {refusal}", due.len(), wave.len());
                }
                if sent.is_none_or(|sent| sent.elapsed() > AGAIN) {
                    if let Some(said) = self.send(&due, side_by_side, &make).await? {
                        refusal = said;
                    }
                    sent = Some(Instant::now());
                }
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
        }
        let seconds = started.elapsed().as_secs_f64();
        println!("{}: {count} transactions in {seconds:.1} s", self.hospital.name);
        Ok(())
    }

    /// Which of these stand where they stood.
    async fn not_yet(&self, places: &[usize], from: &[RelationshipStatus]) -> Result<Vec<usize>> {
        let indices: Vec<u32> = places.iter().map(|place| *place as u32).collect();
        let state = self.chain.at(self.chain.best_head().await?);
        let standings = state.standings(self.hospital.member, &indices).await?;
        let waits = |standing: &Option<Standing>| match standing {
            None => true,
            Some(standing) => from.contains(&standing.status) && standing.choice.is_none(),
        };
        Ok(places
            .iter()
            .zip(&standings)
            .filter(|(_, standing)| waits(standing))
            .map(|(place, _)| *place)
            .collect())
    }

    /// Signs and hands over, in order. Gives what the node refused one of them with, if it did.
    async fn send<'k>(
        &self,
        places: &[usize],
        side_by_side: usize,
        make: &impl Fn(usize) -> Result<(Call, &'k KeyPair, u64)>,
    ) -> Result<Option<String>> {
        let head = self.chain.finalised_head().await?;
        let birth = (self.chain.number(head).await?, head);
        let signed = stream::iter(places.iter().map(|place| self.signed(*place, birth, make)));
        let answers = signed.map(|extrinsic| async move {
            let text = format!("0x{}", hex::encode(extrinsic?));
            let answer = self.chain.rpc_client().request::<H256>("author_submitExtrinsic", rpc_params![text]);
            Ok::<_, anyhow::Error>(answer.await.err().map(|error| error.to_string()))
        });
        let mut answers = answers.buffered(side_by_side);
        let mut refusal = None;
        while let Some(answer) = answers.next().await {
            refusal = answer?.or(refusal);
        }
        Ok(refusal)
    }

    fn signed<'k>(
        &self,
        place: usize,
        birth: (u64, H256),
        make: &impl Fn(usize) -> Result<(Call, &'k KeyPair, u64)>,
    ) -> Result<Vec<u8>> {
        let (call, key, nonce) = make(place)?;
        let turn = Turn { nonce, birth, mortality: MORTALITY };
        let signature = key.sign(&self.signing.payload(&call, &turn)?);
        Ok(self.signing.extrinsic(&call, &turn, &key.account(), signature)?)
    }
}

/// Writes into the store what redeemed tickets leave there. The gatekeeper must not run.
async fn bind(hospital: &Hospital, keys: &[KeyPair]) -> Result<()> {
    // Any command that issues a ticket makes the store.
    hospital.gatekeeper.ticket(&hospital.people[0].mrn)?;
    let path = hospital.gatekeeper.folder().join("gatekeeper.sqlite");
    let mut store = SqliteConnectOptions::new().filename(&path).connect().await?;
    let mut transaction = store.begin().await?;
    for (place, (key, person)) in keys.iter().zip(&hospital.people).enumerate() {
        let digest = digest(place).to_vec();
        sqlx::query("INSERT INTO tickets (digest, record, issued, expires, used) VALUES (?, ?, 0, 1, 1)")
            .bind(&digest)
            .bind(&person.mrn)
            .execute(&mut *transaction)
            .await?;
        let account: [u8; 32] = key.account().into();
        sqlx::query(
            "INSERT INTO bindings (account, digest, record, created, member, number) VALUES (?, ?, ?, 1, ?, ?)",
        )
        .bind(account.to_vec())
        .bind(&digest)
        .bind(&person.mrn)
        .bind(i64::from(hospital.member))
        .bind(place as i64)
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await?;
    Ok(store.close().await?)
}
