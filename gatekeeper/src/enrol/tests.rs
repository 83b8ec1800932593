#![allow(clippy::unwrap_used)]

mod keys;

use medrec_client::{KeyPair, KeyType};

use super::*;
use crate::{
    chain::simulated::{SimulatedChain, State},
    clock::ManualTime,
    store::tests::{bound_to, temporary},
};

const START: Moment = 1_750_000_000_000;
const HOUR: u64 = 3_600_000;

struct Fixture {
    store: Store,
    _folder: tempfile::TempDir,
    time: Arc<ManualTime>,
    chain: Arc<SimulatedChain>,
    enrolments: Enrolments,
}

impl Fixture {
    async fn new() -> Self {
        let (store, folder) = temporary().await;
        let time = Arc::new(ManualTime::new(START));
        let chain = Arc::new(SimulatedChain::new(0, time.clone(), State::default()));
        let enrolments = enrolments(&store, &chain, &time);
        Self { store, _folder: folder, time, chain, enrolments }
    }

    async fn ticket(&self, record: &str) -> Ticket {
        let genesis = self.chain.genesis();
        issue(&self.store, "https://gate.example.org", genesis, 0, record, START, HOUR).await.unwrap().ticket
    }
}

fn enrolments(store: &Store, chain: &Arc<SimulatedChain>, time: &Arc<ManualTime>) -> Enrolments {
    Enrolments::new(store.clone(), chain.clone(), chain.clone(), time.clone(), 0)
}

fn key(n: u32) -> KeyPair {
    KeyPair::patient("//Carol", n, KeyType::Sr25519).unwrap()
}

fn request(key: &KeyPair, ticket: &Ticket) -> EnrolRequest {
    EnrolRequest {
        ticket: ticket.secret.expose_hex(),
        account: key.account().to_ss58check(),
        signature: enrol::sign(key, ticket).to_hex(),
    }
}

#[tokio::test]
async fn patient_should_be_bound_to_the_record_when_enrolled() {
    let fixture = Fixture::new().await;
    let ticket = fixture.ticket("A-1").await;
    let enrolment = fixture.enrolments.enrol(&request(&key(0), &ticket)).await.unwrap();
    let relationship = enrolment.relationship.parse().unwrap();
    assert_eq!(fixture.store.record(relationship).await.unwrap(), Some(bound_to("A-1", key(0).account())));
    assert_eq!(fixture.chain.proposals(), [(key(0).account(), ticket.secret.digest())]);
}

#[tokio::test]
async fn ticket_should_be_refused_when_used_twice() {
    let fixture = Fixture::new().await;
    let ticket = fixture.ticket("A-1").await;
    let first = fixture.enrolments.enrol(&request(&key(0), &ticket)).await.unwrap();
    let refused = fixture.enrolments.enrol(&request(&key(1), &ticket)).await;
    assert!(matches!(refused, Err(EnrolError::Refused)));
    // Whose answer was lost hears it again, and nothing else happens.
    assert_eq!(fixture.enrolments.enrol(&request(&key(0), &ticket)).await.unwrap(), first);
    assert_eq!(fixture.chain.proposals().len(), 1);
}

#[tokio::test]
async fn ticket_should_bind_one_key_when_two_race_for_it() {
    let fixture = Fixture::new().await;
    let ticket = fixture.ticket("A-1").await;
    let (one, two) = (request(&key(0), &ticket), request(&key(1), &ticket));
    let (one, two) = tokio::join!(fixture.enrolments.enrol(&one), fixture.enrolments.enrol(&two));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1);
}

#[tokio::test]
async fn ticket_should_be_refused_when_expired_unknown_or_signed_for_another() {
    let fixture = Fixture::new().await;
    let ticket = fixture.ticket("A-1").await;
    let unknown = Ticket { secret: TicketSecret::generate(), ..ticket.clone() };
    let refused = fixture.enrolments.enrol(&request(&key(0), &unknown)).await;
    assert!(matches!(refused, Err(EnrolError::Refused)));
    let elsewhere = Ticket { member: 1, ..ticket.clone() };
    let refused = fixture.enrolments.enrol(&request(&key(0), &elsewhere)).await;
    assert!(matches!(refused, Err(EnrolError::Signature(_))));
    let mut stolen = request(&key(0), &ticket);
    stolen.account = key(1).account().to_ss58check();
    assert!(matches!(fixture.enrolments.enrol(&stolen).await, Err(EnrolError::Signature(_))));
    fixture.time.advance(HOUR);
    let refused = fixture.enrolments.enrol(&request(&key(0), &ticket)).await;
    assert!(matches!(refused, Err(EnrolError::Refused)));
}

#[tokio::test]
async fn enrolment_should_come_through_later_when_the_chain_is_away() {
    let fixture = Fixture::new().await;
    let ticket = fixture.ticket("A-1").await;
    fixture.chain.connect(false);
    let wait = fixture.enrolments.enrol(&request(&key(0), &ticket)).await;
    assert!(matches!(wait, Err(EnrolError::Later)));
    fixture.chain.connect(true);
    // The gatekeeper restarted in between: only the store remembers.
    enrolments(&fixture.store, &fixture.chain, &fixture.time).recover().await.unwrap();
    assert_eq!(fixture.store.pending_bindings().await.unwrap(), []);
    assert_eq!(fixture.chain.proposals().len(), 1);
}

#[tokio::test]
async fn enrolment_should_find_its_proposal_when_the_answer_was_lost() {
    let fixture = Fixture::new().await;
    let ticket = fixture.ticket("A-1").await;
    fixture.chain.lose_next_proposal_answer();
    let lost = fixture.enrolments.enrol(&request(&key(0), &ticket)).await;
    assert!(matches!(lost, Err(EnrolError::Later)));
    let again = fixture.enrolments.enrol(&request(&key(0), &ticket)).await.unwrap();
    assert_eq!(fixture.chain.proposals().len(), 1);
    assert!(fixture.store.record(again.relationship.parse().unwrap()).await.unwrap().is_some());
}

#[tokio::test]
async fn enrolment_should_end_when_the_chain_refuses_the_key() {
    let fixture = Fixture::new().await;
    let ticket = fixture.ticket("A-1").await;
    fixture.chain.refuse_proposals(Some(ProposeError::KeyUsed));
    let refused = fixture.enrolments.enrol(&request(&key(0), &ticket)).await;
    assert!(matches!(refused, Err(EnrolError::Key)));
    assert_eq!(fixture.store.pending_bindings().await.unwrap(), []);
    assert!(!fixture.store.is_enrolled("A-1", START).await.unwrap());
}
