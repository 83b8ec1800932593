//! Fresh keys for lost ones, and minors' first keys.

use medrec_client::{chain::custody::RekeyStage, messages::EnrolmentStage};
use medrec_primitives::{RelationshipStatus, DAY_MS};

use super::{super::steps::Unfit, *};
use crate::chain::{simulated::State, KeyChange, KeyStep};

/// 1 July 2026, which is more than a year after [`START`].
const HANDOVER: Moment = 1_782_864_000_000;

impl Fixture {
    /// A patient with an accepted relationship, bound to record A-1 by key 0.
    async fn bound() -> (Self, RelationshipId) {
        let fixture = Self::new().await;
        let ticket = fixture.ticket("A-1").await;
        let enrolment = fixture.enrolments.enrol(&request(&key(0), &ticket)).await.unwrap();
        let id = enrolment.relationship.parse().unwrap();
        fixture.accept(id);
        (fixture, id)
    }

    /// A child with an accepted relationship, bound to record A-1; the guardian's key is 10.
    async fn minor() -> (Self, RelationshipId) {
        let fixture = Self::new().await;
        let ticket = fixture.ticket_for(&TicketPurpose::Minor { handover: HANDOVER }).await;
        let enrolment = fixture.enrolments.enrol(&request(&key(10), &ticket)).await.unwrap();
        let id = enrolment.relationship.parse().unwrap();
        fixture.accept(id);
        (fixture, id)
    }

    fn accept(&self, id: RelationshipId) {
        self.chain.advance(|state| {
            state.relationships.get_mut(&id).unwrap().status = RelationshipStatus::Active;
        });
    }

    async fn ticket_for(&self, purpose: &TicketPurpose) -> Ticket {
        let from =
            Issuer { gatekeeper: "https://gate.example.org", genesis: self.chain.genesis(), member: 0 };
        let now = self.time.now().wall;
        issue_for(&self.store, &from, "A-1", purpose, now, HOUR).await.unwrap().ticket
    }

    async fn rekey_ticket(&self, id: RelationshipId) -> Ticket {
        self.ticket_for(&TicketPurpose::Rekey { relationship: id, lost: None }).await
    }

    async fn redeem(&self, n: u32, ticket: &Ticket) -> Result<EnrolmentStage, EnrolError> {
        self.enrolments.enrol(&request(&key(n), ticket)).await.map(|enrolment| enrolment.stage)
    }

    async fn restart(&self) {
        enrolments(&self.store, &self.chain, &self.time).recover().await.unwrap();
    }

    async fn bound_key(&self, id: RelationshipId) -> AccountId {
        self.store.record(id).await.unwrap().unwrap().key
    }

    fn steps(&self) -> Vec<KeyStep> {
        self.chain.key_changes().into_iter().map(|change: KeyChange| change.step).collect()
    }

    fn on_rekey(&self, id: RelationshipId, change: impl FnOnce(&mut State)) {
        self.chain.advance(|state| {
            assert!(state.custody[&id].rekey.is_some(), "no rekey");
            change(state);
        });
    }

    fn veto(&self, id: RelationshipId) {
        self.on_rekey(id, |state| {
            let rekey = state.custody.get_mut(&id).unwrap().rekey.as_mut().unwrap();
            (rekey.stage, rekey.custodian) = (RekeyStage::Vetoed, None);
        });
    }

    fn now_is(&self, now: Moment) {
        self.time.advance(now - self.time.now().wall);
        self.chain.advance(|_| {});
    }
}

fn unfit(outcome: Result<EnrolmentStage, EnrolError>) -> Unfit {
    match outcome {
        Err(EnrolError::Unfit(unfit)) => unfit,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn binding_should_follow_a_rekey_when_the_finalised_chain_names_the_fresh_key_and_not_before() {
    let (fixture, id) = Fixture::bound().await;
    let ticket = fixture.rekey_ticket(id).await;
    assert_eq!(fixture.redeem(1, &ticket).await.unwrap(), EnrolmentStage::Waiting);
    let (lost, fresh) = (key(0).account(), key(1).account());
    let digest = ticket.secret.digest();
    assert_eq!(
        fixture.steps(),
        [KeyStep::Request { lost: lost.clone(), key: fresh.clone(), ticket: digest }]
    );
    // A restart, and asking again, change nothing.
    fixture.restart().await;
    assert_eq!(fixture.redeem(1, &ticket).await.unwrap(), EnrolmentStage::Waiting);
    assert_eq!((fixture.bound_key(id).await, fixture.steps().len()), (lost, 1));
    assert!(!fixture.enrolments.follow(id, &key(2).account()).await.unwrap());

    fixture.chain.finish_rekey(id);
    fixture.restart().await;
    assert_eq!(fixture.bound_key(id).await, fresh);
    assert_eq!(fixture.redeem(1, &ticket).await.unwrap(), EnrolmentStage::Named);
    assert_eq!((fixture.store.pending_keys().await.unwrap(), fixture.steps().len()), (vec![], 1));
}

#[tokio::test]
async fn binding_should_follow_a_rekey_at_once_when_somebody_asks() {
    let (fixture, id) = Fixture::bound().await;
    fixture.redeem(1, &fixture.rekey_ticket(id).await).await.unwrap();
    fixture.chain.finish_rekey(id);
    assert!(fixture.enrolments.follow(id, &key(1).account()).await.unwrap());
    assert_eq!(fixture.bound_key(id).await, key(1).account());
    assert!(!fixture.enrolments.follow(id, &key(1).account()).await.unwrap(), "once");
}

#[tokio::test]
async fn rekey_should_be_asked_for_once_when_the_answer_was_lost() {
    let (fixture, id) = Fixture::bound().await;
    let ticket = fixture.rekey_ticket(id).await;
    fixture.chain.lose_next_proposal_answer();
    assert!(matches!(fixture.redeem(1, &ticket).await, Err(EnrolError::Later)));
    fixture.restart().await;
    assert_eq!(fixture.redeem(1, &ticket).await.unwrap(), EnrolmentStage::Waiting);
    assert_eq!(fixture.steps().len(), 1);
}

#[tokio::test]
async fn rekey_should_be_asked_for_later_when_the_chain_was_away() {
    let (fixture, id) = Fixture::bound().await;
    let ticket = fixture.rekey_ticket(id).await;
    fixture.chain.connect(false);
    assert!(matches!(fixture.redeem(1, &ticket).await, Err(EnrolError::Later)));
    fixture.chain.connect(true);
    fixture.chain.refuse_proposals(Some(ProposeError::Chain(ChainError::NotReady)));
    assert!(matches!(fixture.redeem(1, &ticket).await, Err(EnrolError::Later)));
    fixture.chain.refuse_proposals(None);
    fixture.restart().await;
    assert_eq!(fixture.steps().len(), 1);
}

#[tokio::test]
async fn rekey_should_be_approved_when_a_custodian_asked_first() {
    let (fixture, id) = Fixture::bound().await;
    fixture.redeem(1, &fixture.rekey_ticket(id).await).await.unwrap();
    // As a custodian's request looks.
    fixture.on_rekey(id, |state| {
        let rekey = state.custody.get_mut(&id).unwrap().rekey.as_mut().unwrap();
        (rekey.ticket, rekey.custodian) = (None, Some(key(7).account()));
    });
    let ticket = fixture.rekey_ticket(id).await;
    assert_eq!(fixture.redeem(1, &ticket).await.unwrap(), EnrolmentStage::Waiting);
    let approved = KeyStep::Approve { key: key(1).account(), ticket: ticket.secret.digest() };
    assert_eq!(fixture.steps().last(), Some(&approved));
}

#[tokio::test]
async fn newest_ticket_should_count_when_the_fresh_key_is_lost_too() {
    let (fixture, id) = Fixture::bound().await;
    let first = fixture.rekey_ticket(id).await;
    fixture.redeem(1, &first).await.unwrap();
    fixture.redeem(2, &fixture.rekey_ticket(id).await).await.unwrap();
    let kinds: Vec<bool> = fixture.steps().iter().map(|step| *step == KeyStep::Cancel).collect();
    assert_eq!(kinds, [false, true, false]);
    fixture.restart().await;
    assert!(matches!(fixture.redeem(1, &first).await, Err(EnrolError::Refused)));
    assert_eq!(fixture.steps().len(), 3, "the older ticket takes nothing back");
    fixture.chain.finish_rekey(id);
    fixture.restart().await;
    assert_eq!(fixture.bound_key(id).await, key(2).account());
}

#[tokio::test]
async fn present_key_should_go_on_when_its_holder_is_proofed_after_a_veto() {
    let (fixture, id) = Fixture::bound().await;
    let first = fixture.rekey_ticket(id).await;
    fixture.redeem(1, &first).await.unwrap();
    fixture.veto(id);
    // The ticket of before the veto says nothing more.
    fixture.restart().await;
    assert_eq!(
        (fixture.redeem(1, &first).await.unwrap(), fixture.steps().len()),
        (EnrolmentStage::Waiting, 1)
    );
    let second = fixture.rekey_ticket(id).await;
    assert_eq!(unfit(fixture.redeem(3, &second).await), Unfit::OtherKey);
    assert_eq!(
        fixture.redeem(0, &second).await.unwrap(),
        EnrolmentStage::Named,
        "the ticket was not used up"
    );
    let said = KeyStep::Reproof { key: key(0).account(), ticket: second.secret.digest() };
    assert_eq!(fixture.steps().last(), Some(&said));
    assert_eq!(fixture.bound_key(id).await, key(0).account());
    assert_eq!(fixture.store.pending_keys().await.unwrap(), []);
}

#[tokio::test]
async fn fresh_key_should_wait_anew_when_its_holder_is_proofed_after_a_veto() {
    let (fixture, id) = Fixture::bound().await;
    fixture.redeem(1, &fixture.rekey_ticket(id).await).await.unwrap();
    fixture.veto(id);
    let second = fixture.rekey_ticket(id).await;
    assert_eq!(fixture.redeem(1, &second).await.unwrap(), EnrolmentStage::Waiting);
    let said = KeyStep::Reproof { key: key(1).account(), ticket: second.secret.digest() };
    assert_eq!(fixture.steps().last(), Some(&said));
    assert_eq!(fixture.bound_key(id).await, key(0).account());
    fixture.chain.finish_rekey(id);
    fixture.restart().await;
    assert_eq!((fixture.bound_key(id).await, fixture.steps().len()), (key(1).account(), 2));
}

#[tokio::test]
async fn pending_key_should_end_when_the_rekey_is_taken_back_or_lapses() {
    for lapses in [false, true] {
        let (fixture, id) = Fixture::bound().await;
        let ticket = fixture.rekey_ticket(id).await;
        fixture.redeem(1, &ticket).await.unwrap();
        if lapses {
            fixture.now_is(START + 37 * DAY_MS);
        } else {
            fixture.on_rekey(id, |state| state.custody.get_mut(&id).unwrap().rekey = None);
        }
        fixture.restart().await;
        assert_eq!(fixture.store.pending_keys().await.unwrap(), []);
        assert_eq!((fixture.bound_key(id).await, fixture.steps().len()), (key(0).account(), 1));
        assert!(matches!(fixture.redeem(1, &ticket).await, Err(EnrolError::Refused)));
        // What has lapsed stands in nobody's way.
        fixture.redeem(2, &fixture.rekey_ticket(id).await).await.unwrap();
        assert!(matches!(fixture.steps().last(), Some(KeyStep::Request { .. })));
    }
}

#[tokio::test]
async fn key_should_be_refused_for_good_when_the_chain_has_seen_it_before() {
    let (fixture, id) = Fixture::bound().await;
    let ticket = fixture.rekey_ticket(id).await;
    fixture.chain.refuse_proposals(Some(ProposeError::KeyUsed));
    assert!(matches!(fixture.redeem(1, &ticket).await, Err(EnrolError::Key)));
    assert_eq!(fixture.store.pending_keys().await.unwrap(), []);
    fixture.chain.refuse_proposals(None);
    assert!(matches!(fixture.redeem(1, &ticket).await, Err(EnrolError::Refused)));
}

#[tokio::test]
async fn ticket_should_stay_good_when_nothing_can_come_of_it_yet() {
    let fixture = Fixture::new().await;
    let first = fixture.ticket("A-1").await;
    let enrolment = fixture.enrolments.enrol(&request(&key(0), &first)).await.unwrap();
    let id = enrolment.relationship.parse().unwrap();
    let ticket = fixture.rekey_ticket(id).await;
    assert_eq!(unfit(fixture.redeem(1, &ticket).await), Unfit::NotAccepted);
    // Whoever has no ticket learns nothing of it.
    let unknown = Ticket { secret: TicketSecret::generate(), ..ticket.clone() };
    assert!(matches!(fixture.redeem(1, &unknown).await, Err(EnrolError::Refused)));
    fixture.accept(id);
    assert_eq!(fixture.redeem(1, &ticket).await.unwrap(), EnrolmentStage::Waiting);
}

#[tokio::test]
async fn minor_should_be_bound_without_a_key_and_get_one_when_of_age() {
    let (fixture, id) = Fixture::minor().await;
    assert_eq!(fixture.bound_key(id).await, minor_account(id));
    let ticket = fixture.ticket_for(&TicketPurpose::OfAge { relationship: id }).await;
    assert_eq!(unfit(fixture.redeem(11, &ticket).await), Unfit::TooEarly);
    fixture.now_is(HANDOVER);
    let rekey = fixture.rekey_ticket(id).await;
    assert_eq!(
        unfit(fixture.redeem(12, &rekey).await),
        Unfit::OfAge,
        "a guardian's key is not the patient's"
    );
    let ticket = fixture.ticket_for(&TicketPurpose::OfAge { relationship: id }).await;
    fixture.chain.lose_next_proposal_answer();
    assert!(matches!(fixture.redeem(11, &ticket).await, Err(EnrolError::Later)));
    assert_eq!(fixture.bound_key(id).await, minor_account(id));
    fixture.restart().await;
    assert_eq!(fixture.bound_key(id).await, key(11).account());
    assert_eq!(fixture.redeem(11, &ticket).await.unwrap(), EnrolmentStage::Named);
    assert_eq!(fixture.steps().len(), 1);
}

#[tokio::test]
async fn minors_proposal_should_be_found_when_the_answer_was_lost() {
    let fixture = Fixture::new().await;
    let ticket = fixture.ticket_for(&TicketPurpose::Minor { handover: HANDOVER }).await;
    fixture.chain.lose_next_proposal_answer();
    assert!(matches!(fixture.redeem(10, &ticket).await, Err(EnrolError::Later)));
    fixture.restart().await;
    assert_eq!(fixture.redeem(10, &ticket).await.unwrap(), EnrolmentStage::Proposed);
    assert_eq!(fixture.chain.proposals().len(), 1);
}

#[tokio::test]
async fn guardian_should_get_a_fresh_key_when_the_old_one_is_lost() {
    let (fixture, id) = Fixture::minor().await;
    let ticket = fixture.rekey_ticket(id).await;
    assert_eq!(fixture.redeem(12, &ticket).await.unwrap(), EnrolmentStage::Waiting);
    let step = fixture.steps().pop();
    assert!(matches!(step, Some(KeyStep::Request { lost, .. }) if lost == key(10).account()));
    fixture.chain.finish_rekey(id);
    fixture.restart().await;
    assert_eq!(fixture.redeem(12, &ticket).await.unwrap(), EnrolmentStage::Named);
    assert_eq!(fixture.bound_key(id).await, minor_account(id));
}

#[tokio::test]
async fn guardians_key_should_have_to_be_named_when_there_are_several() {
    let (fixture, id) = Fixture::minor().await;
    fixture.chain.advance(|state| {
        let custodians = &mut state.relationships.get_mut(&id).unwrap().custodians;
        let mut second = custodians[0].clone();
        second.key = key(13).account();
        custodians.push(second);
    });
    let ticket = fixture.rekey_ticket(id).await;
    assert_eq!(unfit(fixture.redeem(14, &ticket).await), Unfit::WhichKey);
    let lost = Some(key(13).account());
    let ticket = fixture.ticket_for(&TicketPurpose::Rekey { relationship: id, lost: lost.clone() }).await;
    fixture.redeem(14, &ticket).await.unwrap();
    let step = fixture.steps().pop();
    assert!(matches!(step, Some(KeyStep::Request { lost: asked, .. }) if Some(&asked) == lost.as_ref()));
}
