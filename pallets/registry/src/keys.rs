//! Rotation of a member's own keys.

use frame_support::{dispatch::DispatchResult, ensure};
use medrec_primitives::{AccountId, Member, MemberId, SealingKey, SealingKeyId};

use crate::{AccountUse, Accounts, Config, Error, Event, Members, Pallet, SealingKeys};

impl<T: Config> Pallet<T> {
    /// All sealing keys of a member, past ones among them, ascending.
    pub fn sealing_keys(member: MemberId) -> alloc::vec::Vec<(SealingKeyId, SealingKey)> {
        let Some(current) = Members::<T>::get(member).map(|m| m.sealing_key) else {
            return Default::default();
        };
        (0..=current).filter_map(|key| SealingKeys::<T>::get(member, key).map(|k| (key, k))).collect()
    }

    /// Whether new terms may be sealed to this key now.
    pub fn may_seal_to(member: MemberId, key: SealingKeyId) -> bool {
        SealingKeys::<T>::get(member, key).is_some_and(|k| k.not_after.is_none())
    }

    pub(crate) fn do_rotate_gatekeeper_key(
        id: MemberId,
        mut member: Member,
        gatekeeper: AccountId,
    ) -> DispatchResult {
        Self::ensure_in_good_standing(&member)?;
        Self::ensure_fresh_key(&gatekeeper)?;
        Accounts::<T>::insert(&member.gatekeeper, (id, AccountUse::Retired));
        Accounts::<T>::insert(&gatekeeper, (id, AccountUse::Gatekeeper));
        member.gatekeeper = gatekeeper.clone();
        Members::<T>::insert(id, member);
        Self::deposit_event(Event::GatekeeperKeyRotated { member: id, gatekeeper });
        Ok(())
    }

    pub(crate) fn do_rotate_sealing_key(
        id: MemberId,
        mut member: Member,
        public: [u8; 32],
    ) -> DispatchResult {
        // Nobody seals to an applicant; and whoever withdraws leaves one key to delete, not 256.
        Self::ensure_active(&member)?;
        ensure!(public != [0; 32], Error::<T>::SealingKeyMalformed);
        let key = member.sealing_key.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
        let now = Self::now();
        SealingKeys::<T>::mutate(id, member.sealing_key, |old| {
            if let Some(old) = old {
                old.not_after = Some(now);
            }
        });
        SealingKeys::<T>::insert(id, key, SealingKey { public, not_before: now, not_after: None });
        member.sealing_key = key;
        Members::<T>::insert(id, member);
        Self::deposit_event(Event::SealingKeyRotated { member: id, key });
        Ok(())
    }
}
