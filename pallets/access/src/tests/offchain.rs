//! The off-chain worker.

use codec::{Decode, Encode};
use frame_support::{assert_ok, traits::Hooks};
use medrec_primitives::{
    access::HAND_OVER, RefusalReason, RequestId, Settlement, SignedReceipt, Viewer, DAY_MS,
};
use sp_core::offchain::{
    testing::{PendingRequest, TestOffchainExt, TestTransactionPoolExt},
    OffchainDbExt, OffchainWorkerExt, StorageKind, TransactionPoolExt,
};

use crate::{
    mock::*,
    offchain::{gatekeepers, Gatekeeper, CONFIG},
    Call,
};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const ADDRESS: &str = "http://127.0.0.1:8080";

struct World {
    offchain: TestOffchainExt,
    pool: Box<dyn Fn() -> Vec<Vec<u8>>>,
}

impl World {
    /// The gatekeeper will be asked for these, and answer so.
    fn expect(&self, ids: &[RequestId], answer: Vec<u8>) {
        self.offchain.0.write().expect_request(PendingRequest {
            method: "POST".into(),
            uri: format!("{ADDRESS}/chain/requests"),
            headers: vec![
                ("Content-Type".into(), "application/octet-stream".into()),
                ("MedRec-Hand-Over".into(), SECRET.into()),
            ],
            body: ids.encode(),
            response: Some(answer),
            sent: true,
            ..Default::default()
        });
    }

    /// What came to the pool since the last time.
    fn submitted(&self) -> Vec<RuntimeCall> {
        (self.pool)().into_iter().map(|bytes| Extrinsic::decode(&mut &bytes[..]).unwrap().function).collect()
    }

    fn later(&self, ms: u64) {
        let mut offchain = self.offchain.0.write();
        offchain.timestamp = offchain.timestamp.add(sp_core::offchain::Duration::from_millis(ms));
    }
}

/// Runs a test on a node that knows member 0's gatekeeper.
fn run_beside(test: impl FnOnce(World)) {
    run_with(Some(format!("0 {ADDRESS} {SECRET}\n")), test);
}

fn run_with(config: Option<String>, test: impl FnOnce(World)) {
    let offchain = TestOffchainExt::new().0;
    let (pool, pool_state) = TestTransactionPoolExt::new();
    let mut ext = new_test_ext();
    ext.register_extension(OffchainDbExt::new(offchain.clone()));
    ext.register_extension(OffchainWorkerExt::new(offchain.clone()));
    ext.register_extension(TransactionPoolExt::new(pool));
    ext.execute_with(|| {
        if let Some(config) = config {
            sp_io::offchain::local_storage_set(StorageKind::PERSISTENT, CONFIG, config.as_bytes());
        }
        let pool = Box::new(move || std::mem::take(&mut pool_state.write().transactions));
        test(World { offchain, pool });
        Access::do_try_state().unwrap();
    });
}

fn work() {
    Access::offchain_worker(1);
}

fn fulfilled(request: RequestId) -> SignedReceipt {
    receipt(1, request, Settlement::Fulfilled)
}

#[test]
fn worker_should_bring_the_receipt_when_the_gatekeeper_gives_it() {
    run_beside(|world| {
        let request = ready();
        let receipt = fulfilled(request);
        world.expect(&[request], vec![receipt].encode());
        work();
        let SignedReceipt { digest, signature, .. } = receipt;
        assert_eq!(world.submitted(), [RuntimeCall::Access(Call::fulfil { request, digest, signature })]);
    });
}

#[test]
fn worker_should_bring_a_refusal_when_the_gatekeeper_refuses() {
    run_beside(|world| {
        let request = ready();
        let reason = RefusalReason::NotUnderstood;
        let receipt = receipt(1, request, Settlement::Refused(reason));
        world.expect(&[request], vec![receipt].encode());
        work();
        let SignedReceipt { digest, signature, .. } = receipt;
        let call = Call::refuse { request, reason, digest, signature };
        assert_eq!(world.submitted(), [RuntimeCall::Access(call)]);
    });
}

#[test]
fn worker_should_ask_again_when_the_receipt_was_lost_and_no_more_when_it_arrived() {
    run_beside(|world| {
        let request = ready();
        for _ in 0..2 {
            world.expect(&[request], vec![fulfilled(request)].encode());
            work();
            assert_eq!(world.submitted().len(), 1);
        }
        let origin = frame_system::Origin::<Test>::Authorized.into();
        assert_ok!(Access::fulfil(origin, request, [9; 32], [0; 64]));
        work();
        assert_eq!(world.submitted(), []);
    });
}

#[test]
fn worker_should_ask_again_when_the_gatekeeper_has_no_receipt_yet() {
    run_beside(|world| {
        let request = ready();
        for _ in 0..2 {
            world.expect(&[request], Vec::<SignedReceipt>::new().encode());
            work();
        }
        assert_eq!(world.submitted(), []);
    });
}

#[test]
fn worker_should_do_nothing_when_no_gatekeeper_is_configured_or_the_text_is_malformed() {
    for config in [None, Some(String::new()), Some(format!("0 http://10.0.0.1:80 {SECRET}"))] {
        run_with(config, |world| {
            ready();
            work();
            assert!(world.offchain.0.read().requests.is_empty());
        });
    }
}

#[test]
fn worker_should_do_nothing_when_no_request_is_ready() {
    run_beside(|world| {
        let request = ready();
        let id = Access::get(request).unwrap().relationship;
        allow_sealed(id, 71);
        assert_ok!(Access::cancel(signed(70), request));
        let waiting = ask(71, id);
        work();
        assert_ok!(Access::approve(signed(50), waiting));
        set_time(NOON + DAY_MS);
        work();
        assert!(world.offchain.0.read().requests.is_empty());
        set_time(NOON + DAY_MS - 1);
        world.expect(&[waiting], Vec::<SignedReceipt>::new().encode());
        work();
    });
}

#[test]
fn worker_should_drop_receipts_when_they_do_not_count_or_were_not_asked_for() {
    run_beside(|world| {
        let request = ready();
        let forged = SignedReceipt { digest: [7; 32], ..fulfilled(request) };
        world.expect(&[request], vec![forged].encode());
        work();
        world.expect(&[request], vec![fulfilled(RequestId::new(0, 9))].encode());
        work();
        assert_eq!(world.submitted(), []);
    });
}

#[test]
fn worker_should_rest_longer_each_time_when_the_gatekeeper_fails() {
    run_beside(|world| {
        let request = ready();
        for pause in [1, 2, 4, 8, 16, 32, 64, 64] {
            // Not a list of receipts.
            world.expect(&[request], vec![0xff; 7]);
            work();
            world.later(pause * 1_000 - 1);
            work();
            // What was asked and not answered would still be here.
            assert!(world.offchain.0.read().requests.is_empty());
            world.later(1);
        }
        world.expect(&[request], Vec::<SignedReceipt>::new().encode());
        work();
        // And is all well again at once.
        world.expect(&[request], vec![fulfilled(request)].encode());
        work();
        assert_eq!(world.submitted().len(), 1);
    });
}

#[test]
fn worker_should_leave_it_to_the_other_when_one_is_at_work() {
    run_beside(|world| {
        ready();
        let lock = b"medrec/access/lock";
        let until = sp_core::offchain::Timestamp::from_unix_millis(5_000);
        sp_io::offchain::local_storage_set(StorageKind::PERSISTENT, lock, &until.encode());
        work();
        assert!(world.offchain.0.read().requests.is_empty());
        // The other died.
        world.later(5_001);
        world.expect(&[RequestId::new(0, 0)], Vec::<SignedReceipt>::new().encode());
        work();
    });
}

#[test]
fn worker_should_come_to_every_request_when_there_are_more_than_fit() {
    run_beside(|world| {
        provider(1);
        let mut ids = Vec::new();
        for n in 0..20u8 {
            let patient = 150 + n;
            let id = {
                let to = Relationships::deposit_account(0);
                let _ = <Balances as frame_support::traits::fungible::Mutate<_>>::mint_into(&to, 1_000);
                active(1, patient)
            };
            let viewer = Viewer::Key(account(n + 10));
            let everything = medrec_primitives::GrantTerms::Everything;
            assert_ok!(Permissions::grant(signed(patient), id, viewer, everything, None, None, false));
            ids.push(ask(n + 10, id));
        }
        let hashed = |id: &RequestId| crate::Requests::<Test>::hashed_key_for(id.member, id.index);
        ids.sort_by_key(hashed);
        let (first, rest) = ids.split_at(HAND_OVER);
        for expected in [first, rest, first] {
            world.expect(expected, Vec::<SignedReceipt>::new().encode());
            work();
        }
    });
}

#[test]
fn gatekeepers_should_be_read_when_well_formed() {
    let one = Gatekeeper { member: 3, address: "http://127.0.0.1:81".into(), secret: SECRET.into() };
    let two = Gatekeeper { member: 4, address: "http://[::1]:82".into(), secret: SECRET.into() };
    let text = format!("\n3 http://127.0.0.1:81 {SECRET}\n\n4  http://[::1]:82\t{SECRET} \n");
    assert_eq!(gatekeepers(text.as_bytes()), Some(vec![one, two]));
    assert_eq!(gatekeepers(b""), Some(Vec::new()));
}

#[test]
fn gatekeepers_should_be_refused_when_anything_is_odd() {
    for address in [
        "https://127.0.0.1:80",
        "http://localhost:80",
        "http://127.0.0.1",
        "http://127.0.0.1:",
        "http://127.0.0.1:0",
        "http://127.0.0.1:65536",
        "http://127.0.0.1:+80",
        "http://127.0.0.1:80/",
        "http://127.0.0.1:80@evil.example",
        "http://127.0.0.1.evil.example:80",
        "http://10.0.0.1:80",
        "http://[::2]:80",
    ] {
        assert_eq!(gatekeepers(format!("0 {address} {SECRET}").as_bytes()), None, "{address}");
    }
    for text in [
        format!("0 {ADDRESS}"),
        format!("0 {ADDRESS} short"),
        format!("0 {ADDRESS} {}", "x".repeat(129)),
        format!("x {ADDRESS} {SECRET}"),
        format!("0 {ADDRESS} {SECRET} more"),
        format!("0 {ADDRESS} {SECRET}\n").repeat(5),
    ] {
        assert_eq!(gatekeepers(text.as_bytes()), None, "{text}");
    }
    assert_eq!(gatekeepers(&[0xff]), None);
}
