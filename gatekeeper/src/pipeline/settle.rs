//! Requests that were made on chain: settled when the provider's node hands them over, answered when they are picked up.
//!
//! The node names requests and nothing else. What they ask, and whether they may be answered, is read from the chain, in all
//! states that a decision is made on; then they go the one way that every request goes. No answer is kept: the receipt has its
//! salted digest, and whoever picks it up is decided on again, and shown what may be shown then.

use std::time::{Duration, Instant};

use medrec_client::question::{answer_digest, Question};
use medrec_primitives::{AccessRequest, Moment, RefusalReason, RequestId, Settlement, SignedReceipt, DAY_MS};
use rand::RngCore;

use super::{
    outcome::{absent, denied},
    Answer, Ask, Gatekeeper, Interface, Refused,
};
use crate::{
    auth::Asker,
    rpc::search_query,
    store::{requests::Settled, StoreError},
};

/// How long requests of one hand-over may take; the node waits little longer, and brings the others again.
const TIME: Duration = Duration::from_secs(2);

/// How long salts are kept. A receipt may enter the chain at the end of its request's term only, 30 days after it was made, and is
/// kept there for 30 more.
const KEPT: Moment = 62 * DAY_MS;

/// What whoever asked on chain is given.
pub struct PickedUp {
    /// The answer of now.
    pub answer: Answer,
    /// The salt of the receipt's digest, if this is the answer that the receipt is about.
    pub salt: Option<[u8; 32]>,
}

impl Gatekeeper {
    /// Settles requests, as far as they can be now, and gives their receipts, new or old. Every receipt is kept before it is
    /// given.
    pub async fn settle(&self, ids: &[RequestId]) -> Vec<SignedReceipt> {
        let _turn = self.settling.lock().await;
        let started = Instant::now();
        let mut receipts = Vec::new();
        for id in ids {
            if started.elapsed() > TIME {
                break;
            }
            match self.settle_one(*id).await {
                Ok(receipt) => receipts.extend(receipt),
                Err(error) => tracing::error!(%error, "cannot settle a request"),
            }
        }
        receipts
    }

    async fn settle_one(&self, id: RequestId) -> Result<Option<SignedReceipt>, StoreError> {
        if id.member != self.member {
            return Ok(None);
        }
        if let Some(settled) = self.store.settled(id.index).await? {
            return Ok(self.signed_now(settled.receipt));
        }
        let request = match self.decider.request(id).await {
            Ok(Some(request)) => request,
            // Not final yet, not ready, or over.
            Ok(None) => return Ok(None),
            Err(unavailable) => {
                tracing::warn!(reason = unavailable.word(), "cannot look at a request");
                return Ok(None);
            }
        };
        let Some((settlement, body)) = self.settlement(id, &request).await else { return Ok(None) };
        let mut salt = [0; 32];
        rand::rngs::OsRng.fill_bytes(&mut salt);
        let digest = answer_digest(&salt, body.as_bytes());
        let unsigned = SignedReceipt { request: id, settlement, digest, signature: [0; 64] };
        let Some(receipt) = self.signed_now(unsigned) else { return Ok(None) };
        let settled = Settled { request, receipt, salt };
        Ok(self.signed_now(self.store.settle(&settled, self.time.now().wall).await?.receipt))
    }

    /// The receipt with a signature that the chain takes now: the gatekeeper's key may have been rotated since it was made.
    fn signed_now(&self, receipt: SignedReceipt) -> Option<SignedReceipt> {
        let signed = self.sealer.sign_receipt(receipt);
        if signed.is_none() {
            tracing::error!("the gatekeeper's key makes no signatures that the chain takes for a receipt");
        }
        signed
    }

    /// How a request is to be settled, and the answer; `None` if that cannot be said now.
    async fn settlement(&self, id: RequestId, request: &AccessRequest) -> Option<(Settlement, String)> {
        let refused = |reason| Some((Settlement::Refused(reason), String::new()));
        let Some(question) = self.decider.question(request) else {
            return refused(RefusalReason::NotUnderstood);
        };
        let asker =
            Asker { account: request.asker.clone(), purpose: question.purpose, patient: None, app: None };
        let Ok(ask) = self.ask_question(&asker, request, &question) else {
            return refused(RefusalReason::NotUnderstood);
        };
        let answer = self.answer(&asker, &ask, &format!("/chain/requests/{id}"), Interface::Chain).await;
        match answer.status {
            200 => Some((Settlement::Fulfilled, answer.body)),
            // The chain must not tell the one from the other.
            403 | 404 => refused(RefusalReason::NotPermitted),
            400..=499 if answer.status != 429 => refused(RefusalReason::NotUnderstood),
            _ => None,
        }
    }

    /// The question as any other request would put it, about the relationship that the chain names.
    fn ask_question(
        &self,
        asker: &Asker,
        request: &AccessRequest,
        question: &Question,
    ) -> Result<Ask, Refused> {
        let Question { resource_type, id, query, .. } = question;
        let ask = match id {
            Some(id) => self.ask_read(resource_type, id, query)?,
            None => {
                let patient = request.relationship.to_string();
                self.ask_search(asker, resource_type, &search_query(resource_type, &patient, query), false)?
            }
        };
        if ask.relationship() == request.relationship {
            Ok(ask)
        } else {
            Err(Refused::malformed("the question is about another patient than the request"))
        }
    }

    /// Gives whoever made a request on chain the answer, by what is permitted now.
    pub async fn pick_up(&self, asker: &Asker, id: RequestId, target: &str) -> Result<PickedUp, StoreError> {
        let settled = match id.member == self.member {
            true => self.store.settled(id.index).await?,
            false => None,
        };
        // Somebody else's request is as absent as one that was never made.
        let Some(settled) = settled.filter(|settled| settled.request.asker == asker.account) else {
            return Ok(self.nothing(asker, &absent(), target));
        };
        let question = self.decider.question(&settled.request);
        let (Settlement::Fulfilled, Some(question)) = (settled.receipt.settlement, question) else {
            return Ok(self.nothing(asker, &denied(), target));
        };
        let ask = match self.ask_question(asker, &settled.request, &question) {
            Ok(ask) => ask,
            Err(refused) => return Ok(self.nothing(asker, &refused, target)),
        };
        let asker = Asker { purpose: question.purpose, ..asker.clone() };
        let answer = self.answer(&asker, &ask, target, Interface::Chain).await;
        let same = answer.status == 200
            && answer_digest(&settled.salt, answer.body.as_bytes()) == settled.receipt.digest;
        Ok(PickedUp { answer, salt: same.then_some(settled.salt) })
    }

    fn nothing(&self, asker: &Asker, refused: &Refused, target: &str) -> PickedUp {
        PickedUp { answer: self.refuse(asker, refused, target), salt: None }
    }

    /// Forgets what was settled long ago. To be called now and then.
    pub async fn prune_requests(&self) -> Result<(), StoreError> {
        self.store.prune_requests(self.time.now().wall.saturating_sub(KEPT)).await
    }
}
