//! The off-chain worker: hands open requests to the gatekeepers beside this node, and carries their receipts to the chain.
//!
//! A node that should do this gets to know its gatekeepers by its own off-chain storage ([`CONFIG`], set by
//! `offchain_localStorageSet`, kind `PERSISTENT`): one line for each provider, `<member> <address> <secret>`, with an
//! address on this machine's loopback. All other nodes do nothing.
//!
//! On every best block the worker names ready requests to the gatekeeper, a bounded number of them, and nothing else: the
//! gatekeeper reads them from the chain itself, and decides as it always does. Receipts come back signed and enter the pool
//! of this node, from which they travel. A receipt that gets lost on the way is asked for again as long as its request is
//! open; the gatekeeper gives the same one, and the chain takes one for each request.

use alloc::{format, string::String, vec, vec::Vec};
use codec::{Decode, Encode};
use frame_system::offchain::{CreateAuthorizedTransaction, SubmitTransaction};
use medrec_primitives::{
    access::{HAND_OVER, HAND_OVER_HEADER, HAND_OVER_PATH},
    MemberId, RequestId, RequestStatus, SignedReceipt,
};
use sp_core::offchain::{Duration, StorageKind, Timestamp};
use sp_runtime::offchain::{
    http,
    storage::StorageValueRef,
    storage_lock::{StorageLock, Time},
};

use crate::{Call, Config, Pallet, Requests};

/// Where in off-chain storage the gatekeepers stand.
pub const CONFIG: &[u8] = b"medrec/access/gatekeepers";

/// How many gatekeepers one node may serve.
const MAX_GATEKEEPERS: usize = 4;
/// How many requests are looked at in one block.
const LOOK_AT: usize = 256;
/// How long a gatekeeper has to answer.
const PATIENCE: Duration = Duration::from_millis(4_000);
/// How long the lock holds if the node dies with it: longer than one gatekeeper may take. It is extended for each.
const LOCK: Duration = Duration::from_millis(6_000);
/// The longest answer that is read (bytes).
const MAX_ANSWER: usize = HAND_OVER * 128;
/// How long a gatekeeper that failed is left alone at first; each time twice as long (ms).
const PAUSE: u64 = 1_000;
/// How often that doubles.
const DOUBLINGS: u32 = 6;

const LOCK_KEY: &[u8] = b"medrec/access/lock";
const PROGRESS_KEY: &[u8] = b"medrec/access/progress/";
const LOG: &str = "medrec::access";

/// A gatekeeper beside this node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gatekeeper {
    /// Whose.
    pub member: MemberId,
    /// Where it answers: `http://127.0.0.1:<port>` or `http://[::1]:<port>`.
    pub address: String,
    /// What the node proves itself by.
    pub secret: String,
}

/// How far the worker has come with one gatekeeper.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
struct Progress {
    /// The request that was looked at last, if there were more after it.
    after: Option<u32>,
    /// How often in a row it has failed.
    failures: u32,
    /// Until when it is left alone (ms).
    rest_until: u64,
}

/// Why a gatekeeper gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// It cannot be reached, or not in time.
    Unreachable,
    /// It answers something else than 200.
    Status(u16),
    /// Its answer is not a list of receipts.
    Malformed,
}

/// Reads a node's configuration; `None` if anything in it is not as it should be.
pub fn gatekeepers(text: &[u8]) -> Option<Vec<Gatekeeper>> {
    let lines = core::str::from_utf8(text).ok()?.lines().filter(|line| !line.trim().is_empty());
    let all: Vec<Gatekeeper> = lines.map(gatekeeper).collect::<Option<_>>()?;
    (all.len() <= MAX_GATEKEEPERS).then_some(all)
}

fn gatekeeper(line: &str) -> Option<Gatekeeper> {
    let mut words = line.split_ascii_whitespace();
    let (member, address, secret) = (words.next()?, words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    let printable = secret.len() >= 32 && secret.len() <= 128 && secret.bytes().all(|b| b.is_ascii_graphic());
    (printable && is_loopback(address)).then_some(Gatekeeper {
        member: member.parse().ok()?,
        address: address.into(),
        secret: secret.into(),
    })
}

/// Whether this is a plain address on this machine's loopback, and nothing besides. Names are not looked up.
fn is_loopback(address: &str) -> bool {
    ["http://127.0.0.1:", "http://[::1]:"].iter().find_map(|start| address.strip_prefix(start)).is_some_and(
        |port| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0),
    )
}

/// Serves every gatekeeper beside this node, if there are any.
pub fn run<T: Config>() {
    let Some(text) = sp_io::offchain::local_storage_get(StorageKind::PERSISTENT, CONFIG) else { return };
    let Some(gatekeepers) = gatekeepers(&text) else {
        log::error!(target: LOG, "the gatekeepers in off-chain storage are malformed; nothing is handed over");
        return;
    };
    // Workers of two blocks can run at once.
    let mut lock = StorageLock::<Time>::with_deadline(LOCK_KEY, LOCK);
    let Ok(mut guard) = lock.try_lock() else { return };
    for gatekeeper in &gatekeepers {
        // Lost only if the machine stood still meanwhile.
        if guard.extend_lock().is_err() {
            return;
        }
        serve::<T>(gatekeeper);
    }
}

fn serve<T: Config>(gatekeeper: &Gatekeeper) {
    let key = (PROGRESS_KEY, gatekeeper.member).encode();
    let kept = StorageValueRef::persistent(&key);
    // What cannot be read is begun anew.
    let mut progress = kept.get::<Progress>().ok().flatten().unwrap_or_default();
    let now = sp_io::offchain::timestamp();
    // A clock that was set back must not silence a gatekeeper for longer than any pause lasts.
    let rest = progress.rest_until.saturating_sub(now.unix_millis());
    if rest > 0 && rest <= longest_pause() {
        return;
    }
    let (ids, after) = ready::<T>(gatekeeper.member, progress.after);
    if ids.is_empty() && progress.after == after {
        return;
    }
    progress.after = after;
    match if ids.is_empty() { Ok(Vec::new()) } else { hand_over(gatekeeper, &ids, now) } {
        Ok(receipts) => {
            progress.failures = 0;
            progress.rest_until = 0;
            for receipt in receipts.into_iter().filter(|receipt| ids.contains(&receipt.request)) {
                submit::<T>(receipt);
            }
        }
        Err(failure) => {
            progress.rest_until = now.unix_millis().saturating_add(pause(progress.failures));
            progress.failures = progress.failures.saturating_add(1);
            log::warn!(target: LOG, "the gatekeeper of member {} gave nothing: {failure:?}", gatekeeper.member);
        }
    }
    kept.set(&progress);
}

fn pause(failures: u32) -> u64 {
    PAUSE.saturating_mul(2u64.saturating_pow(failures.min(DOUBLINGS)))
}

fn longest_pause() -> u64 {
    pause(DOUBLINGS)
}

/// Requests that wait for the gatekeeper, going on after the last ones, and where to go on next time.
fn ready<T: Config>(member: MemberId, after: Option<u32>) -> (Vec<RequestId>, Option<u32>) {
    let mut all = match after {
        Some(index) => Requests::<T>::iter_prefix_from(member, Requests::<T>::hashed_key_for(member, index)),
        None => Requests::<T>::iter_prefix(member),
    };
    let now = Pallet::<T>::now();
    let (mut ids, mut last) = (Vec::new(), after);
    for _ in 0..LOOK_AT {
        // At the end it begins again, next time.
        let Some((index, request)) = all.next() else { return (ids, None) };
        last = Some(index);
        if request.status == RequestStatus::Ready && now < request.expires {
            ids.push(RequestId::new(member, index));
        }
        if ids.len() >= HAND_OVER {
            break;
        }
    }
    (ids, last)
}

fn hand_over(
    gatekeeper: &Gatekeeper,
    ids: &[RequestId],
    now: Timestamp,
) -> Result<Vec<SignedReceipt>, Failure> {
    let deadline = now.add(PATIENCE);
    let url = format!("{}{HAND_OVER_PATH}", gatekeeper.address);
    let response = http::Request::post(&url, vec![ids.encode()])
        .add_header("Content-Type", "application/octet-stream")
        .add_header(HAND_OVER_HEADER, &gatekeeper.secret)
        .deadline(deadline)
        .send()
        .map_err(|_| Failure::Unreachable)?
        .try_wait(deadline)
        .map_err(|_| Failure::Unreachable)?
        .map_err(|_| Failure::Unreachable)?;
    if response.code != 200 {
        return Err(Failure::Status(response.code));
    }
    let mut body = response.body();
    body.deadline(Some(deadline));
    let bytes: Vec<u8> = body.by_ref().take(MAX_ANSWER).collect();
    if body.error().is_some() {
        return Err(Failure::Unreachable);
    }
    let mut rest = bytes.as_slice();
    let receipts = Vec::<SignedReceipt>::decode(&mut rest).map_err(|_| Failure::Malformed)?;
    (rest.is_empty() && receipts.len() <= ids.len()).then_some(receipts).ok_or(Failure::Malformed)
}

/// Puts a receipt into the pool, unless the pool would refuse it anyway.
fn submit<T: Config>(receipt: SignedReceipt) {
    let SignedReceipt { request, settlement, digest, signature } = receipt;
    if Pallet::<T>::authorize_receipt(request, settlement, &digest, &signature).is_err() {
        log::warn!(target: LOG, "the gatekeeper's receipt of {request} does not count");
        return;
    }
    let call: Call<T> = Pallet::<T>::call(receipt);
    let transaction = <T as CreateAuthorizedTransaction<Call<T>>>::create_authorized_transaction(call.into());
    // It may be there already: then this one is refused, and that is all.
    if SubmitTransaction::<T, Call<T>>::submit_transaction(transaction).is_err() {
        log::debug!(target: LOG, "the pool did not take the receipt of {request}; it may have it");
    }
}
