//! Requests on chain, receipts, anchors.

use frame_support::ensure;
use medrec_primitives::{
    access::receipt_message, AccessRequest, Anchor, CustodianRights, DecisionSummary, DenyReason,
    MemberStatus, Moment, Receipt, RelationshipId, RelationshipStatus, RequestId, RequestOutcome,
    RequestStatus, SealedQuestion, Settlement, DAY_MS,
};
use medrec_runtime::{AccountId, Runtime, RuntimeCall, System};
use pallet_access::Call;
use sp_core::sr25519;
use sp_runtime::{
    traits::BadOrigin, transaction_validity::InvalidTransaction, DispatchError, DispatchResult,
};

use super::Origin;
use crate::model::world::{Part, World};

type Error = pallet_access::Error<Runtime>;

const GRANT: CustodianRights = CustodianRights::GRANT;
/// How long an interval between anchors is (ms).
pub const INTERVAL: Moment = 10 * 60 * 1000;

impl World {
    pub(super) fn access(&mut self, origin: &Origin, call: &Call<Runtime>) -> DispatchResult {
        match call {
            Call::fulfil { request, digest, .. } => {
                self.settle(origin, *request, Settlement::Fulfilled, *digest)
            }
            Call::refuse { request, reason, digest, .. } => {
                self.settle(origin, *request, Settlement::Refused(*reason), *digest)
            }
            Call::request { relationship, question, expires } => {
                self.request(origin.signed()?, *relationship, question, *expires)
            }
            Call::approve { request } => {
                let open = self.request_at(*request)?;
                self.ensure_patient_side(origin.signed()?, open.relationship, GRANT)?;
                ensure!(self.now < open.expires, Error::RequestExpired);
                ensure!(open.status == RequestStatus::Waiting, Error::NotWaiting);
                let active = self.status(self.relationship(open.relationship)?);
                ensure!(active == RelationshipStatus::Active, Error::NotPermitted);
                let may = self.may_read(open.relationship, &open.asker);
                ensure!(!matches!(may, DecisionSummary::Deny(_)), Error::NothingGranted);
                self.requests.get_mut(request).ok_or(Error::UnknownRequest)?.status = RequestStatus::Ready;
                Ok(())
            }
            Call::decline { request } => {
                let AccessRequest { relationship, asker, .. } = self.request_at(*request)?.clone();
                self.ensure_patient_side(origin.signed()?, relationship, GRANT)?;
                if self.is_of(relationship, &asker) {
                    // What was asked for nothing leaves no receipt.
                    self.requests.remove(request);
                    return Ok(());
                }
                self.end_request(*request, RequestOutcome::Declined)
            }
            Call::cancel { request } => {
                let who = origin.signed()?;
                ensure!(self.request_at(*request)?.asker == *who, Error::NotTheAsker);
                self.requests.remove(request);
                Ok(())
            }
            Call::expire { request } => {
                origin.signed()?;
                ensure!(self.request_at(*request)?.expires <= self.now, Error::NotYetExpired);
                self.requests.remove(request);
                Ok(())
            }
            Call::anchor { interval, records, log } => {
                let member = self.active_provider(origin.signed()?)?;
                ensure!(u64::from(*interval) + 1 == self.now / INTERVAL, Error::WrongInterval);
                let anchors = self.anchors.entry(member).or_default();
                let last = anchors.last().map(|anchor| anchor.interval);
                ensure!(last < Some(*interval), Error::AlreadyAnchored);
                anchors.push(Anchor { interval: *interval, records: *records, log: *log });
                Ok(())
            }
            other => unreachable!("not a call of access: {other:?}"),
        }
    }

    /// Whether someone is, or is to be, of the patient's side, and asks for nothing.
    fn is_of(&self, relationship: RelationshipId, asker: &AccountId) -> bool {
        let part = self.parts.get(asker);
        part.is_some_and(|(of, part)| *of == relationship && *part != Part::Retired)
    }

    fn request_at(&self, id: RequestId) -> Result<&AccessRequest, DispatchError> {
        self.requests.get(&id).ok_or(Error::UnknownRequest.into())
    }

    fn request(
        &mut self,
        asker: &AccountId,
        id: RelationshipId,
        question: &SealedQuestion,
        expires: Moment,
    ) -> DispatchResult {
        ensure!(self.now < expires && expires <= self.now + 30 * DAY_MS, Error::BadExpiry);
        ensure!(self.may_seal_to(id.member, question.key), Error::StaleSealingKey);
        let (status, slots) = match self.may_read(id, asker) {
            DecisionSummary::Permit => (RequestStatus::Ready, 16),
            DecisionSummary::NeedsOpening => (RequestStatus::Waiting, 16),
            DecisionSummary::Deny(DenyReason::NoGrant) if self.active_staff(asker).is_some() => {
                (RequestStatus::Waiting, 8)
            }
            DecisionSummary::Deny(_) => return Err(Error::NotPermitted.into()),
        };
        let here = self.requests.values().filter(|request| request.relationship == id).count();
        ensure!(here < slots, Error::TooManyOpenHere);
        let own = self.requests.values().filter(|request| request.asker == *asker).count();
        ensure!(own < 32, Error::TooManyOpenOfAsker);
        let next = self.next_request.entry(id.member).or_default();
        let request = RequestId::new(id.member, *next);
        *next += 1;
        let (asker, question) = (asker.clone(), question.clone());
        self.requests.insert(request, AccessRequest { relationship: id, asker, question, expires, status });
        Ok(())
    }

    fn end_request(&mut self, id: RequestId, outcome: RequestOutcome) -> DispatchResult {
        let AccessRequest { relationship, asker, .. } =
            self.requests.remove(&id).ok_or(Error::UnknownRequest)?;
        if self.is_of(relationship, &asker) {
            // What was asked for nothing leaves so many receipts, and no more.
            let own = self.own_receipts.entry(relationship).or_default();
            if own.len() >= 16 {
                let oldest = own.remove(0);
                self.receipts.remove(&oldest);
            }
            own.push(id);
        }
        self.receipts.insert(id, Receipt { relationship, asker, outcome, at: self.now });
        Ok(())
    }

    /// Only a receipt that carries its own signature settles anything.
    fn settle(
        &mut self,
        origin: &Origin,
        id: RequestId,
        settlement: Settlement,
        digest: [u8; 32],
    ) -> DispatchResult {
        ensure!(*origin == Origin::Nobody, BadOrigin);
        self.end_request(id, RequestOutcome::Settled { settlement, digest })
    }

    /// Whether a receipt may enter a block.
    pub(super) fn authorize(&self, call: &RuntimeCall) -> Result<(), InvalidTransaction> {
        let (id, settlement, digest, signature) = match call {
            RuntimeCall::Access(Call::fulfil { request, digest, signature }) => {
                (*request, Settlement::Fulfilled, digest, signature)
            }
            RuntimeCall::Access(Call::refuse { request, reason, digest, signature }) => {
                (*request, Settlement::Refused(*reason), digest, signature)
            }
            other => unreachable!("nobody signs only receipts: {other:?}"),
        };
        let request = self.requests.get(&id).ok_or(InvalidTransaction::Stale)?;
        let ready = request.status == RequestStatus::Ready && self.now < request.expires;
        ensure!(ready, InvalidTransaction::Stale);
        let member = self.members.get(&id.member).ok_or(InvalidTransaction::BadSigner)?;
        let counts = member.status == MemberStatus::Active || settlement != Settlement::Fulfilled;
        ensure!(counts, InvalidTransaction::BadSigner);
        let genesis = System::block_hash(0);
        let message = receipt_message(genesis.as_ref(), id, settlement, digest);
        let key = sr25519::Public::from_raw(member.gatekeeper.clone().into());
        let signature = sr25519::Signature::from_raw(*signature);
        ensure!(sp_io::crypto::sr25519_verify(&signature, &message, &key), InvalidTransaction::BadProof);
        Ok(())
    }
}
