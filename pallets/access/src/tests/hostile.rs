//! The off-chain worker beside something that is no gatekeeper, or a bad one.

use std::sync::{
    atomic::{AtomicUsize, Ordering},
    Arc,
};

use codec::{Compact, Encode};
use frame_support::traits::Hooks;
use medrec_primitives::{access::HAND_OVER, RequestId, Settlement, SignedReceipt};
use sp_core::{
    offchain::{
        testing::{TestOffchainExt, TestTransactionPoolExt},
        Duration, Externalities, HttpError, HttpRequestId, HttpRequestStatus, OffchainDbExt,
        OffchainWorkerExt, OpaqueNetworkState, StorageKind, Timestamp, TransactionPoolExt,
    },
    OpaquePeerId,
};

use crate::{mock::*, offchain::CONFIG};

/// The request that is ready.
const FIRST: RequestId = RequestId::new(0, 0);

/// What comes back over loopback.
#[derive(Clone)]
enum Answer {
    /// Nothing, within the time that it has.
    Never,
    /// The connection breaks off.
    BrokenOff,
    /// A status, with a body that would count if the status were 200.
    Status(u16),
    /// A head in time, and a body that is not.
    Stalled,
    /// A body without an end.
    Endless,
    /// This body.
    Body(Vec<u8>),
}

/// A node's off-chain interface, with an impostor at the address of the gatekeeper.
struct Impostor {
    node: TestOffchainExt,
    answer: Answer,
    asked: Arc<AtomicUsize>,
    read: Arc<AtomicUsize>,
}

impl Externalities for Impostor {
    fn is_validator(&self) -> bool {
        self.node.is_validator()
    }

    fn network_state(&self) -> Result<OpaqueNetworkState, ()> {
        self.node.network_state()
    }

    fn timestamp(&mut self) -> Timestamp {
        self.node.timestamp()
    }

    fn sleep_until(&mut self, deadline: Timestamp) {
        self.node.sleep_until(deadline);
    }

    fn random_seed(&mut self) -> [u8; 32] {
        self.node.random_seed()
    }

    fn http_request_start(&mut self, method: &str, uri: &str, meta: &[u8]) -> Result<HttpRequestId, ()> {
        assert!(uri.starts_with("http://127.0.0.1:8080/"), "nowhere else");
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.node.http_request_start(method, uri, meta)
    }

    fn http_request_add_header(&mut self, id: HttpRequestId, name: &str, value: &str) -> Result<(), ()> {
        self.node.http_request_add_header(id, name, value)
    }

    fn http_request_write_body(
        &mut self,
        id: HttpRequestId,
        chunk: &[u8],
        deadline: Option<Timestamp>,
    ) -> Result<(), HttpError> {
        self.node.http_request_write_body(id, chunk, deadline)
    }

    fn http_response_wait(
        &mut self,
        ids: &[HttpRequestId],
        deadline: Option<Timestamp>,
    ) -> Vec<HttpRequestStatus> {
        assert!(deadline.is_some(), "it does not wait for ever");
        let status = match self.answer {
            Answer::Never => HttpRequestStatus::DeadlineReached,
            Answer::BrokenOff => HttpRequestStatus::IoError,
            Answer::Status(code) => HttpRequestStatus::Finished(code),
            Answer::Stalled | Answer::Endless | Answer::Body(_) => HttpRequestStatus::Finished(200),
        };
        ids.iter().map(|_| status).collect()
    }

    fn http_response_headers(&mut self, _: HttpRequestId) -> Vec<(Vec<u8>, Vec<u8>)> {
        vec![(b"location".to_vec(), b"http://127.0.0.1:9/".to_vec())]
    }

    fn http_response_read_body(
        &mut self,
        _: HttpRequestId,
        buffer: &mut [u8],
        deadline: Option<Timestamp>,
    ) -> Result<usize, HttpError> {
        assert!(deadline.is_some(), "it does not wait for ever");
        let length = match &mut self.answer {
            Answer::Endless => {
                buffer.fill(0);
                buffer.len()
            }
            Answer::Body(body) => {
                let length = body.len().min(buffer.len());
                buffer[..length].copy_from_slice(&body[..length]);
                body.drain(..length);
                length
            }
            _ => return Err(HttpError::DeadlineReached),
        };
        self.read.fetch_add(length, Ordering::Relaxed);
        Ok(length)
    }

    fn set_authorized_nodes(&mut self, nodes: Vec<OpaquePeerId>, authorized_only: bool) {
        self.node.set_authorized_nodes(nodes, authorized_only);
    }
}

/// What the worker made of an answer to one ready request: how often it asked in the first block and the next ones of the same second
/// and then a second later, how much it read, and how many transactions it submitted.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    asked: [usize; 2],
    read: usize,
    submitted: usize,
}

fn outcome(answer: impl FnOnce() -> Answer) -> Outcome {
    let node = TestOffchainExt::new().0;
    let (pool, pool_state) = TestTransactionPoolExt::new();
    let (asked, read) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let mut ext = new_test_ext();
    ext.register_extension(OffchainDbExt::new(node.clone()));
    ext.register_extension(TransactionPoolExt::new(pool));
    let answer = ext.execute_with(|| {
        ready();
        answer()
    });
    let impostor = Impostor { node: node.clone(), answer, asked: asked.clone(), read: read.clone() };
    ext.register_extension(OffchainWorkerExt::new(impostor));
    ext.execute_with(|| {
        let line = b"0 http://127.0.0.1:8080 0123456789abcdef0123456789abcdef";
        sp_io::offchain::local_storage_set(StorageKind::PERSISTENT, CONFIG, line);
        for block in 1..4 {
            Access::offchain_worker(block);
        }
        let at_first = asked.load(Ordering::Relaxed);
        {
            let mut node = node.0.write();
            node.timestamp = node.timestamp.add(Duration::from_millis(1_000));
        }
        Access::offchain_worker(4);
        let submitted = pool_state.read().transactions.len();
        Outcome {
            asked: [at_first, asked.load(Ordering::Relaxed)],
            read: read.load(Ordering::Relaxed),
            submitted,
        }
    })
}

/// Asked once, left alone, asked again.
const RESTED: [usize; 2] = [1, 2];

#[test]
fn worker_should_rest_and_ask_again_when_no_answer_comes() {
    for answer in [Answer::Never, Answer::BrokenOff, Answer::Stalled] {
        assert_eq!(outcome(|| answer), Outcome { asked: RESTED, read: 0, submitted: 0 });
    }
}

#[test]
fn worker_should_follow_no_redirect_and_read_no_body_when_the_status_is_not_200() {
    for status in [100, 201, 204, 206, 301, 302, 307, 308, 401, 403, 404, 429, 500, 503] {
        let outcome = outcome(|| Answer::Status(status));
        assert_eq!(outcome, Outcome { asked: RESTED, read: 0, submitted: 0 }, "{status}");
    }
}

#[test]
fn worker_should_stop_reading_when_the_answer_has_no_end() {
    let Outcome { asked, read, submitted } = outcome(|| Answer::Endless);
    assert_eq!((asked, submitted), (RESTED, 0));
    // Twice the longest answer, and what the last buffer held besides.
    assert!(read <= 2 * (HAND_OVER * 128 + 4_096), "{read}");
}

fn good() -> Vec<u8> {
    vec![receipt(1, FIRST, Settlement::Fulfilled)].encode()
}

#[test]
fn worker_should_submit_nothing_when_the_answer_is_not_exactly_a_list_of_receipts_that_were_asked_for() {
    assert_eq!(outcome(|| Answer::Body(good())).submitted, 1, "but a good one");
    let twice = || {
        let one = receipt(1, FIRST, Settlement::Fulfilled);
        vec![one, one].encode()
    };
    let bad: [fn() -> Vec<u8>; 6] = [
        Vec::new,
        || good()[..good().len() - 1].to_vec(),
        || [good(), vec![0]].concat(),
        || Compact(u32::MAX).encode(),
        || [Compact(u32::MAX).encode(), good()].concat(),
        || b"<html>a page of somebody else's</html>".to_vec(),
    ];
    for body in bad.into_iter().chain([twice as fn() -> Vec<u8>]) {
        let Outcome { asked, submitted, .. } = outcome(|| Answer::Body(body()));
        // The second time the body is at its end: nothing.
        assert_eq!((asked, submitted), (RESTED, 0));
    }
}

#[test]
fn worker_should_submit_nothing_when_the_receipt_is_signed_by_another_or_about_another() {
    let forged: [fn() -> SignedReceipt; 4] = [
        || receipt(2, FIRST, Settlement::Fulfilled),
        || receipt(1, RequestId::new(0, 1), Settlement::Fulfilled),
        || receipt(1, RequestId::new(1, 0), Settlement::Fulfilled),
        || SignedReceipt { signature: [0; 64], ..receipt(1, FIRST, Settlement::Fulfilled) },
    ];
    for forged in forged {
        assert_eq!(outcome(|| Answer::Body(vec![forged()].encode())).submitted, 0);
    }
}
