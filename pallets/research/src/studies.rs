//! Studies, which the consortium approves.

use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use medrec_primitives::{
    research::{DuoPurposes, Study, StudyId, StudyStatus},
    MemberId, Moment,
};

use crate::{BountyStudies, Config, Error, Event, NextStudy, Pallet, Studies, StudyCount};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_propose_study(
        owner: MemberId,
        purposes: DuoPurposes,
        protocol: [u8; 32],
        until: Moment,
    ) -> DispatchResult {
        Self::ensure_active_researcher(owner)?;
        ensure!(purposes.is_well_formed(), Error::<T>::BadPurposes);
        ensure!(Self::now() < until, Error::<T>::BadTerm);
        StudyCount::<T>::try_mutate(owner, |count| {
            ensure!(*count < T::MaxStudies::get(), Error::<T>::TooManyStudies);
            *count = count.saturating_add(1);
            Ok::<_, Error<T>>(())
        })?;
        let study = NextStudy::<T>::get();
        NextStudy::<T>::put(study.checked_add(1).ok_or(Error::<T>::IdsExhausted)?);
        let record = Study { owner, purposes, protocol, until, status: StudyStatus::Proposed };
        Studies::<T>::insert(study, record);
        Self::deposit_event(Event::StudyProposed { study, researcher: owner });
        Ok(())
    }

    pub(crate) fn do_approve_study(study: StudyId) -> DispatchResult {
        Studies::<T>::try_mutate(study, |record| {
            let record = record.as_mut().ok_or(Error::<T>::UnknownStudy)?;
            ensure!(record.status == StudyStatus::Proposed, Error::<T>::WrongStatus);
            record.status = StudyStatus::Approved;
            Ok::<_, Error<T>>(())
        })?;
        Self::deposit_event(Event::StudyApproved { study });
        Ok(())
    }

    /// Ends a study: `owner`'s, or anyone's where the consortium does it. One that was never approved leaves nothing.
    pub(crate) fn do_end_study(owner: Option<MemberId>, study: StudyId) -> DispatchResult {
        let record = Studies::<T>::get(study).ok_or(Error::<T>::UnknownStudy)?;
        ensure!(owner.is_none_or(|owner| owner == record.owner), Error::<T>::NotYours);
        match record.status {
            StudyStatus::Proposed => Studies::<T>::remove(study),
            StudyStatus::Approved => {
                Studies::<T>::insert(study, Study { status: StudyStatus::Ended, ..record })
            }
            StudyStatus::Ended => return Err(Error::<T>::WrongStatus.into()),
        }
        StudyCount::<T>::mutate_exists(record.owner, |count| {
            *count = count.and_then(|n| n.checked_sub(1)).filter(|n| *n > 0);
        });
        BountyStudies::<T>::mutate_exists(record.owner, |named| {
            *named = named.filter(|named| *named != study);
        });
        Self::deposit_event(Event::StudyEnded { study });
        Ok(())
    }

    pub(crate) fn do_set_bounty_study(owner: MemberId, study: Option<StudyId>) -> DispatchResult {
        Self::ensure_active_researcher(owner)?;
        match study {
            None => BountyStudies::<T>::remove(owner),
            Some(study) => {
                let record = Studies::<T>::get(study).ok_or(Error::<T>::UnknownStudy)?;
                ensure!(record.owner == owner, Error::<T>::NotYours);
                ensure!(record.status == StudyStatus::Approved, Error::<T>::StudyNotApproved);
                BountyStudies::<T>::insert(owner, study);
            }
        }
        Self::deposit_event(Event::BountyStudySet { researcher: owner, study });
        Ok(())
    }

    /// Refuses a study that may not claim tables for these purposes, for this researcher, now.
    pub(crate) fn ensure_study(
        study: StudyId,
        owner: MemberId,
        purposes: DuoPurposes,
    ) -> Result<(), Error<T>> {
        let record = Studies::<T>::get(study).ok_or(Error::<T>::UnknownStudy)?;
        ensure!(record.owner == owner, Error::<T>::NotYours);
        let approved = record.status == StudyStatus::Approved && Self::now() < record.until;
        ensure!(approved, Error::<T>::StudyNotApproved);
        ensure!(purposes.contains(record.purposes), Error::<T>::PurposeNotPlanned);
        Ok(())
    }
}
