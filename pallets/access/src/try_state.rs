//! What is always true of this pallet's storage.

#[cfg(any(test, feature = "std", feature = "try-runtime"))]
use {
    crate::{
        Anchors, Config, Due, LastAnchored, NextIndex, OwnReceipts, Pallet, Receipts, Requests, RequestsAt,
        RequestsOf, Swept,
    },
    frame_support::{ensure, traits::Get},
    medrec_primitives::RequestId,
    pallet_relationships::Relationships,
    sp_runtime::TryRuntimeError,
};

#[cfg(any(test, feature = "std", feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
    /// Checks every invariant that spans items:
    ///
    /// 1. indices are below the provider's next one, and no identifier is both open and ended;
    /// 2. requests are about relationships of their own provider, and sealed to a key that it has;
    /// 3. the lists by relationship and by asker hold the open requests, each once, and are never empty;
    /// 4. every request and every receipt is due once, at its own time, and nothing else is;
    /// 5. nothing is due in a minute that was swept;
    /// 6. the receipts of requests that cost nothing are listed at their relationship, each once, no more than may be, oldest
    ///    first, and no list is empty;
    /// 7. anchors stand in their places, none later than the member's last.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut open = 0usize;
        for (member, index, request) in Requests::<T>::iter() {
            let id = RequestId::new(member, index);
            open = open.saturating_add(1);
            ensure!(index < NextIndex::<T>::get(member), "request index not below the next one");
            ensure!(!Receipts::<T>::contains_key(member, index), "a request is both open and ended");
            let relationship = request.relationship;
            ensure!(relationship.member == member, "a request to another provider");
            ensure!(
                Relationships::<T>::contains_key(member, relationship.index),
                "a request for no relationship"
            );
            ensure!(
                pallet_registry::SealingKeys::<T>::contains_key(member, request.question.key),
                "a question sealed to no key"
            );
            ensure!(
                RequestsAt::<T>::get(member, relationship.index).contains(&index),
                "an open request is missing at its relationship"
            );
            ensure!(
                RequestsOf::<T>::get(&request.asker).contains(&id),
                "an open request is missing at its asker"
            );
            ensure!(Due::<T>::contains_key(Self::minute(request.expires), id), "an open request is not due");
        }
        let mut listed = 0usize;
        for (_, _, list) in RequestsAt::<T>::iter() {
            ensure!(!list.is_empty(), "an empty list of a relationship's requests");
            listed = listed.saturating_add(list.len());
        }
        ensure!(listed == open, "relationships list more requests than are open");
        listed = 0;
        for (_, list) in RequestsOf::<T>::iter() {
            ensure!(!list.is_empty(), "an empty list of an asker's requests");
            listed = listed.saturating_add(list.len());
        }
        ensure!(listed == open, "askers list more requests than are open");

        let mut ended = 0usize;
        for (member, index, receipt) in Receipts::<T>::iter() {
            ended = ended.saturating_add(1);
            ensure!(index < NextIndex::<T>::get(member), "receipt index not below the next one");
            ensure!(receipt.relationship.member == member, "a receipt of another provider");
            let due = Self::minute(receipt.at.saturating_add(T::ReceiptTerm::get()));
            ensure!(Due::<T>::contains_key(due, RequestId::new(member, index)), "a receipt is not due");
        }
        let swept = Swept::<T>::get();
        let mut due = 0usize;
        for (minute, _, ()) in Due::<T>::iter() {
            ensure!(minute >= swept.next, "something was due in a minute that was swept");
            due = due.saturating_add(1);
        }
        ensure!(due == open.saturating_add(ended), "something is due that is not there");
        ensure!(usize::try_from(swept.waiting) == Ok(due), "the count of what is due is wrong");

        for (member, index, own) in OwnReceipts::<T>::iter() {
            ensure!(!own.is_empty(), "an empty list of a relationship's own receipts");
            let mut last = 0;
            for request in own {
                let receipt =
                    Receipts::<T>::get(member, request).ok_or("a receipt is listed and not there")?;
                ensure!(receipt.relationship.index == index, "a receipt is listed elsewhere");
                ensure!(last <= receipt.at, "receipts are not listed oldest first");
                last = receipt.at;
            }
        }

        for (member, place, anchor) in Anchors::<T>::iter() {
            ensure!(
                anchor.interval.checked_rem(T::AnchorsKept::get()) == Some(place),
                "an anchor out of its place"
            );
            ensure!(
                LastAnchored::<T>::get(member) >= Some(anchor.interval),
                "an anchor later than the member's last"
            );
        }
        Ok(())
    }
}
