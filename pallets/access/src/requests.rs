//! Asking, approving, declining, taking back.

use alloc::vec::Vec;
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{Get, Time},
};
use frame_system::{ensure_signed, pallet_prelude::OriginFor, RawOrigin};
use medrec_primitives::{
    AccessRequest, AccountId, CustodianRights, DecisionSummary, DenyReason, MemberId, MemberStatus, Moment,
    Receipt, RelationshipId, RelationshipStatus, RequestId, RequestOutcome, RequestStatus, SealedQuestion,
};

use crate::{
    Config, Error, Event, NextIndex, OwnReceipts, Pallet, Receipts, Requests, RequestsAt, RequestsOf,
};

/// What the chain alone makes of a new request.
struct Standing {
    status: RequestStatus,
    /// Whether anything was granted to the asker.
    granted: bool,
}

impl<T: Config> Pallet<T> {
    /// An open request.
    pub fn get(id: RequestId) -> Option<AccessRequest> {
        Requests::<T>::get(id.member, id.index)
    }

    /// How a request ended, as long as that is kept.
    pub fn receipt(id: RequestId) -> Option<Receipt> {
        Receipts::<T>::get(id.member, id.index)
    }

    /// A page of the open requests to a provider, at most 100 at a time: those that follow index `after`, or the first ones.
    /// In no order but the storage's, each one once; the last one of a page is where the next one starts, open still or not.
    pub fn open_requests(
        member: MemberId,
        after: Option<u32>,
        count: u32,
    ) -> Vec<(RequestId, AccessRequest)> {
        let requests = match after {
            Some(index) => {
                Requests::<T>::iter_prefix_from(member, Requests::<T>::hashed_key_for(member, index))
            }
            None => Requests::<T>::iter_prefix(member),
        };
        let page = requests.take(count.min(100) as usize);
        page.map(|(index, request)| (RequestId::new(member, index), request)).collect()
    }

    /// The open requests of an asker.
    pub fn requests_of(asker: &AccountId) -> Vec<(RequestId, AccessRequest)> {
        Self::loaded(RequestsOf::<T>::get(asker).into_iter())
    }

    /// The open requests for a relationship.
    pub fn requests_at(id: RelationshipId) -> Vec<(RequestId, AccessRequest)> {
        let open = RequestsAt::<T>::get(id.member, id.index).into_iter();
        Self::loaded(open.map(|index| RequestId::new(id.member, index)))
    }

    fn loaded(ids: impl Iterator<Item = RequestId>) -> Vec<(RequestId, AccessRequest)> {
        ids.filter_map(|id| Self::get(id).map(|request| (id, request))).collect()
    }

    /// Whether whoever made this request is of the patient's side, and so made it for nothing.
    fn is_free_of_charge(request: &AccessRequest) -> bool {
        let origin = RawOrigin::Signed(request.asker.clone()).into();
        pallet_relationships::Pallet::<T>::is_free(&origin, &request.relationship)
    }

    /// Whether a call about this request is free for its signer.
    pub(crate) fn is_free_for(origin: &OriginFor<T>, id: RequestId) -> bool {
        Self::get(id).is_some_and(|r| pallet_relationships::Pallet::<T>::is_free(origin, &r.relationship))
    }

    pub(crate) fn do_request(
        origin: OriginFor<T>,
        relationship: RelationshipId,
        question: SealedQuestion,
        expires: Moment,
    ) -> DispatchResult {
        let asker = ensure_signed(origin)?;
        let now = Self::now();
        let latest = now.saturating_add(T::MaxRequestTerm::get());
        ensure!(now < expires && expires <= latest, Error::<T>::BadExpiry);
        let member = relationship.member;
        ensure!(pallet_registry::Pallet::<T>::may_seal_to(member, question.key), Error::<T>::StaleSealingKey);
        let Standing { status, granted } =
            Self::standing(relationship, &asker).ok_or(Error::<T>::NotPermitted)?;
        let index = NextIndex::<T>::get(member);
        let next = index.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
        let id = RequestId::new(member, index);

        RequestsAt::<T>::try_mutate(member, relationship.index, |open| {
            // Half of the slots are for those who were granted something.
            let max = T::MaxOpenPerRelationship::get();
            let max = if granted { max } else { max.div_ceil(2) };
            ensure!(open.len() < max as usize, Error::<T>::TooManyOpenHere);
            open.try_push(index).map_err(|_| Error::<T>::TooManyOpenHere)
        })?;
        RequestsOf::<T>::try_mutate(&asker, |open| open.try_push(id))
            .map_err(|_| Error::<T>::TooManyOpenOfAsker)?;
        NextIndex::<T>::insert(member, next);
        Self::make_due(id, expires);
        Requests::<T>::insert(
            member,
            index,
            AccessRequest { relationship, asker, question, expires, status },
        );
        Self::deposit_event(Event::Requested { request: id, relationship });
        Ok(())
    }

    /// Where a new request starts; `None` if the chain knows that the answer is no. Without a grant only staff may ask: a
    /// stranger must not be able to fill up a patient's slots.
    fn standing(relationship: RelationshipId, asker: &AccountId) -> Option<Standing> {
        let standing = |status, granted| Some(Standing { status, granted });
        match pallet_permissions::Pallet::<T>::may_read(relationship, asker) {
            DecisionSummary::Permit => standing(RequestStatus::Ready, true),
            DecisionSummary::NeedsOpening => standing(RequestStatus::Waiting, true),
            DecisionSummary::Deny(DenyReason::NoGrant) if Self::is_active_staff(asker) => {
                standing(RequestStatus::Waiting, false)
            }
            DecisionSummary::Deny(_) => None,
        }
    }

    fn is_active_staff(key: &AccountId) -> bool {
        let now = Self::now();
        pallet_registry::Pallet::<T>::staff_facts(key).is_some_and(|staff| {
            staff.member_status == MemberStatus::Active && staff.from <= now && now < staff.until
        })
    }

    pub(crate) fn do_approve(origin: OriginFor<T>, id: RequestId) -> DispatchResult {
        let mut request = Self::ensure_open(id)?;
        let relationship = pallet_relationships::Pallet::<T>::ensure_patient_side(
            origin,
            request.relationship,
            CustodianRights::GRANT,
        )?;
        ensure!(Self::now() < request.expires, Error::<T>::RequestExpired);
        ensure!(request.status == RequestStatus::Waiting, Error::<T>::NotWaiting);
        ensure!(relationship.status == RelationshipStatus::Active, Error::<T>::NotPermitted);
        let summary = pallet_permissions::Pallet::<T>::may_read(request.relationship, &request.asker);
        ensure!(!matches!(summary, DecisionSummary::Deny(_)), Error::<T>::NothingGranted);
        request.status = RequestStatus::Ready;
        Requests::<T>::insert(id.member, id.index, request);
        Self::deposit_event(Event::Approved { request: id });
        Ok(())
    }

    pub(crate) fn do_decline(origin: OriginFor<T>, id: RequestId) -> DispatchResult {
        let request = Self::ensure_open(id)?;
        pallet_relationships::Pallet::<T>::ensure_patient_side(
            origin,
            request.relationship,
            CustodianRights::GRANT,
        )?;
        if Self::is_free_of_charge(&request) {
            // Asked and declined in a circle, free receipts would pile up.
            Self::not_due(id, request.expires);
            Self::close(id, &request);
        } else {
            Self::end(id, request, RequestOutcome::Declined);
        }
        Self::deposit_event(Event::Declined { request: id });
        Ok(())
    }

    pub(crate) fn do_cancel(origin: OriginFor<T>, id: RequestId) -> DispatchResult {
        let who = ensure_signed(origin)?;
        let request = Self::ensure_open(id)?;
        ensure!(request.asker == who, Error::<T>::NotTheAsker);
        Self::not_due(id, request.expires);
        Self::close(id, &request);
        Self::deposit_event(Event::Cancelled { request: id });
        Ok(())
    }

    pub(crate) fn ensure_open(id: RequestId) -> Result<AccessRequest, Error<T>> {
        Self::get(id).ok_or(Error::<T>::UnknownRequest)
    }

    /// Ends an open request, and keeps how.
    pub(crate) fn end(id: RequestId, request: AccessRequest, outcome: RequestOutcome) {
        let now = Self::now();
        Self::not_due(id, request.expires);
        Self::close(id, &request);
        if Self::is_free_of_charge(&request) {
            Self::make_room(id, request.relationship);
        }
        Self::make_due(id, now.saturating_add(T::ReceiptTerm::get()));
        let receipt = Receipt { relationship: request.relationship, asker: request.asker, outcome, at: now };
        Receipts::<T>::insert(id.member, id.index, receipt);
    }

    /// Files the receipt of a request that cost nothing, in the place of the oldest one if there are as many as may be.
    fn make_room(id: RequestId, relationship: RelationshipId) {
        OwnReceipts::<T>::mutate(relationship.member, relationship.index, |own| {
            let full = own.len() >= T::MaxOwnReceipts::get() as usize;
            if let Some(oldest) = own.first().copied().filter(|_| full) {
                own.retain(|index| *index != oldest);
                let oldest = RequestId::new(id.member, oldest);
                if let Some(receipt) = Receipts::<T>::take(oldest.member, oldest.index) {
                    Self::not_due(oldest, receipt.at.saturating_add(T::ReceiptTerm::get()));
                }
            }
            // There is room now.
            own.try_push(id.index).unwrap_or_default();
        });
    }

    /// Removes an open request from everywhere but [`crate::Due`].
    pub(crate) fn close(id: RequestId, request: &AccessRequest) {
        Requests::<T>::remove(id.member, id.index);
        let relationship = request.relationship;
        RequestsAt::<T>::mutate_exists(relationship.member, relationship.index, |open| {
            if let Some(list) = open {
                list.retain(|index| *index != id.index);
                if list.is_empty() {
                    *open = None;
                }
            }
        });
        RequestsOf::<T>::mutate_exists(&request.asker, |open| {
            if let Some(list) = open {
                list.retain(|other| *other != id);
                if list.is_empty() {
                    *open = None;
                }
            }
        });
    }

    /// Now (ms).
    pub(crate) fn now() -> Moment {
        <T as pallet_registry::Config>::Time::now()
    }
}
