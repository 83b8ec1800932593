//! Requests made on chain: who may hand them over, what becomes of them, who may pick the answer up.
#![allow(clippy::unwrap_used)]

mod common;

use std::net::SocketAddr;

use axum::{
    body::{to_bytes, Body},
    extract::ConnectInfo,
    http::{Request as HttpRequest, Response},
};
use codec::{Decode, Encode};
use common::*;
use medrec_client::{
    question::{answer_digest, seal_question, QuestionContext, SALT_HEADER},
    KeyPair,
};
use medrec_gatekeeper::{chain::ChainState, store::requests::Settled};
use medrec_policy::Purpose;
use medrec_primitives::{
    access::{receipt_message, HAND_OVER},
    AccessRequest, RefusalReason, RelationshipId, RequestId, RequestStatus, Settlement, SignedReceipt,
    DAY_MS,
};
use sp_core::{sr25519, Pair};

const QUESTION: &str = "TREAT Observation?category=laboratory";
const ALL: &str = "patient/*.rs;purpose=TREAT";

/// A patient who granted something, and a viewer.
async fn enrolled(fixture: &Fixture, terms: Option<&str>) -> (KeyPair, KeyPair, RelationshipId) {
    let (patient, viewer) = (person("Archer"), person("Doctor"));
    let id = fixture.enrol(&patient, "A-1").await;
    if let Some(terms) = terms {
        fixture.grant(id, &viewer, terms);
    }
    (patient, viewer, id)
}

/// A request as the chain keeps it.
fn asked(fixture: &Fixture, asker: &KeyPair, relationship: RelationshipId, question: &str) -> AccessRequest {
    let expires = START + 24 * HOUR;
    let context =
        QuestionContext { genesis: fixture.chain.genesis(), relationship, asker: asker.account(), expires };
    let question = seal_question(&question.parse().unwrap(), &fixture.sealing.public(), 0, &context).unwrap();
    AccessRequest { relationship, asker: asker.account(), question, expires, status: RequestStatus::Ready }
}

/// Makes a request that is final at once.
fn ask(fixture: &Fixture, index: u32, request: AccessRequest) -> RequestId {
    let id = RequestId::new(0, index);
    fixture.chain.advance(|state| {
        state.requests.insert(id, request);
    });
    id
}

fn hand_over_request(ids: &[RequestId]) -> HttpRequest<Body> {
    HttpRequest::post("/chain/requests")
        .header("medrec-hand-over", HAND_OVER_SECRET)
        .extension(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 5))))
        .body(Body::from(ids.encode()))
        .unwrap()
}

/// Hands requests over as the node beside does.
async fn hand_over(fixture: &Fixture, ids: &[RequestId]) -> Vec<SignedReceipt> {
    let response = fixture.send(hand_over_request(ids)).await;
    assert_eq!(response.status(), 200);
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let receipts = Vec::<SignedReceipt>::decode(&mut &body[..]).unwrap();
    for receipt in &receipts {
        let SignedReceipt { request, settlement, digest, signature } = *receipt;
        let message = receipt_message(fixture.chain.genesis().as_ref(), request, settlement, &digest);
        let key = sr25519::Public::from_raw(gate().account().into());
        assert!(sr25519::Pair::verify(&signature.into(), message, &key), "the chain takes it");
    }
    receipts
}

async fn settled(fixture: &Fixture, id: RequestId) -> Option<Settlement> {
    hand_over(fixture, &[id]).await.first().map(|receipt| receipt.settlement)
}

/// Picks up: status, salt, body.
async fn pick_up(fixture: &Fixture, key: &KeyPair, id: &str) -> (u16, Option<[u8; 32]>, Vec<u8>) {
    let target = format!("/chain/requests/{id}");
    let response: Response<Body> = fixture.send(fixture.signed(key, Purpose::Treatment, &target)).await;
    let salt = response.headers().get(SALT_HEADER).map(|salt| {
        let mut bytes = [0; 32];
        hex::decode_to_slice(&salt.as_bytes()[2..], &mut bytes).unwrap();
        bytes
    });
    let status = response.status().as_u16();
    (status, salt, to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
}

#[tokio::test]
async fn request_should_be_fulfilled_and_picked_up_when_the_rules_allow_it() {
    let fixture = Fixture::new().await;
    let (_, viewer, relationship) = enrolled(&fixture, Some(ALL)).await;
    let id = ask(&fixture, 0, asked(&fixture, &viewer, relationship, QUESTION));
    let receipts = hand_over(&fixture, &[id]).await;
    assert_eq!(receipts.len(), 1);
    assert_eq!((receipts[0].request, receipts[0].settlement), (id, Settlement::Fulfilled));

    let (status, salt, body) = pick_up(&fixture, &viewer, "q0-0").await;
    assert_eq!(status, 200);
    assert_eq!(answer_digest(&salt.unwrap(), &body), receipts[0].digest);
    let bundle = serde_json::from_slice(&body).unwrap();
    assert_eq!(entries(&bundle).len(), 2);
    // The same that any other way to ask would give.
    let direct = format!("/fhir/Observation?patient={relationship}&category=laboratory");
    let (status, other) = fixture.get_signed(&viewer, Purpose::Treatment, &direct).await;
    assert_eq!((status, &other), (200, &bundle));
}

#[tokio::test]
async fn request_should_have_one_receipt_when_handed_over_again_and_after_a_restart() {
    let fixture = Fixture::new().await;
    let (_, viewer, relationship) = enrolled(&fixture, Some(ALL)).await;
    let id = ask(&fixture, 0, asked(&fixture, &viewer, relationship, QUESTION));
    let first = hand_over(&fixture, &[id]).await;
    assert_eq!(hand_over(&fixture, &[id]).await, first);
    assert_eq!(hand_over(&fixture, &[id, id]).await, [first[0], first[0]]);
    let fixture = fixture.restart().await;
    assert_eq!(hand_over(&fixture, &[id]).await, first);
    // Also when it is refused by now, or gone from the chain.
    fixture.chain.advance(revoke_all(relationship));
    fixture.chain.advance(|state| state.requests.clear());
    assert_eq!(hand_over(&fixture, &[id]).await, first);
}

#[tokio::test]
async fn receipt_should_be_one_that_the_chain_takes_when_the_key_was_rotated_since() {
    let fixture = Fixture::new().await;
    let (_, viewer, relationship) = enrolled(&fixture, Some(ALL)).await;
    let request = asked(&fixture, &viewer, relationship, QUESTION);
    let id = ask(&fixture, 0, request.clone());
    let (settlement, digest) = (Settlement::Fulfilled, [7; 32]);
    let message = receipt_message(fixture.chain.genesis().as_ref(), id, settlement, &digest);
    let medrec_client::Signature::Sr25519(signature) = person("OldGate").sign(&message) else { panic!() };
    let receipt = SignedReceipt { request: id, settlement, digest, signature };
    fixture.store.settle(&Settled { request, receipt, salt: [8; 32] }, START).await.unwrap();
    // That the signature is the present key's is looked at there.
    let given = hand_over(&fixture, &[id]).await;
    assert_eq!(given.iter().map(|given| given.digest).collect::<Vec<_>>(), [digest]);
}

#[tokio::test]
async fn salt_should_be_kept_when_the_receipt_may_be_on_chain_still() {
    let fixture = Fixture::new().await;
    let (_, viewer, relationship) = enrolled(&fixture, Some(ALL)).await;
    let id = ask(&fixture, 0, asked(&fixture, &viewer, relationship, QUESTION));
    assert_eq!(settled(&fixture, id).await, Some(Settlement::Fulfilled));
    fixture.time.advance(61 * DAY_MS);
    fixture.gatekeeper.prune_requests().await.unwrap();
    assert!(fixture.store.settled(0).await.unwrap().is_some());
    fixture.time.advance(2 * DAY_MS);
    fixture.gatekeeper.prune_requests().await.unwrap();
    assert_eq!(fixture.store.settled(0).await.unwrap(), None);
}

#[tokio::test]
async fn request_should_be_refused_when_the_rules_do_not_allow_it() {
    let fixture = Fixture::new().await;
    let (_, viewer, relationship) = enrolled(&fixture, Some("patient/Encounter.rs;purpose=TREAT")).await;
    let refused = Some(Settlement::Refused(RefusalReason::NotPermitted));
    for (index, question) in [
        QUESTION,
        "HRESCH Encounter",
        // Permitted, and not there: said in the same words.
        "TREAT Encounter/r0-1000.00000000000000000000000000000000",
    ]
    .into_iter()
    .enumerate()
    {
        let question = question.replace("r0-1000", &relationship.to_string());
        let id = ask(&fixture, index as u32, asked(&fixture, &viewer, relationship, &question));
        assert_eq!(settled(&fixture, id).await, refused, "{question}");
        let (status, salt, _) = pick_up(&fixture, &viewer, &id.to_string()).await;
        assert_eq!((status, salt), (403, None));
    }
}

#[tokio::test]
async fn request_should_be_refused_as_not_understood_when_it_does_not_open_or_makes_no_sense() {
    let fixture = Fixture::new().await;
    let (_, viewer, relationship) = enrolled(&fixture, Some(ALL)).await;
    let good = asked(&fixture, &viewer, relationship, QUESTION);
    let mut elsewhere = good.clone();
    elsewhere.expires += 1;
    let mut other_key = good.clone();
    other_key.question.key = 1;
    let not_understood = Some(Settlement::Refused(RefusalReason::NotUnderstood));
    let others = [
        elsewhere,
        other_key,
        asked(&fixture, &viewer, relationship, "TREAT Spaceship"),
        asked(&fixture, &viewer, relationship, "TREAT Observation?nonsense=1"),
        asked(&fixture, &viewer, relationship, "TREAT Patient/r0-4"),
        asked(&fixture, &viewer, relationship, "TREAT Observation?patient=r0-4"),
    ];
    for (index, request) in others.into_iter().enumerate() {
        let id = ask(&fixture, index as u32, request);
        assert_eq!(settled(&fixture, id).await, not_understood, "{index}");
    }
}

#[tokio::test]
async fn request_should_wait_when_it_is_not_ready_or_not_in_every_state() {
    let fixture = Fixture::new().await;
    let (_, viewer, relationship) = enrolled(&fixture, Some(ALL)).await;
    let good = asked(&fixture, &viewer, relationship, QUESTION);
    let waiting = AccessRequest { status: RequestStatus::Waiting, ..good.clone() };
    let id = ask(&fixture, 0, waiting);
    assert_eq!(settled(&fixture, id).await, None);
    // Approved in a block that is not final yet.
    let ready = good.clone();
    let best = fixture.chain.add(fixture.chain.finalised(), |state| {
        state.requests.insert(id, ready);
    });
    assert_eq!(settled(&fixture, id).await, None);
    fixture.chain.finalise(best);
    // Declined on a leaf.
    fixture.chain.add(best, |state| {
        state.requests.remove(&id);
    });
    assert_eq!(settled(&fixture, id).await, None);
    assert_eq!(settled(&fixture, RequestId::new(0, 9)).await, None);
    assert_eq!(settled(&fixture, RequestId::new(1, 0)).await, None);
}

#[tokio::test]
async fn request_should_not_be_answered_when_its_time_is_over_or_the_chain_is_lost() {
    let fixture = Fixture::new().await;
    let (_, viewer, relationship) = enrolled(&fixture, Some(ALL)).await;
    let mut short = asked(&fixture, &viewer, relationship, QUESTION);
    short.expires = START;
    let id = ask(&fixture, 0, short);
    assert_eq!(settled(&fixture, id).await, None);
    let id = ask(&fixture, 1, asked(&fixture, &viewer, relationship, QUESTION));
    fixture.chain.connect(false);
    assert_eq!(settled(&fixture, id).await, None);
}

#[tokio::test]
async fn answer_should_be_decided_again_when_it_is_picked_up() {
    let fixture = Fixture::new().await;
    let (_, viewer, relationship) = enrolled(&fixture, Some(ALL)).await;
    let id = ask(&fixture, 0, asked(&fixture, &viewer, relationship, QUESTION));
    assert_eq!(settled(&fixture, id).await, Some(Settlement::Fulfilled));
    // Narrowed: what is shown is what may be shown now, and it is not what the receipt is about.
    fixture.chain.advance(revoke_all(relationship));
    fixture.grant(relationship, &viewer, "patient/Observation.rs?_elements=code;purpose=TREAT");
    let (status, salt, body) = pick_up(&fixture, &viewer, "q0-0").await;
    assert_eq!((status, salt), (200, None));
    assert!(!String::from_utf8(body).unwrap().contains("7.2"));
    fixture.chain.advance(revoke_all(relationship));
    let (status, salt, body) = pick_up(&fixture, &viewer, "q0-0").await;
    assert_eq!((status, salt), (403, None));
    assert!(!String::from_utf8(body).unwrap().contains("718-7"));
}

#[tokio::test]
async fn answer_should_be_absent_when_somebody_else_asks_for_it_or_nobody_ever_asked() {
    let fixture = Fixture::new().await;
    let (patient, viewer, relationship) = enrolled(&fixture, Some(ALL)).await;
    let id = ask(&fixture, 0, asked(&fixture, &viewer, relationship, QUESTION));
    assert_eq!(settled(&fixture, id).await, Some(Settlement::Fulfilled));
    let never = pick_up(&fixture, &viewer, "q0-7").await;
    assert_eq!(never.0, 404);
    for (key, id) in [(&patient, "q0-0"), (&person("Stranger"), "q0-0"), (&viewer, "q1-0")] {
        assert_eq!(pick_up(&fixture, key, id).await, never, "{id}");
    }
    assert_eq!(pick_up(&fixture, &viewer, "r0-0").await.0, 400);
    let unsigned = HttpRequest::get("/chain/requests/q0-0").body(Body::empty()).unwrap();
    assert_eq!(fixture.send(unsigned).await.status(), 401);
}

#[tokio::test]
async fn hand_over_should_be_refused_when_it_is_not_the_node_beside() {
    let fixture = Fixture::new().await;
    let (_, viewer, relationship) = enrolled(&fixture, Some(ALL)).await;
    let id = ask(&fixture, 0, asked(&fixture, &viewer, relationship, QUESTION));
    let status = async |change: fn(&mut HttpRequest<Body>)| {
        let mut request = hand_over_request(&[id]);
        change(&mut request);
        fixture.send(request).await.status().as_u16()
    };
    assert_eq!(
        status(|request| {
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 5))));
        })
        .await,
        404
    );
    assert_eq!(
        status(|request| {
            request.extensions_mut().remove::<ConnectInfo<SocketAddr>>();
        })
        .await,
        404
    );
    assert_eq!(
        status(|request| {
            request.headers_mut().insert("x-forwarded-for", "10.0.0.1".parse().unwrap());
        })
        .await,
        404
    );
    assert_eq!(
        status(|request| {
            request.headers_mut().remove("medrec-hand-over");
        })
        .await,
        403
    );
    assert_eq!(
        status(|request| {
            request
                .headers_mut()
                .insert("medrec-hand-over", "0123456789abcdef0123456789abcdeF".parse().unwrap());
        })
        .await,
        403
    );
    assert_eq!(
        status(|request| {
            request.headers_mut().append("medrec-hand-over", HAND_OVER_SECRET.parse().unwrap());
        })
        .await,
        403
    );
    assert_eq!(status(|_| {}).await, 200);
}

#[tokio::test]
async fn hand_over_should_be_refused_when_it_is_malformed_or_too_much() {
    let fixture = Fixture::new().await;
    let too_many: Vec<_> = (0..=HAND_OVER as u32).map(|index| RequestId::new(0, index)).collect();
    assert_eq!(fixture.send(hand_over_request(&too_many)).await.status(), 400);
    let mut odd = hand_over_request(&[]);
    *odd.body_mut() = Body::from(vec![4]);
    assert_eq!(fixture.send(odd).await.status(), 400);
    assert_eq!(fixture.send(hand_over_request(&[])).await.status(), 200);
}

#[tokio::test]
async fn log_should_tell_the_patient_of_requests_on_chain() {
    let fixture = Fixture::new().await;
    let (patient, viewer, relationship) = enrolled(&fixture, Some(ALL)).await;
    let id = ask(&fixture, 0, asked(&fixture, &viewer, relationship, QUESTION));
    for _ in 0..3 {
        assert_eq!(settled(&fixture, id).await, Some(Settlement::Fulfilled));
    }
    pick_up(&fixture, &viewer, "q0-0").await;
    let target = format!("/log?patient={relationship}");
    let (status, page) = fixture.get_signed(&patient, Purpose::PatientRequest, &target).await;
    assert_eq!(status, 200, "{page}");
    let account = viewer.account().to_string();
    let of_viewer = page["entries"].as_array().unwrap().iter().filter(|entry| entry["account"] == account);
    // Settled once, picked up once.
    assert_eq!(of_viewer.count(), 2, "{page}");
}
